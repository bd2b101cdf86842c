/*
 * The layers of the transformer, forward and backward, over one arena of activations. It composes ops and products; the
 * end of the model is head.c, files and optimisers are unknown here.
 */
#include "model/transformer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/activations.h"
#include "model/head.h"
#include "model/linear.h"
#include "model/matmul.h"

static size_t attention_width(const struct model_config *c) {
    return c->heads * c->head_size;
}

static size_t qkv_width(const struct model_config *c) {
    return (c->heads + 2 * c->kv_heads) * c->head_size;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static float *take(struct transformer *t, size_t rows, size_t columns) {
    return arena_take(&t->arena, rows * columns, sizeof(float));
}

static void lay_out_layer(struct transformer *t, struct layer_activations *layer) {
    const struct model_config *c = &t->config;
    size_t n = t->rows * t->length;
    layer->middle = take(t, n, c->width);
    layer->attention_rstd = take(t, n, 1);
    layer->mlp_rstd = take(t, n, 1);
    layer->qkv = take(t, n, qkv_width(c));
    if (c->qk_norm) {
        layer->raw_qk = take(t, n, (c->heads + c->kv_heads) * c->head_size);
        layer->qk_rstd = take(t, n, c->heads + c->kv_heads);
    }
    layer->attention = take(t, n, attention_width(c));
    layer->logsum = take(t, n, c->heads);
    layer->gate_up = take(t, n, 2 * c->intermediate);
}

/* What products in bf16 take: the weights, and the largest operands. */
static void lay_out_halves(struct transformer *t) {
    const struct model_config *c = &t->config;
    size_t n = t->rows * t->length, inputs = 0, outputs = t->chunk * c->vocabulary;
    const size_t layer_inputs[] = {c->width, attention_width(c), c->intermediate};
    const size_t layer_outputs[] = {qkv_width(c), 2 * c->intermediate};
    for (size_t i = 0; i < 3; i++)
        inputs = larger(n * layer_inputs[i], inputs);
    for (size_t i = 0; i < 2; i++)
        outputs = larger(n * layer_outputs[i], outputs);
    t->linear.half = arena_take(&t->arena, model_block_size(c), sizeof *t->linear.half);
    t->linear.x = arena_take(&t->arena, inputs, sizeof *t->linear.x);
    t->linear.dy = arena_take(&t->arena, t->training ? outputs : 0, sizeof *t->linear.dy);
}

/* Gives every array its place; called once to measure and once with memory. */
static void lay_out(struct transformer *t) {
    const struct model_config *c = &t->config;
    size_t n = t->rows * t->length;
    t->chunk = head_chunk(c->vocabulary);
    if (t->chunk > n)
        t->chunk = n;
    for (size_t i = 0; i < t->layer_count; i++) {
        if (i > 0 && t->recompute)
            t->layers[i] = t->layers[0];
        else
            lay_out_layer(t, &t->layers[i]);
        t->layers[i].input = take(t, n, c->width);
    }
    t->cosine = take(t, t->length, c->head_size / 2);
    t->sine = take(t, t->length, c->head_size / 2);
    t->last = take(t, n, c->width);
    t->norm = take(t, n, c->width);
    /* The layers are done when the head begins, and the head when they go on. */
    t->activation = t->logits = take(t, larger(n * c->intermediate, t->chunk * c->vocabulary), 1);
    t->attention_scratch = take(t, t->team, attention_scratch(t->length, c->head_size));
    t->positions = arena_take(&t->arena, n, sizeof *t->positions);
    t->hidden = take(t, t->chunk, c->width);
    t->gathered = take(t, t->chunk, c->width);
    t->hidden_rstd = take(t, t->chunk, 1);
    t->chunk_losses = take(t, t->chunk, 1);
    t->chunk_hits = arena_take(&t->arena, t->chunk, sizeof *t->chunk_hits);
    if (t->bf16)
        lay_out_halves(t);
    if (!t->training)
        return;
    t->hidden_gradient = take(t, t->chunk, c->width);
    t->gradient = take(t, n, c->width);
    t->norm_gradient = t->attention_gradient = take(t, n, larger(c->width, attention_width(c)));
    const struct ops_heads heads = {.rows = t->rows, .length = t->length, .head_size = c->head_size};
    t->norm_scratch = take(t, larger(ops_rmsnorm_scratch(n, c->width), ops_qk_norm_scratch(&heads)), 1);
}

/* Measured, without memory. */
static struct transformer *measure(const struct model_config *config, const struct transformer_options *options) {
    struct transformer *t = memory_zeroed(1, sizeof *t);
    t->config = *config;
    t->rows = options->rows;
    t->length = options->length;
    t->training = options->training;
    t->recompute = options->training && options->recompute;
    t->z_loss = options->z_loss;
    t->bf16 = options->bf16 && matmul_has_bf16();
    t->ops.kernels = kernels_best();
    t->team = options->threads;
    t->layer_count = t->training ? config->layers : 1;
    t->layers = memory_zeroed(t->layer_count, sizeof *t->layers);
    lay_out(t);
    return t;
}

uint64_t transformer_memory(const struct model_config *config, const struct transformer_options *options) {
    struct transformer *t = measure(config, options);
    uint64_t size = t->arena.size;
    transformer_free(t);
    return size;
}

struct transformer *transformer_new(const struct model_config *config, const struct transformer_options *options) {
    struct transformer *t = measure(config, options);
    t->ops.threads = threads_new(t->team);
    t->linear.threads = t->ops.threads;
    t->linear.kernels = t->ops.kernels;
    arena_allocate(&t->arena);
    lay_out(t);
    ops_rope_table(t->cosine, t->sine, t->length, config->head_size, config->rope_theta);
    return t;
}

void transformer_free(struct transformer *t) {
    if (t == NULL)
        return;
    threads_free(t->ops.threads);
    arena_release(&t->arena);
    free(t->layers);
    free(t);
}

struct threads *transformer_threads(const struct transformer *t) {
    return t->ops.threads;
}

static struct ops_heads heads_of(const struct transformer *t, const struct batch *batch) {
    return (struct ops_heads){.rows = batch->rows,
                              .length = batch->length,
                              .heads = t->config.heads,
                              .kv_heads = t->config.kv_heads,
                              .head_size = t->config.head_size,
                              .starts = batch->starts,
                              .cosine = t->cosine,
                              .sine = t->sine};
}

/* All of a layer but its last product: what the backward pass needs. */
static void layer_inside(struct transformer *t, const struct model *model, const struct batch *batch, size_t index) {
    const struct model_config *c = &t->config;
    const struct model_layer *at = &model->layers[index];
    const float *w = model->weights;
    const struct layer_activations *a = &t->layers[t->training ? index : 0];
    struct ops_heads heads = heads_of(t, batch);
    size_t n = batch->rows * batch->length;
    ops_rmsnorm_forward(&t->ops, t->norm, a->attention_rstd, a->input, w + at->attention_norm, n, c->width,
                        c->norm_epsilon);
    linear_forward(&t->linear, a->qkv, t->norm, w + at->qkv, n, c->width, qkv_width(c), false);
    if (c->qk_norm)
        ops_qk_norm_forward(&t->ops, &heads, a->qkv, a->raw_qk, a->qk_rstd, w + at->qk_norms, c->norm_epsilon);
    ops_rope(&t->ops, &heads, a->qkv, 1);
    ops_attention_forward(&t->ops, &heads, a->attention, a->logsum, a->qkv, t->attention_scratch);
    ops_copy(&t->ops, a->middle, a->input, n * c->width);
    linear_forward(&t->linear, a->middle, a->attention, w + at->output, n, attention_width(c), c->width, true);
    ops_rmsnorm_forward(&t->ops, t->norm, a->mlp_rstd, a->middle, w + at->mlp_norm, n, c->width, c->norm_epsilon);
    linear_forward(&t->linear, a->gate_up, t->norm, w + at->gate_up, n, c->width, 2 * c->intermediate, false);
}

/* output = input + MLP(norm(input + attention(norm(input)))) */
static void layer_forward(struct transformer *t, const struct model *model, const struct batch *batch, size_t index,
                          float *output) {
    const struct model_config *c = &t->config;
    const struct layer_activations *a = &t->layers[t->training ? index : 0];
    size_t n = batch->rows * batch->length;
    layer_inside(t, model, batch, index);
    ops_swiglu_forward(&t->ops, t->activation, a->gate_up, n, c->intermediate);
    ops_copy(&t->ops, output, a->middle, n * c->width);
    linear_forward(&t->linear, output, t->activation, model->weights + model->layers[index].down, n, c->intermediate,
                   c->width, true);
}

static void forward(struct transformer *t, const struct model *model, const struct batch *batch) {
    const struct model_config *c = &t->config;
    if (t->bf16 && (t->rounded != model || t->rounded_revision != model->revision)) {
        linear_round(&t->linear, model->weights, model->size);
        t->rounded = model;
        t->rounded_revision = model->revision;
    }
    ops_embed(&t->ops, t->layers[0].input, model->weights + model->embedding, batch->tokens,
              batch->rows * batch->length, c->width);
    for (size_t i = 0; i < c->layers; i++) {
        float *output = i + 1 == c->layers ? t->last : t->layers[t->training ? i + 1 : 0].input;
        layer_forward(t, model, batch, i, output);
    }
}

/* The MLP's part: t->gradient holds the gradient of the layer's output and becomes that of its middle. */
static void mlp_backward(struct transformer *t, const struct model *model, size_t n, size_t index, float *gradients) {
    const struct model_config *c = &t->config;
    const struct model_layer *at = &model->layers[index];
    const float *w = model->weights;
    const struct layer_activations *a = &t->layers[index];
    linear_input(&t->linear, t->activation, t->gradient, w + at->down, n, c->intermediate, c->width);
    ops_swiglu_backward(&t->ops, a->gate_up, t->activation, n, c->intermediate);
    linear_weight(&t->linear, gradients + at->down, t->gradient, t->activation, n, c->intermediate, c->width);
    ops_rmsnorm_forward(&t->ops, t->norm, NULL, a->middle, w + at->mlp_norm, n, c->width, c->norm_epsilon);
    linear_backward(&t->linear, t->norm_gradient, gradients + at->gate_up, a->gate_up, t->norm, w + at->gate_up, n,
                    c->width, 2 * c->intermediate);
    ops_rmsnorm_backward(&t->ops, t->gradient, gradients + at->mlp_norm, t->norm_gradient, a->middle, w + at->mlp_norm,
                         a->mlp_rstd, n, c->width, t->norm_scratch);
}

/* The attention's part: t->gradient holds the gradient of the layer's middle and becomes that of its input. */
static void attention_backward(struct transformer *t, const struct model *model, const struct batch *batch,
                               size_t index, float *gradients) {
    const struct model_config *c = &t->config;
    const struct model_layer *at = &model->layers[index];
    const float *w = model->weights;
    const struct layer_activations *a = &t->layers[index];
    struct ops_heads heads = heads_of(t, batch);
    size_t n = batch->rows * batch->length;
    linear_backward(&t->linear, t->attention_gradient, gradients + at->output, t->gradient, a->attention,
                    w + at->output, n, attention_width(c), c->width);
    ops_attention_backward(&t->ops, &heads, a->qkv, a->attention, a->logsum, t->attention_gradient,
                           t->attention_scratch);
    ops_rope(&t->ops, &heads, a->qkv, -1);
    if (c->qk_norm)
        ops_qk_norm_backward(&t->ops, &heads, a->qkv, a->raw_qk, a->qk_rstd, w + at->qk_norms, gradients + at->qk_norms,
                             t->norm_scratch);
    ops_rmsnorm_forward(&t->ops, t->norm, NULL, a->input, w + at->attention_norm, n, c->width, c->norm_epsilon);
    linear_backward(&t->linear, t->norm_gradient, gradients + at->qkv, a->qkv, t->norm, w + at->qkv, n, c->width,
                    qkv_width(c));
    ops_rmsnorm_backward(&t->ops, t->gradient, gradients + at->attention_norm, t->norm_gradient, a->input,
                         w + at->attention_norm, a->attention_rstd, n, c->width, t->norm_scratch);
}

void transformer_train(struct transformer *t, const struct model *model, const struct batch *batch, float *gradients,
                       float *losses, struct transformer_result *result) {
    size_t n = batch->rows * batch->length;
    forward(t, model, batch);
    head_loss(t, model, batch, gradients, losses, result);
    for (size_t i = t->config.layers; i-- > 0;) {
        if (t->recompute && i + 1 < t->config.layers)
            layer_inside(t, model, batch, i);
        mlp_backward(t, model, n, i, gradients);
        attention_backward(t, model, batch, i, gradients);
    }
    ops_embed_backward(&t->ops, gradients + model->embedding, t->gradient, batch->tokens, n, t->config.width);
}

void transformer_evaluate(struct transformer *t, const struct model *model, const struct batch *batch, float *losses,
                          struct transformer_result *result) {
    forward(t, model, batch);
    head_loss(t, model, batch, NULL, losses, result);
}

void transformer_logits(struct transformer *t, const struct model *model, const struct batch *batch, float *logits) {
    forward(t, model, batch);
    head_logits(t, model, batch->rows * batch->length, logits);
}
