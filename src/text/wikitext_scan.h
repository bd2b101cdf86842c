/*
 * Looking for markup eight bytes at a time. A mask has the highest bit of a byte set where that byte is one looked for;
 * above the first such byte it may have others set, and some kinds of masks say which bytes they take in besides.
 */
#ifndef TEXT_WIKITEXT_SCAN_H
#define TEXT_WIKITEXT_SCAN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WIKI_SCAN_STEP ((size_t)8)
#define WIKI_SCAN_ONES UINT64_C(0x0101010101010101)
#define WIKI_SCAN_HIGH UINT64_C(0x8080808080808080)

/* The first byte is the lowest. */
static inline uint64_t wiki_scan_load(const char *data) {
    uint64_t word;
    memcpy(&word, data, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* Bytes below a limit of at most 128. */
static inline uint64_t wiki_scan_below(uint64_t word, unsigned char limit) {
    return (word - WIKI_SCAN_ONES * limit) & ~word & WIKI_SCAN_HIGH;
}

static inline uint64_t wiki_scan_equal(uint64_t word, unsigned char byte) {
    return wiki_scan_below(word ^ (WIKI_SCAN_ONES * byte), 1);
}

/* "[", "]", "{", "}" and "|", which differ in a bit; and "\", "^", "_", "~". */
static inline uint64_t wiki_scan_brackets(uint64_t word) {
    uint64_t folded = (word | (WIKI_SCAN_ONES * 0x20)) & ~WIKI_SCAN_HIGH;
    return (folded + WIKI_SCAN_ONES * (0x80 - '{')) & ~word & WIKI_SCAN_HIGH;
}

/* How many bytes stand before the first of the mask. */
static inline size_t wiki_scan_first(uint64_t mask) {
    return mask ? (size_t)__builtin_ctzll(mask) / 8 : WIKI_SCAN_STEP;
}

#endif
