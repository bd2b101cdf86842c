/* Repetition in a text, as Gopher (Rae et al. 2021, appendix A1) and datatrove measure it. */
#ifndef CLEAN_REPETITION_H
#define CLEAN_REPETITION_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "text/words.h"

/* Scratch memory; zero-initialised is valid. Owned by the caller, freed with repetition_release. */
struct repetition {
    struct repetition_slot *slots;
    size_t capacity, allocated; /* powers of two: of the table in use, of the memory */
};

void repetition_release(struct repetition *repetition);

struct duplicates {
    size_t pieces;          /* in all */
    size_t duplicates;      /* pieces that stood before already */
    size_t duplicate_chars; /* their code points */
};

/* Pieces between runs of at least `newlines` newlines: lines for 1, paragraphs for 2. White space at the text's ends
 * does not count. */
struct duplicates repetition_pieces(struct repetition *repetition, struct span text, size_t newlines);

/*
 * Code points of the most frequent n-gram of tokens, joined by spaces, times its count; the first one among equals. 0
 * where none comes twice: scoring a count of one would condemn every short text. hashes are those of the tokens.
 */
size_t repetition_top_ngram(struct repetition *repetition, const struct word_list *words, const uint64_t *hashes,
                            size_t n);

/* Code points in n-grams that stood before already, without overlaps: after a repeated one the walk goes on behind it.
 */
size_t repetition_dup_ngrams(struct repetition *repetition, const struct word_list *words, const uint64_t *hashes,
                             size_t n);

#endif
