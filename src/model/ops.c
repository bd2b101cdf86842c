/*
 * Kernels over whole batches. It owns how an op is cut into tasks, so that every sum has one order, and knows nothing
 * of layers or models.
 */
#include "model/ops.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model/threads.h"

/* Tokens of one task, large enough to hide its start, and of one partial sum. */
#define ROWS_CHUNK 64
/* Columns of one task of the embedding's gradient, where rows must stay in order. */
#define COLUMNS_CHUNK 64
#define COPY_CHUNK ((size_t)1 << 16)

struct embed {
    float *table_gradient, *x;
    const float *table, *dx;
    const int32_t *tokens;
    size_t rows, width;
};

static void embed_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct embed *e = context;
    size_t end = chunk_end(index, ROWS_CHUNK, e->rows);
    for (size_t row = chunk_begin(index, ROWS_CHUNK); row < end; row++)
        memcpy(e->x + row * e->width, e->table + (size_t)e->tokens[row] * e->width, e->width * sizeof(float));
}

void ops_embed(const struct ops *ops, float *x, const float *table, const int32_t *tokens, size_t rows, size_t width) {
    struct embed e = {.x = x, .table = table, .tokens = tokens, .rows = rows, .width = width};
    threads_run(ops->threads, chunk_count(rows, ROWS_CHUNK), embed_chunk, &e);
}

static void embed_backward_columns(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct embed *e = context;
    size_t begin = chunk_begin(index, COLUMNS_CHUNK), end = chunk_end(index, COLUMNS_CHUNK, e->width);
    for (size_t row = 0; row < e->rows; row++) {
        float *to = e->table_gradient + (size_t)e->tokens[row] * e->width;
        const float *from = e->dx + row * e->width;
        for (size_t i = begin; i < end; i++)
            to[i] += from[i];
    }
}

void ops_embed_backward(const struct ops *ops, float *dtable, const float *dx, const int32_t *tokens, size_t rows,
                        size_t width) {
    struct embed e = {.table_gradient = dtable, .dx = dx, .tokens = tokens, .rows = rows, .width = width};
    threads_run(ops->threads, chunk_count(width, COLUMNS_CHUNK), embed_backward_columns, &e);
}

struct norm {
    const struct kernels *kernels;
    float *y, *rstd, *dx, *partial;
    const float *x, *weight, *dy, *rstd_kept;
    float *dweight;
    size_t rows, width;
    float epsilon;
};

static void norm_forward_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct norm *n = context;
    size_t begin = chunk_begin(index, ROWS_CHUNK), count = chunk_end(index, ROWS_CHUNK, n->rows) - begin;
    n->kernels->rmsnorm_forward(n->y + begin * n->width, n->rstd == NULL ? NULL : n->rstd + begin,
                                n->x + begin * n->width, n->weight, count, n->width, n->epsilon);
}

void ops_rmsnorm_forward(const struct ops *ops, float *y, float *rstd, const float *x, const float *weight, size_t rows,
                         size_t width, double epsilon) {
    struct norm n = {.kernels = ops->kernels,
                     .y = y,
                     .rstd = rstd,
                     .x = x,
                     .weight = weight,
                     .rows = rows,
                     .width = width,
                     .epsilon = (float)epsilon};
    threads_run(ops->threads, chunk_count(rows, ROWS_CHUNK), norm_forward_chunk, &n);
}

size_t ops_rmsnorm_scratch(size_t rows, size_t width) {
    return chunk_count(rows, ROWS_CHUNK) * width;
}

static void norm_backward_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct norm *n = context;
    size_t begin = chunk_begin(index, ROWS_CHUNK), count = chunk_end(index, ROWS_CHUNK, n->rows) - begin;
    float *partial = n->partial + index * n->width;
    memset(partial, 0, n->width * sizeof *partial);
    n->kernels->rmsnorm_backward(n->dx + begin * n->width, partial, n->dy + begin * n->width, n->x + begin * n->width,
                                 n->weight, n->rstd_kept + begin, count, n->width);
}

void ops_rmsnorm_backward(const struct ops *ops, float *dx, float *dweight, const float *dy, const float *x,
                          const float *weight, const float *rstd, size_t rows, size_t width, float *scratch) {
    struct norm n = {.kernels = ops->kernels,
                     .dx = dx,
                     .partial = scratch,
                     .dy = dy,
                     .x = x,
                     .weight = weight,
                     .rstd_kept = rstd,
                     .rows = rows,
                     .width = width};
    size_t chunks = chunk_count(rows, ROWS_CHUNK);
    threads_run(ops->threads, chunks, norm_backward_chunk, &n);
    for (size_t i = 0; i < chunks; i++)
        ops->kernels->add(dweight, scratch + i * width, width);
}

