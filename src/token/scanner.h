/*
 * The hand-written scanners of the known pretokenisers: exactly the matches of the published patterns (tiktoken's
 * definitions), with white space, letters and numbers as Unicode defines them (tables of one Unicode version,
 * unicode_tables.h).
 */
#ifndef TOKEN_SCANNER_H
#define TOKEN_SCANNER_H

#include "token/pretokenizer.h"

/*
 * Cuts the first pieces off text, up to capacity, by a known pretokeniser; returns how many. They are the matches of
 * the pattern, one after the other, none empty. Bytes that are no valid UTF-8 count as one symbol each, so that every
 * text is covered. A white-space run at the text's end depends on where the text ends, so text must reach to the end of
 * the document or message.
 */
size_t scanner_take(enum pretokenizer_kind kind, struct span text, struct span *pieces, size_t capacity);

#endif
