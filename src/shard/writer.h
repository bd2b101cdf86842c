/*
 * Writing a directory of token shards (gpt-shard.5). Documents go to the shards of their split in the order they are
 * given; a shard is closed before the document that would take it over its size, so rotation depends on input alone and
 * never cuts a document. The manifest is written last, by shard_writer_close; a directory without one is unfinished.
 *
 * Finished shards of an unfinished set are listed in unfinished.json with the place in the input where they end, so
 * that a run that was cut off can be resumed: the same input is given again from the start, documents that finished
 * shards hold are told with shard_writer_skip instead of being encoded, and the bytes in the end are those of a run at
 * once.
 */
#ifndef SHARD_WRITER_H
#define SHARD_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "shard/format.h"
#include "token/tokenizer.h"

#define SHARD_SIZE_DEFAULT ((uint64_t)256 << 20)

struct shard_writer;

struct shard_writer_options {
    uint64_t shard_size; /* uncompressed bytes of tokens a shard at most (a larger document has a shard of its own); 0:
                            the default */
    bool force;          /* replace a finished set of shards */
    bool resume;         /* keep the finished shards of an unfinished set */
    unsigned threads;    /* that compress; bytes do not depend on it */
    bool assisted;       /* they are the caller's, who calls shard_writer_assist; else the writer starts them */
};

/* Where a document comes from, for resuming. */
struct shard_source {
    uint64_t record; /* number in the whole input, from 0 on, growing */
    uint64_t digest; /* of what the record holds */
};

/*
 * Makes the directory where it does not exist. One with a manifest is refused (ERROR_USAGE) unless options->force;
 * shards of an unfinished run are removed, or with options->resume verified and kept (ERROR_USAGE where that run had
 * another tokenizer or shard size). The tokenizer must outlive the writer.
 */
int shard_writer_open(struct shard_writer **writer, const char *directory, const struct tokenizer *tokenizer,
                      const struct shard_writer_options *options, struct error *error);
/* Records of a split with a number below this are in finished shards. 0 where nothing is resumed. */
uint64_t shard_writer_resumes_at(const struct shard_writer *writer, enum shard_split split);
/* The tokens of all finished shards that were kept. */
uint64_t shard_writer_kept_tokens(const struct shard_writer *writer);
/* Passes over one document that a kept shard holds. ERROR_DATA where the input turns out to be another one. */
int shard_writer_skip(struct shard_writer *writer, enum shard_split split, struct shard_source source,
                      struct error *error);
/* Adds one document. count >= 1. */
int shard_writer_append(struct shard_writer *writer, enum shard_split split, struct shard_source source,
                        const uint32_t *ids, size_t count, struct error *error);
/* Compresses what waits for it, a frame at a time; false where nothing does. On any thread, several at a time. */
bool shard_writer_assist(struct shard_writer *writer);
/* Finishes the shards, fsyncs, writes the manifest and frees. On failure there is no manifest. */
int shard_writer_close(struct shard_writer *writer, struct error *error);
/* Gives up and frees: what can be resumed stays, other shards are removed. NULL is allowed. */
void shard_writer_abort(struct shard_writer *writer);

#endif
