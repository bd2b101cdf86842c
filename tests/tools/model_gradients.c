/*
 * Writes what a gradient check against another library needs, into a folder for each stage ("init", "trained", and
 * "qwen3-init", "qwen3-trained" of a model with normalised queries and keys):
 *     model_gradients FOLDER
 * FOLDER/STAGE/{config.json, model.safetensors}: the weights; gradients.safetensors: of the mean loss, under the
 * weights' names; batch.json: tokens, targets, starts, loss, correct; logits.safetensors. "trained" is after
 * TRAIN_STEPS steps of AdamW on that batch. gradients-bf16.safetensors: with products in bf16, where there are any. It
 * owns the settings below and no arithmetic.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/random.h"
#include "model/checkpoint.h"
#include "model/matmul.h"
#include "model/optimizer.h"
#include "model/safetensors.h"
#include "model/transformer.h"

enum { VOCABULARY = 512, ROWS = 4, LENGTH = 96, TRAIN_STEPS = 20, THREADS = 2 };

/* Documents of mixed lengths, a third of the targets masked; a row's last document is cut. */
static void make_batch(int32_t *tokens, int32_t *targets, int32_t *starts) {
    struct random random;
    random_seed(&random, 42);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t t = 0, start = 0, end = 0; t < LENGTH; t++) {
            size_t i = row * LENGTH + t;
            if (t == end) {
                start = t;
                end = t + 1 + random_below(&random, 60);
            }
            tokens[i] = (int32_t)random_below(&random, VOCABULARY);
            targets[i] = random_below(&random, 3) == 0 ? TARGET_NONE : (int32_t)random_below(&random, VOCABULARY);
            starts[i] = (int32_t)start;
        }
}

static void append_array(struct bytes *out, const char *name, const int32_t *values) {
    bytes_append_format(out, "\"%s\":[", name);
    for (size_t i = 0; i < ROWS * LENGTH; i++)
        bytes_append_format(out, i ? ",%d" : "%d", (int)values[i]);
    bytes_append_text(out, "],\n");
}

static int save_batch(const char *path, const struct batch *batch, const struct transformer_result *result,
                      struct error *error) {
    struct bytes out = {0};
    bytes_append_format(&out, "{\"rows\":%d,\"length\":%d,\n", ROWS, LENGTH);
    append_array(&out, "tokens", batch->tokens);
    append_array(&out, "targets", batch->targets);
    append_array(&out, "starts", batch->starts);
    bytes_append_text(&out, "\"loss\":");
    json_append_number(&out, result->loss / (double)result->targets);
    bytes_append_format(&out, ",\"correct\":%llu}\n", (unsigned long long)result->correct);
    int status = output_save(path, span_of_bytes(&out), error);
    bytes_release(&out);
    return status;
}

/* Gradients of the mean loss, under the names of their weights. */
static int save_gradients(const char *path, const struct model *model, float *gradients, double scale,
                          struct error *error) {
    struct safetensors_item *items = memory_zeroed(model->tensor_count, sizeof *items);
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        items[i] = (struct safetensors_item){span_of(tensor->name), tensor->rows, tensor->columns,
                                             gradients + tensor->offset, WEIGHT_F32};
        for (size_t j = 0; j < tensor_elements(tensor); j++)
            gradients[tensor->offset + j] = (float)((double)gradients[tensor->offset + j] * scale);
    }
    int status = safetensors_save(path, items, model->tensor_count, NULL, NULL, error);
    free(items);
    return status;
}

struct run {
    const char *folder;
    struct model *model;
    struct transformer *transformer, *half; /* half: in bf16, or NULL */
    struct batch batch;
    float *gradients, *logits;
};

static int save_half(const struct run *run, const char *stage, struct error *error) {
    char path[4096];
    struct transformer_result result;
    if (run->half == NULL)
        return 0;
    snprintf(path, sizeof path, "%s/%s/gradients-bf16.safetensors", run->folder, stage);
    memset(run->gradients, 0, run->model->size * sizeof *run->gradients);
    transformer_train(run->half, run->model, &run->batch, run->gradients, NULL, &result);
    return save_gradients(path, run->model, run->gradients, 1 / (double)result.targets, error);
}

