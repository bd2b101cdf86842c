/*
 * The cheapest way through a run: every word of the dictionary has a cost, and a character that begins none a high one.
 * Runs of katakana are words, too, at costs by their length. Costs and rules are those of ICU 72's CjkBreakEngine; the
 * dictionary is a UCharsTrie, whose format is described in ICU's ucharstrie.h. Knows nothing of other scripts.
 */
#include "text/cjk_words.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/udata.h>

#include "base/memory.h"
#include "text/utf8.h"

#define WORD_MAX 20           /* characters */
#define UNKNOWN_COST 255      /* of a character that is no word */
#define NO_WORD (1U << 20)    /* dearer than any way over single characters */
#define KATAKANA_GROUP_MAX 20 /* a longer run is no word */

/* What the nodes of a UCharsTrie begin with. */
#define MIN_LINEAR 0x30
#define MIN_VALUE 0x40
#define VALUE_IS_FINAL 0x8000
#define NODE_TYPE 0x3F

#define FIRST_CHAR 0x3000U
#define CHAR_LIMIT 0xA000U

/* A place in the trie; left >= 0: that many characters and one of a row are still to match. */
struct place {
    const uint16_t *node; /* NULL: no word goes on here */
    int left;
    int32_t cost; /* of the word that ends here; -1: none does */
};

/*
 * Where the first character leads, and where two do: text has the same ones again and again, and each step through the
 * trie is a search whose turns nothing foresees.
 */
struct first_step {
    uint32_t node; /* offset in the trie; 0: no word begins so */
    uint16_t cost; /* of the character as a word */
    bool known;
};
#define PAIR_BITS 18
struct pair_step {
    uint64_t tag : 14; /* of the characters' hash, what the index does not tell */
    uint64_t known : 1;
    uint64_t is_word : 1;
    uint64_t cost : 15; /* of the word of both characters */
    uint64_t left : 5;  /* one more than in struct place */
    uint64_t node : 28; /* offset of the node from which longer words go on; 0: none do */
};

struct cjk_words {
    UDataMemory *data;
    const uint16_t *trie;
    struct first_step first[CHAR_LIMIT - FIRST_CHAR];
    struct pair_step *pairs; /* NULL before the first run */
    uint16_t *codes;         /* of the run */
    struct pair_step *steps;
    uint32_t *costs, *previous, *ends;
    size_t capacity;
};

struct cjk_words *cjk_words_new(void) {
    UErrorCode status = U_ZERO_ERROR;
    UDataMemory *data = udata_open(U_ICUDATA_NAME "-brkitr", "dict", "cjdict", &status);
    if (U_FAILURE(status))
        return NULL;
    /* The offset of the trie, two reserved, the size of all, the kind of trie (1: UCharsTrie), its transformation. */
    const int32_t *indexes = udata_getMemory(data);
    UDataInfo info = {.size = sizeof info};
    udata_getInfo(data, &info);
    if (memcmp(info.dataFormat, "Dict", 4) != 0 || info.formatVersion[0] != 1 || (indexes[4] & 7) != 1) {
        udata_close(data);
        return NULL;
    }
    struct cjk_words *words = memory_zeroed(1, sizeof *words);
    words->data = data;
    words->trie = (const uint16_t *)(const void *)((const char *)indexes + indexes[0]);
    return words;
}

void cjk_words_free(struct cjk_words *words) {
    if (!words)
        return;
    udata_close(words->data);
    free(words->pairs);
    free(words->codes);
    free(words->steps);
    free(words->costs);
    free(words->previous);
    free(words->ends);
    free(words);
}

/* ---- the trie ---- */

static const uint16_t *skip_delta(const uint16_t *at) {
    unsigned delta = *at++;
    return delta < 0xFC00 ? at : delta == 0xFFFF ? at + 2 : at + 1;
}

static const uint16_t *jump_delta(const uint16_t *at) {
    size_t delta = *at++;
    if (delta == 0xFFFF) {
        delta = (size_t)at[0] << 16 | at[1];
        at += 2;
    } else if (delta >= 0xFC00) {
        delta = (delta - 0xFC00) << 16 | *at++;
    }
    return at + delta;
}

static const uint16_t *skip_value(const uint16_t *at) {
    unsigned lead = *at++ & 0x7FFF;
    return lead < 0x4000 ? at : lead == 0x7FFF ? at + 2 : at + 1;
}

