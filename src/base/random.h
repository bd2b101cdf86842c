/* Seeded random numbers (xoshiro256**, Blackman & Vigna 2018; seeded by splitmix64). The state is plain data, so it can
 * be saved. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
uint64_t random_below(struct random *random,
                      uint64_t bound);        /* uniform in [0, bound), bound > 0, without modulo bias */
double random_uniform(struct random *random); /* [0, 1) with 53 bits */
double random_normal(struct random *random);  /* mean 0, deviation 1 */

#endif
