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

/* dy_half: dy in bf16, where products are. */
static void multiply_input(const struct linear *linear, float *dx, const float *dy, const uint16_t *dy_half,
                           const float *w, size_t rows, size_t in, size_t out) {
    struct matmul product = {
        .m = rows, .n = in, .k = out, .a = dy, .b = w, .c = dx, .a_stride = out, .b_stride = in, .c_stride = in};
    if (linear->half) {
        product.a_half = dy_half;
        product.b_half = linear->half + (w - linear->weights);
    }
    matmul_run(&product, linear->threads);
}

static void multiply_weight(const struct linear *linear, float *dw, const float *dy, const uint16_t *dy_half,
                            const float *x, size_t rows, size_t in, size_t out) {
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
        product.a_half = dy_half;
        product.b_half = halved(linear, linear->x, x, rows * in);
    }
    matmul_run(&product, linear->threads);
}

/* dy in bf16, or NULL where products are in f32. */
static const uint16_t *halved_gradient(const struct linear *linear, const float *dy, size_t count) {
    return linear->half ? halved(linear, linear->dy, dy, count) : NULL;
}

void linear_input(const struct linear *linear, float *dx, const float *dy, const float *w, size_t rows, size_t in,
                  size_t out) {
    multiply_input(linear, dx, dy, halved_gradient(linear, dy, rows * out), w, rows, in, out);
}

void linear_weight(const struct linear *linear, float *dw, const float *dy, const float *x, size_t rows, size_t in,
                   size_t out) {
    multiply_weight(linear, dw, dy, halved_gradient(linear, dy, rows * out), x, rows, in, out);
}

void linear_backward(const struct linear *linear, float *dx, float *dw, const float *dy, const float *x, const float *w,
                     size_t rows, size_t in, size_t out) {
    const uint16_t *half = halved_gradient(linear, dy, rows * out);
    multiply_weight(linear, dw, dy, half, x, rows, in, out);
    multiply_input(linear, dx, dy, half, w, rows, in, out);
}
