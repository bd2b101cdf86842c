/* Measures the peak of multiply-adds. It owns the loops and knows nothing of models. */
#include "model/peak.h"

#include <stdlib.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "base/memory.h"
#include "model/matmul.h"

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

/* Each of the 16 sums takes two products a time; the term of the loop is not needed. */
#define PAIRS(SUM, FACTOR, TERM) _mm512_dpbf16_ps(SUM, (__m512bh)(FACTOR), (__m512bh)(FACTOR))
__attribute__((target("avx512f,avx512bf16"))) static void multiply_add_bf16(float *sink) {
    PEAK_LOOP(__m512, _mm512_set1_ps, PAIRS)
}
#endif

/* FLOPs of one call on this processor; 0 where its peak is not known. */
static double multiply_add(float *sink, bool bf16) {
    double operations = (double)PEAK_ROUNDS * PEAK_CHAINS;
#if defined(__x86_64__)
    if (bf16)
        return multiply_add_bf16(sink), operations * 64;
    if (__builtin_cpu_supports("avx512f"))
        return multiply_add_512(sink), operations * 32;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return multiply_add_256(sink), operations * 16;
#endif
    (void)sink;
    (void)bf16;
    return 0 * operations;
}

struct peak {
    bool bf16;
    float *sink;
    double *operations; /* one a task */
};

static void peak_task(void *context, size_t index, size_t thread) {
    (void)thread;
    const struct peak *peak = context;
    peak->operations[index] = multiply_add(&peak->sink[index * 16], peak->bf16);
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double peak_measure(struct threads *team, bool bf16) {
    enum { TRIES = 9 };
    double rates[TRIES];
    size_t threads = threads_count(team);
    if (bf16 && !matmul_has_bf16())
        return 0;
    struct peak peak = {.bf16 = bf16,
                        .sink = memory_zeroed(threads * 16, sizeof(float)),
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
