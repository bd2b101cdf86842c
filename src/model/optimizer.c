/*
 * The optimisers over the list of tensors. It owns the moments, the choice between AdamW and Muon, and the order of the
 * norm's sum; rates come from a schedule, files from checkpoint.c.
 */
#include "model/optimizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/arena.h"
#include "model/kernels.h"
#include "model/muon.h"
#include "model/threads.h"

/* Floats of one task: depends on nothing, so the norm's sum has one order. */
#define CHUNK ((size_t)1 << 15)

struct optimizer_options optimizer_default_options(void) {
    return (struct optimizer_options){.kind = OPTIMIZER_ADAMW,
                                      .beta1 = 0.9,
                                      .beta2 = 0.95,
                                      .epsilon = 1e-8,
                                      .weight_decay = 0.1,
                                      .clip = 1,
                                      .muon_momentum = 0.95,
                                      .muon_rate = 4};
}

bool optimizer_is_muon(const struct optimizer_options *options, const struct model *model,
                       const struct tensor *tensor) {
    return options->kind == OPTIMIZER_MUON && tensor->rows && tensor->offset != model->embedding &&
           tensor->offset != model->head;
}

/* Floats of the scratch that the largest of Muon's matrices needs. */
static size_t scratch_size(const struct model *model, const struct optimizer_options *options) {
    size_t most = 0;
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        size_t size = optimizer_is_muon(options, model, tensor) ? muon_scratch(tensor->rows, tensor->columns) : 0;
        most = size > most ? size : most;
    }
    return most;
}

uint64_t optimizer_memory(const struct model *model, const struct optimizer_options *options) {
    uint64_t blocks = options->average_decay > 0 ? 3 : 2;
    return (blocks * model->size + scratch_size(model, options)) * sizeof(float);
}

struct optimizer *optimizer_new(const struct model *model, const struct optimizer_options *options) {
    struct optimizer *optimizer = memory_zeroed(1, sizeof *optimizer);
    optimizer->options = *options;
    optimizer->first = model_block_new(model);
    optimizer->second = model_block_new(model);
    size_t scratch = scratch_size(model, options);
    if (scratch)
        optimizer->scratch = arena_block(scratch * sizeof(float));
    if (options->average_decay > 0) {
        optimizer->average = model_new(&model->config);
        memcpy(optimizer->average->weights, model->weights, model->size * sizeof *model->weights);
    }
    return optimizer;
}

void optimizer_free(struct optimizer *optimizer) {
    if (optimizer == NULL)
        return;
    free(optimizer->first);
    free(optimizer->second);
    free(optimizer->scratch);
    model_free(optimizer->average);
    free(optimizer);
}

/* A run of the block within one tensor. */
struct piece {
    size_t begin, count;
    bool decays, muon;
};

struct update {
    const struct kernels *kernels;
    struct adamw_task adamw; /* of the whole block */
    float decay;
    struct piece *pieces;
    double *squares; /* one a piece */
};

static size_t cut(const struct optimizer *optimizer, const struct model *model, struct piece *pieces) {
    size_t count = 0;
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        size_t elements = tensor_elements(tensor);
        for (size_t j = 0; j < chunk_count(elements, CHUNK); j++, count++)
            if (pieces != NULL)
                pieces[count] = (struct piece){.begin = tensor->offset + chunk_begin(j, CHUNK),
                                               .count = chunk_end(j, CHUNK, elements) - chunk_begin(j, CHUNK),
                                               .decays = tensor->rows != 0,
                                               .muon = optimizer_is_muon(&optimizer->options, model, tensor)};
    }
    return count;
}

static void square_piece(void *context, size_t index, size_t thread) {
    (void)thread;
    struct update *update = context;
    const struct piece *piece = &update->pieces[index];
    update->squares[index] = update->kernels->square_sum(update->adamw.gradients + piece->begin, piece->count);
}

static void update_piece(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct update *update = context;
    const struct piece *piece = &update->pieces[index];
    if (piece->muon)
        return;
    struct adamw_task task = update->adamw;
    task.weights += piece->begin;
    task.gradients += piece->begin;
    task.first += piece->begin;
    task.second += piece->begin;
    task.count = piece->count;
    task.decay = piece->decays ? update->decay : 1;
    update->kernels->adamw(&task);
}

