/* Counts of n-grams. It owns a hash table from an n-gram's bytes to its counts; what a unit is, its callers know. */
#include "eval/ngrams.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

void units_clear(struct units *units) {
    bytes_clear(&units->text);
    units->count = 0;
}

void units_append(struct units *units, size_t start, size_t end) {
    if (units->count == units->capacity) {
        units->capacity = units->capacity ? 2 * units->capacity : 64;
        units->items = memory_resize(units->items, units->capacity, sizeof *units->items);
    }
    units->items[units->count++] = (struct unit){start, end};
}

void units_release(struct units *units) {
    bytes_release(&units->text);
    free(units->items);
    *units = (struct units){0};
}

uint64_t units_ngrams(const struct units *units, size_t order) {
    return units->count >= order ? units->count - order + 1 : 0;
}

static struct span ngram_at(const struct units *units, size_t first, size_t order) {
    size_t start = units->items[first].start;
    return (struct span){units->text.data + start, units->items[first + order - 1].end - start};
}

void ngrams_release(struct ngrams *ngrams) {
    free(ngrams->items);
    free(ngrams->slots);
    *ngrams = (struct ngrams){0};
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *find_slot(const struct ngrams *ngrams, struct span key, uint64_t hash) {
    size_t slot = (size_t)hash & (ngrams->slot_count - 1);
    for (;; slot = (slot + 1) & (ngrams->slot_count - 1)) {
        uint32_t index = ngrams->slots[slot];
        if (index == 0 || (ngrams->items[index - 1].hash == hash && span_equal(ngrams->items[index - 1].key, key)))
            return &ngrams->slots[slot];
    }
}

/* Empties the set and makes room for this many, so that nothing grows while counting. */
static void make_room(struct ngrams *ngrams, size_t most) {
    size_t slots = ngrams->slot_count ? ngrams->slot_count : 64;
    while (slots < 2 * most)
        slots *= 2;
    if (most > ngrams->capacity) {
        ngrams->capacity = slots / 2;
        ngrams->items = memory_resize(ngrams->items, ngrams->capacity, sizeof *ngrams->items);
    }
    if (slots > ngrams->slot_count) {
        free(ngrams->slots);
        ngrams->slots = memory_zeroed(slots, sizeof *ngrams->slots);
        ngrams->slot_count = slots;
    } else {
        memset(ngrams->slots, 0, slots * sizeof *ngrams->slots);
    }
    ngrams->count = 0;
}

void ngrams_count(struct ngrams *ngrams, const struct units *hypothesis, size_t order) {
    uint64_t total = units_ngrams(hypothesis, order);
    make_room(ngrams, (size_t)total);
    for (size_t i = 0; i < total; i++) {
        struct span key = ngram_at(hypothesis, i, order);
        uint64_t hash = hash64(key, 0);
        uint32_t *slot = find_slot(ngrams, key, hash);
        if (*slot == 0) {
            ngrams->items[ngrams->count++] = (struct ngram){.key = key, .hash = hash};
            *slot = (uint32_t)ngrams->count;
        }
        ngrams->items[*slot - 1].count++;
    }
}

void ngrams_compare(struct ngrams *ngrams, const struct units *reference, size_t order) {
    for (size_t i = 0; i < ngrams->count; i++)
        ngrams->items[i].seen = 0;
    uint64_t total = ngrams->count ? units_ngrams(reference, order) : 0;
    for (size_t i = 0; i < total; i++) {
        struct span key = ngram_at(reference, i, order);
        uint32_t slot = *find_slot(ngrams, key, hash64(key, 0));
        if (slot)
            ngrams->items[slot - 1].seen++;
    }
    for (size_t i = 0; i < ngrams->count; i++)
        if (ngrams->items[i].seen > ngrams->items[i].best)
            ngrams->items[i].best = ngrams->items[i].seen;
}
