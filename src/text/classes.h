/*
 * What kind of character a code point is, as one byte a code point: the classes that text measures need, and the
 * properties by which UAX #29 finds words and sentences. The properties are ICU's, but for some signs of its scripts.
 */
#ifndef TEXT_CLASSES_H
#define TEXT_CLASSES_H

#include <stdint.h>

#include "base/error.h"

enum text_class {
    TEXT_SPACE = 1,          /* White_Space */
    TEXT_LETTER = 2,         /* Alphabetic, and not a mark */
    TEXT_DIGIT = 4,          /* general category N */
    TEXT_MARK = 8,           /* general category M, joiners and other format characters: never begins a word */
    TEXT_PUNCTUATION = 16,   /* general category P */
    TEXT_SYMBOL = 32,        /* general category S */
    TEXT_DICTIONARY = 64,    /* a script written without spaces between words: Han, kana, Thai, Lao, Khmer, Burmese */
    TEXT_SENTENCE_END = 128, /* Sentence_Terminal, the ellipsis, and what ends sentences of Khmer, Tibetan, Amharic */
};

/* Word_Break, as far as words depend on it; the characters of TEXT_DICTIONARY are OTHER. */
enum word_break {
    WORD_BREAK_OTHER,
    WORD_BREAK_LETTER,
    WORD_BREAK_HEBREW,
    WORD_BREAK_NUMERIC,
    WORD_BREAK_EXTEND_NUM_LET,
    WORD_BREAK_HANGUL, /* syllables, which ICU keeps apart from other letters */
    WORD_BREAK_EXTEND, /* Extend, Format, ZWJ */
    WORD_BREAK_MID_LETTER,
    WORD_BREAK_MID_NUM,
    WORD_BREAK_MID_NUM_LET, /* and Single_Quote */
    WORD_BREAK_DOUBLE_QUOTE,
};

/* Sentence_Break. */
enum sentence_break {
    SENTENCE_BREAK_OTHER,
    SENTENCE_BREAK_SEP,    /* and CR, LF */
    SENTENCE_BREAK_EXTEND, /* and Format */
    SENTENCE_BREAK_SP,
    SENTENCE_BREAK_LOWER,
    SENTENCE_BREAK_UPPER,
    SENTENCE_BREAK_OLETTER,
    SENTENCE_BREAK_NUMERIC,
    SENTENCE_BREAK_ATERM,
    SENTENCE_BREAK_STERM,
    SENTENCE_BREAK_CLOSE,
    SENTENCE_BREAK_SCONTINUE,
};

#define TEXT_CLASS_COUNT 0x110000U

/* Immutable once made: threads share one. */
struct text_classes {
    uint8_t of[TEXT_CLASS_COUNT]; /* set of text_class */
    uint8_t word_break[TEXT_CLASS_COUNT];
    uint8_t sentence_break[TEXT_CLASS_COUNT];
};

int text_classes_new(struct text_classes **classes, struct error *error);
void text_classes_free(struct text_classes *classes);

#endif
