/* Replies against human ones: BLEU, chrF and exact matches over all of them and by language. */
#ifndef EVAL_SCORE_H
#define EVAL_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "eval/bleu.h"
#include "eval/chrf.h"

/* The tokenization is chosen for each segment: zh for Chinese, 13a for all else. */
#define TOKENIZATION_AUTO TOKENIZATION_COUNT

struct score_options {
    enum tokenization tokenization; /* or TOKENIZATION_AUTO */
    enum bleu_smoothing smoothing;
    bool lowercase;
    uint64_t word_order; /* of chrF */
};

struct score_sums {
    struct bleu_sums bleu;
    struct chrf_sums chrf;
    uint64_t segments, exact; /* exact: equal to a reference, byte for byte */
};

struct score_language {
    char *name; /* "" for segments of no known language */
    struct score_sums sums;
};

/* Zero-initialised with options set is valid. */
struct score {
    struct score_options options;
    struct score_sums total;
    struct score_language *languages; /* in the order of their names */
    size_t language_count;
    size_t references; /* of a segment, the most there were */
    struct bleu_counter bleu;
    struct chrf_counter chrf;
};

void score_release(struct score *score);
/* Scores one segment, valid UTF-8, against count >= 1 references. lang (may be absent) is its BCP 47 tag. The segment's
 * own sums go to *one. */
int score_add(struct score *score, struct span lang, struct span hypothesis, const struct span *references,
              size_t count, struct score_sums *one, struct error *error);

/* "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:gpt-0.1.0", as sacreBLEU signs. */
void score_bleu_signature(const struct score *score, struct bytes *out);
void score_chrf_signature(const struct score *score, struct bytes *out);
/* "chrF2", "chrF2++". */
const char *score_chrf_name(const struct score *score);

#endif
