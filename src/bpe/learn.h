/*
 * Learning BPE merges from counted pieces (Sennrich, Haddow & Birch 2016): again and again the pair of neighbouring
 * tokens with the highest count becomes a token; among equal counts the pair with the smaller left id, then the smaller
 * right id.
 */
#ifndef BPE_LEARN_H
#define BPE_LEARN_H

#include <stdint.h>

#include "base/error.h"
#include "bpe/piece_source.h"
#include "token/tokenizer.h"

struct learn_options {
    uint32_t vocabulary_size; /* stop at this size */
    uint64_t minimum_count;   /* or where the best pair occurs less often; at least 1 */
    unsigned threads;         /* at least 1 */
    /* Called now and then with the size reached; may be NULL. */
    void (*progress)(void *context, uint32_t vocabulary_size);
    void *progress_context;
};

/* What learning holds for each byte of the different pieces: cells, places up to as many, and what is small beside
 * them. */
#define LEARN_BYTES_FOR_BYTE 9

/* Adds merges to a tokenizer that tokenizer_build_begin made. Takes the pieces, which are freed early, in any case.
 * ERROR_DATA where the different pieces are more than 4 GiB. */
int learn_merges(struct tokenizer *tokenizer, struct piece_source *pieces, const struct learn_options *options,
                 struct error *error);

#endif
