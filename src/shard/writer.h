/*
 * Writing a directory of token shards (gpt-shard.5). Documents go to the shards of their split in the order they are
 * given; a shard is closed before the document that would take it over its size, so rotation depends on input alone and
 * never cuts a document. The manifest is written last, by shard_writer_close; a directory without one is unfinished.
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
};

/*
 * Makes the directory where it does not exist. One with a manifest is refused (ERROR_USAGE) unless options->force;
 * shards of an unfinished run are removed. The tokenizer must outlive the writer.
 */
int shard_writer_open(struct shard_writer **writer, const char *directory, const struct tokenizer *tokenizer,
                      const struct shard_writer_options *options, struct error *error);
/* Adds one document. count >= 1. */
int shard_writer_append(struct shard_writer *writer, enum shard_split split, const uint32_t *ids, size_t count,
                        struct error *error);
/* Finishes the shards, fsyncs, writes the manifest and frees. On failure there is no manifest. */
int shard_writer_close(struct shard_writer *writer, struct error *error);
/* Gives up: removes the shards written so far and frees. NULL is allowed. */
void shard_writer_abort(struct shard_writer *writer);

#endif
