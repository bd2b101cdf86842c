/*
 * MinHash signatures and their bands (Broder 1997; FineWeb's parameters: word 5-grams, 14 bands of 8 rows). Two texts
 * whose sets of n-grams have Jaccard similarity s share a band with probability 1 - (1 - s^rows)^bands.
 */
#ifndef DEDUP_MINHASH_H
#define DEDUP_MINHASH_H

#include <stddef.h>
#include <stdint.h>

#include "text/fold.h"

#define MINHASH_ROWS_MAX 4096 /* bands x rows */

struct minhash_parameters {
    uint64_t ngram; /* words in a shingle */
    uint64_t bands, rows;
    uint64_t seed;
};

/* The hash functions drawn from the seed; read-only after minhash_new, shared by all threads. */
struct minhash;

struct minhash *minhash_new(const struct minhash_parameters *parameters);
void minhash_free(struct minhash *minhash);

/*
 * Writes one 64-bit key a band for a folded text into keys[bands]; equal keys of the same band mean a likely
 * near-duplicate. A text of fewer words than an n-gram is one shingle. Returns 0 where the text has no word at all:
 * then there is nothing to compare; else 1. scratch holds bands x rows values.
 */
int minhash_keys(const struct minhash *minhash, const struct fold *fold, uint32_t *scratch, uint64_t *keys);

#endif
