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
    uint64_t apart;               /* bits of the classes of characters that its last token has nothing in common with */
    uint32_t ids[3], first, last; /* first and last are numbers */
    uint8_t count, class;         /* class 0: not looked at yet; its bit is set nowhere */
};

#define CHARACTERS 0x10000

/*
 * What comes of a unit of one to three characters and the next one: their code points of 16 bits, the last one lowest,
 * and the tokens of both. Where these can be neighbours, the next one is a unit of its own.
 */
#define JOINED_IDS_MAX 9
struct joined {
    uint64_t codes /* 0: free */, apart;
    uint32_t ids[JOINED_IDS_MAX], first, last;
    uint8_t count;
    bool are_neighbours;
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
    uint32_t last;     /* its last token */
    uint32_t previous; /* the last token of the unit before; NONE where nothing merges across the border between */
};

/* A piece on its way. */
struct progress {
    const struct matching *matching;
    struct matching_scratch *scratch;
    const unsigned char *text;
    size_t size;
    uint32_t *ids;
    size_t at, count; /* so far */
    struct unit unit; /* the last one; nothing where at is 0 */
    uint64_t apart;   /* of the last token, as of a character */
};

static inline uint32_t code_of(const unsigned char *text) {
    return (text[0] & 0xFu) << 12 | (text[1] & 0x3Fu) << 6 | (text[2] & 0x3Fu);
}

/* The tokens of a text that is searched, as ids, of which the first and the last remain as numbers too. */
struct found {
    size_t count;
    uint32_t first, last;
};

static struct found find_ids(const struct progress *progress, size_t at, size_t end, uint32_t *ids) {
    const struct matching *matching = progress->matching;
    size_t count = matching_find_tokens(matching, progress->scratch, progress->text + at, end - at, ids);
    struct found found = {count, ids[0], ids[count - 1]};
    for (size_t i = 0; i < count; i++)
        ids[i] = matching->ids[ids[i]];
    return found;
}

static bool fit(const struct progress *progress, uint32_t left, uint32_t right) {
    return are_neighbours(progress->matching, progress->scratch->verdicts, left, right);
}

static void fill_character(const struct progress *progress, size_t end, struct character *character) {
    struct found found = find_ids(progress, progress->at, end, character->ids);
    const unsigned char *text = progress->text + progress->at;
    character->apart = ~progress->matching->joins[found.last] & ~(uint64_t)1;
    character->first = found.first;
    character->last = found.last;
    character->count = (uint8_t)found.count;
    character->class = (uint8_t)character_class(text[0], text[1]);
}

/* What the last unit and the character up to end become; NULL where there is no place for it. */
static const struct joined *find_joined(const struct progress *progress, const struct character *character,
                                        uint32_t code, size_t end) {
    const struct unit *unit = &progress->unit;
    if (unit->codes == 0 || unit->codes >> 48)
        return NULL;
    uint64_t codes = unit->codes << 16 | code;
    struct joined *joined = &progress->scratch->joined[mix(codes) >> 32 & (JOINED_SLOTS - 1)];
    if (joined->codes == codes)
        return joined;
    uint32_t ids[4 * 3];
    struct found found = {progress->count - unit->count + character->count, character->first, character->last};
    bool are_neighbours = fit(progress, unit->last, character->first);
    if (!are_neighbours)
        found = find_ids(progress, unit->at, end, ids);
    if (found.count > JOINED_IDS_MAX)
        return NULL;
    if (are_neighbours) {
        memcpy(ids, progress->ids + unit->count, (progress->count - unit->count) * sizeof *ids);
        memcpy(ids + progress->count - unit->count, character->ids, character->count * sizeof *ids);
    }
    *joined = (struct joined){.codes = codes,
                              .apart = ~progress->matching->joins[found.last] & ~(uint64_t)1,
                              .first = found.first,
                              .last = found.last,
                              .count = (uint8_t)found.count,
                              .are_neighbours = are_neighbours};
    memcpy(joined->ids, ids, found.count * sizeof *ids);
    return joined;
}