/* The constants of this step, computed in double. */
static void prepare(struct update *update, struct optimizer *optimizer, double gradient_scale, double learning_rate) {
    const struct optimizer_options *o = &optimizer->options;
    optimizer->step++;
    update->decay = (float)(1 - learning_rate * o->weight_decay);
    update->adamw.gradient_scale = (float)gradient_scale;
    update->adamw.rate = (float)(learning_rate / (1 - pow(o->beta1, (double)optimizer->step)));
    update->adamw.second_scale = (float)(1 / sqrt(1 - pow(o->beta2, (double)optimizer->step)));
    update->adamw.beta1 = (float)o->beta1;
    update->adamw.beta2 = (float)o->beta2;
    update->adamw.epsilon = (float)o->epsilon;
}

/* The steps of Muon's matrices, one after another: each has work for all threads. */
static void update_matrices(const struct update *update, const struct optimizer *optimizer, const struct model *model,
                            double learning_rate, struct threads *threads) {
    const struct optimizer_options *o = &optimizer->options;
    double rate = learning_rate * o->muon_rate;
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        if (!optimizer_is_muon(o, model, tensor))
            continue;
        struct muon muon = {.task = {.weights = update->adamw.weights + tensor->offset,
                                     .gradients = update->adamw.gradients + tensor->offset,
                                     .momentum = optimizer->first + tensor->offset,
                                     .update = optimizer->second + tensor->offset,
                                     .gradient_scale = update->adamw.gradient_scale,
                                     .beta = (float)o->muon_momentum},
                            .decay = (float)(1 - rate * o->weight_decay),
                            .rate = (float)rate,
                            .rows = tensor->rows,
                            .columns = tensor->columns,
                            .scratch = optimizer->scratch};
        muon_step(&muon, update->kernels, threads);
    }
}

struct average {
    const struct kernels *kernels;
    float *average;
    const float *weights;
    size_t size;
    float decay;
};

/* average = decay average + (1 - decay) weights */
static void average_chunk(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct average *average = context;
    size_t begin = chunk_begin(index, CHUNK);
    average->kernels->muon_apply(average->average + begin, average->weights + begin,
                                 chunk_end(index, CHUNK, average->size) - begin, average->decay, average->decay - 1);
}

static void update_average(const struct update *update, struct optimizer *optimizer, const struct model *model,
                           struct threads *threads) {
    double steps = (double)optimizer->step, rising = (1 + steps) / (10 + steps);
    double decay = optimizer->options.average_decay;
    struct average average = {.kernels = update->kernels,
                              .average = optimizer->average->weights,
                              .weights = model->weights,
                              .size = model->size,
                              .decay = (float)(rising < decay ? rising : decay)};
    threads_run(threads, chunk_count(model->size, CHUNK), average_chunk, &average);
    optimizer->average->revision++;
}

double optimizer_step(struct optimizer *optimizer, struct model *model, float *gradients, double gradient_scale,
                      double learning_rate, struct threads *threads) {
    size_t count = cut(optimizer, model, NULL);
    struct update update = {.kernels = kernels_best(),
                            .adamw = {.weights = model->weights,
                                      .gradients = gradients,
                                      .first = optimizer->first,
                                      .second = optimizer->second},
                            .pieces = memory_zeroed(count, sizeof(struct piece)),
                            .squares = memory_zeroed(count, sizeof(double))};
    cut(optimizer, model, update.pieces);
    threads_run(threads, count, square_piece, &update);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += update.squares[i];
    double norm = sqrt(sum) * gradient_scale;
    if (isfinite(norm)) {
        double clip = optimizer->options.clip;
        prepare(&update, optimizer, clip > 0 && norm > clip ? gradient_scale * clip / norm : gradient_scale,
                learning_rate);
        model->revision++;
        threads_run(threads, count, update_piece, &update);
        update_matrices(&update, optimizer, model, learning_rate, threads);
        if (optimizer->average != NULL)
            update_average(&update, optimizer, model, threads);
    } else {
        memset(gradients, 0, model->size * sizeof *gradients);
    }
    free(update.pieces);
    free(update.squares);
    return norm;
}
