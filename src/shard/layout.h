/* The bytes of a shard file and of the manifest (gpt-shard.5), private to this folder. All numbers are little-endian.
 */
#ifndef SHARD_LAYOUT_H
#define SHARD_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "shard/format.h"

#define SHARD_VERSION 1
#define SHARD_MANIFEST "manifest.json"
#define SHARD_UNFINISHED "unfinished.json" /* the finished shards of a set that is being written */

/* Uncompressed bytes of a full frame: small enough to read single documents at random, large enough to compress. */
#define SHARD_FRAME_SIZE ((size_t)256 << 10)
/* What readers accept. */
#define SHARD_FRAME_MAX ((size_t)1 << 20)
/* The index must fit one skippable frame. */
#define SHARD_DOCUMENTS_MAX ((uint64_t)1 << 28)

#define SKIPPABLE_SIZE 8 /* magic and size before the content of a skippable frame */
#define SHARD_HEADER_SIZE (SKIPPABLE_SIZE + 80)
#define SHARD_INDEX_SIZE(documents) (SKIPPABLE_SIZE + 24 + 8 * (documents))
#define SEEK_ENTRY_SIZE 12
#define SEEK_FOOTER_SIZE 9
#define SEEK_TABLE_SIZE(frames) (SKIPPABLE_SIZE + SEEK_ENTRY_SIZE * (frames) + SEEK_FOOTER_SIZE)

struct shard_header {
    unsigned width; /* bytes of a token: 2 or 4 */
    uint32_t vocabulary_size;
    enum shard_split split;
    uint64_t tokens, documents;
    struct hash128 tokenizer; /* tokenizer_digest */
    struct hash128 stream;    /* of the uncompressed token bytes */
};

struct seek_entry {
    uint32_t compressed, uncompressed, checksum;
};

/* The token width that a vocabulary needs. */
unsigned shard_token_width(uint32_t vocabulary_size);
/* The low 32 bits of XXH64, as the seek table holds of each frame's content. */
uint32_t shard_checksum(const void *data, size_t size);

static inline void store_u16(unsigned char *at, uint16_t number) {
    at[0] = (unsigned char)number;
    at[1] = (unsigned char)(number >> 8);
}

static inline void store_u32(unsigned char *at, uint32_t number) {
    store_u16(at, (uint16_t)number);
    store_u16(at + 2, (uint16_t)(number >> 16));
}

static inline uint32_t load_u32(const unsigned char *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint64_t load_u64(const unsigned char *at);

void shard_header_append(const struct shard_header *header, struct bytes *out);
/* From a whole file. */
int shard_header_parse(struct span file, struct shard_header *header, struct error *error);
/* ends[i] is the number of tokens up to the end of document i. */
void shard_index_append(const uint64_t *ends, size_t count, struct bytes *out);
/* From the index's frame; *ends is set to the first of `documents` numbers within it, all verified. */
int shard_index_parse(struct span frame, uint64_t documents, uint64_t tokens, const unsigned char **ends,
                      struct error *error);
void seek_table_append(const struct seek_entry *entries, size_t count, struct bytes *out);
/* From a whole file: *entries (owned by the caller) and *count; their sizes are verified to add up to the file. */
int seek_table_parse(struct span file, struct seek_entry **entries, size_t *count, struct error *error);

/* A shard as the manifest lists it. */
struct manifest_shard {
    enum shard_split split;
    unsigned ordinal; /* within its split */
    uint64_t documents, tokens, size;
    struct hash128 digest; /* XXH3-128 of the file */
    /* Of an unfinished set: the number of the record behind the shard's last document, and the digest of what the
     * split's records up to there hold. */
    uint64_t records, input;
};

struct manifest {
    struct hash128 tokenizer;
    uint32_t vocabulary_size;
    bool unfinished;
    uint64_t shard_size;           /* of an unfinished set: what rotation goes by */
    struct manifest_shard *shards; /* owned; by split, then ordinal */
    size_t count;
};

#define SHARD_NAME_SIZE 32
void shard_name(enum shard_split split, unsigned ordinal, char name[SHARD_NAME_SIZE]);
void manifest_append(const struct manifest *manifest, struct bytes *out);
/* Reads directory/manifest.json; ERROR_DATA where there is none. */
int manifest_load(struct manifest *manifest, const char *directory, struct error *error);
/* Reads directory/unfinished.json, which manifest->unfinished makes manifest_append write: 1, 0 where there is none, -1
 * on error. */
int manifest_load_unfinished(struct manifest *manifest, const char *directory, struct error *error);
void manifest_release(struct manifest *manifest);

#endif
