/* chrF. It owns the formula and what a word is in it; counts are ngrams.c's. */
#include "eval/chrf.h"

#include <stdbool.h>

#include "eval/tokenization.h"
#include "text/utf8.h"

#define BETA 2.0

void chrf_counter_release(struct chrf_counter *counter) {
    units_release(&counter->characters);
    units_release(&counter->words);
    units_release(&counter->reference);
    ngrams_release(&counter->ngrams);
}

static void cut_characters(struct span text, struct units *units) {
    units_clear(units);
    uint32_t code;
    for (size_t i = 0, size; i < text.size; i += size) {
        size = utf8_decode_valid(text.data + i, &code);
        if (is_python_space(code))
            continue;
        bytes_append(&units->text, text.data + i, size);
        units_append(units, units->text.size - size, units->text.size);
    }
}

static bool is_ascii_punctuation(char c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static bool is_one_character(struct span word) {
    uint32_t code;
    return utf8_decode_valid(word.data, &code) == word.size;
}

/* Words between white space; one punctuation mark at a word's end, else one at its start, is a word of its own. */
static void cut_words(struct span text, struct units *units) {
    struct units plain = {0};
    units_append_words(&plain, text);
    units_clear(units);
    for (size_t i = 0; i < plain.count; i++) {
        struct span word = {plain.text.data + plain.items[i].start, plain.items[i].end - plain.items[i].start};
        size_t cut = word.size;
        if (!is_one_character(word) && is_ascii_punctuation(word.data[word.size - 1]))
            cut = word.size - 1;
        else if (!is_one_character(word) && is_ascii_punctuation(word.data[0]))
            cut = 1;
        units_append_words(units, (struct span){word.data, cut});
        if (cut < word.size)
            units_append_words(units, (struct span){word.data + cut, word.size - cut});
    }
    units_release(&plain);
}

/* One reference, for orders 1 to `orders` of one kind of unit; sums are of a single segment, from its `at` on. */
static void count_kind(struct chrf_counter *counter, const struct units *hypothesis, size_t orders, size_t at,
                       struct chrf_sums *sums) {
    for (size_t n = 1; n <= orders; n++, at++) {
        ngrams_count(&counter->ngrams, hypothesis, n);
        ngrams_compare(&counter->ngrams, &counter->reference, n);
        sums->reference[at] = units_ngrams(&counter->reference, n);
        /* What no reference could have matched does not count against the hypothesis. */
        sums->hypothesis[at] = sums->reference[at] ? units_ngrams(hypothesis, n) : 0;
        for (size_t i = 0; i < counter->ngrams.count; i++) {
            const struct ngram *ngram = &counter->ngrams.items[i];
            sums->matches[at] += ngram->count < ngram->seen ? ngram->count : ngram->seen;
        }
    }
}

void chrf_count(struct chrf_counter *counter, size_t word_order, struct span hypothesis, const struct span *references,
                size_t count, struct chrf_sums *sums) {
    struct chrf_sums best = {0};
    double best_score = -1;
    cut_characters(hypothesis, &counter->characters);
    if (word_order)
        cut_words(hypothesis, &counter->words);
    for (size_t i = 0; i < count; i++) {
        struct chrf_sums one = {0};
        cut_characters(references[i], &counter->reference);
        count_kind(counter, &counter->characters, CHRF_CHARACTER_ORDER, 0, &one);
        if (word_order) {
            cut_words(references[i], &counter->reference);
            count_kind(counter, &counter->words, word_order, CHRF_CHARACTER_ORDER, &one);
        }
        double score = chrf_compute(&one, word_order);
        if (score > best_score) {
            best_score = score;
            best = one;
        }
    }
    chrf_sums_add(sums, &best);
}

void chrf_sums_add(struct chrf_sums *into, const struct chrf_sums *from) {
    for (size_t n = 0; n < CHRF_ORDER_MAX; n++) {
        into->hypothesis[n] += from->hypothesis[n];
        into->reference[n] += from->reference[n];
        into->matches[n] += from->matches[n];
    }
}

double chrf_compute(const struct chrf_sums *sums, size_t word_order) {
    double precision = 0, recall = 0, factor = BETA * BETA;
    size_t orders = 0;
    for (size_t n = 0; n < CHRF_CHARACTER_ORDER + word_order; n++) {
        if (sums->hypothesis[n] == 0 || sums->reference[n] == 0)
            continue;
        precision += (double)sums->matches[n] / (double)sums->hypothesis[n];
        recall += (double)sums->matches[n] / (double)sums->reference[n];
        orders++;
    }
    if (orders == 0 || precision + recall == 0)
        return 0;
    precision /= (double)orders;
    recall /= (double)orders;
    return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
}
