/*
 * The choice of kernels by what the processor can do. It knows no op.
 */
#include "model/kernels.h"

#include "model/kernels_sets.h"

const struct kernels *kernels_at(size_t index) {
    const struct kernels *sets[3];
    size_t count = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        sets[count++] = &kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        sets[count++] = &kernels_avx2;
#endif
    sets[count++] = &kernels_plain;
    return index < count ? sets[index] : NULL;
}

const struct kernels *kernels_best(void) {
    return kernels_at(0);
}

size_t attention_scratch(size_t length, size_t head_size) {
    size_t d = (head_size + ATTENTION_LANES - 1) / ATTENTION_LANES * ATTENTION_LANES;
    size_t keys = (length + ATTENTION_LANES - 1) / ATTENTION_LANES * ATTENTION_LANES;
    return 7 * length * d + 2 * keys * d + 2 * ATTENTION_TILE * keys;
}
