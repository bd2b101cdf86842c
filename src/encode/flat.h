/*
 * Tokens as other trainers read them: one file a split, all documents one after the other, each beginning with its
 * <|bos|>. Ids are little-endian numbers of 2 bytes where the vocabulary has at most 65536 tokens, of 4 otherwise.
 */
#ifndef ENCODE_FLAT_H
#define ENCODE_FLAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "shard/format.h"
#include "token/tokenizer.h"

enum flat_format {
    FLAT_BIN,  /* train.bin: nothing but tokens, as nanoGPT maps it */
    FLAT_LLMC, /* train.bin: llm.c's header of 256 numbers first */
    FLAT_NPY,  /* train.npy: a one-dimensional array of NumPy */
};

struct flat_writer;

/* Makes the directory where it does not exist. Files that are there already are refused (ERROR_USAGE) unless force. */
int flat_writer_open(struct flat_writer **writer, const char *directory, enum flat_format format,
                     const struct tokenizer *tokenizer, bool force, struct error *error);
int flat_writer_append(struct flat_writer *writer, enum shard_split split, const uint32_t *ids, size_t count,
                       struct error *error);
/* Writes headers, fsyncs, gives the files their names (with force, removes those of splits without a document) and
 * frees. */
int flat_writer_close(struct flat_writer *writer, struct error *error);
/* Removes what was written and frees. NULL is allowed. */
void flat_writer_abort(struct flat_writer *writer);

#endif