void ops_rope_table(float *cosine, float *sine, size_t positions, size_t head_size, double theta) {
    size_t half = head_size / 2;
    for (size_t i = 0; i < half; i++) {
        double frequency = pow(theta, -2.0 * (double)i / (double)head_size);
        for (size_t t = 0; t < positions; t++) {
            cosine[t * half + i] = (float)cos((double)t * frequency);
            sine[t * half + i] = (float)sin((double)t * frequency);
        }
    }
}

struct rotation {
    const struct kernels *kernels;
    const struct ops_heads *heads;
    float *qkv;
    float sine_sign;
};

static size_t qkv_width(const struct ops_heads *heads) {
    return (heads->heads + 2 * heads->kv_heads) * heads->head_size;
}

static void rotate_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct rotation *r = context;
    const struct ops_heads *h = r->heads;
    size_t half = h->head_size / 2;
    size_t end = chunk_end(index, ROWS_CHUNK, h->rows * h->length);
    for (size_t row = chunk_begin(index, ROWS_CHUNK); row < end; row++) {
        size_t position = row % h->length - (h->starts == NULL ? 0 : (size_t)h->starts[row]);
        r->kernels->rope(r->qkv + row * qkv_width(h), h->heads + h->kv_heads, h->head_size, h->cosine + position * half,
                         h->sine + position * half, r->sine_sign);
    }
}

void ops_rope(const struct ops *ops, const struct ops_heads *heads, float *qkv, float sine_sign) {
    struct rotation r = {.kernels = ops->kernels, .heads = heads, .qkv = qkv, .sine_sign = sine_sign};
    threads_run(ops->threads, chunk_count(heads->rows * heads->length, ROWS_CHUNK), rotate_chunk, &r);
}

/* Normalisation of queries and keys. */
struct qk_norm {
    const struct kernels *kernels;
    const struct ops_heads *heads;
    float *qkv, *raw, *rstd;
    const float *raw_kept, *rstd_kept, *weights;
    float *partial;
    float epsilon;
};

static void qk_norm_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct qk_norm *n = context;
    const struct ops_heads *h = n->heads;
    size_t d = h->head_size, both = h->heads + h->kv_heads, end = chunk_end(index, ROWS_CHUNK, h->rows * h->length);
    for (size_t row = chunk_begin(index, ROWS_CHUNK); row < end; row++) {
        float *qkv = n->qkv + row * qkv_width(h), *raw = n->raw + row * both * d;
        float *rstd = n->rstd == NULL ? NULL : n->rstd + row * both;
        memcpy(raw, qkv, both * d * sizeof *raw);
        n->kernels->rmsnorm_forward(qkv, rstd, raw, n->weights, h->heads, d, n->epsilon);
        n->kernels->rmsnorm_forward(qkv + h->heads * d, rstd == NULL ? NULL : rstd + h->heads, raw + h->heads * d,
                                    n->weights + d, h->kv_heads, d, n->epsilon);
    }
}

void ops_qk_norm_forward(const struct ops *ops, const struct ops_heads *heads, float *qkv, float *raw, float *rstd,
                         const float *weights, double epsilon) {
    struct qk_norm n = {.kernels = ops->kernels,
                        .heads = heads,
                        .qkv = qkv,
                        .raw = raw,
                        .rstd = rstd,
                        .weights = weights,
                        .epsilon = (float)epsilon};
    threads_run(ops->threads, chunk_count(heads->rows * heads->length, ROWS_CHUNK), qk_norm_chunk, &n);
}

size_t ops_qk_norm_scratch(const struct ops_heads *heads) {
    return chunk_count(heads->rows * heads->length, ROWS_CHUNK) * 3 * heads->head_size;
}

static void qk_norm_backward_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct qk_norm *n = context;
    const struct ops_heads *h = n->heads;
    size_t d = h->head_size, both = h->heads + h->kv_heads, end = chunk_end(index, ROWS_CHUNK, h->rows * h->length);
    float *partial = n->partial + index * 3 * d, *dx = partial + 2 * d;
    memset(partial, 0, 2 * d * sizeof *partial);
    for (size_t row = chunk_begin(index, ROWS_CHUNK); row < end; row++)
        for (size_t head = 0; head < both; head++) {
            float *gradient = n->qkv + row * qkv_width(h) + head * d;
            size_t which = head < h->heads ? 0 : d;
            memset(dx, 0, d * sizeof *dx);
            n->kernels->rmsnorm_backward(dx, partial + which, gradient, n->raw_kept + (row * both + head) * d,
                                         n->weights + which, n->rstd_kept + row * both + head, 1, d);
            memcpy(gradient, dx, d * sizeof *dx);
        }
}

