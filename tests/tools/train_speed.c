/*
 * Tokens a second of training (forward, backward, clipping, AdamW) on random tokens, as a share of the FMA peak
 * measured beside it: train_speed [S|demo|124M] [THREADS] [STEPS] [f32|bf16]. It owns the measurement only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "model/kernels.h"
#include "model/optimizer.h"
#include "model/peak.h"
#include "model/threads.h"
#include "model/transformer.h"

struct setting {
    const char *name;
    size_t vocabulary, layers, width, heads, intermediate, length, rows;
};

static const struct setting settings[] = {
    {"S", 8192, 6, 384, 6, 1024, 256, 8},
    {"demo", 4096, 4, 192, 6, 512, 256, 16},
    {"124M", 50257, 12, 768, 12, 2048, 64, 4},
};

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int32_t *random_tokens(size_t count, size_t vocabulary) {
    int32_t *tokens = memory_zeroed(count, sizeof *tokens);
    struct random random;
    random_seed(&random, 1);
    for (size_t i = 0; i < count; i++)
        tokens[i] = (int32_t)random_below(&random, vocabulary);
    return tokens;
}

int main(int argc, char **argv) {
    const struct setting *s = NULL;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcmp(settings[i].name, argc > 1 ? argv[1] : "S") == 0)
            s = &settings[i];
    size_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 2, steps = argc > 3 ? strtoul(argv[3], NULL, 10) : 10;
    bool bf16 = argc > 4 && strcmp(argv[4], "bf16") == 0;
    if (s == NULL || threads == 0 || steps == 0) {
        fprintf(stderr, "usage: train_speed [S|demo|124M] [THREADS] [STEPS] [f32|bf16]\n");
        return 2;
    }
    struct model_config config = model_config_default(s->vocabulary, s->layers, s->width, s->heads, s->length);
    config.intermediate = s->intermediate;
    struct model *model = model_new(&config);
    model_initialise(model, 1);
    struct optimizer_options options = optimizer_default_options();
    struct optimizer *optimizer = optimizer_new(model, &options);
    float *gradients = model_block_new(model);
    const struct transformer_options shape = {
        .rows = s->rows, .length = s->length, .threads = threads, .training = true, .bf16 = bf16};
    struct transformer *transformer = transformer_new(&config, &shape);
    size_t n = s->rows * s->length;
    int32_t *tokens = random_tokens(n + 1, s->vocabulary);
    struct batch batch = {.rows = s->rows, .length = s->length, .tokens = tokens, .targets = tokens + 1};
    double best = 1e30, loss = 0;
    for (size_t step = 0; step <= steps; step++) {
        double begin = seconds();
        struct transformer_result result;
        transformer_train(transformer, model, &batch, gradients, NULL, &result);
        optimizer_step(optimizer, model, gradients, 1 / (double)result.targets, 1e-3, transformer_threads(transformer));
        double taken = seconds() - begin;
        if (step > 0 && taken < best)
            best = taken;
        loss = result.loss / (double)result.targets;
    }
    double rate = (double)n / best, flops = rate * model_config_training_flops(&config, s->length),
           limit = peak_measure(transformer_threads(transformer), bf16);
    printf(
        "%s: %llu parameters, %s, %zu threads, kernels %s: %.0f tokens/s, %.1f of %.1f GFLOP/s (%.1f %%), loss %.4f, "
        "activations %.1f MiB\n",
        s->name, (unsigned long long)model_config_parameters(&config), bf16 ? "bf16" : "f32", threads,
        kernels_best()->name, rate, flops * 1e-9, limit * 1e-9, 100 * flops / limit, loss,
        (double)transformer_memory(&config, &shape) / (1 << 20));
    free(tokens);
    free(gradients);
    transformer_free(transformer);
    optimizer_free(optimizer);
    model_free(model);
    return 0;
}
