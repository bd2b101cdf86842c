/*
 * Repetition in a text, as Gopher (Rae et al. 2021, appendix A1) with datatrove, and ROOTS (Laurençon et al. 2022),
 * measure it. Lengths are in code points.
 */
#ifndef CLEAN_REPETITION_H
#define CLEAN_REPETITION_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "clean/intern.h"
#include "text/words.h"

/* Scratch memory; zero-initialised is valid. Freed with repetition_release. */
struct repetition {
    struct intern intern;
    uint32_t *positions, *ids, *counts; /* of n-grams that come twice or more, in order of their places */
    size_t capacity;
    uint64_t *keys; /* of all n-grams */
    size_t key_capacity;
    uint64_t *sketch; /* how often the buckets of keys were hit, to 2: see fill_sketch */
    size_t sketch_words;
    uint64_t *tallies; /* of keys: 32 bits of the key, 32 of its count; 0 is empty */
    size_t tally_capacity;
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

#define TOP_NGRAM_MAX 4
#define DUP_NGRAM_MIN 5
#define DUP_NGRAM_MAX 10

/* Indexed by n. */
struct ngrams {
    /* Code points of the most frequent n-gram of tokens, joined by spaces, times its count; the first one among equals.
     * 0 where none comes twice: scoring a count of one would condemn every short text. */
    size_t top_chars[TOP_NGRAM_MAX + 1];
    /* Code points in n-grams that stood before already, without overlaps: after a repeated one the walk goes on behind
     * it. */
    size_t duplicate_chars[DUP_NGRAM_MAX + 1];
};

/* ids say which tokens are equal; they are numbers below different, and each comes counts[id] times. */
void repetition_ngrams(struct repetition *repetition, const struct word_list *words, const uint32_t *ids,
                       const uint32_t *counts, struct ngrams *ngrams);

/* The share of n-grams of the list that come twice or more, 0 where it is too short for any (ROOTS's word repetition).
 */
double repetition_of_list(struct repetition *repetition, const uint32_t *ids, size_t count, size_t n);

/*
 * The share that the most frequent n-grams of characters make up, of which those count that come twice or more, to the
 * square root of the number of different ones (ROOTS's character repetition). n is 3 to 16.
 */
double repetition_of_chars(struct repetition *repetition, struct span text, size_t n);

/*
 * Where the text ends in a loop, a sequence of tokens that comes three times or more in a row (the last time perhaps in
 * part), the first token of the longest such end; count where it does not.
 */
size_t repetition_loop(struct repetition *repetition, const uint32_t *ids, size_t count);

#endif
