/* The search for tokens (matching.h) as the files that do it share it. */
#ifndef TOKEN_MATCHING_SEARCH_H
#define TOKEN_MATCHING_SEARCH_H

#include <string.h>

#include "token/matching_tables.h"

#define VERDICTS ((size_t)1 << 14)

/* can_be_neighbours with a memory: the same pairs come up again and again. A verdict stands in the lowest bit. */
static inline bool are_neighbours(const struct matching *matching, uint64_t *verdicts, uint32_t left, uint32_t right) {
    uint64_t key = ((uint64_t)left << NUMBER_BITS | right) + 1;
    uint64_t *verdict = &verdicts[mix(key) >> 32 & (VERDICTS - 1)];
    if (*verdict >> 1 != key)
        *verdict = key << 1 | can_be_neighbours(matching, left, right);
    return *verdict & 1;
}

void matching_scratch_prepare(struct matching_scratch *scratch);

/* The numbers of the tokens of any piece, token by token; returns how many. */
size_t matching_find_tokens(const struct matching *matching, struct matching_scratch *scratch,
                            const unsigned char *text, size_t size, uint32_t *numbers);

/* A character of three bytes (U+0800 to U+FFFF; surrogates too, where a piece is no UTF-8). */
static inline bool is_character(const unsigned char *text, size_t left) {
    if (left < 3 || text[0] >> 4 != 0xE)
        return false;
    uint16_t others;
    memcpy(&others, text + 1, sizeof others);
    return (others & 0xC0C0) == 0x8080;
}

#endif
