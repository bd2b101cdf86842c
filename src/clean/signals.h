/*
 * Signals: named numbers measured on a text, which rules compare with thresholds. Each is computed when first asked
 * for. Lengths and shares are in code points. gpt-rules.5 says what each one means.
 */
#ifndef CLEAN_SIGNALS_H
#define CLEAN_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "clean/rule_list.h"
#include "clean/stopwords.h"
#include "text/classes.h"

/* In the order of the table in signals.c, which names them. */
enum signal {
    SIGNAL_CHARS,
    SIGNAL_WORDS,
    SIGNAL_SYMBOLS,
    SIGNAL_UNITS,
    SIGNAL_MEAN_WORD_LENGTH,
    SIGNAL_MAX_WORD_LENGTH,
    SIGNAL_MAX_WORD_RUN,
    SIGNAL_MAX_UNIT_LENGTH,
    SIGNAL_ALPHABETIC_WORDS,
    SIGNAL_HASHES_PER_WORD,
    SIGNAL_ELLIPSES_PER_WORD,
    SIGNAL_NEWLINES_PER_WORD,
    SIGNAL_STOP_WORDS,
    SIGNAL_STOP_WORD_KINDS,
    SIGNAL_SENTENCES,
    SIGNAL_LINES,
    SIGNAL_BULLET_LINES,
    SIGNAL_ELLIPSIS_LINES,
    SIGNAL_ENDED_LINES,
    SIGNAL_SHORT_LINES,
    SIGNAL_TINY_LINES,
    SIGNAL_ENDED,
    SIGNAL_DUP_LINES,
    SIGNAL_DUP_LINE_CHARS,
    SIGNAL_DUP_PARAGRAPHS,
    SIGNAL_DUP_PARAGRAPH_CHARS,
    SIGNAL_TOP_2GRAM_CHARS,
    SIGNAL_TOP_3GRAM_CHARS,
    SIGNAL_TOP_4GRAM_CHARS,
    SIGNAL_DUP_5GRAM_CHARS,
    SIGNAL_DUP_6GRAM_CHARS,
    SIGNAL_DUP_7GRAM_CHARS,
    SIGNAL_DUP_8GRAM_CHARS,
    SIGNAL_DUP_9GRAM_CHARS,
    SIGNAL_DUP_10GRAM_CHARS,
    SIGNAL_WORD_REPETITION_5,
    SIGNAL_WORD_REPETITION_7,
    SIGNAL_CHAR_REPETITION_3,
    SIGNAL_CHAR_REPETITION_10,
    SIGNAL_LOOP_CHARS,
    SIGNAL_DIGIT_CHARS,
    SIGNAL_SPECIAL_CHARS,
    SIGNAL_REPLACEMENT_CHARS,
    /* Not of the text: given with signals_set. */
    SIGNAL_HITS,
    SIGNAL_LANG_SCORE,
    SIGNAL_LANG_CHANGE,
    SIGNAL_SCORE,
    SIGNAL_TURNS,
    SIGNAL_COUNT
};

const char *signal_name(enum signal signal);
const char *signal_description(enum signal signal);
/* SIGNAL_COUNT where there is none of that name. */
enum signal signal_find(struct span name);

struct signals; /* for one thread at a time */

/* classes must outlive the signals. On failure *signals is NULL. */
int signals_new(struct signals **signals, const struct text_classes *classes, struct error *error);
void signals_free(struct signals *signals);
/*
 * Turns to a text (valid UTF-8) in a language (absent: unknown); both are borrowed until the next begin, as are the
 * stop words. The values that signals_set gave are forgotten.
 */
void signals_begin(struct signals *signals, struct span text, struct span language,
                   const struct stop_words *stop_words);

/* Signals of lines of a text, which share the words of the whole text: freed before it. */
struct signals *signals_new_line(struct signals *whole);
/* Turns to the first line of the text that the whole is turned to. */
void signals_begin_lines(struct signals *line);
/* Turns to a line, or one further on. */
void signals_begin_line(struct signals *line, struct span text);
/* True where a glance shows that a line has at least so many units; false where it takes a count. */
bool signal_has_units(struct span line, double least);
/* True for signals of which no line has more than the whole text. */
bool signal_is_maximum(enum signal signal);

/* Where a part of a text went when lines were dropped. */
struct text_piece {
    size_t start, size, new_start;
};
/* Turns to what is left of the text, of which pieces tell where it comes from; words that were found stay found. */
void signals_keep_words(struct signals *signals, const struct text_piece *pieces, size_t count, struct span text);

void signals_set(struct signals *signals, enum signal signal, double value);
/* NAN where the signal has no value: the share of something in a text that has none of it to count, a score that was
 * not set. */
double signals_get(struct signals *signals, enum signal signal);

/* The words of the text that are in the list. */
struct listed signals_count_words(struct signals *signals, const struct rule_list *list);

#endif
