/*
 * Owns the search for the tokens of a piece. Knows nothing of how its tables are made, of the cache of pieces or of
 * special tokens.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/matching_tables.h"

#define VERDICTS ((size_t)1 << 14)

/* ---- two neighbours ---- */

/* can_be_neighbours with a memory: the same pairs come up again and again. A verdict stands in the lowest bit. */
static inline bool are_neighbours(const struct matching *matching, uint64_t *verdicts, uint32_t left, uint32_t right) {
    uint64_t key = ((uint64_t)left << NODE_BITS | right) + 1;
    uint64_t *verdict = &verdicts[mix(key) >> 32 & (VERDICTS - 1)];
    if (*verdict >> 1 != key)
        *verdict = key << 1 | can_be_neighbours(matching, left, right);
    return *verdict & 1;
}

/* ---- any piece, token by token ---- */

/* A token that is to come next in the piece. */
struct candidate {
    uint32_t token;
    size_t end; /* where it would end */
};

/* The longest token at a place below size. */
static inline struct candidate longest_token(const struct matching *matching, const unsigned char *text, size_t at,
                                             size_t size) {
    struct candidate longest = {text[at], at + 1};
    if (at + 1 == size)
        return longest;
    uint32_t node = matching->second[(size_t)text[at] << 8 | text[at + 1]];
    for (size_t end = at + 2; node != NONE; node = step(matching, node, text[end++])) {
        bool is_token = node_number(node) < matching->count;
        longest.token = is_token ? node_number(node) : longest.token;
        longest.end = is_token ? end : longest.end;
        if (end == size || !(node & follower_bit(text[end])))
            break;
    }
    return longest;
}

/* One bit for each place of the piece: nothing shows yet that no encoding goes on from there. */
static uint64_t *all_alive(struct matching_scratch *scratch, size_t size) {
    size_t words = size / 64 + 1;
    if (scratch->capacity < words) {
        scratch->alive = memory_resize(scratch->alive, words, sizeof *scratch->alive);
        scratch->capacity = words;
    }
    memset(scratch->alive, 0xFF, words * sizeof *scratch->alive);
    return scratch->alive;
}

/* The numbers of the tokens of a piece; returns how many. */
static size_t find_tokens(const struct matching *matching, struct matching_scratch *scratch, const unsigned char *text,
                          size_t size, uint32_t *numbers) {
    struct candidate next = longest_token(matching, text, 0, size);
    if (next.end == size) {
        numbers[0] = next.token;
        return 1;
    }
    uint64_t few = UINT64_MAX, *alive = size < 64 ? &few : all_alive(scratch, size);
    size_t count = 0, at = 0;
    for (;;) {
        if ((alive[next.end / 64] >> next.end % 64 & 1) &&
            (count == 0 || are_neighbours(matching, scratch->verdicts, numbers[count - 1], next.token))) {
            numbers[count++] = next.token;
            if (next.end == size)
                return count;
            at = next.end;
            next = longest_token(matching, text, at, size);
            continue;
        }
        uint32_t shorter = matching->beginnings[next.token].shorter;
        if (shorter == NONE) { /* nothing goes on from here: the token before is taken back, for a shorter one */
            alive[at / 64] &= ~((uint64_t)1 << at % 64);
            shorter = numbers[--count];
            at -= matching->beginnings[shorter].size;
        }
        next = (struct candidate){shorter, at + matching->beginnings[shorter].size};
    }
}

/* ---- pieces of Chinese and the like, character by character ---- */

/*
 * A character of three bytes and its tokens. The tokens of a text of such characters are mostly those of each by
 * itself, and are that exactly where the last token of each and the first of the next can be neighbours.
 */
struct character {
    uint32_t numbers[3], count; /* 0: not looked at yet */
};

/* Two characters that have tokens in common, by both code points. */
struct character_pair {
    uint32_t codes, count, numbers[6];
};

#define CHARACTERS 0x10000
#define CHARACTER_PAIRS ((size_t)1 << 13)
#define JOINED_MAX 48 /* bytes of characters whose tokens reach across their borders */

static inline bool is_character(const unsigned char *text, size_t left) {
    return left >= 3 && text[0] >> 4 == 0xE && text[1] >> 6 == 2 && text[2] >> 6 == 2;
}

