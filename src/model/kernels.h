/*
 * The inner loops, compiled several times for different instruction sets from the kernels_*.inc files and chosen at run
 * time. Each works on rows given to it by one thread; the plain form of each is in model/reference.h. Arrays are
 * row-major f32.
 */
#ifndef MODEL_KERNELS_H
#define MODEL_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Queries are taken in tiles of this many; keys and head sizes are padded to the lanes of the widest vector. */
#define ATTENTION_TILE 32
#define ATTENTION_LANES 16

/* Attention of one row of a batch and one key-value head: all its query heads, all its positions. */
struct attention_task {
    size_t length; /* positions */
    size_t head_size;
    size_t group;     /* query heads that share this key-value head */
    float *q, *k, *v; /* [length, ...]: position t is at + t * stride; query head g at + g * head_size. The backward
                         pass replaces them by their gradients. */
    size_t stride;
    float *output; /* [length, group, head_size] at + t * output_stride; the forward pass writes it */
    size_t output_stride;
    float *
        logsum; /* [group, length]: log of the sum of exponentials of each query's scores; the forward pass writes it */
    const float *output_gradient; /* as output; backward only */
    const int32_t *starts;        /* [length]: each query sees the keys from here to itself; NULL: from 0 */
    float *scratch;               /* attention_scratch floats */
};

struct adamw_task {
    float *weights, *gradients, *first, *second;
    size_t count;
    float gradient_scale;
    float rate;  /* learning rate / (1 - beta1^step) */
    float decay; /* 1 - learning rate * weight decay */
    float beta1, beta2;
    float second_scale; /* 1 / sqrt(1 - beta2^step) */
    float epsilon;
};

struct muon_task {
    float *weights, *gradients, *momentum, *update;
    size_t count;
    float gradient_scale;
    float beta; /* of the momentum */
};

struct kernels {
    const char *name;

    /* y[i] = x[i] * rstd[i] * weight with rstd = 1 / sqrt(mean(x^2) + epsilon), kept where rstd is not NULL. (Zhang &
     * Sennrich 2019) */
    void (*rmsnorm_forward)(float *y, float *rstd, const float *x, const float *weight, size_t rows, size_t width,
                            float epsilon);
    /* dx += and dweight +=, from x, weight and the rstd of the forward pass. */
    void (*rmsnorm_backward)(float *dx, float *dweight, const float *dy, const float *x, const float *weight,
                             const float *rstd, size_t rows, size_t width);
    /* Rotates the pairs (i, i + d/2) of `heads` heads by cosine/sine [head_size / 2] of one position; inverse with
     * `sine_sign` -1. (Su et al. 2021) */
    void (*rope)(float *heads_data, size_t heads, size_t head_size, const float *cosine, const float *sine,
                 float sine_sign);
    /* activation = silu(gate) * up; gate_up rows are [gate | up]. (Shazeer 2020) */
    void (*swiglu_forward)(float *activation, const float *gate_up, size_t rows, size_t width);
    /* Replaces gate_up by its gradient, and the gradient of the activation, which comes in `activation`, by the
     * activation itself, for the gradient of the next weight. */
    void (*swiglu_backward)(float *gate_up, float *activation, size_t rows, size_t width);
    /* One row of logits: returns -log softmax[target]; *hit: the target is the first highest. Where scale is not NULL
     * the logits are replaced by the gradient, times *scale, of that loss + z_loss * (log of the sum of
     * exponentials)^2, whose second part keeps logits small (Chowdhery et al. 2022). */
    float (*cross_entropy)(float *logits, size_t vocabulary, size_t target, bool *hit, const float *scale,
                           float z_loss);
    void (*attention_forward)(const struct attention_task *task);
    void (*attention_backward)(const struct attention_task *task);
    /* One query [head_size] over `count` cached keys and values [count, head_size]; scores [count] is scratch. */
    void (*attention_step)(float *output, const float *q, const float *keys, const float *values, size_t count,
                           size_t head_size, float *scores);
    void (*add)(float *y, const float *x, size_t count); /* y += x */
    /* To the nearest bf16, ties to even; a NaN stays one. */
    void (*round_bf16)(uint16_t *half, const float *x, size_t count);
    double (*square_sum)(const float *x, size_t count);
    void (*adamw)(const struct adamw_task *task); /* and zeroes the gradients */
    /* Momentum, and the update by Nesterov's look ahead; zeroes the gradients. */
    void (*muon_gather)(const struct muon_task *task);
    /* weights = weights * decay - rate * direction */
    void (*muon_apply)(float *weights, const float *direction, size_t count, float decay, float rate);
};

/* The best set for this processor. */
const struct kernels *kernels_best(void);
/* The sets this processor can run, best first, for tests: NULL past the last. */
const struct kernels *kernels_at(size_t index);

/* Floats of scratch for either attention pass over at most `length` positions. */
size_t attention_scratch(size_t length, size_t head_size);

#endif
