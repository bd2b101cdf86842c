/*
 * Owns merging for short pieces, by the definition of byte pair encoding: of all neighbours that merge, those of the
 * lowest rank first. Numbers of tokens go by the ranks of their last merges.
 */
#include "token/matching_search.h"

/* Places of a piece's tokens: those where their bytes begin, from 1 on, with a token that merges with none at both
 * ends. */
#define PLACES (MERGED_MAX + 2)
#define PLACE_BITS 5
#define NO_MERGE (NO_TOKEN << PLACE_BITS) /* and all above */

static inline uint32_t lower(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* The lowest of so many (8 or 16). Written out: as a loop it becomes one of vectors, which wait for the last stores. */
static inline uint32_t lowest(const uint32_t *merges, size_t count) {
    uint32_t first = lower(lower(merges[0], merges[1]), lower(merges[2], merges[3]));
    uint32_t second = lower(lower(merges[4], merges[5]), lower(merges[6], merges[7]));
    first = lower(first, second);
    return count == 8 ? first : lower(first, lowest(merges + 8, 8));
}

static inline unsigned place_behind(uint32_t places, unsigned place) {
    return (unsigned)__builtin_ctz(places & ~(uint32_t)1 << place);
}

static inline unsigned place_before(uint32_t places, unsigned place) {
    return 31 - (unsigned)__builtin_clz(places & (((uint32_t)1 << place) - 1));
}

static inline size_t merge(const struct matching *matching, const unsigned char *text, size_t size, size_t most,
                           uint32_t *ids) {
    uint32_t tokens[PLACES], merges[PLACES]; /* the token made with what is behind, above the place */
    uint32_t places = ((uint32_t)1 << (size + 2)) - 1;
    tokens[0] = tokens[size + 1] = NO_TOKEN;
    for (size_t i = 0; i < size; i++)
        tokens[i + 1] = text[i];
    for (size_t i = 1; i < size; i++)
        merges[i] = matching->byte_pairs[text[i - 1] << 8 | text[i]] << PLACE_BITS | (uint32_t)i;
    for (size_t i = size; i <= most; i++)
        merges[i] = NO_MERGE;
    for (uint32_t next; (next = lowest(merges + 1, most)) < NO_MERGE;) {
        unsigned place = next & ((1u << PLACE_BITS) - 1), gone = place_behind(places, place);
        uint32_t token = next >> PLACE_BITS;
        places ^= (uint32_t)1 << gone;
        unsigned behind = place_behind(places, place), before = place_before(places, place);
        tokens[place] = token;
        merges[gone] = NO_MERGE;
        merges[place] = merged(matching, token, tokens[behind]) << PLACE_BITS | place;
        merges[before] = merged(matching, tokens[before], token) << PLACE_BITS | before;
    }
    size_t count = 0;
    for (places = places >> 1 & (((uint32_t)1 << size) - 1); places; places &= places - 1)
        ids[count++] = matching->ids[tokens[__builtin_ctz(places) + 1]];
    return count;
}

size_t matching_merge_short(const struct matching *matching, const unsigned char *text, size_t size, uint32_t *ids) {
    return size <= 8 ? merge(matching, text, size, 8, ids) : merge(matching, text, size, 16, ids);
}
