/*
 * Hyper-parameters of a Llama-shaped model, and config.json as Hugging Face's LlamaForCausalLM, or with
 * normalised queries and keys its Qwen3ForCausalLM, reads it.
 */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"
#include "model/weight_type.h"

/* What config.json writes for a special token that the model lacks (null), and what is read for it. */
#define MODEL_NO_TOKEN (-1)

struct model_config {
    size_t vocabulary;   /* vocab_size */
    size_t width;        /* hidden_size */
    size_t intermediate; /* intermediate_size of the SwiGLU */
    size_t layers;       /* num_hidden_layers */
    size_t heads;        /* num_attention_heads */
    size_t kv_heads;     /* num_key_value_heads; divides heads */
    size_t head_size;    /* head_dim; even */
    size_t positions;    /* max_position_embeddings: the longest context */
    double norm_epsilon; /* rms_norm_eps */
    double rope_theta;
    bool qk_norm;          /* queries and keys are normalised head by head before they are rotated (Qwen3) */
    bool tied;             /* the output projection is the embedding */
    int64_t bos, eos, pad; /* token ids or MODEL_NO_TOKEN */
};

/* A config of the given width and heads with the defaults: kv_heads = heads, head_size = width / heads, intermediate =
 * 8/3 width rounded up to 32, epsilon 1e-5, theta 10000, tied, no special tokens. */
struct model_config model_config_default(size_t vocabulary, size_t layers, size_t width, size_t heads,
                                         size_t positions);

/* ERROR_USAGE naming the field where the values cannot make a model. */
int model_config_check(const struct model_config *config, struct error *error);

/* Trained numbers, each counted once (a tied head is the embedding). */
uint64_t model_config_parameters(const struct model_config *config);

/* FLOPs of one trained token, forward and backward: 6 x (non-embedding + head parameters) + 12 x layers x length x
 * attention width. */
double model_config_training_flops(const struct model_config *config, size_t length);

/* Appends config.json, every field explicit, for weights stored as type. */
void model_config_append_json(const struct model_config *config, enum weight_type type, struct bytes *out);

/* Reads a config.json, parsed or by its path. ERROR_DATA naming the field for what this library does not compute
 * (attention bias, rope scaling, sliding windows, other activations or architectures). */
int model_config_read(struct model_config *config, const struct json_value *root, struct error *error);
int model_config_load(struct model_config *config, const char *path, struct error *error);

#endif
