/* Whole files as documents, byte for byte. */
#ifndef ENCODE_RAW_H
#define ENCODE_RAW_H

#include "base/options.h"
#include "base/output.h"
#include "encode/sink.h"

struct raw_job {
    const struct common_options *common;
    const struct tokenizer *tokenizer;
    struct token_sink *sink; /* NULL: lines of ids to output */
    struct output *output;
    bool plain; /* no <|bos|> */
};

/*
 * Encodes each file (none is stdin), not decompressed, as a document of train; bytes that are no UTF-8 are pieces of
 * one byte. Lines of ids have the XXH3-128 of the bytes for an id. Says a summary. Does not close the sink.
 */
int raw_encode(const struct raw_job *job, char **paths, size_t count, struct error *error);

#endif
