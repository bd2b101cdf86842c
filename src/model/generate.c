/*
 * Inference over a cache of keys and values. It composes the same ops as transformer.c, without gradients; which token
 * follows is sampler.c's.
 */
#include "model/generate.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/arena.h"
#include "model/linear.h"
#include "model/ops.h"
#include "model/threads.h"

/* Tokens of a prompt worked on at once. */
#define CHUNK 128

struct generator {
    const struct model *model;
    struct ops ops;
    size_t team; /* threads that scratch is for */
    size_t positions, chunk, length;
    struct arena arena;
    float *keys, *values; /* [layers, kv_heads, positions, head_size], keys rotated */
    float *cosine, *sine; /* [positions, head_size / 2] */
    float *stream, *norm; /* [chunk, width] */
    float *qkv;           /* [chunk, (heads + 2 kv_heads) head_size] */
    float *raw_qk;        /* [chunk, (heads + kv_heads) head_size]: scratch, only with qk_norm */
    float *attention;     /* [chunk, heads x head_size] */
    float *gate_up, *activation;
    float *scores; /* [threads, positions] */
    float *logits; /* [vocabulary] */
};

static float *take(struct generator *g, size_t rows, size_t columns) {
    return arena_take(&g->arena, rows * columns, sizeof(float));
}

static size_t qkv_width(const struct model_config *c) {
    return (c->heads + 2 * c->kv_heads) * c->head_size;
}

static void lay_out(struct generator *g, const struct model_config *c) {
    g->chunk = g->positions < CHUNK ? g->positions : CHUNK;
    g->keys = take(g, c->layers * c->kv_heads * g->positions, c->head_size);
    g->values = take(g, c->layers * c->kv_heads * g->positions, c->head_size);
    g->cosine = take(g, g->positions, c->head_size / 2);
    g->sine = take(g, g->positions, c->head_size / 2);
    g->stream = take(g, g->chunk, c->width);
    g->norm = take(g, g->chunk, c->width);
    g->qkv = take(g, g->chunk, qkv_width(c));
    g->raw_qk = take(g, c->qk_norm ? g->chunk : 0, (c->heads + c->kv_heads) * c->head_size);
    g->attention = take(g, g->chunk, c->heads * c->head_size);
    g->gate_up = take(g, g->chunk, 2 * c->intermediate);
    g->activation = take(g, g->chunk, c->intermediate);
    g->scores = take(g, g->team, g->positions);
    g->logits = take(g, 1, c->vocabulary);
}

uint64_t generator_memory(const struct model_config *config, size_t positions, size_t threads) {
    struct generator g = {.positions = positions, .team = threads};
    lay_out(&g, config);
    return g.arena.size;
}

struct generator *generator_new(const struct model *model, size_t positions, size_t threads) {
    struct generator *g = memory_zeroed(1, sizeof *g);
    g->model = model;
    g->ops = (struct ops){.kernels = kernels_best(), .threads = threads_new(threads)};
    g->team = threads;
    g->positions = positions;
    lay_out(g, &model->config);
    arena_allocate(&g->arena);
    lay_out(g, &model->config);
    ops_rope_table(g->cosine, g->sine, positions, model->config.head_size, model->config.rope_theta);
    return g;
}

void generator_free(struct generator *g) {
    if (g == NULL)
        return;
    threads_free(g->ops.threads);
    arena_release(&g->arena);
    free(g);
}

size_t generator_length(const struct generator *g) {
    return g->length;
}

void generator_truncate(struct generator *g, size_t length) {
    if (length < g->length)
        g->length = length;
}

/* Where the cache of a layer and a key-value head begins. */
static size_t cache_at(const struct generator *g, size_t layer, size_t kv_head) {
    const struct model_config *c = &g->model->config;
    return (layer * c->kv_heads + kv_head) * g->positions * c->head_size;
}

