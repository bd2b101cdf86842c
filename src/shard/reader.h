/*
 * Reading a directory of token shards (gpt-shard.5) by its manifest. A shard set is immutable and shared by threads;
 * each thread reads through its own cursor. Documents of a split are numbered from 0 through its shards in the order of
 * the manifest.
 */
#ifndef SHARD_READER_H
#define SHARD_READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "shard/format.h"
#include "token/tokenizer.h"

struct shard_set;

/* One shard as the manifest lists it. */
struct shard_info {
    const char *name; /* file name within the directory */
    enum shard_split split;
    uint64_t documents, tokens;
    uint64_t size; /* bytes of the file */
};

/*
 * Opens every shard of the directory: manifest, sizes, headers, document indexes and seek tables are all verified (with
 * their checksums) against each other; token data is verified frame by frame when it is read. ERROR_DATA names the file
 * and what is wrong. A directory without a manifest is refused as unfinished.
 */
int shard_set_open(struct shard_set **set, const char *directory, struct error *error);
void shard_set_free(struct shard_set *set); /* NULL is allowed */

unsigned shard_set_token_width(const struct shard_set *set); /* 2 or 4 bytes */
uint32_t shard_set_vocabulary_size(const struct shard_set *set);
struct hash128 shard_set_tokenizer_digest(const struct shard_set *set);
/* ERROR_DATA unless the shards were made with this tokenizer. */
int shard_set_require_tokenizer(const struct shard_set *set, const struct tokenizer *tokenizer, struct error *error);
size_t shard_set_count(const struct shard_set *set); /* shards of all splits */
const struct shard_info *shard_set_info(const struct shard_set *set, size_t shard);
uint64_t shard_set_documents(const struct shard_set *set, enum shard_split split);
uint64_t shard_set_tokens(const struct shard_set *set, enum shard_split split);
/* XXH3-128 over the shards' token digests in order: the identity of the data, for resuming. */
struct hash128 shard_set_digest(const struct shard_set *set);

/*
 * Where a document's tokens stand in its split's token stream (all its documents one after the other): [*start, *start
 * + *count). document < shard_set_documents. Costs a look-up, no decompression.
 */
void shard_set_locate(const struct shard_set *set, enum shard_split split, uint64_t document, uint64_t *start,
                      uint64_t *count);

/* One thread's place in one split; keeps the last decompressed frame. */
struct shard_cursor;

struct shard_cursor *shard_cursor_new(const struct shard_set *set,
                                      enum shard_split split); /* the set must outlive it */
void shard_cursor_free(struct shard_cursor *cursor);
/* Appends the ids of one document, any document in any order. ERROR_DATA names the shard where its data is corrupt. */
int shard_cursor_read(struct shard_cursor *cursor, uint64_t document, struct token_ids *ids, struct error *error);
/* Reads ids [start, start + count) of the split's token stream into ids; the range must lie within shard_set_tokens. */
int shard_cursor_read_tokens(struct shard_cursor *cursor, uint64_t start, size_t count, uint32_t *ids,
                             struct error *error);
/*
 * Shows the ids of the split's token stream from start (< shard_set_tokens) on as they lie in a frame, without a copy:
 * little-endian numbers of shard_set_token_width bytes. Returns how many there are in the frame, 0 on error; they are
 * valid until the cursor is used again.
 */
size_t shard_cursor_view(struct shard_cursor *cursor, uint64_t start, const unsigned char **tokens,
                         struct error *error);
/* Sequential reading: replaces *ids with the next document: 1 for a document, 0 at the end, -1 on error. */
int shard_cursor_next(struct shard_cursor *cursor, struct token_ids *ids, struct error *error);
/* The next document of shard_cursor_next. */
void shard_cursor_seek(struct shard_cursor *cursor, uint64_t document);

/*
 * Verifies everything there is: shard_set_open's checks, the XXH3-128 of each whole file against the manifest, every
 * frame, every id below the vocabulary size, the digest of each token stream.
 */
int shard_set_check(const char *directory, struct error *error);

#endif
