/*
 * xoshiro256** 1.0 by David Blackman and Sebastiano Vigna (2018), seeded by splitmix64 (Steele, Lea & Flood 2014). All
 * state is in struct random; nothing is kept between calls, so that a saved state resumes exactly.
 */
#include "base/random.h"

#include <math.h>

#include "base/hash.h"

void random_seed(struct random *random, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        seed += 0x9e3779b97f4a7c15u;
        random->state[i] = hash_mix(seed);
    }
}

static uint64_t rotate_left(uint64_t value, int by) {
    return value << by | value >> (64 - by);
}

uint64_t random_next(struct random *random) {
    uint64_t *state = random->state;
    uint64_t result = rotate_left(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate_left(state[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t bound) {
    /* Lemire 2019, "Fast random integer generation in an interval": the high half of a product, the few biased values
     * drawn again. */
    unsigned __int128 product = (unsigned __int128)random_next(random) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = -bound % bound;
        while ((uint64_t)product < threshold)
            product = (unsigned __int128)random_next(random) * bound;
    }
    return (uint64_t)(product >> 64);
}

double random_uniform(struct random *random) {
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

double random_normal(struct random *random) {
    /* Marsaglia's polar method. Its second value is thrown away: keeping it would be hidden state. */
    for (;;) {
        double x = 2 * random_uniform(random) - 1;
        double y = 2 * random_uniform(random) - 1;
        double square = x * x + y * y;
        if (square > 0 && square < 1)
            return x * sqrt(-2 * log(square) / square);
    }
}
