/* XXH3 as the project uses it: 64-bit for tables and sampling, 128-bit for identity. Same values on every machine. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#include "base/bytes.h"

struct hash128 {
    uint64_t low, high;
};

#define HASH128_HEX_SIZE 32 /* characters of hash128_hex, without the NUL */

uint64_t hash64(struct span data, uint64_t seed);
struct hash128 hash128(struct span data);
/* Lower-case hexadecimal, high half first (the canonical form of xxhsum -H2), NUL-terminated into text[33]. */
void hash128_hex(struct hash128 hash, char text[HASH128_HEX_SIZE + 1]);
/* A 64-bit finaliser (bijective) for integers. */
static inline uint64_t hash_mix(uint64_t value) {
    /* Stafford's variant 13 of the MurmurHash3 finaliser, as in splitmix64. */
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
    return value ^ (value >> 31);
}

/* The hash of the last n numbers of a list: a polynomial (Karp and Rabin 1987) modulo 2^64, which wants hash_mix before
 * its low bits are of use. */
struct hash_rolling {
    uint64_t hash, power;
};
#define HASH_ROLLING_FACTOR UINT64_C(0x9E3779B97F4A7C15)
static inline struct hash_rolling hash_rolling_begin(unsigned n) {
    struct hash_rolling rolling = {0, 1};
    while (n-- > 0)
        rolling.power *= HASH_ROLLING_FACTOR;
    return rolling;
}
/* Takes a number in, not 0, and lets the one n before it go, 0 where there is none. Returns the hash. */
static inline uint64_t hash_rolling_next(struct hash_rolling *rolling, uint64_t number, uint64_t leaving) {
    rolling->hash = rolling->hash * HASH_ROLLING_FACTOR + (number - leaving * rolling->power);
    return rolling->hash;
}

/* Incremental 128-bit hash, equal to hash128 of the concatenation. */
struct hash_stream;
struct hash_stream *hash_stream_new(void);
void hash_stream_update(struct hash_stream *stream, const void *data, size_t size);
struct hash128 hash_stream_digest(const struct hash_stream *stream);
void hash_stream_free(struct hash_stream *stream);

#endif
