/*
 * Tokens a second of generation, one at a time from a KV cache, against reading the weights and the cache once a token
 * with the same threads: generate_speed [demo|S|124M] [THREADS] [TOKENS] A model that fits the caches may pass the
 * bound. It owns the measurement only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "model/generate.h"
#include "model/threads.h"

struct setting {
    const char *name;
    size_t vocabulary, layers, width, heads, intermediate, positions;
};

static const struct setting settings[] = {
    {"demo", 4096, 4, 192, 6, 512, 256}, {"S", 8192, 6, 384, 6, 1024, 256}, {"124M", 50257, 12, 768, 12, 2048, 256}};

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct reading {
    const float *data;
    size_t count, threads;
    float *sums;
};

/* Sums a thread's share of the memory, in enough lanes to keep up with it. */
static void read_share(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct reading *r = context;
    size_t share = r->count / r->threads;
    const float *data = r->data + index * share;
    float sum[64] = {0};
    for (size_t i = 0; i + 64 <= share; i += 64)
        for (size_t j = 0; j < 64; j++)
            sum[j] += data[i + j];
    for (size_t j = 0; j < 64; j++)
        r->sums[index] += sum[j];
}

/* Bytes a second, the best of some tries. */
static double measure_reading(const struct model *model, size_t threads) {
    struct threads *team = threads_new(threads);
    struct reading r = {model->weights, model->size, threads, memory_zeroed(threads, sizeof(float))};
    double best = 1e30;
    for (size_t i = 0; i < 7; i++) {
        double begin = seconds();
        threads_run(team, threads, read_share, &r);
        double taken = seconds() - begin;
        best = taken < best ? taken : best;
    }
    free(r.sums);
    threads_free(team);
    return (double)(model->size * sizeof(float)) / best;
}

int main(int argc, char **argv) {
    const struct setting *s = NULL;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcmp(settings[i].name, argc > 1 ? argv[1] : "124M") == 0)
            s = &settings[i];
    size_t threads = argc > 2 ? strtoul(argv[2], NULL, 10) : 2, tokens = argc > 3 ? strtoul(argv[3], NULL, 10) : 50;
    if (s == NULL || threads == 0 || tokens == 0 || tokens >= s->positions) {
        fprintf(stderr, "usage: generate_speed [demo|S|124M] [THREADS] [TOKENS < 256]\n");
        return 2;
    }
    struct model_config config = model_config_default(s->vocabulary, s->layers, s->width, s->heads, s->positions);
    config.intermediate = s->intermediate;
    struct model *model = model_new(&config);
    model_initialise(model, 1);
    struct generator *generator = generator_new(model, s->positions, threads);
    struct sampler_options options = {.repetition_penalty = 1, .temperature = 0, .top_p = 1};
    struct sampler *sampler = sampler_new(&options, s->vocabulary, 1);
    int32_t token = 1;
    double best = 1e30, cache = 2.0 * (double)(config.layers * config.kv_heads * config.head_size) * sizeof(float);
    for (size_t i = 0; i < tokens; i++) {
        double begin = seconds();
        token = sampler_next(sampler, generator_feed(generator, &token, 1), NULL, 0);
        double taken = seconds() - begin;
        best = taken < best ? taken : best;
    }
    double bytes = (double)(model->size * sizeof(float)) + cache * (double)tokens / 2,
           bandwidth = measure_reading(model, threads);
    printf("%s: %zu threads: %.0f tokens/s, %.1f of %.1f GB/s (%.0f %%)\n", s->name, threads, 1 / best,
           bytes / best * 1e-9, bandwidth * 1e-9, 100 * bytes / best / bandwidth);
    sampler_free(sampler);
    generator_free(generator);
    model_free(model);
    return 0;
}
