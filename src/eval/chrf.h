/*
 * chrF2 and chrF2++ (Popović 2015, 2017) as sacreBLEU 2 computes them: character n-grams up to six without white space,
 * word n-grams up to word_order, beta 2, averaged over the orders that both sides have.
 */
#ifndef EVAL_CHRF_H
#define EVAL_CHRF_H

#include <stddef.h>
#include <stdint.h>

#include "eval/ngrams.h"

#define CHRF_CHARACTER_ORDER 6
#define CHRF_WORD_ORDER_MAX 2
#define CHRF_ORDER_MAX (CHRF_CHARACTER_ORDER + CHRF_WORD_ORDER_MAX)

/* Sums over segments, by order: characters first, then words. Zero is none. */
struct chrf_sums {
    uint64_t hypothesis[CHRF_ORDER_MAX], reference[CHRF_ORDER_MAX], matches[CHRF_ORDER_MAX];
};

/* Scratch of counting. Zero-initialised is valid. */
struct chrf_counter {
    struct units characters, words, reference;
    struct ngrams ngrams;
};

void chrf_counter_release(struct chrf_counter *counter);
/* Adds one segment, against the reference that fits it best, to sums; all valid UTF-8. word_order 0 is chrF, 2 chrF++.
 */
void chrf_count(struct chrf_counter *counter, size_t word_order, struct span hypothesis, const struct span *references,
                size_t count, struct chrf_sums *sums);
void chrf_sums_add(struct chrf_sums *into, const struct chrf_sums *from);
double chrf_compute(const struct chrf_sums *sums, size_t word_order); /* 0 to 100 */

#endif
