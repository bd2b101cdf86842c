/*
 * The memory of a training or evaluation pass: what the forward pass keeps for the backward pass, and scratch. Shared
 * by transformer.c and head.c.
 */
#ifndef MODEL_ACTIVATIONS_H
#define MODEL_ACTIVATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/arena.h"
#include "model/linear.h"
#include "model/ops.h"
#include "model/transformer.h"

/* Kept for one layer; n = rows x length. Without training all layers share one; recomputing, all but the input. */
struct layer_activations {
    float *input;                     /* [n, width]: the residual stream before attention */
    float *middle;                    /* [n, width]: before the MLP */
    float *attention_rstd, *mlp_rstd; /* [n] */
    float *qkv;                       /* [n, (heads + 2 kv_heads) head_size], rotated; becomes its gradient */
    float *raw_qk;                    /* [n, (heads + kv_heads) head_size]: before their norm; only with qk_norm */
    float *qk_rstd;                   /* [n, heads + kv_heads] */
    float *attention;                 /* [n, heads x head_size] */
    float *logsum;                    /* [rows, heads, length] */
    float *gate_up;                   /* [n, 2 intermediate]; becomes its gradient */
};

struct transformer {
    struct model_config config;
    size_t rows, length; /* capacity */
    bool training, recompute, bf16;
    float z_loss;
    size_t team; /* threads that scratch is for */
    struct ops ops;
    struct linear linear;
    const struct model *rounded; /* whose weights linear has in bf16, as of rounded_revision */
    uint64_t rounded_revision;
    struct arena arena;
    struct layer_activations *layers; /* one, or config.layers of them when training */
    size_t layer_count;
    float *cosine, *sine;     /* [length, head_size / 2] */
    float *last;              /* [n, width]: the residual stream after the last layer */
    float *norm;              /* [n, width]: scratch, a normalised input */
    float *activation;        /* [n, intermediate]: scratch; its gradient at first in the backward pass */
    float *attention_scratch; /* for each thread */
    /* the head, a chunk of targets at a time */
    size_t chunk;                               /* targets in a chunk */
    size_t *positions;                          /* [n]: where the targets are */
    float *hidden, *hidden_gradient, *gathered; /* [chunk, width] */
    float *hidden_rstd;                         /* [chunk] */
    float *logits;                              /* [chunk, vocabulary], in the place of activation */
    float *chunk_losses;                        /* [chunk] */
    bool *chunk_hits;                           /* [chunk]: whether the target was the best */
    /* the backward pass */
    float *gradient;           /* [n, width]: of the residual stream */
    float *norm_gradient;      /* [n, width] */
    float *attention_gradient; /* [n, heads x head_size], in the same place */
    float *norm_scratch;       /* partial sums */
};

#endif
