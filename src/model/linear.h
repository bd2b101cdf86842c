/*
 * The three products of a linear layer y = x w', x [rows, in], w [out, in], all dense, in f32 or with operands rounded
 * to bf16 (sums, results and gradients stay f32).
 */
#ifndef MODEL_LINEAR_H
#define MODEL_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/kernels.h"
#include "model/threads.h"

/* What the products of one model's layers need. In bf16, `half` is not NULL and w must lie in the block `weights`. */
struct linear {
    struct threads *threads;
    const struct kernels *kernels;
    const float *weights; /* a model's block */
    uint16_t *half;       /* its copy in bf16, by linear_round; NULL: f32 */
    uint16_t *x, *dy;     /* scratch for the operands in bf16: the largest [rows, in] and [rows, out] */
};

/* Fills linear->half from `count` weights, which linear->weights becomes. */
void linear_round(struct linear *linear, const float *weights, size_t count);

/* y = x w', or += where accumulate */
void linear_forward(const struct linear *linear, float *y, const float *x, const float *w, size_t rows, size_t in,
                    size_t out, bool accumulate);
/* dx = dy w */
void linear_input(const struct linear *linear, float *dx, const float *dy, const float *w, size_t rows, size_t in,
                  size_t out);
/* dw += dy' x */
void linear_weight(const struct linear *linear, float *dw, const float *dy, const float *x, size_t rows, size_t in,
                   size_t out);
/* Both, dw first; in bf16 dy is rounded once for the two. */
void linear_backward(const struct linear *linear, float *dx, float *dw, const float *dy, const float *x, const float *w,
                     size_t rows, size_t in, size_t out);

#endif
