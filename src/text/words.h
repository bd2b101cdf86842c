/*
 * Words of any language: the words of UAX #29 with ICU's properties, scripts without spaces between words being cut by
 * ICU's dictionaries. They are ICU's own but for two things: @ is no letter, and letters of scripts without
 * spaces are never tied to other letters, digits or full stops. Every other visible character is a token that is no
 * word, a run of the same one
 * (... or ###) being one token.
 */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "text/classes.h"

struct word {
    size_t start;    /* byte offset in the text */
    uint32_t size;   /* bytes */
    uint32_t length; /* code points */
    bool symbol;     /* a token that is no word: punctuation or a symbol */
    bool alphabetic; /* holds a letter */
    bool dictionary; /* of a script without spaces between words */
};

/* Zero-initialised is valid and empty. */
struct word_list {
    struct word *items;
    size_t count, capacity;
};
void word_list_release(struct word_list *list);

struct word_finder; /* for one thread at a time */

/* classes must outlive the finder. On failure (ICU's data cannot be loaded) *finder is NULL. */
int word_finder_new(struct word_finder **finder, const struct text_classes *classes, struct error *error);
void word_finder_free(struct word_finder *finder);
/* Appends the tokens of valid UTF-8 text, in order, to the list. */
void word_finder_append(struct word_finder *finder, struct span text, struct word_list *list);

#endif
