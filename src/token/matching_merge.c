/*
 * Owns merging for short pieces, by the definition of byte pair encoding: of all neighbours that merge, those of the
 * lowest rank first. Numbers of tokens go by the ranks of their last merges.
 */
#include "base/clones.h"
#include "token/matching_search.h"

/* Places of a piece's tokens: those where their bytes begin, from 1 on, with a token that merges with none at both
 * ends. */
#define PLACES (TOGETHER_SIZE_MAX + 2)
#define PLACE_BITS 5
#define SMALL_SIZE 16                     /* fewer places are to be looked through for most pieces */
#define NO_MERGE (NO_TOKEN << PLACE_BITS) /* and all above */

struct merging_piece {
    uint32_t tokens[PLACES];
    uint32_t merges[PLACES + 1];     /* the token made with what is behind, above the place */
    uint32_t places, next;           /* a bit for each place in use; the merge of the lowest rank */
    uint32_t place, before;          /* where it made its token, and the place in front */
    struct pair_place behind, ahead; /* of that token and its neighbours */
};

static inline unsigned place_behind(uint32_t places, unsigned place) {
    return (unsigned)__builtin_ctz(places & ~(uint32_t)1 << place);
}

static inline unsigned place_before(uint32_t places, unsigned place) {
    return 31 - (unsigned)__builtin_clz(places & (((uint32_t)1 << place) - 1));
}

/* most: the places that are looked through, at least as many as the piece has bytes. */
static inline void begin(const struct matching *matching, struct merging_piece *piece, struct span span, size_t most) {
    const unsigned char *text = (const unsigned char *)span.data;
    size_t size = span.size;
    piece->places = (uint32_t)(((uint64_t)1 << (size + 2)) - 1);
    piece->tokens[0] = piece->tokens[size + 1] = NO_TOKEN;
    for (size_t i = 0; i < size; i++)
        piece->tokens[i + 1] = text[i];
    for (size_t i = 1; i < size; i++)
        piece->merges[i] = matching->byte_pairs[text[i - 1] << 8 | text[i]] << PLACE_BITS | (uint32_t)i;
    for (size_t i = size; i <= most; i++)
        piece->merges[i] = NO_MERGE;
}

/* Four merges, signed, which every processor can compare. */
typedef int32_t four_merges __attribute__((vector_size(16)));

static inline four_merges lower(four_merges a, four_merges b) {
    for (size_t i = 0; i < 4; i++)
        a[i] = a[i] < b[i] ? a[i] : b[i];
    return a;
}

/* count: a multiple of four. */
static inline uint32_t lowest(const uint32_t *merges, size_t count) {
    four_merges least, others;
    memcpy(&least, merges, sizeof least);
    for (size_t i = 4; i < count; i += 4) {
        memcpy(&others, merges + i, sizeof others);
        least = lower(least, others);
    }
    least = lower(least, __builtin_shufflevector(least, least, 2, 3, 0, 1));
    least = lower(least, __builtin_shufflevector(least, least, 1, 0, 3, 2));
    return (uint32_t)least[0];
}

/* Makes the token of the next merge, and asks memory for what it merges with. */
static inline void merge_next(const struct matching *matching, struct merging_piece *piece) {
    unsigned place = piece->next & ((1u << PLACE_BITS) - 1), gone = place_behind(piece->places, place);
    uint32_t token = piece->next >> PLACE_BITS, places = piece->places ^ (uint32_t)1 << gone;
    unsigned behind = place_behind(places, place), before = place_before(places, place);
    piece->places = places;
    piece->place = place;
    piece->before = before;
    piece->tokens[place] = token;
    piece->merges[gone] = NO_MERGE;
    piece->behind = place_of_pair(matching, token, piece->tokens[behind]);
    piece->ahead = place_of_pair(matching, piece->tokens[before], token);
    __builtin_prefetch(piece->behind.bucket);
    __builtin_prefetch(piece->ahead.bucket);
}

static inline void take_neighbours(const struct matching *matching, struct merging_piece *piece) {
    piece->merges[piece->place] = merged_at(matching, &piece->behind) << PLACE_BITS | piece->place;
    piece->merges[piece->before] = merged_at(matching, &piece->ahead) << PLACE_BITS | piece->before;
}

static inline uint32_t take_ids(const struct matching *matching, const struct merging_piece *piece, size_t size,
                                uint32_t *ids) {
    uint32_t count = 0;
    for (uint32_t places = piece->places >> 1 & (((uint32_t)1 << size) - 1); places; places &= places - 1)
        ids[count++] = matching->ids[piece->tokens[__builtin_ctz(places) + 1]];
    return count;
}

/* Of the pieces those whose numbers are given. */
static inline __attribute__((always_inline)) void merge_all(const struct matching *matching, const struct span *pieces,
                                                            const uint8_t *numbers, size_t count, size_t most,
                                                            struct together *found) {
    struct merging_piece merging[TOGETHER_MAX], *going_on[TOGETHER_MAX];
    for (size_t i = 0; i < count; i++) {
        going_on[i] = &merging[i];
        begin(matching, &merging[i], pieces[numbers[i]], most);
    }
    for (size_t left = count;;) {
        size_t kept = 0;
        for (size_t i = 0; i < left; i++) {
            going_on[kept] = going_on[i];
            going_on[kept]->next = lowest(going_on[kept]->merges + 1, most);
            kept += going_on[kept]->next < NO_MERGE;
        }
        left = kept;
        if (left == 0)
            break;
        for (size_t i = 0; i < left; i++)
            merge_next(matching, going_on[i]);
        for (size_t i = 0; i < left; i++)
            take_neighbours(matching, going_on[i]);
    }
    for (size_t i = 0; i < count; i++)
        found[numbers[i]].count = take_ids(matching, &merging[i], pieces[numbers[i]].size, found[numbers[i]].ids);
}

CLONED void matching_encode_together(const struct matching *matching, const struct span *pieces, size_t count,
                                     struct together *found) {
    uint8_t small[TOGETHER_MAX], large[TOGETHER_MAX];
    size_t small_count = 0, large_count = 0;
    for (size_t i = 0; i < count; i++) {
        small[small_count] = large[large_count] = (uint8_t)i;
        small_count += pieces[i].size <= SMALL_SIZE;
        large_count += pieces[i].size > SMALL_SIZE;
    }
    merge_all(matching, pieces, small, small_count, SMALL_SIZE, found);
    merge_all(matching, pieces, large, large_count, PLACES, found);
}
