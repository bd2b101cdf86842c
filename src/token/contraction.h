/* English contractions, an alternative of all known pretokenisers. */
#ifndef TOKEN_CONTRACTION_H
#define TOKEN_CONTRACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline char contraction_letter(char byte) {
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

/* The size of `'(?:[sdmt]|ll|ve|re)` at `at`, 0 for no match; any case folds U+017F (long s) to s as well. */
static inline size_t contraction_size(const char *text, size_t size, size_t at, bool any_case) {
    size_t left = size - at;
    if (left < 2 || text[at] != '\'')
        return 0;
    char first = any_case ? contraction_letter(text[at + 1]) : text[at + 1];
    if (first == 's' || first == 'd' || first == 'm' || first == 't')
        return 2;
    if (left < 3)
        return 0;
    if (any_case && memcmp(text + at + 1, "\xC5\xBF", 2) == 0)
        return 3;
    char second = any_case ? contraction_letter(text[at + 2]) : text[at + 2];
    return (first == 'l' && second == 'l') || ((first == 'v' || first == 'r') && second == 'e') ? 3 : 0;
}

#endif
