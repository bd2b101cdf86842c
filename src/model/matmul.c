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
#include "model/weight_type.h"

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
#define SCRATCH_ALIGNMENT 4096

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

/* Only lack of memory is left once the arguments are right: end the process as base/memory does. */
static void require(dnnl_status_t status) {
    if (status != dnnl_success)
        free(memory_zeroed(SIZE_MAX, SIZE_MAX));
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
    require(dnnl_sgemm(p->transpose_a ? 'T' : 'N', p->transpose_b ? 'T' : 'N', (dnnl_dim_t)(row_end - row),
                       (dnnl_dim_t)(column_end - column), (dnnl_dim_t)p->k, 1.0f, a, (dnnl_dim_t)p->a_stride, b,
                       (dnnl_dim_t)p->b_stride, p->accumulate ? 1.0f : 0.0f, c, (dnnl_dim_t)p->c_stride));
}

/* ---- bf16 ---- */

bool matmul_has_bf16(void) {
    return (dnnl_get_effective_cpu_isa() & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

/* One primitive for tiles of one size. */
struct half_kernel {
    dnnl_primitive_t primitive; /* NULL: no tile is of that size */
    dnnl_memory_desc_t a, b, c, scratch;
};

/* The tiles in the last row and in the last column may be smaller than the others. */
struct half_product {
    struct tiling tiling;
    dnnl_engine_t engine;
    struct half_kernel kernels[2][2]; /* [in the last row][in the last column] */
    char *scratch;                    /* scratch_size for each thread */
    size_t scratch_size;
};

static dnnl_memory_desc_t describe(dnnl_data_type_t type, size_t rows, size_t columns, size_t stride, bool transposed) {
    dnnl_memory_desc_t description;
    dnnl_dims_t sizes = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    dnnl_dims_t strides = {transposed ? 1 : (dnnl_dim_t)stride, transposed ? (dnnl_dim_t)stride : 1};
    require(dnnl_memory_desc_init_by_strides(&description, 2, sizes, type, strides));
    return description;
}

static void make_kernel(struct half_kernel *kernel, const struct matmul *p, size_t rows, size_t columns,
                        dnnl_engine_t engine) {
    kernel->a = describe(dnnl_bf16, rows, p->k, p->a_stride, p->transpose_a);
    kernel->b = describe(dnnl_bf16, p->k, columns, p->b_stride, p->transpose_b);
    kernel->c = describe(dnnl_f32, rows, columns, p->c_stride, false);
    dnnl_matmul_desc_t operation;
    dnnl_primitive_attr_t attributes;
    dnnl_post_ops_t sum;
    dnnl_primitive_desc_t description;
    require(dnnl_matmul_desc_init(&operation, &kernel->a, &kernel->b, NULL, &kernel->c));
    require(dnnl_primitive_attr_create(&attributes));
    /* The library's own scratch memory belongs to the thread that makes a primitive. */
    require(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user));
    require(dnnl_post_ops_create(&sum));
    if (p->accumulate)
        require(dnnl_post_ops_append_sum(sum, 1));
    require(dnnl_primitive_attr_set_post_ops(attributes, sum));
    require(dnnl_primitive_desc_create(&description, &operation, attributes, engine, NULL));
    kernel->scratch = *dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    require(dnnl_primitive_create(&kernel->primitive, description));
    dnnl_primitive_desc_destroy(description);
    dnnl_post_ops_destroy(sum);
    dnnl_primitive_attr_destroy(attributes);
}

/* A task, because in tasks the library sees one thread, and a primitive is made for the threads that it sees. */
static void make_kernels(void *context, size_t index, size_t thread) {
    (void)index;
    (void)thread;
    struct half_product *product = context;
    const struct tiling *tiling = &product->tiling;
    const struct matmul *p = tiling->product;
    for (size_t last_row = 0; last_row < 2; last_row++)
        for (size_t last_column = 0; last_column < 2; last_column++) {
            size_t rows = last_row ? (p->m - 1) % tiling->rows + 1 : tiling->rows;
            size_t columns = last_column ? (p->n - 1) % tiling->columns + 1 : tiling->columns;
            bool needed = (last_row || p->m > tiling->rows) && (last_column || p->n > tiling->columns);
            struct half_kernel *kernel = &product->kernels[last_row][last_column];
            if (!needed)
                continue;
            make_kernel(kernel, p, rows, columns, product->engine);
            size_t size = dnnl_memory_desc_get_size(&kernel->scratch);
            product->scratch_size = size > product->scratch_size ? size : product->scratch_size;
        }
}

static dnnl_memory_t memory_at(const dnnl_memory_desc_t *description, dnnl_engine_t engine, const void *at) {
    dnnl_memory_t memory;
    require(dnnl_memory_create(&memory, description, engine, (void *)(uintptr_t)at));
    return memory;
}

static void multiply_half_tile(void *context, size_t index, size_t thread) {
    const struct half_product *product = context;
    const struct tiling *tiling = &product->tiling;
    const struct matmul *p = tiling->product;
    size_t row = chunk_begin(index / tiling->across, tiling->rows);
    size_t column = chunk_begin(index % tiling->across, tiling->columns);
    const struct half_kernel *kernel = &product->kernels[row + tiling->rows >= p->m][column + tiling->columns >= p->n];
    dnnl_stream_t stream;
    require(dnnl_stream_create(&stream, product->engine, dnnl_stream_default_flags));
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_SRC, memory_at(&kernel->a, product->engine, p->a_half + (p->transpose_a ? row : row * p->a_stride))},
        {DNNL_ARG_WEIGHTS,
         memory_at(&kernel->b, product->engine, p->b_half + (p->transpose_b ? column * p->b_stride : column))},
        {DNNL_ARG_DST, memory_at(&kernel->c, product->engine, p->c + row * p->c_stride + column)},
        {DNNL_ARG_SCRATCHPAD,
         memory_at(&kernel->scratch, product->engine, product->scratch + thread * product->scratch_size)},
    };
    require(dnnl_primitive_execute(kernel->primitive, stream, 4, arguments));
    require(dnnl_stream_wait(stream));
    for (size_t i = 0; i < 4; i++)
        dnnl_memory_destroy(arguments[i].memory);
    dnnl_stream_destroy(stream);
}

