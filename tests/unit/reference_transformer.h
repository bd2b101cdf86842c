/* The whole transformer in double from the reference ops: loss and gradients of a small batch, to hold the fast one
 * against. */
#ifndef TESTS_UNIT_REFERENCE_TRANSFORMER_H
#define TESTS_UNIT_REFERENCE_TRANSFORMER_H

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/reference.h"
#include "model/transformer.h"

struct reference_layer {
    double *input, *norm, *raw, *qkv, *attention, *middle, *mlp_norm, *gate_up, *activation;
};

struct reference_pass {
    const struct model *model;
    const struct batch *batch;
    const double *weights;
    double *gradients; /* of the block; NULL without a backward pass */
    size_t n, qkv_width, attention_width;
    struct reference_layer *layers;
};

static inline double *reference_new(size_t count) {
    return memory_zeroed(count, sizeof(double));
}

static inline void reference_rotate(const struct reference_pass *p, double *qkv, double direction) {
    const struct model_config *c = &p->model->config;
    for (size_t row = 0; row < p->n; row++) {
        size_t position = row % p->batch->length - (p->batch->starts ? (size_t)p->batch->starts[row] : 0);
        for (size_t head = 0; head < c->heads + c->kv_heads; head++)
            reference_rope(qkv + row * p->qkv_width + head * c->head_size, c->head_size, position, c->rope_theta,
                           direction);
    }
}

/* Forward where output_gradient is NULL, else backward into qkv_gradient. */
static inline void reference_attend(const struct reference_pass *p, const double *qkv, double *output,
                                    const double *output_gradient, double *qkv_gradient) {
    const struct model_config *c = &p->model->config;
    for (size_t row = 0; row < p->batch->rows; row++)
        for (size_t head = 0; head < c->heads; head++) {
            size_t d = c->head_size, kv = head / (c->heads / c->kv_heads), base = row * p->batch->length * p->qkv_width;
            size_t q = base + head * d, k = base + (c->heads + kv) * d, v = base + (c->heads + c->kv_heads + kv) * d;
            size_t out = row * p->batch->length * p->attention_width + head * d;
            struct reference_attention a = {.length = p->batch->length,
                                            .head_size = d,
                                            .q = qkv + q,
                                            .k = qkv + k,
                                            .v = qkv + v,
                                            .stride = p->qkv_width,
                                            .output_stride = p->attention_width,
                                            .starts =
                                                p->batch->starts ? p->batch->starts + row * p->batch->length : NULL};
            if (output_gradient == NULL)
                reference_attention(&a, output + out);
            else
                reference_attention_backward(&a, output_gradient + out, qkv_gradient + q, qkv_gradient + k,
                                             qkv_gradient + v);
        }
}

static inline double *reference_layer_forward(struct reference_pass *p, size_t index, double *input) {
    const struct model_config *c = &p->model->config;
    const struct model_layer *at = &p->model->layers[index];
    struct reference_layer *l = &p->layers[index];
    const double *w = p->weights;
    size_t n = p->n, width = c->width;
    *l = (struct reference_layer){input,
                                  reference_new(n * width),
                                  reference_new(n * p->qkv_width),
                                  reference_new(n * p->qkv_width),
                                  reference_new(n * p->attention_width),
                                  reference_new(n * width),
                                  reference_new(n * width),
                                  reference_new(n * 2 * c->intermediate),
                                  reference_new(n * c->intermediate)};
    double *output = reference_new(n * width);
    reference_rmsnorm(l->norm, input, w + at->attention_norm, n, width, c->norm_epsilon);
    reference_linear(l->raw, l->norm, w + at->qkv, n, width, p->qkv_width);
    memcpy(l->qkv, l->raw, n * p->qkv_width * sizeof *l->qkv);
    for (size_t i = 0; i < n && c->qk_norm; i++) {
        size_t q = i * p->qkv_width, k = q + p->attention_width;
        reference_rmsnorm(l->qkv + q, l->raw + q, w + at->qk_norms, c->heads, c->head_size, c->norm_epsilon);
        reference_rmsnorm(l->qkv + k, l->raw + k, w + at->qk_norms + c->head_size, c->kv_heads, c->head_size,
                          c->norm_epsilon);
    }
    reference_rotate(p, l->qkv, 1);
    reference_attend(p, l->qkv, l->attention, NULL, NULL);
    reference_linear(l->middle, l->attention, w + at->output, n, p->attention_width, width);
    for (size_t i = 0; i < n * width; i++)
        l->middle[i] += input[i];
    reference_rmsnorm(l->mlp_norm, l->middle, w + at->mlp_norm, n, width, c->norm_epsilon);
    reference_linear(l->gate_up, l->mlp_norm, w + at->gate_up, n, width, 2 * c->intermediate);
    reference_swiglu(l->activation, l->gate_up, n, c->intermediate);
    reference_linear(output, l->activation, w + at->down, n, c->intermediate, width);
    for (size_t i = 0; i < n * width; i++)
        output[i] += l->middle[i];
    return output;
}

/* Of what was normalised, becomes of what was not. */
static inline void reference_qk_norm_backward(const struct reference_pass *p, size_t norms, const double *raw,
                                              double *qkv) {
    const struct model_config *c = &p->model->config;
    size_t d = c->head_size, both = c->heads + c->kv_heads;
    double *dx = reference_new(both * d);
    for (size_t row = 0; row < p->n; row++) {
        double *gradient = qkv + row * p->qkv_width;
        const double *x = raw + row * p->qkv_width;
        memset(dx, 0, both * d * sizeof *dx);
        for (size_t head = 0; head < both; head++) {
            size_t at = norms + (head < c->heads ? 0 : d);
            reference_rmsnorm_backward(dx + head * d, p->gradients + at, gradient + head * d, x + head * d,
                                       p->weights + at, 1, d, c->norm_epsilon);
        }
        memcpy(gradient, dx, both * d * sizeof *dx);
    }
    free(dx);
}

