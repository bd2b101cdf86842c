/*
 * Owns the search for the tokens of pieces of Chinese and the like, character by character: the tokens of such a text
 * are mostly those of each character by itself, and are that exactly where the last token of each and the first of the
 * next can be neighbours. Knows nothing of how tokens are found in bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "token/matching_search.h"

/* A character of three bytes, or a byte of ASCII but NUL. */
struct character {
    uint32_t ids[3], last; /* last and first are numbers; last is copied with the ids, which takes one move */
    uint64_t apart;        /* bits of the classes of characters that its last token has nothing in common with */
    uint32_t first;
    uint8_t count, class; /* class 0: not looked at yet; its bit is set nowhere */
};

#define CHARACTERS 0x10000
#define ALL_APART (~(uint64_t)1)

/*
 * What comes of a unit of one or two characters and the next one, as their code points of 16 bits tell, the last one
 * lowest. Where the tokens of both can be neighbours, the next one is a unit of its own; else these are the tokens of
 * all. Half a cache line.
 */
#define JOINED_IDS_MAX 3
#define CODES_BITS 48
struct joined {
    uint64_t key; /* the codes, and above them the number of tokens, or 0 for neighbours; 0: free */
    uint64_t apart;
    uint32_t ids[JOINED_IDS_MAX], last;
};

#define JOINED_SLOTS ((size_t)1 << 13)
#define JOINED_MAX 48 /* bytes of characters whose tokens reach across their borders */

/*
 * The end of the piece so far. A unit is a character, characters that have tokens in common, or what stands between
 * characters; its tokens are those of its text by itself.
 */
struct unit {
    const unsigned char *text;
    uint32_t *ids;
    uint64_t codes;    /* as in struct joined; 0 for no characters or too many */
    uint32_t last;     /* its last token */
    uint32_t previous; /* the last token of the unit before; NONE where nothing merges across the border between */
};

/* Pieces on their way, one behind the other. */
struct progress {
    const struct span *piece; /* that is gone through */
    const unsigned char *at;  /* so far */
    uint32_t *ids, *next;     /* of this piece, so far */
    struct unit unit;         /* the last one; nothing at the piece's beginning */
    uint64_t apart;           /* of the last token, as of a character */
};

/* What stays as it is meanwhile. */
struct search {
    const struct matching *matching;
    struct matching_scratch *scratch;
};

static inline const unsigned char *end_of(const struct span *piece) {
    return (const unsigned char *)piece->data + piece->size;
}

static inline uint32_t code_of(const unsigned char *text) {
    return ((uint32_t)text[0] << 12) + ((uint32_t)text[1] << 6) + text[2] - ((0xE0u << 12) + (0x80u << 6) + 0x80u);
}

/* Bytes of a character. */
static inline size_t size_of(uint64_t code) {
    return code < 0x80 ? 1 : 3;
}

/* A byte of ASCII but NUL that a character follows, or the piece's end. */
static inline bool is_single_ascii(const unsigned char *text, size_t left) {
    return left > 0 && *text - 1u < 0x7F && (left == 1 || is_character(text + 1, left - 1));
}

static inline uint64_t apart_of(const struct matching *matching, uint32_t last) {
    return ~matching->joins[last] & ALL_APART;
}

/* The tokens of a text that is searched, as ids, of which the first and the last remain as numbers too. */
struct found {
    size_t count;
    uint32_t first, last;
};

static struct found find_ids(const struct search *search, const unsigned char *text, const unsigned char *end,
                             uint32_t *ids) {
    size_t count = matching_find_tokens(search->matching, search->scratch, text, (size_t)(end - text), ids);
    struct found found = {count, ids[0], ids[count - 1]};
    for (size_t i = 0; i < count; i++)
        ids[i] = search->matching->ids[ids[i]];
    return found;
}

static bool fit(const struct search *search, uint32_t left, uint32_t right) {
    return are_neighbours(search->matching, search->scratch->verdicts, left, right);
}

static void fill_character(const struct search *search, const unsigned char *text, size_t size,
                           struct character *character) {
    struct found found = find_ids(search, text, text + size, character->ids);
    character->apart = apart_of(search->matching, found.last);
    character->first = found.first;
    character->last = found.last;
    character->count = (uint8_t)found.count;
    character->class = (uint8_t)character_class(text[0], size > 1 ? text[1] : 0);
}

static inline struct joined *joined_slot(const struct matching_scratch *scratch, uint64_t codes) {
    return &scratch->joined[mix(codes) >> 32 & (JOINED_SLOTS - 1)];
}

