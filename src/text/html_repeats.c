/*
 * Text that stands on a page more than once: for the printer, for small screens, as data for scripts.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "text/html_blocks.h"
#include "text/html_json_ld.h"

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

static bool map_has(const struct map *map, uint64_t key) {
    if (!map->count)
        return false;
    size_t slot = key & (map->slot_count - 1);
    while (map->slots[slot].value && map->slots[slot].key != key)
        slot = (slot + 1) & (map->slot_count - 1);
    return map->slots[slot].value;
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
    struct map declared;    /* the runs of what scripts declare */
    uint32_t block, source; /* counted from 1; block is 0 for what is declared */
    size_t total, seen, told;
    struct runs runs;
};

static void end_run(struct seeker *seeker) {
    struct runs *runs = &seeker->runs;
    if (!runs->word)
        return;
    end_word(runs);
    if (runs->count < RUN)
        return;
    uint64_t hash = hash_mix(runs->rolling.hash);
    if (!seeker->block) {
        *map_at(&seeker->declared, hash) = 1;
        return;
    }
    seeker->told += map_has(&seeker->declared, hash);
    uint32_t *block = map_at(&seeker->first, hash);
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

/* The texts of articles that scripts hold. */
static void read_declared(struct seeker *seeker, const struct html_tree *tree) {
    struct bytes text = {0};
    for (size_t i = 0; i < tree->count; i++) {
        const struct html_node *script = tree->nodes[i];
        if (script->is_text || script->name != HTML_SCRIPT || !script->children)
            continue;
        struct span rest = script->children->text, body;
        while ((body = html_json_ld_member(rest, "\"articleBody\"")).data) {
            bytes_clear(&text);
            html_json_ld_append(&text, body);
            seeker->runs = (struct runs){.rolling = hash_rolling_begin(RUN)};
            seek(seeker, span_of_bytes(&text));
            rest.size -= (size_t)(body.data + body.size - rest.data);
            rest.data = body.data + body.size;
        }
    }
    bytes_release(&text);
}

void html_blocks_find_repeats(struct html_blocks *blocks, const struct html_tree *tree) {
    struct seeker seeker = {0};
    read_declared(&seeker, tree);
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i];
        seeker.block = (uint32_t)i + 1;
        seeker.total = seeker.seen = seeker.told = 0;
        seeker.runs = (struct runs){.rolling = hash_rolling_begin(RUN)};
        for (size_t j = 0; j < block->text_count; j++)
            seek(&seeker, block->texts[j]->text);
        block->source = seeker.seen ? seeker.source - 1 : (uint32_t)i;
        block->declared = seeker.total ? (float)seeker.told / (float)seeker.total : 0;
        block->seen = seeker.total ? (float)seeker.seen / (float)seeker.total : 0;
    }
    free(seeker.first.slots);
    free(seeker.declared.slots);
}
