/* Characters as the pretokenisers see them: sets of character classes, and the character at a place of a text. */
#ifndef TOKEN_SYMBOL_H
#define TOKEN_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token/unicode_tables.h"

/* Sets of character classes, as bits of enum unicode_class. */
#define CLASS(name) (1u << UNICODE_##name)
#define INVALID (1u << 31) /* a byte that is no valid UTF-8: in none of the sets, a piece of its own */
#define SET_LETTER (CLASS(UPPER) | CLASS(LOWER) | CLASS(LETTER))
#define SET_NUMBER CLASS(NUMBER)
#define SET_SPACE CLASS(SPACE)
#define SET_SYMBOL (CLASS(OTHER) | CLASS(MARK))               /* [^\s\p{L}\p{N}] */
#define SET_HEAD (CLASS(UPPER) | CLASS(LETTER) | CLASS(MARK)) /* [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] */
#define SET_TAIL (CLASS(LOWER) | CLASS(LETTER) | CLASS(MARK)) /* [\p{Ll}\p{Lm}\p{Lo}\p{M}] */
#define SET_HEAD_AND_TAIL (CLASS(LETTER) | CLASS(MARK))

/* One character: the bit of its class, 0 at the end of the text, and its size in bytes. */
struct symbol {
    unsigned set;
    size_t size;
};

/* At a byte that is not ASCII; size >= 1 bytes are left of the text. */
static inline struct symbol symbol_beyond_ascii(const char *text, size_t size) {
    static const struct symbol invalid = {INVALID, 1};
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char lead = bytes[0];
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || size < length)
        return invalid;
    uint32_t code = lead & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return invalid;
        code = code << 6 | (bytes[i] & 0x3F);
    }
    if (code < smallest[length] || code >= 0x110000 || (code >= 0xD800 && code < 0xE000))
        return invalid;
    return (struct symbol){1u << unicode_class_of(code), length};
}

/* Whether three bytes are a character of U+4E00 to U+9FFF, all of which are letters (Lo). */
static inline bool is_han(const char *text) {
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned beginning = (unsigned)bytes[0] << 8 | bytes[1];
    return (beginning - 0xE4B8u <= 0xE9BFu - 0xE4B8u) & ((bytes[1] & 0xC0) == 0x80) & ((bytes[2] & 0xC0) == 0x80);
}

/* The character at any place of a text of `size` bytes, its end among them. */
static inline struct symbol symbol_at(const char *text, size_t size, size_t at) {
    if (at >= size)
        return (struct symbol){0, 0};
    if ((unsigned char)text[at] < 0x80)
        return (struct symbol){1u << unicode_blocks[0][(unsigned char)text[at]], 1};
    if (size - at >= 3 && is_han(text + at))
        return (struct symbol){CLASS(LETTER), 3};
    return symbol_beyond_ascii(text + at, size - at);
}

#endif
