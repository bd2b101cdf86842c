/* Owns the complete verification of a set of shards: every byte of every file is covered by a digest that is computed
 * here. */
#include <stdlib.h>
#include <zstd.h>

#include "base/memory.h"
#include "shard/folder.h"
#include "shard/set.h"

static bool digest_is(struct hash128 found, struct hash128 expected) {
    return found.low == expected.low && found.high == expected.high;
}

static int check_stream(const struct shard_set *set, const struct shard *shard, ZSTD_DCtx *zstd, unsigned char *frame,
                        struct error *error) {
    struct hash_stream *stream = hash_stream_new();
    int result = 0;
    for (size_t i = 0; i < shard->frame_count && result == 0; i++) {
        size_t size;
        result = shard_decompress(set, shard, i, zstd, frame, &size, error);
        if (result == 0)
            hash_stream_update(stream, frame, size);
    }
    if (result == 0 && !digest_is(hash_stream_digest(stream), shard->header.stream))
        result = error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                           "%s/%s: the tokens are not those of the header's digest", set->directory, shard->name);
    hash_stream_free(stream);
    return result;
}

/* A manifest that lost its last shards is one of a smaller set. */
static int check_listed(const char *directory, struct error *error) {
    struct manifest manifest;
    if (manifest_load(&manifest, directory, error) != 0)
        return -1;
    int result = shard_folder_refuse_unlisted(directory, &manifest, error);
    manifest_release(&manifest);
    return result;
}

int shard_set_check(const char *directory, struct error *error) {
    struct shard_set *set;
    if (shard_set_open(&set, directory, error) != 0)
        return -1;
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    unsigned char *frame = memory_allocate(SHARD_FRAME_MAX);
    int result = zstd ? check_listed(directory, error)
                      : error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "zstd cannot be set up");
    for (size_t i = 0; i < set->count && result == 0; i++) {
        const struct shard *shard = &set->shards[i];
        if (!digest_is(hash128(shard->file), shard->digest))
            result = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s/%s: not the bytes of the manifest's digest",
                               set->directory, shard->name);
        else
            result = check_stream(set, shard, zstd, frame, error);
    }
    ZSTD_freeDCtx(zstd);
    free(frame);
    shard_set_free(set);
    return result;
}
