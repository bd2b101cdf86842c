/*
 * The hand-written scanners of the known pretokenisers: exactly the matches of the published patterns (tiktoken's
 * definitions), with white space, letters and numbers as Unicode defines them (tables of one Unicode version,
 * unicode_tables.h).
 */
#ifndef TOKEN_SCANNER_H
#define TOKEN_SCANNER_H

#include <stddef.h>

#include "token/pretokenizer.h"

/*
 * The size in bytes (>= 1) of the first piece of text[0, size), size >= 1, by a known pretokeniser. The pieces cut one
 * after the other are the matches of the pattern. Bytes that are no valid UTF-8 count as one symbol each, so that every
 * text is covered. A white-space run at the text's end depends on where the text ends, so text must be a whole document
 * or message.
 */
size_t scanner_next(enum pretokenizer_kind kind, const char *text, size_t size);

#endif