/* Rotates the new queries and keys and puts keys and values into the cache. */
static void cache_layer(struct generator *g, size_t layer, size_t count) {
    const struct model_config *c = &g->model->config;
    size_t d = c->head_size, half = d / 2;
    for (size_t i = 0; i < count; i++) {
        size_t position = g->length + i;
        float *row = g->qkv + i * qkv_width(c);
        g->ops.kernels->rope(row, c->heads + c->kv_heads, d, g->cosine + position * half, g->sine + position * half, 1);
        for (size_t head = 0; head < c->kv_heads; head++) {
            size_t at = cache_at(g, layer, head) + position * d;
            memcpy(g->keys + at, row + (c->heads + head) * d, d * sizeof(float));
            memcpy(g->values + at, row + (c->heads + c->kv_heads + head) * d, d * sizeof(float));
        }
    }
}

struct attention {
    struct generator *g;
    size_t layer;
};

/* One new token and one head. */
static void attend(void *context, size_t index, size_t thread) {
    const struct attention *a = context;
    struct generator *g = a->g;
    const struct model_config *c = &g->model->config;
    size_t token = index / c->heads, head = index % c->heads, d = c->head_size;
    size_t at = cache_at(g, a->layer, head / (c->heads / c->kv_heads));
    g->ops.kernels->attention_step(g->attention + (token * c->heads + head) * d,
                                   g->qkv + token * qkv_width(c) + head * d, g->keys + at, g->values + at,
                                   g->length + token + 1, d, g->scores + thread * g->positions);
}

static void layer_forward(struct generator *g, size_t layer, size_t count) {
    const struct model_config *c = &g->model->config;
    const struct model_layer *at = &g->model->layers[layer];
    const float *w = g->model->weights;
    size_t attention_width = c->heads * c->head_size;
    const struct linear linear = {.threads = g->ops.threads, .kernels = g->ops.kernels};
    ops_rmsnorm_forward(&g->ops, g->norm, NULL, g->stream, w + at->attention_norm, count, c->width, c->norm_epsilon);
    linear_forward(&linear, g->qkv, g->norm, w + at->qkv, count, c->width, qkv_width(c), false);
    if (c->qk_norm) {
        const struct ops_heads heads = {
            .rows = 1, .length = count, .heads = c->heads, .kv_heads = c->kv_heads, .head_size = c->head_size};
        ops_qk_norm_forward(&g->ops, &heads, g->qkv, g->raw_qk, NULL, w + at->qk_norms, c->norm_epsilon);
    }
    cache_layer(g, layer, count);
    struct attention attention = {.g = g, .layer = layer};
    threads_run(g->ops.threads, count * c->heads, attend, &attention);
    linear_forward(&linear, g->stream, g->attention, w + at->output, count, attention_width, c->width, true);
    ops_rmsnorm_forward(&g->ops, g->norm, NULL, g->stream, w + at->mlp_norm, count, c->width, c->norm_epsilon);
    linear_forward(&linear, g->gate_up, g->norm, w + at->gate_up, count, c->width, 2 * c->intermediate, false);
    ops_swiglu_forward(&g->ops, g->activation, g->gate_up, count, c->intermediate);
    linear_forward(&linear, g->stream, g->activation, w + at->down, count, c->intermediate, c->width, true);
}

const float *generator_feed(struct generator *g, const int32_t *tokens, size_t count) {
    const struct model *model = g->model;
    size_t width = model->config.width, last = 0;
    if (count == 0 || count > g->positions - g->length)
        return NULL;
    for (size_t done = 0; done < count;) {
        size_t now = count - done < g->chunk ? count - done : g->chunk;
        ops_embed(&g->ops, g->stream, model->weights + model->embedding, tokens + done, now, width);
        for (size_t layer = 0; layer < model->config.layers; layer++)
            layer_forward(g, layer, now);
        g->length += now;
        done += now;
        last = now - 1;
    }
    ops_rmsnorm_forward(&g->ops, g->norm, NULL, g->stream + last * width, model->weights + model->norm, 1, width,
                        model->config.norm_epsilon);
    const struct linear linear = {.threads = g->ops.threads, .kernels = g->ops.kernels};
    linear_forward(&linear, g->logits, g->norm, model->weights + model->head, 1, width, model->config.vocabulary,
                   false);
    return g->logits;
}
