/*
 * XXH3 by libxxhash, compiled in: table keys are short, and a call into a shared library would cost more than the hash.
 */
#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/memory.h"

struct hash_stream {
    XXH3_state_t *state; /* allocated by xxhash: it needs an alignment of 64 */
};

uint64_t hash64(struct span data, uint64_t seed) {
    return XXH3_64bits_withSeed(data.data, data.size, seed);
}

static struct hash128 hash128_of(XXH128_hash_t hash) {
    return (struct hash128){hash.low64, hash.high64};
}

struct hash128 hash128(struct span data) {
    return hash128_of(XXH3_128bits(data.data, data.size));
}

void hash128_hex(struct hash128 hash, char text[HASH128_HEX_SIZE + 1]) {
    snprintf(text, HASH128_HEX_SIZE + 1, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
}

struct hash_stream *hash_stream_new(void) {
    struct hash_stream *stream = memory_allocate(sizeof *stream);
    stream->state = XXH3_createState();
    if (!stream->state)
        memory_exhausted();
    XXH3_128bits_reset(stream->state);
    return stream;
}

void hash_stream_update(struct hash_stream *stream, const void *data, size_t size) {
    XXH3_128bits_update(stream->state, data, size);
}

struct hash128 hash_stream_digest(const struct hash_stream *stream) {
    return hash128_of(XXH3_128bits_digest(stream->state));
}

void hash_stream_free(struct hash_stream *stream) {
    if (!stream)
        return;
    XXH3_freeState(stream->state);
    free(stream);
}
