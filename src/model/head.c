/*
 * Final norm, output projection and cross-entropy. Positions without a target cost nothing: targets are gathered and
 * worked on in chunks, so the logits of a whole batch never exist. It knows nothing of layers.
 */
#include "model/head.h"

#include <string.h>

#include "model/threads.h"

/* Logits in memory: about 8 MiB, within reason for the efficiency of the products. */
#define CHUNK_LOGITS ((size_t)1 << 21)
#define CHUNK_MIN 256
#define CHUNK_MAX 1024
/* Rows of logits in one task. */
#define LOSS_ROWS 8

size_t head_chunk(size_t vocabulary) {
    size_t chunk = CHUNK_LOGITS / vocabulary / 64 * 64;
    return chunk < CHUNK_MIN ? CHUNK_MIN : chunk > CHUNK_MAX ? CHUNK_MAX : chunk;
}

struct head_task {
    struct transformer *t;
    const struct batch *batch;
    const size_t *positions; /* of the chunk's targets */
    size_t count;
    bool gradients;
};

static void loss_rows(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct head_task *task = context;
    struct transformer *t = task->t;
    size_t end = chunk_end(index, LOSS_ROWS, task->count);
    for (size_t i = chunk_begin(index, LOSS_ROWS); i < end; i++) {
        size_t position = task->positions[i];
        size_t target = (size_t)task->batch->targets[position];
        float scale = task->batch->weights == NULL ? 1.0f : task->batch->weights[position];
        t->chunk_losses[i] =
            t->ops.kernels->cross_entropy(t->logits + i * t->config.vocabulary, t->config.vocabulary, target,
                                          &t->chunk_hits[i], task->gradients ? &scale : NULL, t->z_loss);
    }
}

/* hidden = norm(last[positions]) */
static void gather_hidden(struct transformer *t, const struct model *model, const size_t *positions, size_t count) {
    size_t width = t->config.width;
    for (size_t i = 0; i < count; i++)
        memcpy(t->gathered + i * width, t->last + positions[i] * width, width * sizeof(float));
    ops_rmsnorm_forward(&t->ops, t->hidden, t->hidden_rstd, t->gathered, model->weights + model->norm, count, width,
                        t->config.norm_epsilon);
}

static void chunk_backward(struct transformer *t, const struct model *model, const size_t *positions, size_t count,
                           float *gradients) {
    size_t width = t->config.width, vocabulary = t->config.vocabulary;
    linear_backward(&t->linear, t->hidden_gradient, gradients + model->head, t->logits, t->hidden,
                    model->weights + model->head, count, width, vocabulary);
    /* hidden is free now: it takes the gradient of what was gathered. */
    memset(t->hidden, 0, count * width * sizeof(float));
    ops_rmsnorm_backward(&t->ops, t->hidden, gradients + model->norm, t->hidden_gradient, t->gathered,
                         model->weights + model->norm, t->hidden_rstd, count, width, t->norm_scratch);
    for (size_t i = 0; i < count; i++)
        memcpy(t->gradient + positions[i] * width, t->hidden + i * width, width * sizeof(float));
}

/* The places of the targets, in order. */
static size_t find_targets(size_t *positions, const struct batch *batch) {
    size_t count = 0;
    for (size_t i = 0; i < batch->rows * batch->length; i++)
        if (batch->targets[i] != TARGET_NONE)
            positions[count++] = i;
    return count;
}

void head_loss(struct transformer *t, const struct model *model, const struct batch *batch, float *gradients,
               float *losses, struct transformer_result *result) {
    size_t width = t->config.width, vocabulary = t->config.vocabulary, n = batch->rows * batch->length;
    *result = (struct transformer_result){.targets = find_targets(t->positions, batch)};
    if (losses != NULL)
        memset(losses, 0, n * sizeof *losses);
    if (gradients != NULL)
        memset(t->gradient, 0, n * width * sizeof(float));
    for (size_t first = 0; first < result->targets; first += t->chunk) {
        const size_t *positions = t->positions + first;
        size_t count = result->targets - first < t->chunk ? result->targets - first : t->chunk;
        gather_hidden(t, model, positions, count);
        linear_forward(&t->linear, t->logits, t->hidden, model->weights + model->head, count, width, vocabulary, false);
        struct head_task task = {
            .t = t, .batch = batch, .positions = positions, .count = count, .gradients = gradients != NULL};
        threads_run(t->ops.threads, chunk_count(count, LOSS_ROWS), loss_rows, &task);
        for (size_t i = 0; i < count; i++) {
            result->loss += (double)t->chunk_losses[i];
            result->correct += t->chunk_hits[i];
            if (losses != NULL)
                losses[positions[i]] = t->chunk_losses[i];
        }
        if (gradients != NULL)
            chunk_backward(t, model, positions, count, gradients);
    }
}

void head_logits(struct transformer *t, const struct model *model, size_t positions, float *logits) {
    size_t width = t->config.width, vocabulary = t->config.vocabulary;
    ops_rmsnorm_forward(&t->ops, t->norm, NULL, t->last, model->weights + model->norm, positions, width,
                        t->config.norm_epsilon);
    linear_forward(&t->linear, logits, t->norm, model->weights + model->head, positions, width, vocabulary, false);
}
