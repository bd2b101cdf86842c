/*
 * UTF-8 at the level of code points: decoding by maximal subparts (Unicode 15, section 3.9, table 3-8), validation,
 * repair.
 */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

#define UTF8_REPLACEMENT 0xFFFDU
#define UTF8_INVALID 0xFFFFFFFFU /* never a code point */

/*
 * Decodes the code point at data (size > 0) and returns the bytes it takes, 1 to 4. Where the bytes are no valid UTF-8,
 * *code is UTF8_INVALID and the return value is the length of the maximal subpart, which a decoder replaces by one
 * U+FFFD.
 */
size_t utf8_decode(const char *data, size_t size, uint32_t *code);

/* As utf8_decode, for text known to be valid: no checks. */
static inline size_t utf8_decode_valid(const char *data, uint32_t *code) {
    const unsigned char *p = (const unsigned char *)data;
    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    if (p[0] < 0xE0) {
        *code = (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
        return 2;
    }
    if (p[0] < 0xF0) {
        *code = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
        return 3;
    }
    *code =
        (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 | (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
    return 4;
}

/* The start of the last code point that begins before `end` in valid text; end > start. */
size_t utf8_previous(const char *data, size_t end);

/* Writes code (a scalar value) to out and returns its bytes, 1 to 4. */
size_t utf8_encode(uint32_t code, char out[4]);
void utf8_append(struct bytes *out, uint32_t code);

/* The length of the longest prefix that is valid UTF-8: text.size where all of it is. */
size_t utf8_valid_prefix(struct span text);
/* Appends text with every maximal subpart of an ill-formed sequence replaced by U+FFFD; returns how many were replaced.
 */
uint64_t utf8_repair(struct span text, struct bytes *out);

/*
 * True where the eight bytes at data are all printable ASCII, 20..7E. (False for some blocks of the kind: a borrow may
 * cross bytes. Callers look at single bytes then.)
 */
static inline bool utf8_block_is_plain(const char *data) {
    const uint64_t ones = 0x0101010101010101U, high = 0x8080808080808080U;
    uint64_t block;
    memcpy(&block, data, 8);
    uint64_t deleted = block ^ (0x7F * ones);
    return ((block | ((block - 0x20 * ones) & ~block) | ((deleted - ones) & ~deleted)) & high) == 0;
}

/*
 * The first position at or after `from` whose byte is wanted; text.size where there is none. Printable ASCII must not
 * be wanted: it is passed over eight bytes at a time.
 */
size_t utf8_find(struct span text, size_t from, const bool wanted[256]);

bool utf8_is_ascii(struct span text);
/* The first byte at or behind `from` that is not ASCII; text.size where there is none. */
size_t utf8_ascii_end(struct span text, size_t from);
/* Code points in valid text. */
size_t utf8_length(struct span text);

#endif
