/*
 * Cutting text into the pieces that BPE merges within: hand-written scanners that give exactly the matches of the
 * published patterns (tiktoken's definitions), with white space, letters and numbers as Unicode defines them (tables of
 * one Unicode version, unicode_tables.h).
 */
#ifndef TOKEN_PRETOKENIZER_H
#define TOKEN_PRETOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum pretokenizer {
    PRETOKENIZER_GPT2,    /* GPT-2, r50k */
    PRETOKENIZER_CL100K,  /* cl100k: numbers in groups of three; the default, since others know it */
    PRETOKENIZER_DIGITS2, /* cl100k with numbers in groups of two: better for small vocabularies */
    PRETOKENIZER_O200K,   /* o200k: words cut before an upper-case letter that follows lower case */
    PRETOKENIZER_COUNT
};

/*
 * The size in bytes (>= 1) of the first piece of text[0, size), size >= 1. The pieces cut one after the other are the
 * matches of the pattern. Bytes that are no valid UTF-8 count as one symbol each, so that every text is covered. A
 * white-space run at the text's end depends on where the text ends, so text must be a whole document or message.
 */
size_t pretokenizer_next(enum pretokenizer pretokenizer, const char *text, size_t size);

const char *pretokenizer_name(enum pretokenizer pretokenizer);
bool pretokenizer_parse(struct span name, enum pretokenizer *pretokenizer);
/* The pattern as it stands in tokenizer.json. */
const char *pretokenizer_pattern(enum pretokenizer pretokenizer);
/* Knows the published spellings (possessive and plain) of each pattern. */
bool pretokenizer_of_pattern(struct span pattern, enum pretokenizer *pretokenizer);
/* NULL-terminated list of the names in the order of the enumeration, for option tables. */
extern const char *const pretokenizer_names[PRETOKENIZER_COUNT + 1];

#endif