/* From a branch of so many characters to the node behind one of them; NULL where it is none. */
static const uint16_t *branch_next(const uint16_t *at, size_t length, uint16_t code) {
    if (length == 0)
        length = *at++;
    length++;
    while (length > 5) { /* halves: the middle character, and where the lower half is */
        if (code < *at++) {
            length /= 2;
            at = jump_delta(at);
        } else {
            length -= length / 2;
            at = skip_delta(at);
        }
    }
    for (; length > 1; length--) {
        if (code != *at++) {
            at = skip_value(at);
            continue;
        }
        size_t value = *at;
        if (value & VALUE_IS_FINAL)
            return at;
        at++; /* a value that is not final is the distance of the node */
        if (value >= 0x7FFF) {
            value = (size_t)at[0] << 16 | at[1];
            at += 2;
        } else if (value >= 0x4000) {
            value = (value - 0x4000) << 16 | *at++;
        }
        return at + value;
    }
    return code == *at++ ? at : NULL;
}

/* The cost of the word that ends at a node; -1 where none does, or one so dear that it is no better than none. */
static int16_t node_cost(const uint16_t *at) {
    uint32_t lead = *at++, cost;
    if (lead < MIN_VALUE)
        return -1;
    if (lead & VALUE_IS_FINAL) {
        lead &= 0x7FFF;
        cost = lead < 0x4000 ? lead : lead < 0x7FFF ? (lead - 0x4000) << 16 | *at : (uint32_t)at[0] << 16 | at[1];
    } else if (lead < 0x4040) {
        cost = (lead >> 6) - 1;
    } else {
        cost = lead < 0x7FC0 ? ((lead & 0x7FC0) - 0x4040) << 10 | *at : (uint32_t)at[0] << 16 | at[1];
    }
    return (int16_t)(cost < INT16_MAX ? cost : INT16_MAX);
}

static struct place place_at(const uint16_t *node, int left) {
    return (struct place){node, left, node && left < 0 ? node_cost(node) : -1};
}

/* Goes on by one character from a place that is in no row. */
static struct place place_search(const uint16_t *at, uint16_t code) {
    unsigned node = *at++;
    if (node >= MIN_VALUE) {
        if (node & VALUE_IS_FINAL)
            return place_at(NULL, -1);
        at = node < 0x4040 ? at : node < 0x7FC0 ? at + 1 : at + 2; /* a value of the node before it goes on */
        node &= NODE_TYPE;
    }
    if (node < MIN_LINEAR)
        return place_at(branch_next(at, node, code), -1);
    return code == *at ? place_at(at + 1, (int)(node - MIN_LINEAR) - 1) : place_at(NULL, -1);
}

static struct place place_next(struct place place, uint16_t code) {
    if (place.left < 0)
        return place_search(place.node, code);
    return code == *place.node ? place_at(place.node + 1, place.left - 1) : place_at(NULL, -1);
}

static const struct first_step *step_first(struct cjk_words *words, uint16_t code) {
    struct first_step *step = &words->first[code - FIRST_CHAR];
    if (!step->known) {
        /* The root of so large a dictionary is a branch, behind which no row is under way. */
        struct place place = place_search(words->trie, code);
        bool goes_on = place.node && place.left < 0;
        *step = (struct first_step){.node = goes_on ? (uint32_t)(place.node - words->trie) : 0,
                                    .cost = (uint16_t)(place.cost >= 0 ? place.cost : UNKNOWN_COST),
                                    .known = true};
    }
    return step;
}

/* Two characters in one number, of which no two have the same. */
static uint32_t pair_hash(const uint16_t *codes) {
    return ((uint32_t)codes[0] << 16 | codes[1]) * 0x9E3779B1U;
}

static struct pair_step *pair_slot(const struct cjk_words *words, uint32_t hash) {
    return &words->pairs[hash >> (32 - PAIR_BITS)];
}

/* From the node behind a first character over the second. */
static struct pair_step step_second(struct cjk_words *words, uint32_t node, const uint16_t *codes) {
    uint32_t hash = pair_hash(codes), tag = hash & ((1U << (32 - PAIR_BITS)) - 1);
    struct pair_step *pair = pair_slot(words, hash);
    if (pair->tag != tag || !pair->known) {
        struct place place = node ? place_search(words->trie + node, codes[1]) : place_at(NULL, -1);
        bool goes_on = place.node && (place.left >= 0 || !(*place.node & VALUE_IS_FINAL));
        *pair = (struct pair_step){.tag = tag & 0x3FFF,
                                   .known = 1,
                                   .is_word = place.cost >= 0,
                                   .cost = (uint64_t)place.cost & 0x7FFF,
                                   .left = (uint64_t)(place.left + 1) & 0x1F,
                                   .node = goes_on ? (uint64_t)(place.node - words->trie) & 0xFFFFFFF : 0};
    }
    return *pair;
}

/* ---- the way through ---- */

