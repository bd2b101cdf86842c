/*
 * 64-bit keys of words, by which they are told apart and looked up in lists. Nearly all words have at most 16 bytes:
 * they are loaded whole and mixed without a loop.
 */
#ifndef CLEAN_WORD_KEY_H
#define CLEAN_WORD_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"

#define WORD_KEY_SHORT 16

/* The bytes of a short word, zeros behind them. */
struct word_bytes {
    uint64_t first, last;
};

/* size is 1 to WORD_KEY_SHORT; `readable` bytes may be read from data on. */
static inline struct word_bytes word_bytes_load(const char *data, size_t size, size_t readable) {
    char copy[WORD_KEY_SHORT] = {0};
    struct word_bytes bytes;
    if (readable < WORD_KEY_SHORT)
        data = memcpy(copy, data, size);
    memcpy(&bytes.first, data, 8);
    memcpy(&bytes.last, data + 8, 8);
    /* Whether a word has more than eight bytes is told by no branch, since none on it would be foreseen. */
    size_t head = size < 8 ? size : 8, tail = size - head;
    bytes.first &= UINT64_MAX >> (64 - 8 * head);
    bytes.last &= (UINT64_C(1) << (8 * tail % 64)) - 1 + (tail == 8 ? UINT64_MAX : 0);
    return bytes;
}

static inline uint64_t word_bytes_key(struct word_bytes bytes, size_t size) {
    __extension__ unsigned __int128 product = (unsigned __int128)(bytes.first ^ UINT64_C(0x9E3779B97F4A7C15) * size) *
                                              (bytes.last ^ UINT64_C(0xC2B2AE3D27D4EB4F));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The key of a word in a text of which `readable` bytes are left from the word on. */
static inline uint64_t word_key_in(struct span word, size_t readable) {
    if (word.size - 1 >= WORD_KEY_SHORT)
        return hash64(word, 0);
    return word_bytes_key(word_bytes_load(word.data, word.size, readable), word.size);
}

static inline uint64_t word_key(struct span word) {
    return word_key_in(word, word.size);
}

/* ASCII capitals among eight bytes of ASCII made small. */
static inline uint64_t word_bytes_fold(uint64_t bytes) {
    const uint64_t ones = 0x0101010101010101U;
    uint64_t capitals = (bytes + (0x80 - 'A') * ones) & ~(bytes + (0x7F - 'Z') * ones) & (0x80 * ones);
    return bytes | capitals >> 2;
}

/* As word_key_in of the word in small letters. Returns false for other words than short ones of ASCII. */
static inline bool word_key_folded(struct span word, size_t readable, uint64_t *key) {
    if (word.size - 1 >= WORD_KEY_SHORT)
        return false;
    struct word_bytes bytes = word_bytes_load(word.data, word.size, readable);
    if ((bytes.first | bytes.last) & 0x8080808080808080U)
        return false;
    bytes = (struct word_bytes){word_bytes_fold(bytes.first), word_bytes_fold(bytes.last)};
    *key = word_bytes_key(bytes, word.size);
    return true;
}

#endif