/* Takes on a unit of any bytes up to end. False where that helps not. */
static bool append_searched(struct progress *progress, size_t end, uint64_t code) {
    struct unit *unit = &progress->unit;
    uint32_t previous = unit->last;
    struct found found = find_ids(progress, progress->at, end, progress->ids + progress->count);
    if (progress->at == 0 || fit(progress, unit->last, found.first)) {
        *unit = (struct unit){progress->at, progress->count, code, 0, progress->at ? previous : NONE};
    } else {
        if (end - unit->at > JOINED_MAX)
            return false;
        found = find_ids(progress, unit->at, end, progress->ids + unit->count);
        if (unit->previous != NONE && !fit(progress, unit->previous, found.first))
            return false;
        unit->codes = 0;
    }
    unit->last = found.last;
    progress->apart = ~progress->matching->joins[found.last] & ~(uint64_t)1;
    progress->count = unit->count + found.count;
    progress->at = end;
    return true;
}

static bool append_joined(struct progress *progress, const struct joined *joined, uint32_t code, size_t end) {
    struct unit *unit = &progress->unit;
    if (unit->previous != NONE && !joined->are_neighbours && !fit(progress, unit->previous, joined->first))
        return false;
    uint32_t *ids = progress->ids + unit->count;
    memcpy(ids, joined->ids, 4 * sizeof *ids);
    for (size_t i = 4; i < joined->count; i++)
        ids[i] = joined->ids[i];
    size_t count = unit->count + joined->count;
    if (joined->are_neighbours)
        *unit = (struct unit){progress->at, progress->count, code, 0, unit->last};
    else
        unit->codes = joined->codes;
    unit->last = joined->last;
    progress->apart = joined->apart;
    progress->count = count;
    progress->at = end;
    return true;
}

/* The space or sign of ASCII that many pieces begin with. */
static void begin_with_byte(struct progress *progress) {
    unsigned char byte = progress->text[0];
    progress->ids[0] = progress->matching->ids[byte];
    progress->unit = (struct unit){0, 0, byte, byte, NONE};
    progress->apart = ~progress->matching->joins[byte] & ~(uint64_t)1;
    progress->at = 1;
    progress->count = 1;
}

/* Takes on one unit that may have tokens in common with the last one. False where that helps not. */
static bool append_unit(struct progress *progress) {
    const unsigned char *text = progress->text + progress->at;
    size_t left = progress->size - progress->at;
    if (!is_character(text, left)) {
        if (progress->at == 0 && text[0] < 0x80 && is_character(text + 1, left - 1)) {
            begin_with_byte(progress);
            return true;
        }
        size_t end = progress->at + 1;
        while (end < progress->size && !is_character(progress->text + end, progress->size - end))
            end++;
        return append_searched(progress, end, 0);
    }
    uint32_t code = code_of(text);
    struct character *character = &progress->scratch->characters[code];
    size_t end = progress->at + 3;
    if (character->class == 0) {
        fill_character(progress, end, character);
        return true;
    }
    const struct joined *joined = find_joined(progress, character, code, end);
    return joined ? append_joined(progress, joined, code, end) : append_searched(progress, end, code);
}

/* Takes on characters that have no tokens in common with the ones before them. */
static void append_characters(struct progress *progress) {
    const unsigned char *text = progress->text;
    const struct character *characters = progress->scratch->characters, *last = NULL;
    uint32_t *ids = progress->ids + progress->count;
    uint64_t apart = progress->apart;
    size_t at = progress->at;
    for (; is_character(text + at, progress->size - at); at += 3) {
        const struct character *character = &characters[code_of(text + at)];
        if (!(apart >> character->class & 1))
            break;
        last = character;
        memcpy(ids, character->ids, sizeof character->ids);
        ids += character->count;
        apart = character->apart;
    }
    if (!last)
        return;
    progress->at = at;
    progress->count = (size_t)(ids - progress->ids);
    progress->apart = apart;
    progress->unit = (struct unit){at - 3, progress->count - last->count, code_of(text + at - 3), last->last, NONE};
}

size_t matching_encode_characters(const struct matching *matching, struct matching_scratch *scratch,
                                  const unsigned char *text, size_t size, uint32_t *ids) {
    if (!scratch->characters) {
        scratch->characters = memory_table(CHARACTERS * sizeof *scratch->characters);
        scratch->joined = memory_table(JOINED_SLOTS * sizeof *scratch->joined);
    }
    struct progress progress = {matching, scratch, text, size, ids, .apart = ~(uint64_t)1, .unit = {.previous = NONE}};
    for (;;) {
        append_characters(&progress);
        if (progress.at == size)
            return progress.count;
        if (!append_unit(&progress))
            return find_ids(&progress, 0, size, ids).count;
    }
}