static bool is_katakana(uint16_t code) {
    return code >= 0x30A1 && code <= 0x30FE && code != 0x30FB;
}

static uint32_t katakana_cost(size_t length) {
    static const uint32_t costs[] = {8192, 984, 408, 240, 204, 252, 300, 372, 480};
    return length < sizeof costs / sizeof costs[0] ? costs[length] : 8192;
}

/* Characters that ICU takes as they are. */
static bool is_common(uint32_t code) {
    return (code >= 0x4E00 && code < 0xA000) || (code >= 0x3041 && code <= 0x3096) || code == 0x3005 ||
           (code >= 0x30A1 && code <= 0x30FE && code != 0x30FB) || (code >= 0x3400 && code < 0x4DC0);
}

/*
 * Reads the run's characters; returns how many, 0 where one is not common. Tables and trie are far larger than what is
 * near: all that a run needs of them is fetched before any of it is waited for.
 */
static size_t read_run(struct cjk_words *words, struct span run) {
    size_t count = 0;
    if (!words->pairs)
        words->pairs = memory_table(sizeof *words->pairs << PAIR_BITS);
    if (run.size / 3 + 1 > words->capacity) {
        words->capacity = run.size / 3 + 1 + run.size / 6;
        words->codes = memory_resize(words->codes, words->capacity, sizeof *words->codes);
        words->steps = memory_resize(words->steps, words->capacity, sizeof *words->steps);
        words->costs = memory_resize(words->costs, words->capacity, sizeof *words->costs);
        words->previous = memory_resize(words->previous, words->capacity, sizeof *words->previous);
        words->ends = memory_resize(words->ends, words->capacity, sizeof *words->ends);
    }
    for (size_t i = 0; i < run.size; i += 3) {
        uint32_t code;
        if (utf8_decode_valid(run.data + i, &code) != 3 || !is_common(code))
            return 0;
        words->codes[count++] = (uint16_t)code;
        if (count > 1)
            __builtin_prefetch(pair_slot(words, pair_hash(words->codes + count - 2)));
    }
    for (size_t i = 0; i + 1 < count; i++) {
        words->steps[i] = step_second(words, step_first(words, words->codes[i])->node, words->codes + i);
        __builtin_prefetch(words->trie + words->steps[i].node);
    }
    return count;
}

/* Whether a way is better is told by no branch, since none on it would be foreseen. */
static void offer(struct cjk_words *words, size_t from, size_t to, uint32_t cost) {
    uint32_t old = words->costs[to], new = words->costs[from] + cost, previous = words->previous[to];
    words->costs[to] = new < old ? new : old;
    words->previous[to] = new < old ? (uint32_t)from : previous;
}

/* Offers all words that begin at a place of the run. */
static void offer_words(struct cjk_words *words, size_t from, size_t count) {
    const uint16_t *codes = words->codes;
    offer(words, from, from + 1, step_first(words, codes[from])->cost);
    if (from + 1 < count) {
        struct pair_step pair = words->steps[from];
        offer(words, from, from + 2, pair.is_word ? (uint32_t)pair.cost : NO_WORD);
        struct place place = {pair.node ? words->trie + pair.node : NULL, (int)pair.left - 1, -1};
        for (size_t length = 2; place.node && from + length < count && length < WORD_MAX;) {
            place = place_next(place, codes[from + length++]);
            if (place.cost >= 0)
                offer(words, from, from + length, (uint32_t)place.cost);
        }
    }
    if (!is_katakana(codes[from]) || (from > 0 && is_katakana(codes[from - 1])))
        return;
    size_t length = 1;
    while (from + length < count && length < KATAKANA_GROUP_MAX && is_katakana(codes[from + length]))
        length++;
    if (length < KATAKANA_GROUP_MAX)
        offer(words, from, from + length, katakana_cost(length));
}

size_t cjk_words_cut(struct cjk_words *words, struct span run, const uint32_t **ends) {
    size_t count = read_run(words, run), found = 0;
    if (count == 0)
        return 0;
    words->costs[0] = 0;
    for (size_t i = 1; i <= count; i++) {
        words->costs[i] = UINT32_MAX;
        words->previous[i] = 0;
    }
    for (size_t i = 0; i < count; i++)
        offer_words(words, i, count);
    for (size_t i = count; i > 0; i = words->previous[i])
        words->ends[found++] = (uint32_t)i;
    for (size_t i = 0; i < found / 2; i++) {
        uint32_t swap = words->ends[i];
        words->ends[i] = words->ends[found - 1 - i];
        words->ends[found - 1 - i] = swap;
    }
    *ends = words->ends;
    return found;
}
