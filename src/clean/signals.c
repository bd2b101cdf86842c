/*
 * The table of signals, and measuring each when it is asked for. Knows nothing of rules or thresholds; how signals are
 * measured is the affair of signal_words.c and signal_lines.c.
 */
#include "clean/signals.h"

#include <stdlib.h>

#include "base/memory.h"
#include "clean/signal_measures.h"

_Static_assert(SIGNAL_COUNT <= 64, "struct signals has a bit for each signal");

static const struct {
    const char *name, *description;
    void (*measure)(struct signals *signals,
                    size_t argument); /* sets this signal and those measured with it; NULL: signals_set does */
    size_t argument;
} table[SIGNAL_COUNT] = {
    [SIGNAL_CHARS] = {"chars", "characters", measure_chars, 0},
    [SIGNAL_WORDS] = {"words", "words", measure_words, 0},
    [SIGNAL_SYMBOLS] = {"symbols", "tokens that are no words: punctuation and symbols", measure_words, 0},
    [SIGNAL_UNITS] = {"units", "what blanks part, or words of scripts without blanks", measure_words, 0},
    [SIGNAL_MEAN_WORD_LENGTH] = {"mean_word_length", "characters a word", measure_words, 0},
    [SIGNAL_MAX_WORD_LENGTH] = {"max_word_length", "characters of the longest word", measure_words, 0},
    [SIGNAL_MAX_UNIT_LENGTH] = {"max_unit_length", "characters of the longest unit", measure_words, 0},
    [SIGNAL_MAX_WORD_RUN] = {"max_word_run", "most times that one word comes in a row", measure_word_run, 0},
    [SIGNAL_ALPHABETIC_WORDS] = {"alphabetic_words", "share of units that hold a letter", measure_words, 0},
    [SIGNAL_HASHES_PER_WORD] = {"hashes_per_word", "number signs (#) a unit", measure_per_word, 0},
    [SIGNAL_ELLIPSES_PER_WORD] = {"ellipses_per_word", "ellipses a unit", measure_per_word, 0},
    [SIGNAL_NEWLINES_PER_WORD] = {"newlines_per_word", "newlines a unit", measure_per_word, 0},
    [SIGNAL_STOP_WORDS] = {"stop_words", "share of words that are stop words", measure_stop_words, 0},
    [SIGNAL_STOP_WORD_KINDS] = {"stop_word_kinds", "different stop words", measure_stop_words, 0},
    [SIGNAL_SENTENCES] = {"sentences", "sentences", measure_sentences, 0},
    [SIGNAL_LINES] = {"lines", "lines, blank ones too", measure_lines, 0},
    [SIGNAL_BULLET_LINES] = {"bullet_lines", "share of lines that begin with a bullet or hyphen", measure_lines, 0},
    [SIGNAL_ELLIPSIS_LINES] = {"ellipsis_lines", "share of lines that end in an ellipsis", measure_lines, 0},
    [SIGNAL_ENDED_LINES] = {"ended_lines", "share of filled lines that end in end punctuation", measure_lines, 0},
    [SIGNAL_SHORT_LINES] = {"short_lines", "share of filled lines of at most 30 characters", measure_lines, 0},
    [SIGNAL_TINY_LINES] = {"tiny_lines", "share of filled lines of at most 10 characters", measure_lines, 0},
    [SIGNAL_ENDED] = {"ended", "1 where the text ends in end punctuation or a closing quote, else 0", measure_ended, 0},
    [SIGNAL_DUP_LINES] = {"dup_lines", "share of lines that stood before", measure_duplicate_pieces, 1},
    [SIGNAL_DUP_LINE_CHARS] = {"dup_line_chars", "share of characters in such lines", measure_duplicate_pieces, 1},
    [SIGNAL_DUP_PARAGRAPHS] = {"dup_paragraphs", "share of paragraphs that stood before", measure_duplicate_pieces, 2},
    [SIGNAL_DUP_PARAGRAPH_CHARS] = {"dup_paragraph_chars", "share of characters in such paragraphs",
                                    measure_duplicate_pieces, 2},
#define TOP_NGRAM(n) \
    { "top_" #n "gram_chars", "share of characters in the most frequent " #n "-gram of tokens", measure_ngrams, 0 }
    [SIGNAL_TOP_2GRAM_CHARS] = TOP_NGRAM(2),
    [SIGNAL_TOP_3GRAM_CHARS] = TOP_NGRAM(3),
    [SIGNAL_TOP_4GRAM_CHARS] = TOP_NGRAM(4),
#define DUP_NGRAMS(n) \
    { "dup_" #n "gram_chars", "share of characters in repeated " #n "-grams of tokens", measure_ngrams, 0 }
    [SIGNAL_DUP_5GRAM_CHARS] = DUP_NGRAMS(5),
    [SIGNAL_DUP_6GRAM_CHARS] = DUP_NGRAMS(6),
    [SIGNAL_DUP_7GRAM_CHARS] = DUP_NGRAMS(7),
    [SIGNAL_DUP_8GRAM_CHARS] = DUP_NGRAMS(8),
    [SIGNAL_DUP_9GRAM_CHARS] = DUP_NGRAMS(9),
    [SIGNAL_DUP_10GRAM_CHARS] = DUP_NGRAMS(10),
    [SIGNAL_WORD_REPETITION_5] = {"word_repetition_5", "share of 5-grams of words that come twice or more",
                                  measure_word_repetition, 5},
    [SIGNAL_WORD_REPETITION_7] = {"word_repetition_7", "share of 7-grams of words that come twice or more",
                                  measure_word_repetition, 7},
    [SIGNAL_CHAR_REPETITION_3] = {"char_repetition_3", "share of 3-grams of characters that the most frequent ones are",
                                  measure_char_repetition, 3},
    [SIGNAL_CHAR_REPETITION_10] = {"char_repetition_10", "the same of 10-grams", measure_char_repetition, 10},
    [SIGNAL_LOOP_CHARS] = {"loop_chars", "share of characters in a loop at the end", measure_loop, 0},
    [SIGNAL_DIGIT_CHARS] = {"digit_chars", "share of characters that are digits", measure_char_kinds, 0},
    [SIGNAL_SPECIAL_CHARS] = {"special_chars", "share of characters that are no letters", measure_char_kinds, 0},
    [SIGNAL_REPLACEMENT_CHARS] = {"replacement_chars", "share of characters that are U+FFFD", measure_char_kinds, 0},
    [SIGNAL_HITS] = {"hits", "strippings and replacements in this text so far", NULL, 0},
    [SIGNAL_LANG_SCORE] = {"lang_score", "how sure the language is, 0 to 1", NULL, 0},
    [SIGNAL_LANG_CHANGE] = {"lang_change", "how sure it is that an answer is in another language than its question",
                            NULL, 0},
    [SIGNAL_SCORE] = {"score", "the record's score", NULL, 0},
    [SIGNAL_TURNS] = {"turns", "turns of the dialogue", NULL, 0},
};

const char *signal_name(enum signal signal) {
    return table[signal].name;
}

const char *signal_description(enum signal signal) {
    return table[signal].description;
}

enum signal signal_find(struct span name) {
    enum signal signal = 0;
    while (signal < SIGNAL_COUNT && !span_is(name, table[signal].name))
        signal++;
    return signal;
}

int signals_new(struct signals **signals, const struct text_classes *classes, struct error *error) {
    struct word_finder *finder;
    *signals = NULL;
    if (word_finder_new(&finder, classes, error))
        return -1;
    *signals = memory_zeroed(1, sizeof **signals);
    (*signals)->classes = classes;
    (*signals)->finder = finder;
    return 0;
}

struct signals *signals_new_line(struct signals *whole) {
    struct signals *line = memory_zeroed(1, sizeof *line);
    line->classes = whole->classes;
    line->whole = whole;
    return line;
}

void signals_free(struct signals *signals) {
    if (!signals)
        return;
    if (!signals->whole) {
        word_finder_free(signals->finder);
        word_list_release(&signals->words);
    }
    vocabulary_release(&signals->vocabulary);
    repetition_release(&signals->repetition);
    free(signals->list);
    free(signals);
}

static void forget(struct signals *signals) {
    signals->known = 0;
    signals->has_words = signals->has_ids = signals->has_folded = false;
}

void signals_begin(struct signals *signals, struct span text, struct span language,
                   const struct stop_words *stop_words) {
    signals->text = text;
    signals->base = text.data;
    signals->language = language;
    signals->stop_words = stop_words;
    forget(signals);
}

void signals_begin_lines(struct signals *line) {
    line->cursor = 0;
    line->base = line->whole->base;
    line->language = line->whole->language;
    line->stop_words = line->whole->stop_words;
}

void signals_begin_line(struct signals *line, struct span text) {
    line->text = text;
    forget(line);
}

void signals_keep_words(struct signals *signals, const struct text_piece *pieces, size_t count, struct span text) {
    struct word *items = signals->words.items;
    size_t kept = 0, word = 0;
    bool has_words = signals->has_words;
    for (size_t i = 0; i < count && has_words; i++) {
        while (word < signals->words.count && items[word].start < pieces[i].start)
            word++;
        for (; word < signals->words.count && items[word].start < pieces[i].start + pieces[i].size; word++) {
            items[kept] = items[word];
            items[kept++].start -= pieces[i].start - pieces[i].new_start;
        }
    }
    signals->words.count = has_words ? kept : signals->words.count;
    signals->text = text;
    signals->base = text.data;
    forget(signals);
    signals->has_words = has_words;
}

bool signal_is_maximum(enum signal signal) {
    return signal == SIGNAL_MAX_WORD_LENGTH || signal == SIGNAL_MAX_UNIT_LENGTH || signal == SIGNAL_MAX_WORD_RUN;
}

void signals_set(struct signals *signals, enum signal signal, double value) {
    signal_set(signals, signal, value);
}

double signals_get(struct signals *signals, enum signal signal) {
    if (!(signals->known >> signal & 1)) {
        if (table[signal].measure)
            table[signal].measure(signals, table[signal].argument);
        else
            signal_set(signals, signal, NAN);
    }
    return signals->value[signal];
}
