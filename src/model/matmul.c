/*
 * Matrix products through oneDNN, which no other file knows. oneDNN itself may split K by the number of threads, which
 * changes bits, so each call here computes one tile on one thread, and the tiles are our own.
 */
#include "model/matmul.h"

#include <dnnl.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/threads.h"

/*
 * Tiles large enough that oneDNN's packing of the operands is paid back, small enough that a few threads find work;
 * edges are multiples of the 48 columns that its AVX-512 kernel computes at once (measured: 192 x 384 tiles run up to
 * 15 % faster than 256 x 512).
 */
#define TILE_ROWS 192
#define TILE_COLUMNS 384
#define TILE_STEP 48
/* A product of at least TILE_WORK_MIN multiplications a tile is cut into at least TILES_MIN tiles. */
#define TILE_WORK_MIN ((size_t)1 << 18)
#define TILES_MIN 8

struct tiling {
    const struct matmul *product;
    size_t rows, columns; /* of a tile */
    size_t across;        /* tiles in a row of tiles */
};

static size_t halve(size_t size) {
    size_t half = (size / 2 + TILE_STEP - 1) / TILE_STEP * TILE_STEP;
    return half < size ? half : size;
}

static struct tiling tile(const struct matmul *product) {
    struct tiling tiling = {.product = product, .rows = TILE_ROWS, .columns = TILE_COLUMNS};
    if (tiling.rows > product->m)
        tiling.rows = product->m;
    if (tiling.columns > product->n)
        tiling.columns = product->n;
    for (;;) {
        size_t count = chunk_count(product->m, tiling.rows) * chunk_count(product->n, tiling.columns);
        if (count >= TILES_MIN || tiling.rows * tiling.columns * product->k <= TILE_WORK_MIN)
            break;
        size_t *edge = tiling.rows > tiling.columns ? &tiling.rows : &tiling.columns;
        size_t half = halve(*edge);
        if (half == *edge)
            break;
        *edge = half;
    }
    tiling.across = chunk_count(product->n, tiling.columns);
    return tiling;
}

static void multiply_tile(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct tiling *tiling = context;
    const struct matmul *p = tiling->product;
    size_t row = chunk_begin(index / tiling->across, tiling->rows);
    size_t row_end = chunk_end(index / tiling->across, tiling->rows, p->m);
    size_t column = chunk_begin(index % tiling->across, tiling->columns);
    size_t column_end = chunk_end(index % tiling->across, tiling->columns, p->n);
    const float *a = p->a + (p->transpose_a ? row : row * p->a_stride);
    const float *b = p->b + (p->transpose_b ? column * p->b_stride : column);
    float *c = p->c + row * p->c_stride + column;
    dnnl_status_t status =
        dnnl_sgemm(p->transpose_a ? 'T' : 'N', p->transpose_b ? 'T' : 'N', (dnnl_dim_t)(row_end - row),
                   (dnnl_dim_t)(column_end - column), (dnnl_dim_t)p->k, 1.0f, a, (dnnl_dim_t)p->a_stride, b,
                   (dnnl_dim_t)p->b_stride, p->accumulate ? 1.0f : 0.0f, c, (dnnl_dim_t)p->c_stride);
    /* Only lack of memory is left once the arguments are right: end the process as base/memory does. */
    if (status != dnnl_success)
        free(memory_zeroed(SIZE_MAX, SIZE_MAX));
}

void matmul_run(const struct matmul *product, struct threads *threads) {
    if (product->m == 0 || product->n == 0)
        return;
    struct tiling tiling = tile(product);
    threads_run(threads, chunk_count(product->m, tiling.rows) * tiling.across, multiply_tile, &tiling);
}

void matmul_reference(const struct matmul *p) {
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->n; j++) {
            double sum = p->accumulate ? (double)p->c[i * p->c_stride + j] : 0;
            for (size_t k = 0; k < p->k; k++)
                sum += (double)p->a[p->transpose_a ? k * p->a_stride + i : i * p->a_stride + k] *
                       (double)p->b[p->transpose_b ? j * p->b_stride + k : k * p->b_stride + j];
            p->c[i * p->c_stride + j] = (float)sum;
        }
}

void matmul_linear(float *y, const float *x, const float *w, size_t rows, size_t in, size_t out, bool accumulate,
                   struct threads *threads) {
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
    matmul_run(&product, threads);
}

void matmul_linear_input(float *dx, const float *dy, const float *w, size_t rows, size_t in, size_t out,
                         bool accumulate, struct threads *threads) {
    struct matmul product = {.m = rows,
                             .n = in,
                             .k = out,
                             .a = dy,
                             .b = w,
                             .c = dx,
                             .a_stride = out,
                             .b_stride = in,
                             .c_stride = in,
                             .accumulate = accumulate};
    matmul_run(&product, threads);
}

void matmul_linear_weight(float *dw, const float *dy, const float *x, size_t rows, size_t in, size_t out,
                          struct threads *threads) {
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
    matmul_run(&product, threads);
}