static inline uint32_t code_of(const unsigned char *text) {
    return (text[0] & 0xFu) << 12 | (text[1] & 0x3Fu) << 6 | (text[2] & 0x3Fu);
}

static inline const struct character *character_at(const struct matching *matching, struct matching_scratch *scratch,
                                                   const unsigned char *text) {
    struct character *character = &scratch->characters[code_of(text)];
    if (character->count == 0)
        character->count = (uint32_t)find_tokens(matching, scratch, text, 3, character->numbers);
    return character;
}

/* As find_tokens, of what begins with a character; two characters that come again are remembered. */
static inline size_t find_joined(const struct matching *matching, struct matching_scratch *scratch,
                                 const unsigned char *text, size_t size, uint32_t *numbers) {
    if (size != 6 || !is_character(text, 3) || !is_character(text + 3, 3))
        return find_tokens(matching, scratch, text, size, numbers);
    uint32_t codes = code_of(text) << 16 | code_of(text + 3);
    struct character_pair *pair = &scratch->pairs[mix(codes) >> 32 & (CHARACTER_PAIRS - 1)];
    if (pair->count == 0 || pair->codes != codes) {
        pair->codes = codes;
        pair->count = (uint32_t)find_tokens(matching, scratch, text, size, pair->numbers);
    }
    memcpy(numbers, pair->numbers, sizeof pair->numbers);
    return pair->count;
}

/*
 * As find_tokens. A unit is a character, characters that have tokens in common, or what stands between characters.
 * Where a unit does not fit behind the one before, the two are made one; where that helps not, the piece is searched as
 * any other.
 */
static size_t find_by_character(const struct matching *matching, struct matching_scratch *scratch,
                                const unsigned char *text, size_t size, uint32_t *numbers) {
    size_t count = 0, unit_at = 0, unit_count = 0; /* where the last unit begins, in the text and in numbers */
    for (size_t at = 0, end; at < size; at = end) {
        uint32_t *next = numbers + count;
        size_t added;
        bool apart = false; /* nothing merges across the border before it */
        end = at + 3;
        if (is_character(text + at, size - at)) {
            apart = count == 0 || !(matching->joins[next[-1]] & character_bit(text[at], text[at + 1]));
            const struct character *character = character_at(matching, scratch, text + at);
            memcpy(next, character->numbers, sizeof character->numbers);
            added = character->count;
        } else {
            for (end = at + 1; end < size && !is_character(text + end, size - end);)
                end++;
            added = find_tokens(matching, scratch, text + at, end - at, next);
        }
        if (apart || count == 0 || are_neighbours(matching, scratch->verdicts, next[-1], next[0])) {
            unit_at = at;
            unit_count = count;
            count += added;
            continue;
        }
        if (end - unit_at > JOINED_MAX)
            return find_tokens(matching, scratch, text, size, numbers);
        next = numbers + unit_count;
        count = unit_count + find_joined(matching, scratch, text + unit_at, end - unit_at, next);
        if (unit_count > 0 && !are_neighbours(matching, scratch->verdicts, next[-1], next[0]))
            return find_tokens(matching, scratch, text, size, numbers);
    }
    return count;
}

size_t matching_encode(const struct matching *matching, struct matching_scratch *scratch, struct span piece,
                       uint32_t *ids) {
    const unsigned char *text = (const unsigned char *)piece.data;
    if (!scratch->verdicts)
        scratch->verdicts = memory_zeroed(VERDICTS, sizeof *scratch->verdicts);
    bool by_character = piece.size > 4 && (is_character(text, piece.size) || is_character(text + 1, piece.size - 1));
    if (by_character && !scratch->characters) {
        scratch->characters = memory_table(CHARACTERS * sizeof *scratch->characters);
        scratch->pairs = memory_table(CHARACTER_PAIRS * sizeof *scratch->pairs);
    }
    size_t count = by_character ? find_by_character(matching, scratch, text, piece.size, ids)
                                : find_tokens(matching, scratch, text, piece.size, ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = matching->ids[ids[i]];
    return count;
}

void matching_scratch_release(struct matching_scratch *scratch) {
    free(scratch->alive);
    free(scratch->verdicts);
    free(scratch->characters);
    free(scratch->pairs);
    *scratch = (struct matching_scratch){0};
}