static void run_half(const struct tiling *tiling, size_t tiles, struct threads *threads) {
    struct half_product product = {.tiling = *tiling};
    require(dnnl_engine_create(&product.engine, dnnl_cpu, 0));
    threads_run(threads, 1, make_kernels, &product);
    product.scratch_size = (product.scratch_size + SCRATCH_ALIGNMENT) / SCRATCH_ALIGNMENT * SCRATCH_ALIGNMENT;
    char *scratch = memory_allocate(threads_count(threads) * product.scratch_size + SCRATCH_ALIGNMENT);
    product.scratch = scratch + (SCRATCH_ALIGNMENT - (uintptr_t)scratch % SCRATCH_ALIGNMENT);
    threads_run(threads, tiles, multiply_half_tile, &product);
    free(scratch);
    for (size_t i = 0; i < 4; i++)
        if (product.kernels[i / 2][i % 2].primitive)
            dnnl_primitive_destroy(product.kernels[i / 2][i % 2].primitive);
    dnnl_engine_destroy(product.engine);
}

void matmul_run(const struct matmul *product, struct threads *threads) {
    if (product->m == 0 || product->n == 0)
        return;
    struct tiling tiling = tile(product);
    size_t tiles = chunk_count(product->m, tiling.rows) * tiling.across;
    if (product->a_half && product->b_half)
        run_half(&tiling, tiles, threads);
    else
        threads_run(threads, tiles, multiply_tile, &tiling);
}

void matmul_reference(const struct matmul *p) {
    bool half = p->a_half && p->b_half;
    for (size_t i = 0; i < p->m; i++)
        for (size_t j = 0; j < p->n; j++) {
            double sum = p->accumulate ? (double)p->c[i * p->c_stride + j] : 0;
            for (size_t k = 0; k < p->k; k++) {
                size_t a = p->transpose_a ? k * p->a_stride + i : i * p->a_stride + k;
                size_t b = p->transpose_b ? j * p->b_stride + k : k * p->b_stride + j;
                sum += half ? (double)bfloat16_to(p->a_half[a]) * (double)bfloat16_to(p->b_half[b])
                            : (double)p->a[a] * (double)p->b[b];
            }
            p->c[i * p->c_stride + j] = (float)sum;
        }
}
