/* Linear layers. It owns which product takes which operand, and their copies in bf16; products are matmul.c's. */
#include "model/linear.h"

#include "model/matmul.h"

/* Numbers that a task rounds. */
#define CHUNK ((size_t)1 << 15)

struct rounding {
    const struct kernels *kernels;
    uint16_t *half;
    const float *x;
    size_t count;
};

static void round_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct rounding *r = context;
    size_t begin = chunk_begin(index, CHUNK);
    r->kernels->round_bf16(r->half + begin, r->x + begin, chunk_end(index, CHUNK, r->count) - begin);
}

static const uint16_t *halved(const struct linear *linear, uint16_t *half, const float *x, size_t count) {
    struct rounding rounding = {.kernels = linear->kernels, .half = half, .x = x, .count = count};
    threads_run(linear->threads, chunk_count(count, CHUNK), round_chunk, &rounding);
    return half;
}

void linear_round(struct linear *linear, const float *weights, size_t count) {
    linear->weights = weights;
    halved(linear, linear->half, weights, count);
}

void linear_forward(const struct linear *linear, float *y, const float *x, const float *w, size_t rows, size_t in,
                    size_t out, bool accumulate) {
    struct matmul product = {.m = rows,
                             .n = out,
                             .k = in,
                             .a = x,
                             .b = w,
                             .c = y,
                             .a_stride = in,
                             .b_stride = in,
                             .c_stride = out,
                             .transpose_b = true,
                             .accumulate = accumulate};
    if (linear->half) {
        product.a_half = halved(linear, linear->x, x, rows * in);
        product.b_half = linear->half + (w - linear->weights);
    }
    matmul_run(&product, linear->threads);
}

void linear_input(const struct linear *linear, float *dx, const float *dy, const float *w, size_t rows, size_t in,
                  size_t out) {
    struct matmul product = {
        .m = rows, .n = in, .k = out, .a = dy, .b = w, .c = dx, .a_stride = out, .b_stride = in, .c_stride = in};
    if (linear->half) {
        product.a_half = halved(linear, linear->dy, dy, rows * out);
        product.b_half = linear->half + (w - linear->weights);
    }
    matmul_run(&product, linear->threads);
}

void linear_weight(const struct linear *linear, float *dw, const float *dy, const float *x, size_t rows, size_t in,
                   size_t out) {
    struct matmul product = {.m = out,
                             .n = in,
                             .k = rows,
                             .a = dy,
                             .b = x,
                             .c = dw,
                             .a_stride = out,
                             .b_stride = in,
                             .c_stride = in,
                             .transpose_a = true,
                             .accumulate = true};
    if (linear->half) {
        product.a_half = halved(linear, linear->dy, dy, rows * out);
        product.b_half = halved(linear, linear->x, x, rows * in);
    }
    matmul_run(&product, linear->threads);
}
