/*
 * A model: one block of weights and the one list of tensors {name, shape, offset} that everything works from:
 * initialisation, files, optimiser and gradients (a block of the same layout).
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/config.h"

#define TENSOR_NAME_SIZE 72

/* A named part of the block. A matrix is [rows, columns], row-major, Linear weights [out, in]; a vector has rows 0. */
struct tensor {
    char name[TENSOR_NAME_SIZE]; /* as Hugging Face names it */
    size_t rows, columns;
    size_t offset; /* into the block, in floats */
};

/* Offsets into the block of one layer's tensors. q, k and v follow one another without a gap, and so do gate and up, so
 * that each group is one matrix product. */
struct model_layer {
    size_t attention_norm; /* [width] */
    size_t qkv;            /* [(heads + 2 kv_heads) x head_size, width] */
    size_t output;         /* [width, heads x head_size] */
    size_t qk_norms;       /* [2, head_size]: of queries and of keys; only with qk_norm */
    size_t mlp_norm;       /* [width] */
    size_t gate_up;        /* [2 x intermediate, width] */
    size_t down;           /* [width, intermediate] */
};

struct model {
    struct model_config config;
    struct tensor *tensors;
    size_t tensor_count;
    struct model_layer *layers; /* config.layers of them */
    size_t embedding;           /* [vocabulary, width] */
    size_t norm;                /* [width] */
    size_t head;                /* [vocabulary, width]; equals embedding where tied */
    size_t size;                /* floats in the block, alignment gaps (always zero) included */
    float *weights;             /* owned, 64-byte aligned */
    uint64_t revision;          /* goes up when weights change that may have been copied in another form */
};

/* The size of the block of such a model, in floats. */
size_t model_block_size(const struct model_config *config);
/* A model without weights (NULL), for what its shape alone says; model_free releases it. */
struct model *model_outline(const struct model_config *config);
/* Allocates a model of zero weights. The config must pass model_config_check. */
struct model *model_new(const struct model_config *config);
void model_free(struct model *model); /* NULL is allowed */

/* N(0, 0.02), the outputs into the residual stream (o_proj, down_proj) divided by sqrt(2 layers), norms 1. */
void model_initialise(struct model *model, uint64_t seed);

/* A zeroed block of model->size floats, 64-byte aligned, for gradients and moments; free(3) releases it. */
float *model_block_new(const struct model *model);

static inline size_t tensor_elements(const struct tensor *tensor) {
    return (tensor->rows ? tensor->rows : 1) * tensor->columns;
}

/* The tensor of that name, or NULL. */
const struct tensor *model_find(const struct model *model, const char *name);

#endif
