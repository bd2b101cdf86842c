/*
 * Private to signals: the text at hand, what was found out about it, and the functions that measure. Each measures its
 * signal and those that come with it; `argument` is what the table of signals says.
 */
#ifndef CLEAN_SIGNAL_MEASURES_H
#define CLEAN_SIGNAL_MEASURES_H

#include <math.h>

#include "clean/repetition.h"
#include "clean/signals.h"
#include "text/words.h"

/* What tokens are equal. Arrays of the text's tokens, or of the different ones, which are numbered as they come. */
struct vocabulary {
    uint32_t *ids;  /* of each token */
    uint64_t *keys; /* of each token */
    size_t id_capacity;
    uint32_t count;   /* different ones */
    uint32_t *counts; /* how often each comes */
    uint32_t *first;  /* the first token that is it */
    uint32_t *folded; /* number of the word in small letters; FOLDED_NONE for symbols and very long words */
    size_t capacity;
    uint32_t folded_count;
    uint64_t *folded_keys;
    struct intern intern;
};

#define FOLDED_NONE UINT32_MAX

struct signals {
    const struct text_classes *classes;
    struct word_finder *finder;
    struct span text, language;
    struct signals *whole; /* of which this is a line; NULL: it is no line */
    const char *base;      /* what places of words count from: the text, or that of which it is a line */
    size_t cursor;         /* the first word behind the last line */
    const struct stop_words *stop_words;
    uint64_t known; /* bit per signal whose value is set */
    double value[SIGNAL_COUNT];
    bool has_words, has_ids, has_folded, has_ngrams;
    struct word_list words;
    struct vocabulary vocabulary;
    uint32_t *list; /* numbers of words, for measures of sequences */
    size_t list_capacity;
    struct repetition repetition;
};

static inline void signal_set(struct signals *signals, enum signal signal, double value) {
    signals->value[signal] = value;
    signals->known |= UINT64_C(1) << signal;
}

/* Without a whole there is no share. */
static inline void signal_set_share(struct signals *signals, enum signal signal, double part, double whole) {
    signal_set(signals, signal, whole > 0 ? part / whole : NAN);
}

/* The tokens of the text, and which of them are equal. */
const struct word_list *signal_words(struct signals *signals);
const struct vocabulary *signal_vocabulary(struct signals *signals);
/* As signal_vocabulary, with `folded`. */
const struct vocabulary *signal_folded(struct signals *signals);
void vocabulary_release(struct vocabulary *vocabulary);

/* Cuts the first line off the text. */
struct span signal_line_next(struct span *text);

void measure_words(struct signals *signals, size_t argument);
void measure_word_run(struct signals *signals, size_t argument);
void measure_per_word(struct signals *signals, size_t argument);
void measure_stop_words(struct signals *signals, size_t argument);
void measure_ngrams(struct signals *signals, size_t argument);
void measure_word_repetition(struct signals *signals, size_t n);
void measure_loop(struct signals *signals, size_t argument);

void measure_sentences(struct signals *signals, size_t argument);
void measure_lines(struct signals *signals, size_t argument);
void measure_ended(struct signals *signals, size_t argument);
void measure_duplicate_pieces(struct signals *signals, size_t newlines);
void measure_chars(struct signals *signals, size_t argument);
void measure_char_kinds(struct signals *signals, size_t argument);
void measure_char_repetition(struct signals *signals, size_t n);

#endif
