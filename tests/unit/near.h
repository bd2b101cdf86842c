/* Random arrays, and comparison of f32 results with references in double by the norm of the difference. */
#ifndef TESTS_UNIT_NEAR_H
#define TESTS_UNIT_NEAR_H

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

static inline float *random_floats(struct random *random, size_t count) {
    float *values = memory_allocate(count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)random_normal(random);
    return values;
}

static inline double *to_doubles(const float *values, size_t count) {
    double *copy = memory_allocate(count * sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = (double)values[i];
    return copy;
}

static inline float *copy_floats(const float *values, size_t count) {
    float *copy = memory_allocate(count * sizeof *copy);
    memcpy(copy, values, count * sizeof *copy);
    return copy;
}

/* |got - expected| / |expected|, Euclidean; the plain distance where expected is zero. */
static inline double distance(const float *got, const double *expected, size_t count) {
    double difference = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        difference += pow((double)got[i] - expected[i], 2);
        size += expected[i] * expected[i];
    }
    return sqrt(difference) / (size > 0 ? sqrt(size) : 1);
}

#define ASSERT_NEAR(got, expected, count, tolerance)                                          \
    do {                                                                                      \
        double distance_ = distance(got, expected, count);                                    \
        ck_assert_msg(distance_ <= (tolerance), "%s: relative distance %g", #got, distance_); \
    } while (0)

#endif
