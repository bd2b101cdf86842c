/*
 * What kind of character a code point is, as one byte a code point: the classes that word breaks, sentence ends and
 * text measures need. The properties are ICU's.
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
    TEXT_SENTENCE_END = 128, /* Sentence_Terminal, and the ellipsis */
};

#define TEXT_CLASS_COUNT 0x110000U

/* Immutable once made: threads share one. */
struct text_classes {
    uint8_t of[TEXT_CLASS_COUNT];
};

int text_classes_new(struct text_classes **classes, struct error *error);
void text_classes_free(struct text_classes *classes);

#endif
