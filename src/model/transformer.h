/*
 * Forward and backward of the transformer over packed batches. Results have the same bits for every number of threads.
 */
#ifndef MODEL_TRANSFORMER_H
#define MODEL_TRANSFORMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "model/threads.h"

/* The target of a position that trains nothing. */
#define TARGET_NONE (-1)

/*
 * rows x length token ids. `starts` packs several documents into a row: for each position the index within its row of
 * its document's first token; positions (RoPE) count from there and attention sees nothing before it. NULL: each row is
 * one document.
 */
struct batch {
    size_t rows, length;
    const int32_t *tokens;  /* [rows, length], each below the vocabulary */
    const int32_t *targets; /* [rows, length]: the next token's id, or TARGET_NONE */
    const int32_t *starts;  /* [rows, length], starts[t] <= t, or NULL */
    const float *weights;   /* [rows, length]: factor of each target's loss in the gradients alone, or NULL for 1 */
};

/* Sums over the targets of a batch. */
struct transformer_result {
    double loss;      /* nats, a sum and not a mean; not weighted */
    uint64_t targets; /* positions that have one */
    uint64_t correct; /* targets that are the most probable token (lowest id first among equals) */
};

/* Work space for batches of at most rows x length over models of one shape. */
struct transformer;

struct transformer_options {
    size_t rows, length; /* of the largest batch */
    size_t threads;
    bool training;  /* without it what the backward pass needs is left out */
    float z_loss;   /* of the kernel cross_entropy: in the gradients, not in losses */
    bool recompute; /* keep only the input of each layer, and compute the rest again in the backward pass: same bits */
    bool bf16;      /* multiply in bf16, where matmul_has_bf16; weights, gradients and everything else stay f32 */
};

/* What transformer_new will allocate. */
uint64_t transformer_memory(const struct model_config *config, const struct transformer_options *options);
struct transformer *transformer_new(const struct model_config *config, const struct transformer_options *options);
void transformer_free(struct transformer *transformer); /* NULL is allowed */
/* Its threads, for optimizer_step between two passes. */
struct threads *transformer_threads(const struct transformer *transformer);

/*
 * Forward and backward: adds the gradients of the summed loss to `gradients` (a block of the model's layout). Divide by
 * the targets of the whole accumulated batch by passing 1/targets to optimizer_step. `losses`, where not NULL, receives
 * each position's loss [rows, length] (0 where there is no target).
 */
void transformer_train(struct transformer *transformer, const struct model *model, const struct batch *batch,
                       float *gradients, float *losses, struct transformer_result *result);

/* Forward only: the same losses. */
void transformer_evaluate(struct transformer *transformer, const struct model *model, const struct batch *batch,
                          float *losses, struct transformer_result *result);

/* Forward only: every position's logits [rows, length, vocabulary]; targets may be NULL in the batch. For tests and
 * small outputs. */
void transformer_logits(struct transformer *transformer, const struct model *model, const struct batch *batch,
                        float *logits);

#endif
