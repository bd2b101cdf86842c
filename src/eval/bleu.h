/*
 * BLEU (Papineni et al. 2002) as sacreBLEU 2 computes it: modified n-gram precisions up to four, brevity penalty from
 * the closest reference, smoothing by Chen & Cherry 2014.
 */
#ifndef EVAL_BLEU_H
#define EVAL_BLEU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eval/ngrams.h"
#include "eval/tokenization.h"

#define BLEU_ORDER 4

enum bleu_smoothing {
    BLEU_SMOOTHING_EXP,   /* the k-th order without a match counts 1/2^k of one */
    BLEU_SMOOTHING_FLOOR, /* an order without a match counts 0.1 of one */
    BLEU_SMOOTHING_ADD_K, /* one is added to matches and n-grams above order 1 */
    BLEU_SMOOTHING_NONE,
    BLEU_SMOOTHING_COUNT
};

/* "exp", "floor", "add-k", "none"; NULL at the end. */
extern const char *const bleu_smoothing_names[BLEU_SMOOTHING_COUNT + 1];
/* As it stands in signatures: "floor[0.10]", "add-k[1.00]". */
const char *bleu_smoothing_signature(enum bleu_smoothing smoothing);

/* Sums over segments; zero is none. */
struct bleu_sums {
    uint64_t matches[BLEU_ORDER], totals[BLEU_ORDER];
    uint64_t hypothesis_length, reference_length; /* tokens */
};

struct bleu_score {
    double score; /* 0 to 100 */
    double precisions[BLEU_ORDER];
    double brevity;
};

/* Scratch of counting. Zero-initialised is valid. */
struct bleu_counter {
    struct units hypothesis;
    struct units *references;
    size_t capacity;
    struct ngrams ngrams;
};

void bleu_counter_release(struct bleu_counter *counter);
/* Adds one segment with its references (count >= 1) to sums; all valid UTF-8. */
void bleu_count(struct bleu_counter *counter, enum tokenization tokenization, struct span hypothesis,
                const struct span *references, size_t count, struct bleu_sums *sums);
void bleu_sums_add(struct bleu_sums *into, const struct bleu_sums *from);
/* effective_order leaves out orders that the hypothesis has no n-gram of: for single sentences only. */
struct bleu_score bleu_compute(const struct bleu_sums *sums, enum bleu_smoothing smoothing, bool effective_order);

#endif
