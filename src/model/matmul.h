/*
 * Matrix products in f32, cut into tiles whose sizes depend on the shape alone, each computed by one thread: same bits
 * for any number of threads (on one instruction set and one oneDNN version).
 */
#ifndef MODEL_MATMUL_H
#define MODEL_MATMUL_H

#include <stdbool.h>
#include <stddef.h>

#include "model/threads.h"

/* C = op(A) op(B), or C += where accumulate. Row-major; a stride is the distance between rows in floats. */
struct matmul {
    size_t m, n, k; /* op(A) is [m, k], op(B) [k, n], C [m, n] */
    const float *a; /* stored [m, k], or [k, m] where transpose_a */
    const float *b; /* stored [k, n], or [n, k] where transpose_b */
    float *c;
    size_t a_stride, b_stride, c_stride;
    bool transpose_a, transpose_b;
    bool accumulate;
};

void matmul_run(const struct matmul *product, struct threads *threads);

/* The plain triple loop, summed in double. */
void matmul_reference(const struct matmul *product);

/* The three products of a linear layer y = x w', x [rows, in], w [out, in], all dense. */
void matmul_linear(float *y, const float *x, const float *w, size_t rows, size_t in, size_t out, bool accumulate,
                   struct threads *threads);
/* dx = dy w, or += where accumulate */
void matmul_linear_input(float *dx, const float *dy, const float *w, size_t rows, size_t in, size_t out,
                         bool accumulate, struct threads *threads);
/* dw += dy' x */
void matmul_linear_weight(float *dw, const float *dy, const float *x, size_t rows, size_t in, size_t out,
                          struct threads *threads);

#endif
