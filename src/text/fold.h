/*
 * The comparison form of a text (STANDARDS of the field: CCNet, FineWeb): lower case, numbers as 0, punctuation as
 * space, white space collapsed, NFD without non-spacing marks. It is for comparing, never for output.
 */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include <stddef.h>

#include "base/bytes.h"

/* A word's place in the folded text, in bytes. */
struct fold_word {
    size_t start, size;
};

/* A folded text and its words. Zero-initialised is valid and empty. */
struct fold {
    struct bytes text; /* words divided by one space; UTF-8 */
    struct fold_word *words;
    size_t count, capacity;
};

/*
 * Folds text (valid UTF-8) into *fold, replacing what was there. A run of letters, marks and digits is a word; each
 * character of a script written without spaces (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) is a word of its
 * own, so that n-grams of words are n-grams of characters there.
 */
void fold_text(struct fold *fold, struct span text);
/* The same, but every digit stays what it is: for texts so short that a number is much of what they say. */
void fold_text_with_numbers(struct fold *fold, struct span text);
void fold_release(struct fold *fold);

#endif
