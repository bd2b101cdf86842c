/*
 * Matrix products in f32 or of bf16 operands, cut into tiles whose sizes depend on the shape alone, each computed by
 * one thread: same bits for any number of threads (on one instruction set and one oneDNN version).
 */
#ifndef MODEL_MATMUL_H
#define MODEL_MATMUL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/threads.h"

/* C = op(A) op(B), or C += where accumulate. Row-major; a stride is the distance between rows in floats. */
struct matmul {
    size_t m, n, k; /* op(A) is [m, k], op(B) [k, n], C [m, n] */
    const float *a; /* stored [m, k], or [k, m] where transpose_a */
    const float *b; /* stored [k, n], or [n, k] where transpose_b */
    const uint16_t *a_half,
        *b_half; /* in bf16, with the layout of a and b: where both are there, they are multiplied */
    float *c;
    size_t a_stride, b_stride, c_stride;
    bool transpose_a, transpose_b;
    bool accumulate;
};

/* Whether the processor multiplies bf16 itself; elsewhere products of it would be slower than of f32. */
bool matmul_has_bf16(void);

void matmul_run(const struct matmul *product, struct threads *threads);

/* The plain triple loop, summed in double. */
void matmul_reference(const struct matmul *product);

#endif