static inline bool is_joined(const struct joined *joined, uint64_t codes) {
    return joined->key << (64 - CODES_BITS) == codes << (64 - CODES_BITS);
}

/* The last unit where it is a character that merges with nothing before it. */
static inline struct unit unit_of_one(const struct progress *progress, const struct character *character,
                                      uint32_t code) {
    return (struct unit){progress->at - size_of(code), progress->next - character->count, code, character->last, NONE};
}

/* The same where it is two of them that were joined. */
static inline struct unit unit_of_two(const struct progress *progress, const struct joined *joined) {
    uint64_t codes = joined->key & (((uint64_t)1 << CODES_BITS) - 1);
    size_t size = size_of(codes & 0xFFFF) + size_of(codes >> 16);
    return (struct unit){progress->at - size, progress->next - (joined->key >> CODES_BITS), codes, joined->last, NONE};
}

/* Takes on a character of `size` bytes beside the last unit, whose tokens stay as they are. */
static inline void append_beside(struct progress *progress, const struct character *character, uint32_t code,
                                 size_t size, uint32_t previous) {
    progress->unit = (struct unit){progress->at, progress->next, code, character->last, previous};
    memcpy(progress->next, character->ids, 4 * sizeof *character->ids);
    progress->next += character->count;
    progress->apart = character->apart;
    progress->at += size;
}

/* The same where it is known what comes of both. False where that does not fit behind what is before the last unit. */
static inline bool append_joined(const struct search *search, struct progress *progress,
                                 const struct character *character, uint32_t code, size_t size,
                                 const struct joined *joined) {
    struct unit *unit = &progress->unit;
    size_t count = joined->key >> CODES_BITS;
    if (count == 0) {
        append_beside(progress, character, code, size, unit->last);
        return true;
    }
    if (unit->previous != NONE && !fit(search, unit->previous, search->matching->numbers[joined->ids[0]]))
        return false;
    memcpy(unit->ids, joined->ids, sizeof joined->ids);
    unit->codes = unit->codes >> 16 ? 0 : unit->codes << 16 | code;
    unit->last = joined->last;
    progress->next = unit->ids + count;
    progress->apart = joined->apart;
    progress->at += size;
    return true;
}

/*
 * Takes on characters, piece after piece, as long as what becomes of them is known. Most of the time it needs registers
 * alone, and the last unit is made of `one` or `two` only when it is asked for. Sizes are told by branches: where the
 * next character begins must not wait for the bytes of the last.
 */
CLONED static void append_characters(const struct search *search, struct progress *progress) {
    const struct character *characters = search->scratch->characters;
    const struct character *one = NULL; /* the last unit, if it is one that merges with nothing before it */
    const struct joined *two = NULL;    /* the last unit, if `one` is not and it is two characters that were joined */
    const unsigned char *at = progress->at, *end = end_of(progress->piece);
    uint32_t *next = progress->next, code = 0, size = 3, code_of_one = 0;
    uint64_t apart = progress->apart;
    for (;;) {
        const struct character *character = NULL;
        if (is_character(at, (size_t)(end - at))) {
            code = code_of(at);
            size = 3;
            character = &characters[code];
        } else if (is_single_ascii(at, (size_t)(end - at))) {
            code = *at;
            size = 1;
            character = &characters[code];
        } else if (at == end && progress->piece->size > 0) {
            end = end_of(++progress->piece);
            progress->ids = next;
            apart = ALL_APART;
            continue;
        }
        if (character && apart >> character->class & 1) {
            memcpy(next, character->ids, 4 * sizeof *character->ids);
            next += character->count;
            apart = character->apart;
            at += size;
            one = character;
            code_of_one = code;
            continue;
        }
        if (character && one) {
            uint64_t codes = (uint64_t)code_of_one << 16 | code;
            const struct joined *joined = joined_slot(search->scratch, codes);
            size_t count = joined->key >> CODES_BITS;
            if (is_joined(joined, codes) && count > 0) {
                next -= one->count;
                memcpy(next, joined->ids, 4 * sizeof *joined->ids);
                next += count;
                apart = joined->apart;
                at += size;
                two = joined;
                one = NULL;
                continue;
            }
        }
        progress->at = at;
        progress->next = next;
        progress->apart = apart;
        if (one)
            progress->unit = unit_of_one(progress, one, code_of_one);
        else if (two)
            progress->unit = unit_of_two(progress, two);
        one = NULL;
        two = NULL;
        if (!character)
            break;
        uint64_t codes = progress->unit.codes << 16 | code;
        const struct joined *joined = joined_slot(search->scratch, codes);
        if (character->class == 0 || !is_joined(joined, codes) ||
            !append_joined(search, progress, character, code, size, joined))
            break;
        at = progress->at;
        next = progress->next;
        apart = progress->apart;
    }
}

