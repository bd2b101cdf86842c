/* Muon's step. It owns the iteration and the order of its sums; which matrices take it is optimizer.c's choice. */
#include "model/muon.h"

#include <math.h>

#include "model/matmul.h"

#define ITERATIONS 5
/* x' = A x + B (x x') x + C (x x')^2 x: steep at 0, and near 1 for all singular values after five of them. */
#define A 3.4445f
#define B (-4.7750f)
#define C 2.0315f
/* The root mean square of AdamW's usual updates. */
#define UPDATE_RMS 0.2
#define NORM_EPSILON 1e-20

/* Numbers of one task: depends on nothing, so the norm's sum has one order. */
#define CHUNK ((size_t)1 << 15)
#define ROWS_CHUNK 16
/* Partial sums that are kept at once. */
#define SUMS 64

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

size_t muon_scratch(size_t rows, size_t columns) {
    size_t edge = smaller(rows, columns);
    return rows * columns + 2 * edge * edge;
}

struct flat {
    const struct kernels *kernels;
    float *x;
    size_t count;
    float scale;
    double sums[SUMS];
};

/* One of SUMS interleaved sums of squares. */
static void square_chunks(void *context, size_t index, size_t thread) {
    (void)thread;
    struct flat *flat = context;
    double sum = 0;
    for (size_t i = index; i < chunk_count(flat->count, CHUNK); i += SUMS)
        sum += flat->kernels->square_sum(flat->x + chunk_begin(i, CHUNK),
                                         chunk_end(i, CHUNK, flat->count) - chunk_begin(i, CHUNK));
    flat->sums[index] = sum;
}

static void scale_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct flat *flat = context;
    for (size_t i = chunk_begin(index, CHUNK); i < chunk_end(index, CHUNK, flat->count); i++)
        flat->x[i] *= flat->scale;
}

/* x / |x| */
static void normalise(float *x, size_t count, const struct kernels *kernels, struct threads *threads) {
    struct flat flat = {.kernels = kernels, .x = x, .count = count};
    threads_run(threads, SUMS, square_chunks, &flat);
    double sum = 0;
    for (size_t i = 0; i < SUMS; i++)
        sum += flat.sums[i];
    flat.scale = (float)(1 / sqrt(sum + NORM_EPSILON));
    threads_run(threads, chunk_count(count, CHUNK), scale_chunk, &flat);
}

struct polynomial {
    const float *gram;
    float *square;
    size_t edge;
};

/* square = A + B gram + C square, the factor of the next x */
static void polynomial_rows(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct polynomial *p = context;
    for (size_t row = chunk_begin(index, ROWS_CHUNK); row < chunk_end(index, ROWS_CHUNK, p->edge); row++) {
        const float *gram = p->gram + row * p->edge;
        float *square = p->square + row * p->edge;
        for (size_t i = 0; i < p->edge; i++)
            square[i] = B * gram[i] + C * square[i];
        square[row] += A;
    }
}

/* y = (A + B g + C g^2) x with g = x x', or x (A + B g + C g^2) with g = x' x where that is smaller. */
static void iterate(float *y, const float *x, size_t rows, size_t columns, float *gram, float *square,
                    struct threads *threads) {
    bool tall = rows > columns;
    size_t edge = smaller(rows, columns), inner = tall ? rows : columns;
    struct matmul product = {.m = edge, .n = edge, .k = inner, .a = x, .b = x, .c = gram};
    product.a_stride = product.b_stride = columns;
    product.c_stride = edge;
    product.transpose_a = tall;
    product.transpose_b = !tall;
    matmul_run(&product, threads);
    struct matmul squared = {.m = edge, .n = edge, .k = edge, .a = gram, .b = gram, .c = square};
    squared.a_stride = squared.b_stride = squared.c_stride = edge;
    matmul_run(&squared, threads);
    struct polynomial polynomial = {.gram = gram, .square = square, .edge = edge};
    threads_run(threads, chunk_count(edge, ROWS_CHUNK), polynomial_rows, &polynomial);
    struct matmul next = {.m = rows, .n = columns, .k = edge, .a = square, .b = x, .c = y, .c_stride = columns};
    next.a_stride = edge;
    next.b_stride = columns;
    if (tall) {
        next.a = x;
        next.b = square;
        next.a_stride = columns;
        next.b_stride = edge;
    }
    matmul_run(&next, threads);
}

const float *muon_orthogonalise(float *x, size_t rows, size_t columns, float *scratch, const struct kernels *kernels,
                                struct threads *threads) {
    size_t edge = smaller(rows, columns);
    float *y = scratch, *gram = scratch + rows * columns, *square = gram + edge * edge;
    normalise(x, rows * columns, kernels, threads);
    for (size_t i = 0; i < ITERATIONS; i++) {
        iterate(y, x, rows, columns, gram, square, threads);
        float *next = y;
        y = x;
        x = next;
    }
    return x;
}

struct step {
    struct muon_task task;
    const struct kernels *kernels;
    const float *direction;
    float decay, rate;
};

static struct muon_task task_of(const struct step *step, size_t index) {
    struct muon_task task = step->task;
    size_t begin = chunk_begin(index, CHUNK);
    task.weights += begin;
    task.gradients += begin;
    task.momentum += begin;
    task.update += begin;
    task.count = chunk_end(index, CHUNK, step->task.count) - begin;
    return task;
}

static void gather_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct step *step = context;
    struct muon_task task = task_of(step, index);
    step->kernels->muon_gather(&task);
}

static void apply_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct step *step = context;
    struct muon_task task = task_of(step, index);
    step->kernels->muon_apply(task.weights, step->direction + chunk_begin(index, CHUNK), task.count, step->decay,
                              step->rate);
}

void muon_step(const struct muon *muon, const struct kernels *kernels, struct threads *threads) {
    size_t rows = muon->rows, columns = muon->columns, count = rows * columns;
    struct step step = {.task = muon->task, .kernels = kernels, .decay = muon->decay};
    step.task.count = count;
    threads_run(threads, chunk_count(count, CHUNK), gather_chunk, &step);
    step.direction = muon_orthogonalise(muon->task.update, rows, columns, muon->scratch, kernels, threads);
    step.rate = (float)(UPDATE_RMS * sqrt((double)(rows > columns ? rows : columns)) * (double)muon->rate);
    threads_run(threads, chunk_count(count, CHUNK), apply_chunk, &step);
}