static int save_stage(const struct run *run, const char *stage, struct error *error) {
    static const char *const names[] = {"", "/batch.json", "/gradients.safetensors", "/logits.safetensors"};
    char path[4][4096];
    for (size_t i = 0; i < 4; i++)
        snprintf(path[i], sizeof path[i], "%s/%s%s", run->folder, stage, names[i]);
    struct transformer_result result;
    memset(run->gradients, 0, run->model->size * sizeof *run->gradients);
    transformer_train(run->transformer, run->model, &run->batch, run->gradients, NULL, &result);
    transformer_logits(run->transformer, run->model, &run->batch, run->logits);
    struct safetensors_item logits = {SPAN_LITERAL("logits"), ROWS * LENGTH, VOCABULARY, run->logits, WEIGHT_F32};
    if (checkpoint_save(path[0], run->model, NULL, NULL, 0, error) ||
        save_batch(path[1], &run->batch, &result, error) ||
        save_gradients(path[2], run->model, run->gradients, 1 / (double)result.targets, error))
        return -1;
    if (safetensors_save(path[3], &logits, 1, NULL, NULL, error))
        return -1;
    return save_half(run, stage, error);
}

static void train(const struct run *run) {
    struct optimizer_options options = optimizer_default_options();
    struct optimizer *optimizer = optimizer_new(run->model, &options);
    memset(run->gradients, 0, run->model->size * sizeof *run->gradients);
    for (size_t step = 0; step < TRAIN_STEPS; step++) {
        struct transformer_result result;
        transformer_train(run->transformer, run->model, &run->batch, run->gradients, NULL, &result);
        optimizer_step(optimizer, run->model, run->gradients, 1 / (double)result.targets, 3e-3,
                       transformer_threads(run->transformer));
    }
    optimizer_free(optimizer);
}

/* Both stages of one model; the names of their folders begin with prefix. */
static int save_model(const char *folder, const char *prefix, const struct model_config *config,
                      const struct batch *batch, struct error *error) {
    char stage[2][32];
    snprintf(stage[0], sizeof stage[0], "%sinit", prefix);
    snprintf(stage[1], sizeof stage[1], "%strained", prefix);
    struct transformer_options shape = {.rows = ROWS, .length = LENGTH, .threads = THREADS, .training = true};
    struct run run = {.folder = folder, .model = model_new(config), .transformer = transformer_new(config, &shape)};
    shape.bf16 = true;
    run.half = matmul_has_bf16() ? transformer_new(config, &shape) : NULL;
    run.batch = *batch;
    run.gradients = model_block_new(run.model);
    run.logits = memory_zeroed((size_t)ROWS * LENGTH * VOCABULARY, sizeof(float));
    model_initialise(run.model, 1);
    int status = save_stage(&run, stage[0], error);
    train(&run);
    if (status == 0)
        status = save_stage(&run, stage[1], error);
    free(run.gradients);
    free(run.logits);
    transformer_free(run.transformer);
    transformer_free(run.half);
    model_free(run.model);
    return status;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: model_gradients FOLDER\n");
        return 2;
    }
    struct model_config config = model_config_default(VOCABULARY, 3, 96, 6, LENGTH);
    config.kv_heads = 2;
    int32_t tokens[ROWS * LENGTH], targets[ROWS * LENGTH], starts[ROWS * LENGTH];
    make_batch(tokens, targets, starts);
    const struct batch batch = {.rows = ROWS, .length = LENGTH, .tokens = tokens, .targets = targets, .starts = starts};
    struct error error;
    int status = save_model(argv[1], "", &config, &batch, &error);
    config.qk_norm = true;
    config.head_size = 24;
    if (status == 0)
        status = save_model(argv[1], "qwen3-", &config, &batch, &error);
    if (status)
        fprintf(stderr, "model_gradients: %s\n", error.message);
    return status ? 1 : 0;
}
