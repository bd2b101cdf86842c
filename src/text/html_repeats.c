/*
 * Text that stands on a page more than once: for the printer, for small screens, as data for scripts.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "text/html_blocks.h"

/* Text is compared by runs of so many words. */
#define RUN 6

/* A map from 64-bit hashes, taken to be distinct, to numbers, which are to be set at once; 0 is absent. */
struct map {
    struct {
        uint64_t key;
        uint32_t value;
    } * slots;
    size_t slot_count, count;
};

#define FIRST_SLOTS 1024

static void map_grow(struct map *map);

static uint32_t *map_at(struct map *map, uint64_t key) {
    if (map->count * 2 >= map->slot_count)
        map_grow(map);
    size_t slot = key & (map->slot_count - 1);
    while (map->slots[slot].value && map->slots[slot].key != key)
        slot = (slot + 1) & (map->slot_count - 1);
    map->count += !map->slots[slot].value;
    map->slots[slot].key = key;
    return &map->slots[slot].value;
}

static void map_grow(struct map *map) {
    struct map old = *map;
    map->slot_count = old.slot_count ? old.slot_count * 4 : FIRST_SLOTS;
    map->slots = memory_zeroed(map->slot_count, sizeof *map->slots);
    map->count = 0;
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i].value)
            *map_at(map, old.slots[i].key) = old.slots[i].value;
    }
    free(old.slots);
}

/* What words are made of. */
static const bool IN_WORD[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, [0x80 ... 0xFF] = true};

/* The last words of a block, a character of East Asia being one, and their hash. */
struct runs {
    uint64_t words[RUN]; /* 0 where there are not so many yet */
    size_t count;        /* of words */
    uint64_t word;
    struct hash_rolling rolling;
};

static void end_word(struct runs *runs) {
    uint64_t *oldest = &runs->words[runs->count++ % RUN];
    hash_rolling_next(&runs->rolling, runs->word, *oldest);
    *oldest = runs->word;
    runs->word = 0;
}

struct seeker {
    struct map first;       /* the block, counted from 1, in which each run stood first */
    uint32_t block, source; /* counted from 1 */
    size_t total, seen;
    struct runs runs;
};

static void end_run(struct seeker *seeker) {
    struct runs *runs = &seeker->runs;
    if (!runs->word)
        return;
    end_word(runs);
    if (runs->count < RUN)
        return;
    uint32_t *block = map_at(&seeker->first, hash_mix(runs->rolling.hash));
    if (!*block)
        *block = seeker->block;
    seeker->total++;
    if (*block != seeker->block) {
        seeker->seen++;
        seeker->source = *block;
    }
}

static void seek(struct seeker *seeker, struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool wide = byte >= 0xE2 && byte < 0xF0;
        if (!IN_WORD[byte] || wide)
            end_run(seeker);
        if (wide) {
            seeker->runs.word = hash64((struct span){text.data + i, 3}, 0) | 1;
            i += 2;
        } else if (IN_WORD[byte]) {
            seeker->runs.word = (seeker->runs.word * 31 + byte + 1) * HASH_ROLLING_FACTOR | 1;
        }
    }
    end_run(seeker);
}

void html_blocks_find_repeats(struct html_blocks *blocks) {
    struct seeker seeker = {0};
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i];
        seeker.block = (uint32_t)i + 1;
        seeker.total = seeker.seen = 0;
        seeker.runs = (struct runs){.rolling = hash_rolling_begin(RUN)};
        for (size_t j = 0; j < block->text_count; j++)
            seek(&seeker, block->texts[j]->text);
        block->source = seeker.seen ? seeker.source - 1 : (uint32_t)i;
        block->seen = seeker.total ? (float)seeker.seen / (float)seeker.total : 0;
    }
    free(seeker.first.slots);
}
