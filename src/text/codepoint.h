/* Code points of text that is known to be valid UTF-8, as everything inside a record is. For bytes from outside see
 * text/utf8.h. */
#ifndef TEXT_CODEPOINT_H
#define TEXT_CODEPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* The code point at *at, which must be a character's first byte before text.size; moves *at past it. */
static inline uint32_t codepoint_next(struct span text, size_t *at) {
    const unsigned char *p = (const unsigned char *)text.data + *at;
    if (p[0] < 0x80)
        return *at += 1, p[0];
    if (p[0] < 0xE0)
        return *at += 2, (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    if (p[0] < 0xF0)
        return *at += 3, (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return *at += 4, (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

/* Writes a code point (no surrogate, at most U+10FFFF) as 1 to 4 bytes; returns their number. */
static inline size_t codepoint_encode(uint32_t codepoint, char bytes[4]) {
    if (codepoint < 0x80)
        return bytes[0] = (char)codepoint, 1;
    if (codepoint < 0x800) {
        bytes[0] = (char)(0xC0 | codepoint >> 6);
        bytes[1] = (char)(0x80 | (codepoint & 0x3F));
        return 2;
    }
    if (codepoint < 0x10000) {
        bytes[0] = (char)(0xE0 | codepoint >> 12);
        bytes[1] = (char)(0x80 | (codepoint >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (codepoint & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | codepoint >> 18);
    bytes[1] = (char)(0x80 | (codepoint >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (codepoint >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (codepoint & 0x3F));
    return 4;
}

#endif
