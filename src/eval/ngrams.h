/* Texts cut into units (words, characters), and counts of their n-grams: what BLEU and chrF are made of. */
#ifndef EVAL_NGRAMS_H
#define EVAL_NGRAMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* A text and where its units stand in it, in order; what lies between units of an n-gram belongs to it.
 * Zero-initialised is valid and empty. */
struct units {
    struct bytes text;
    struct unit {
        size_t start, end;
    } * items;
    size_t count, capacity;
};

void units_clear(struct units *units);
void units_append(struct units *units, size_t start, size_t end);
void units_release(struct units *units);

/* An n-gram of the hypothesis. */
struct ngram {
    struct span key; /* borrowed from its units */
    uint64_t hash;
    uint64_t count; /* in the hypothesis */
    uint64_t seen;  /* in the reference being counted */
    uint64_t best;  /* most often in any reference so far */
};

/* A set of n-grams. Zero-initialised is valid and empty. */
struct ngrams {
    struct ngram *items;
    size_t count, capacity;
    uint32_t *slots; /* index + 1 into items */
    size_t slot_count;
};

void ngrams_release(struct ngrams *ngrams);
/* Replaces the set by the n-grams of the hypothesis, counted; it borrows from units. order >= 1. */
void ngrams_count(struct ngrams *ngrams, const struct units *hypothesis, size_t order);
/* Counts how often a reference has each n-gram of the set: `seen`, and `best` where that is more. */
void ngrams_compare(struct ngrams *ngrams, const struct units *reference, size_t order);
/* n-grams of a text, repeated ones each time. */
uint64_t units_ngrams(const struct units *units, size_t order);

#endif