/* gradient: of the layer's output, becomes that of its input. */
static inline void reference_layer_backward(struct reference_pass *p, size_t index, double *gradient) {
    const struct model_config *c = &p->model->config;
    const struct model_layer *at = &p->model->layers[index];
    struct reference_layer *l = &p->layers[index];
    const double *w = p->weights;
    double *g = p->gradients;
    size_t n = p->n, width = c->width;
    double *activation = reference_new(n * c->intermediate), *gate_up = reference_new(n * 2 * c->intermediate),
           *norm = reference_new(n * width);
    double *attention = reference_new(n * p->attention_width), *qkv = reference_new(n * p->qkv_width),
           *norm2 = reference_new(n * width);
    reference_linear_backward(activation, g + at->down, gradient, l->activation, w + at->down, n, c->intermediate,
                              width);
    reference_swiglu_backward(gate_up, activation, l->gate_up, n, c->intermediate);
    reference_linear_backward(norm, g + at->gate_up, gate_up, l->mlp_norm, w + at->gate_up, n, width,
                              2 * c->intermediate);
    reference_rmsnorm_backward(gradient, g + at->mlp_norm, norm, l->middle, w + at->mlp_norm, n, width,
                               c->norm_epsilon);
    reference_linear_backward(attention, g + at->output, gradient, l->attention, w + at->output, n, p->attention_width,
                              width);
    reference_attend(p, l->qkv, NULL, attention, qkv);
    reference_rotate(p, qkv, -1);
    if (c->qk_norm)
        reference_qk_norm_backward(p, at->qk_norms, l->raw, qkv);
    reference_linear_backward(norm2, g + at->qkv, qkv, l->norm, w + at->qkv, n, width, p->qkv_width);
    reference_rmsnorm_backward(gradient, g + at->attention_norm, norm2, l->input, w + at->attention_norm, n, width,
                               c->norm_epsilon);
    double *const all[] = {activation, gate_up, norm, attention, qkv, norm2};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

/* Loss of the logits; dlogits, where wanted, is set. */
static inline double reference_losses(const struct reference_pass *p, const double *logits, double *dlogits) {
    double loss = 0;
    size_t vocabulary = p->model->config.vocabulary;
    for (size_t i = 0; i < p->n; i++) {
        if (p->batch->targets[i] == TARGET_NONE)
            continue;
        loss += reference_cross_entropy(logits + i * vocabulary, vocabulary, (size_t)p->batch->targets[i]);
        if (dlogits != NULL)
            reference_cross_entropy_backward(dlogits + i * vocabulary, logits + i * vocabulary, vocabulary,
                                             (size_t)p->batch->targets[i],
                                             p->batch->weights ? (double)p->batch->weights[i] : 1);
    }
    return loss;
}

/* The summed loss; *logits (to be freed) and gradients (a block in double, added to) where not NULL. */
static inline double reference_transformer(const struct model *model, const double *weights, const struct batch *batch,
                                           double *gradients, double **logits_out) {
    const struct model_config *c = &model->config;
    struct reference_pass p = {.model = model,
                               .batch = batch,
                               .weights = weights,
                               .gradients = gradients,
                               .n = batch->rows * batch->length,
                               .qkv_width = (c->heads + 2 * c->kv_heads) * c->head_size,
                               .attention_width = c->heads * c->head_size,
                               .layers = memory_zeroed(c->layers, sizeof *p.layers)};
    double *x = reference_new(p.n * c->width), *norm = reference_new(p.n * c->width),
           *logits = reference_new(p.n * c->vocabulary);
    for (size_t i = 0; i < p.n; i++)
        memcpy(x + i * c->width, weights + model->embedding + (size_t)batch->tokens[i] * c->width,
               c->width * sizeof *x);
    for (size_t i = 0; i < c->layers; i++)
        x = reference_layer_forward(&p, i, x);
    reference_rmsnorm(norm, x, weights + model->norm, p.n, c->width, c->norm_epsilon);
    reference_linear(logits, norm, weights + model->head, p.n, c->width, c->vocabulary);
    double loss = 0;
    if (batch->targets != NULL) {
        double *dlogits = reference_new(p.n * c->vocabulary), *dnorm = reference_new(p.n * c->width),
               *dx = reference_new(p.n * c->width);
        loss = reference_losses(&p, logits, dlogits);
        if (gradients != NULL) {
            reference_linear_backward(dnorm, gradients + model->head, dlogits, norm, weights + model->head, p.n,
                                      c->width, c->vocabulary);
            reference_rmsnorm_backward(dx, gradients + model->norm, dnorm, x, weights + model->norm, p.n, c->width,
                                       c->norm_epsilon);
            for (size_t i = c->layers; i-- > 0;)
                reference_layer_backward(&p, i, dx);
            for (size_t i = 0; i < p.n * c->width; i++)
                gradients[model->embedding + (size_t)batch->tokens[i / c->width] * c->width + i % c->width] += dx[i];
        }
        free(dlogits);
        free(dnorm);
        free(dx);
    }
    for (size_t i = 0; i < c->layers; i++) {
        struct reference_layer *l = &p.layers[i];
        double *const all[] = {l->input,  l->norm,     l->raw,     l->qkv,       l->attention,
                               l->middle, l->mlp_norm, l->gate_up, l->activation};
        for (size_t j = 0; j < sizeof all / sizeof *all; j++)
            free(all[j]);
    }
    free(p.layers);
    free(x);
    free(norm);
    if (logits_out != NULL)
        *logits_out = logits;
    else
        free(logits);
    return loss;
}

#endif
