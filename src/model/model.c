/*
 * The block of weights and its list of tensors. It owns names, order and offsets; ops and files take them from here.
 */
#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "model/arena.h"

#define INIT_DEVIATION 0.02
/* Groups of tensors begin on a cache line. */
#define ALIGNMENT 16

static size_t align(size_t offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Appends a tensor at the end of the block and returns its offset. layer is SIZE_MAX outside layers. */
static size_t add(struct model *model, size_t layer, const char *name, size_t rows, size_t columns) {
    struct tensor *tensor = &model->tensors[model->tensor_count++];
    if (layer == SIZE_MAX)
        snprintf(tensor->name, sizeof tensor->name, "%s", name);
    else
        snprintf(tensor->name, sizeof tensor->name, "model.layers.%zu.%s", layer, name);
    tensor->rows = rows;
    tensor->columns = columns;
    tensor->offset = model->size;
    model->size += tensor_elements(tensor);
    return tensor->offset;
}

static void add_layer(struct model *model, size_t index) {
    const struct model_config *c = &model->config;
    struct model_layer *layer = &model->layers[index];
    size_t queries = c->heads * c->head_size;
    size_t keys = c->kv_heads * c->head_size;
    layer->attention_norm = add(model, index, "input_layernorm.weight", 0, c->width);
    model->size = align(model->size);
    layer->qkv = add(model, index, "self_attn.q_proj.weight", queries, c->width);
    add(model, index, "self_attn.k_proj.weight", keys, c->width);
    add(model, index, "self_attn.v_proj.weight", keys, c->width);
    model->size = align(model->size);
    layer->output = add(model, index, "self_attn.o_proj.weight", c->width, queries);
    model->size = align(model->size);
    if (c->qk_norm) {
        layer->qk_norms = add(model, index, "self_attn.q_norm.weight", 0, c->head_size);
        add(model, index, "self_attn.k_norm.weight", 0, c->head_size);
        model->size = align(model->size);
    }
    layer->mlp_norm = add(model, index, "post_attention_layernorm.weight", 0, c->width);
    model->size = align(model->size);
    layer->gate_up = add(model, index, "mlp.gate_proj.weight", c->intermediate, c->width);
    add(model, index, "mlp.up_proj.weight", c->intermediate, c->width);
    model->size = align(model->size);
    layer->down = add(model, index, "mlp.down_proj.weight", c->width, c->intermediate);
    model->size = align(model->size);
}

struct model *model_outline(const struct model_config *config) {
    struct model *model = memory_zeroed(1, sizeof *model);
    model->config = *config;
    model->tensors = memory_zeroed(11 * config->layers + 3, sizeof *model->tensors);
    model->layers = memory_zeroed(config->layers, sizeof *model->layers);
    model->embedding = add(model, SIZE_MAX, "model.embed_tokens.weight", config->vocabulary, config->width);
    model->size = align(model->size);
    for (size_t i = 0; i < config->layers; i++)
        add_layer(model, i);
    model->norm = add(model, SIZE_MAX, "model.norm.weight", 0, config->width);
    model->size = align(model->size);
    model->head =
        config->tied ? model->embedding : add(model, SIZE_MAX, "lm_head.weight", config->vocabulary, config->width);
    model->size = align(model->size);
    return model;
}

size_t model_block_size(const struct model_config *config) {
    struct model *model = model_outline(config);
    size_t size = model->size;
    model_free(model);
    return size;
}

struct model *model_new(const struct model_config *config) {
    struct model *model = model_outline(config);
    model->weights = model_block_new(model);
    return model;
}

void model_free(struct model *model) {
    if (model == NULL)
        return;
    free(model->tensors);
    free(model->layers);
    free(model->weights);
    free(model);
}

float *model_block_new(const struct model *model) {
    return arena_block(model->size * sizeof(float));
}

static bool ends_with(const char *text, const char *suffix) {
    size_t size = strlen(text), end = strlen(suffix);
    return size >= end && memcmp(text + size - end, suffix, end) == 0;
}

void model_initialise(struct model *model, uint64_t seed) {
    model->revision++;
    struct random random;
    random_seed(&random, seed);
    double output_deviation = INIT_DEVIATION / sqrt(2 * (double)model->config.layers);
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        float *weights = model->weights + tensor->offset;
        bool output = ends_with(tensor->name, "o_proj.weight") || ends_with(tensor->name, "down_proj.weight");
        double deviation = output ? output_deviation : INIT_DEVIATION;
        for (size_t j = 0; j < tensor_elements(tensor); j++)
            weights[j] = tensor->rows ? (float)(deviation * random_normal(&random)) : 1.0f;
    }
}

const struct tensor *model_find(const struct model *model, const char *name) {
    for (size_t i = 0; i < model->tensor_count; i++)
        if (strcmp(model->tensors[i].name, name) == 0)
            return &model->tensors[i];
    return NULL;
}
