/*
 * Owns the search for the tokens of pieces of Chinese and the like, character by character: the tokens of such a text
 * are mostly those of each character by itself, and are that exactly where the last token of each and the first of the
 * next can be neighbours. Knows nothing of how tokens are found in bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/matching_search.h"

/* A character of three bytes, or a byte of ASCII. */
struct character {
    uint64_t joins; /* of its last token */
    uint32_t ids[3], count /* 0: not looked at yet */, first, last; /* first and last are numbers */
};

#define CHARACTERS 0x10000

/*
 * What comes of a unit of one to three characters and one more: their code points of 16 bits, the last one lowest, and
 * their tokens together; count 0: the tokens of both can be neighbours.
 */
#define JOINED_IDS_MAX 9
struct joined {
    uint64_t codes /* 0: free */, joins;
    uint32_t ids[JOINED_IDS_MAX], count, first, last;
};

#define JOINED_SLOTS ((size_t)1 << 13)
#define JOINED_MAX 48 /* bytes of characters whose tokens reach across their borders */

/*
 * The end of the text so far. A unit is a character, characters that have tokens in common, or what stands between
 * characters; its tokens are those of its text by itself.
 */
struct unit {
    size_t at, count;  /* where it begins, in the text and in the ids */
    uint64_t codes;    /* as in struct joined; 0 for no characters or too many */
    uint64_t joins;    /* of its last token */
    uint32_t last;     /* its last token */
    uint32_t previous; /* the last token of the unit before; NONE where nothing merges across the border between */
};

static inline uint32_t code_of(const unsigned char *text) {
    return (text[0] & 0xFu) << 12 | (text[1] & 0x3Fu) << 6 | (text[2] & 0x3Fu);
}

/* The tokens of a text that is searched, as ids, of which the first and the last remain as numbers too. */
struct found {
    size_t count;
    uint32_t first, last;
};

static struct found find_ids(const struct matching *matching, struct matching_scratch *scratch,
                             const unsigned char *text, size_t size, uint32_t *ids) {
    size_t count = matching_find_tokens(matching, scratch, text, size, ids);
    struct found found = {count, ids[0], ids[count - 1]};
    for (size_t i = 0; i < count; i++)
        ids[i] = matching->ids[ids[i]];
    return found;
}

static void fill_character(const struct matching *matching, struct matching_scratch *scratch,
                           const unsigned char *text, size_t size, struct character *character) {
    struct found found = find_ids(matching, scratch, text, size, character->ids);
    character->joins = matching->joins[found.last];
    character->first = found.first;
    character->last = found.last;
    character->count = (uint32_t)found.count;
}

/* text: of the unit and the character, up to end. NULL where there is no place for it. */
static const struct joined *find_joined(const struct matching *matching, struct matching_scratch *scratch,
                                        const struct unit *unit, const struct character *character, uint64_t code,
                                        const unsigned char *text, size_t end) {
    if (unit->codes == 0 || unit->codes >> 48)
        return NULL;
    uint64_t codes = unit->codes << 16 | code;
    struct joined *joined = &scratch->joined[mix(codes) >> 32 & (JOINED_SLOTS - 1)];
    if (joined->codes == codes)
        return joined;
    if (are_neighbours(matching, scratch->verdicts, unit->last, character->first)) {
        *joined = (struct joined){.codes = codes};
        return joined;
    }
    uint32_t ids[4 * 3];
    struct found found = find_ids(matching, scratch, text + unit->at, end - unit->at, ids);
    if (found.count > JOINED_IDS_MAX)
        return NULL;
    *joined = (struct joined){.codes = codes,
                              .joins = matching->joins[found.last],
                              .count = (uint32_t)found.count,
                              .first = found.first,
                              .last = found.last};
    memcpy(joined->ids, ids, found.count * sizeof *ids);
    return joined;
}

/* The text so far with a unit of any bytes more, text + at to text + end. False where that helps not. */
static bool append_searched(const struct matching *matching, struct matching_scratch *scratch,
                            const unsigned char *text, size_t at, size_t end, struct unit *unit, uint32_t *ids,
                            size_t *count) {
    struct found found = find_ids(matching, scratch, text + at, end - at, ids + *count);
    if (*count == 0 || are_neighbours(matching, scratch->verdicts, unit->last, found.first)) {
        *unit = (struct unit){at, *count, 0, 0, 0, *count == 0 ? NONE : unit->last};
    } else {
        if (end - unit->at > JOINED_MAX)
            return false;
        found = find_ids(matching, scratch, text + unit->at, end - unit->at, ids + unit->count);
        if (unit->previous != NONE && !are_neighbours(matching, scratch->verdicts, unit->previous, found.first))
            return false;
    }
    unit->codes = 0;
    unit->joins = matching->joins[found.last];
    unit->last = found.last;
    *count = unit->count + found.count;
    return true;
}

static const struct character *character_at(const struct matching *matching, struct matching_scratch *scratch,
                                            const unsigned char *text, size_t size, uint32_t code) {
    struct character *character = &scratch->characters[code];
    if (character->count == 0)
        fill_character(matching, scratch, text, size, character);
    return character;
}

size_t matching_encode_characters(const struct matching *matching, struct matching_scratch *scratch,
                                  const unsigned char *text, size_t size, uint32_t *ids) {
    if (!scratch->characters) {
        scratch->characters = memory_table(CHARACTERS * sizeof *scratch->characters);
        scratch->joined = memory_table(JOINED_SLOTS * sizeof *scratch->joined);
    }
    struct unit unit = {.previous = NONE};
    size_t count = 0;
    for (size_t at = 0, end; at < size; at = end) {
        bool is_long = is_character(text + at, size - at);
        if (is_long || (at == 0 && text[0] < 0x80)) {
            uint32_t code = is_long ? code_of(text + at) : text[0];
            end = at + (is_long ? 3 : 1);
            const struct character *character = character_at(matching, scratch, text + at, end - at, code);
            bool apart = !(unit.joins & character_bit(text[at], text[at + 1]));
            const struct joined *joined = NULL;
            if (apart || (joined = find_joined(matching, scratch, &unit, character, code, text, end), joined && joined->count == 0)) {
                memcpy(ids + count, character->ids, sizeof character->ids);
                unit = (struct unit){at, count, code, character->joins, character->last, apart ? NONE : unit.last};
                count += character->count;
                continue;
            }
            if (joined && (unit.previous == NONE || are_neighbours(matching, scratch->verdicts, unit.previous, joined->first))) {
                for (size_t i = 0; i < joined->count; i++)
                    ids[unit.count + i] = joined->ids[i];
                count = unit.count + joined->count;
                unit.codes = joined->codes;
                unit.joins = joined->joins;
                unit.last = joined->last;
                continue;
            }
        } else {
            for (end = at + 1; end < size && !is_character(text + end, size - end);)
                end++;
        }
        struct unit longer = unit;
        size_t new_count = count;
        if (!append_searched(matching, scratch, text, at, end, &longer, ids, &new_count))
            return find_ids(matching, scratch, text, size, ids).count;
        unit = longer;
        count = new_count;
    }
    return count;
}