/* Takes on a unit of any bytes up to end. False where that helps not. */
static bool append_searched(const struct search *search, struct progress *progress, const unsigned char *end,
                            uint64_t code) {
    struct unit *unit = &progress->unit;
    bool is_first = progress->at == (const unsigned char *)progress->piece->data;
    uint32_t previous = is_first ? NONE : unit->last;
    struct found found = find_ids(search, progress->at, end, progress->next);
    if (is_first || fit(search, unit->last, found.first)) {
        *unit = (struct unit){progress->at, progress->next, code, 0, previous};
    } else {
        if (end - unit->text > JOINED_MAX)
            return false;
        found = find_ids(search, unit->text, end, unit->ids);
        if (unit->previous != NONE && !fit(search, unit->previous, found.first))
            return false;
        unit->codes = 0;
    }
    unit->last = found.last;
    progress->apart = apart_of(search->matching, found.last);
    progress->next = unit->ids + found.count;
    progress->at = end;
    return true;
}

/* Finds out what the last unit and the character become. False where there is no place for that. */
static bool fill_joined(const struct search *search, const struct progress *progress, const struct character *character,
                        size_t size, uint64_t codes, struct joined *joined) {
    const struct unit *unit = &progress->unit;
    if (fit(search, unit->last, character->first)) {
        *joined = (struct joined){.key = codes};
        return true;
    }
    uint32_t ids[3 * 3];
    struct found found = find_ids(search, unit->text, progress->at + size, ids);
    if (found.count > JOINED_IDS_MAX)
        return false;
    *joined = (struct joined){.key = (uint64_t)found.count << CODES_BITS | codes,
                              .apart = apart_of(search->matching, found.last),
                              .last = found.last};
    memcpy(joined->ids, ids, found.count * sizeof *ids);
    return true;
}

/* Takes on a character, of ASCII or of three bytes, whatever is known of it. False where that helps not. */
static bool append_character(const struct search *search, struct progress *progress, uint32_t code, size_t size) {
    struct character *character = &search->scratch->characters[code];
    if (character->count == 0)
        fill_character(search, progress->at, size, character);
    if (progress->at == (const unsigned char *)progress->piece->data) {
        append_beside(progress, character, code, size, NONE);
        return true;
    }
    uint64_t codes = progress->unit.codes << 16 | code;
    struct joined *joined = joined_slot(search->scratch, codes);
    if (progress->unit.codes != 0 &&
        (is_joined(joined, codes) || fill_joined(search, progress, character, size, codes, joined)))
        return append_joined(search, progress, character, code, size, joined);
    return append_searched(search, progress, progress->at + size, code);
}

/* Takes on one unit. False where that helps not. */
static bool append_unit(const struct search *search, struct progress *progress) {
    const unsigned char *text = progress->at, *end = end_of(progress->piece), *others_end = text + 1;
    if (is_character(text, (size_t)(end - text)) && code_of(text) >= 0x800)
        return append_character(search, progress, code_of(text), 3);
    if (is_single_ascii(text, (size_t)(end - text)))
        return append_character(search, progress, *text, 1);
    while (others_end < end && !is_character(others_end, (size_t)(end - others_end)))
        others_end++;
    return append_searched(search, progress, others_end, 0);
}

/* Searches the whole piece, whatever stands in it. */
static void search_piece(const struct search *search, struct progress *progress) {
    const unsigned char *text = (const unsigned char *)progress->piece->data, *end = end_of(progress->piece);
    progress->next = progress->ids + find_ids(search, text, end, progress->ids).count;
    progress->at = end;
}

CLONED size_t matching_encode_characters(const struct matching *matching, struct matching_scratch *scratch,
                                         const struct span *pieces, uint32_t **next) {
    matching_scratch_prepare(scratch);
    if (!scratch->characters) {
        scratch->characters = memory_table(CHARACTERS * sizeof *scratch->characters);
        scratch->joined = memory_table(JOINED_SLOTS * sizeof *scratch->joined);
    }
    struct search search = {matching, scratch};
    struct progress progress = {pieces, (const unsigned char *)pieces->data, *next, *next, .apart = ALL_APART};
    for (;;) {
        append_characters(&search, &progress);
        if (progress.at == (const unsigned char *)progress.piece->data && progress.piece != pieces &&
            !matching_begins_with_character(*progress.piece))
            break;
        if (!append_unit(&search, &progress))
            search_piece(&search, &progress);
    }
    *next = progress.next;
    return (size_t)(progress.piece - pieces);
}
