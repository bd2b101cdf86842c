/*
 * GPT-2's printable spelling of bytes: each of the 256 byte values stands as one code point, so that vocabularies are
 * text. The printable Latin-1 bytes (33–126, 161–172, 174–255) stand for themselves, the others take U+0100… in order.
 */
#ifndef TOKEN_BYTE_LEVEL_H
#define TOKEN_BYTE_LEVEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define BYTE_LEVEL_COUNT 256

/* The byte that is the index-th in the order of the code points: the order of the 256 byte tokens of a trained
 * vocabulary. */
unsigned char byte_level_byte(unsigned index);
/* Appends the spelling of data as UTF-8. */
void byte_level_append(struct bytes *out, struct span data);
/* Appends the bytes that text spells; false (out unchanged) where text has a character that stands for no byte. */
bool byte_level_decode(struct span text, struct bytes *out);

#endif
