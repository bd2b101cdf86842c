/* An opened set of shards, shared by the reader and the checker; private to this folder. */
#ifndef SHARD_SET_H
#define SHARD_SET_H

#include "shard/layout.h"
#include "shard/reader.h"

/* One mapped file. */
struct shard {
    struct shard_info info;
    char name[SHARD_NAME_SIZE];
    struct span file; /* mapped; the whole of it */
    struct shard_header header;
    struct hash128 digest;      /* of the file, by the manifest */
    const unsigned char *ends;  /* the document index, little-endian, within the file */
    struct seek_entry *entries; /* of the token frames */
    uint64_t *positions;        /* of the token frames in the file */
    uint64_t *starts;           /* first token of each frame, and the number of tokens after the last */
    size_t frame_count;
    uint64_t first_document, first_token; /* within the split */
};

struct shard_set {
    char *directory;
    struct manifest manifest;
    struct shard *shards;
    size_t count;
    size_t first[SPLIT_COUNT + 1]; /* shards of split s are [first[s], first[s + 1]) */
    uint64_t documents[SPLIT_COUNT], tokens[SPLIT_COUNT];
};

/* Decompresses a frame into `frame` (SHARD_FRAME_MAX bytes) and checks its content; *size is its bytes. */
struct ZSTD_DCtx_s;
int shard_decompress(const struct shard_set *set, const struct shard *shard, size_t frame_number,
                     struct ZSTD_DCtx_s *zstd, unsigned char *frame, size_t *size, struct error *error);

#endif
