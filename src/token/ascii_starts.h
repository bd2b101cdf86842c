/* Cutting ASCII text by masks: of 64 bytes at once, where the pieces of a known pretokeniser begin. */
#ifndef TOKEN_ASCII_STARTS_H
#define TOKEN_ASCII_STARTS_H

#include <stdint.h>

#include "token/pretokenizer.h"

/*
 * A bit for each of the first 64 bytes of a text that is known to begin a piece, the first byte always among them: what
 * lies between two neighbouring bits is one piece. Bytes that decide over more than a mask tells (beyond ASCII, the
 * end of the text) and what may hang together with them are left out, so there can be one bit only. kind is not
 * PRETOKENIZER_REGEX; size >= 1.
 */
uint64_t ascii_starts(enum pretokenizer_kind kind, const char *text, size_t size);

#endif