void ops_qk_norm_backward(const struct ops *ops, const struct ops_heads *heads, float *qkv, const float *raw,
                          const float *rstd, const float *weights, float *dweights, float *scratch) {
    struct qk_norm n = {.kernels = ops->kernels,
                        .heads = heads,
                        .qkv = qkv,
                        .raw_kept = raw,
                        .rstd_kept = rstd,
                        .weights = weights,
                        .partial = scratch};
    size_t chunks = chunk_count(heads->rows * heads->length, ROWS_CHUNK);
    threads_run(ops->threads, chunks, qk_norm_backward_chunk, &n);
    for (size_t i = 0; i < chunks; i++)
        ops->kernels->add(dweights, scratch + i * 3 * heads->head_size, 2 * heads->head_size);
}

struct attention {
    const struct kernels *kernels;
    const struct ops_heads *heads;
    float *qkv, *output, *logsum, *scratch;
    const float *output_gradient; /* NULL in the forward pass */
};

size_t ops_attention_scratch(const struct ops_heads *heads) {
    return attention_scratch(heads->length, heads->head_size);
}

/* One row of the batch and one key-value head. */
static void attend(void *context, size_t index, size_t thread) {
    const struct attention *a = context;
    const struct ops_heads *h = a->heads;
    size_t row = index / h->kv_heads, kv_head = index % h->kv_heads, group = h->heads / h->kv_heads;
    size_t d = h->head_size, first = row * h->length, head = kv_head * group;
    float *qkv = a->qkv + first * qkv_width(h);
    struct attention_task task = {
        .length = h->length,
        .head_size = d,
        .group = group,
        .q = qkv + head * d,
        .k = qkv + (h->heads + kv_head) * d,
        .v = qkv + (h->heads + h->kv_heads + kv_head) * d,
        .stride = qkv_width(h),
        .output = a->output + first * h->heads * d + head * d,
        .output_stride = h->heads * d,
        .logsum = a->logsum + first * h->heads + head * h->length,
        .starts = h->starts == NULL ? NULL : h->starts + first,
        .scratch = a->scratch + thread * ops_attention_scratch(h),
    };
    if (a->output_gradient == NULL) {
        a->kernels->attention_forward(&task);
    } else {
        task.output_gradient = a->output_gradient + first * h->heads * d + head * d;
        a->kernels->attention_backward(&task);
    }
}

void ops_attention_forward(const struct ops *ops, const struct ops_heads *heads, float *output, float *logsum,
                           float *qkv, float *scratch) {
    struct attention a = {
        .kernels = ops->kernels, .heads = heads, .qkv = qkv, .output = output, .logsum = logsum, .scratch = scratch};
    threads_run(ops->threads, heads->rows * heads->kv_heads, attend, &a);
}

void ops_attention_backward(const struct ops *ops, const struct ops_heads *heads, float *qkv, float *output,
                            float *logsum, const float *output_gradient, float *scratch) {
    struct attention a = {.kernels = ops->kernels,
                          .heads = heads,
                          .qkv = qkv,
                          .output = output,
                          .logsum = logsum,
                          .scratch = scratch,
                          .output_gradient = output_gradient};
    threads_run(ops->threads, heads->rows * heads->kv_heads, attend, &a);
}

struct swiglu {
    const struct kernels *kernels;
    float *activation, *gate_up;
    bool backward;
    size_t rows, width;
};

static void swiglu_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct swiglu *s = context;
    size_t begin = chunk_begin(index, ROWS_CHUNK), count = chunk_end(index, ROWS_CHUNK, s->rows) - begin;
    float *activation = s->activation + begin * s->width, *gate_up = s->gate_up + begin * 2 * s->width;
    if (!s->backward)
        s->kernels->swiglu_forward(activation, gate_up, count, s->width);
    else
        s->kernels->swiglu_backward(gate_up, activation, count, s->width);
}

void ops_swiglu_forward(const struct ops *ops, float *activation, float *gate_up, size_t rows, size_t width) {
    struct swiglu s = {
        .kernels = ops->kernels, .activation = activation, .gate_up = gate_up, .rows = rows, .width = width};
    threads_run(ops->threads, chunk_count(rows, ROWS_CHUNK), swiglu_chunk, &s);
}

void ops_swiglu_backward(const struct ops *ops, float *gate_up, float *activation, size_t rows, size_t width) {
    struct swiglu s = {.kernels = ops->kernels,
                       .activation = activation,
                       .gate_up = gate_up,
                       .backward = true,
                       .rows = rows,
                       .width = width};
    threads_run(ops->threads, chunk_count(rows, ROWS_CHUNK), swiglu_chunk, &s);
}

struct copy {
    float *to;
    const float *from;
    size_t count;
};

static void copy_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct copy *c = context;
    size_t begin = chunk_begin(index, COPY_CHUNK);
    memcpy(c->to + begin, c->from + begin, (chunk_end(index, COPY_CHUNK, c->count) - begin) * sizeof(float));
}

void ops_copy(const struct ops *ops, float *to, const float *from, size_t count) {
    struct copy c = {.to = to, .from = from, .count = count};
    threads_run(ops->threads, chunk_count(count, COPY_CHUNK), copy_chunk, &c);
}
