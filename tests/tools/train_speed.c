/*
 * Tokens a second of training (forward, backward, clipping, AdamW) on random tokens, as a share of the FMA peak
 * measured beside it: train_speed [S|demo|124M] [THREADS] [STEPS] It owns the measurement only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/memory.h"
#include "base/random.h"
#include "model/kernels.h"
#include "model/optimizer.h"
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

#define PEAK_ROUNDS 2000000
/* Independent sums, more than any processor's FMA latency times its units needs. */
#define PEAK_CHAINS 10

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The empty asm keeps every multiplication in the loop; named sums stay in registers. */
#define PEAK_STEP(SUM, FMA)       \
    SUM = FMA(SUM, factor, term); \
    __asm__ volatile("" : "+v"(SUM));
#define PEAK_LOOP(VECTOR, SET, FMA)                                                                                   \
    VECTOR factor = SET(0.999f), term = SET(1e-3f), a = term, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, \
           j = a;                                                                                                     \
    for (size_t round = 0; round < PEAK_ROUNDS; round++) {                                                            \
        PEAK_STEP(a, FMA)                                                                                             \
        PEAK_STEP(b, FMA)                                                                                             \
        PEAK_STEP(c, FMA)                                                                                             \
        PEAK_STEP(d, FMA)                                                                                             \
        PEAK_STEP(e, FMA)                                                                                             \
        PEAK_STEP(f, FMA)                                                                                             \
        PEAK_STEP(g, FMA)                                                                                             \
        PEAK_STEP(h, FMA)                                                                                             \
        PEAK_STEP(i, FMA)                                                                                             \
        PEAK_STEP(j, FMA)                                                                                             \
    }                                                                                                                 \
    *sink = (a + b + c + d + e + f + g + h + i + j)[0];

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void multiply_add_512(float *sink) {
    PEAK_LOOP(__m512, _mm512_set1_ps, _mm512_fmadd_ps)
}

__attribute__((target("avx2,fma"))) static void multiply_add_256(float *sink) {
    PEAK_LOOP(__m256, _mm256_set1_ps, _mm256_fmadd_ps)
}
#endif

/* FLOPs of one call on this processor; 0 where its peak is not known. */
static double multiply_add(float *sink) {
    double operations = (double)PEAK_ROUNDS * PEAK_CHAINS;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        return multiply_add_512(sink), operations * 32;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return multiply_add_256(sink), operations * 16;
#endif
    (void)sink;
    return 0 * operations;
}

struct peak {
    float *sink;
    double *operations; /* one a task */
};

static void peak_task(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct peak *peak = context;
    peak->operations[index] = multiply_add(&peak->sink[index * 16]);
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* FLOP/s of all threads: the median of some tries. */
static double measure_peak(struct threads *team) {
    enum { TRIES = 9 };
    double rates[TRIES];
    size_t threads = threads_count(team);
    struct peak peak = {.sink = memory_zeroed(threads * 16, sizeof(float)),
                        .operations = memory_zeroed(threads, sizeof(double))};
    for (size_t i = 0; i < TRIES; i++) {
        double begin = seconds();
        threads_run(team, threads, peak_task, &peak);
        rates[i] = (double)threads * peak.operations[0] / (seconds() - begin);
    }
    free(peak.sink);
    free(peak.operations);
    qsort(rates, TRIES, sizeof *rates, compare);
    return rates[TRIES / 2];
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
    if (s == NULL || threads == 0 || steps == 0) {
        fprintf(stderr, "usage: train_speed [S|demo|124M] [THREADS] [STEPS]\n");
        return 2;
    }
    struct model_config config = model_config_default(s->vocabulary, s->layers, s->width, s->heads, s->length);
    config.intermediate = s->intermediate;
    struct model *model = model_new(&config);
    model_initialise(model, 1);
    struct optimizer_options options = optimizer_default_options();
    struct optimizer *optimizer = optimizer_new(model, &options);
    float *gradients = model_block_new(model);
    struct transformer *transformer = transformer_new(
        &config,
        &(struct transformer_options){.rows = s->rows, .length = s->length, .threads = threads, .training = true});
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
           limit = measure_peak(transformer_threads(transformer));
    printf("%s: %llu parameters, %zu threads, kernels %s: %.0f tokens/s, %.1f of %.1f GFLOP/s (%.1f %%), loss %.4f, "
           "activations %.1f MiB\n",
           s->name, (unsigned long long)model_config_parameters(&config), threads, kernels_best()->name, rate,
           flops * 1e-9, limit * 1e-9, 100 * flops / limit, loss,
           (double)transformer_memory(&config,
                                      &(struct transformer_options){
                                          .rows = s->rows, .length = s->length, .threads = threads, .training = true}) /
               (1 << 20));
    free(tokens);
    free(gradients);
    transformer_free(transformer);
    optimizer_free(optimizer);
    model_free(model);
    return 0;
}
