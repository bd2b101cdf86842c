/* BLEU. It owns the formula; tokens are tokenization.c's, counts ngrams.c's. */
#include "eval/bleu.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

const char *const bleu_smoothing_names[BLEU_SMOOTHING_COUNT + 1] = {"exp", "floor", "add-k", "none", NULL};

#define FLOOR_VALUE 0.1
#define ADDED_VALUE 1.0
/* What sacreBLEU takes for the logarithm of 0. */
#define LOGARITHM_OF_ZERO (-9999999999.0)

const char *bleu_smoothing_signature(enum bleu_smoothing smoothing) {
    static const char *const signatures[BLEU_SMOOTHING_COUNT] = {"exp", "floor[0.10]", "add-k[1.00]", "none"};
    return signatures[smoothing];
}

void bleu_counter_release(struct bleu_counter *counter) {
    units_release(&counter->hypothesis);
    for (size_t i = 0; i < counter->capacity; i++)
        units_release(&counter->references[i]);
    free(counter->references);
    ngrams_release(&counter->ngrams);
    *counter = (struct bleu_counter){0};
}

static void tokenize_references(struct bleu_counter *counter, enum tokenization tokenization,
                                const struct span *references, size_t count) {
    if (count > counter->capacity) {
        counter->references = memory_resize(counter->references, count, sizeof *counter->references);
        for (size_t i = counter->capacity; i < count; i++)
            counter->references[i] = (struct units){0};
        counter->capacity = count;
    }
    for (size_t i = 0; i < count; i++)
        tokenize(tokenization, references[i], &counter->references[i]);
}

/* The length nearest to the hypothesis'; the shorter of two equally near. */
static uint64_t closest_length(const struct bleu_counter *counter, size_t count) {
    uint64_t length = counter->hypothesis.count, closest = 0, distance = UINT64_MAX;
    for (size_t i = 0; i < count; i++) {
        uint64_t other = counter->references[i].count;
        uint64_t apart = other > length ? other - length : length - other;
        if (apart < distance || (apart == distance && other < closest)) {
            distance = apart;
            closest = other;
        }
    }
    return closest;
}

void bleu_count(struct bleu_counter *counter, enum tokenization tokenization, struct span hypothesis,
                const struct span *references, size_t count, struct bleu_sums *sums) {
    tokenize(tokenization, hypothesis, &counter->hypothesis);
    tokenize_references(counter, tokenization, references, count);
    sums->hypothesis_length += counter->hypothesis.count;
    sums->reference_length += closest_length(counter, count);
    for (size_t n = 1; n <= BLEU_ORDER; n++) {
        ngrams_count(&counter->ngrams, &counter->hypothesis, n);
        for (size_t i = 0; i < count; i++)
            ngrams_compare(&counter->ngrams, &counter->references[i], n);
        sums->totals[n - 1] += units_ngrams(&counter->hypothesis, n);
        for (size_t i = 0; i < counter->ngrams.count; i++) {
            const struct ngram *ngram = &counter->ngrams.items[i];
            sums->matches[n - 1] += ngram->count < ngram->best ? ngram->count : ngram->best;
        }
    }
}

void bleu_sums_add(struct bleu_sums *into, const struct bleu_sums *from) {
    for (size_t n = 0; n < BLEU_ORDER; n++) {
        into->matches[n] += from->matches[n];
        into->totals[n] += from->totals[n];
    }
    into->hypothesis_length += from->hypothesis_length;
    into->reference_length += from->reference_length;
}

static double brevity_penalty(const struct bleu_sums *sums) {
    if (sums->hypothesis_length >= sums->reference_length)
        return 1;
    if (sums->hypothesis_length == 0)
        return 0;
    return exp(1 - (double)sums->reference_length / (double)sums->hypothesis_length);
}

struct bleu_score bleu_compute(const struct bleu_sums *sums, enum bleu_smoothing smoothing, bool effective_order) {
    struct bleu_score score = {.brevity = brevity_penalty(sums)};
    uint64_t any = 0;
    for (size_t n = 0; n < BLEU_ORDER; n++)
        any |= sums->matches[n];
    if (!any)
        return score;
    double halving = 1, logarithms = 0;
    size_t order = BLEU_ORDER;
    for (size_t n = 0; n < BLEU_ORDER; n++) {
        double added = smoothing == BLEU_SMOOTHING_ADD_K && n > 0 ? ADDED_VALUE : 0;
        double matches = (double)sums->matches[n] + added, total = (double)sums->totals[n] + added;
        if (total == 0)
            break;
        if (effective_order)
            order = n + 1;
        if (matches > 0)
            score.precisions[n] = 100 * matches / total;
        else if (smoothing == BLEU_SMOOTHING_EXP)
            score.precisions[n] = 100 / ((halving *= 2) * total);
        else if (smoothing == BLEU_SMOOTHING_FLOOR)
            score.precisions[n] = 100 * FLOOR_VALUE / total;
    }
    for (size_t n = 0; n < order; n++)
        logarithms += score.precisions[n] > 0 ? log(score.precisions[n]) : LOGARITHM_OF_ZERO;
    score.score = score.brevity * exp(logarithms / (double)order);
    return score;
}
