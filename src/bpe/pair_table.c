/*
 * Owns the table of pairs and the heap over their counts. Counts fall far more often than they rise, so a fall leaves
 * the heap as it is and a claim that is too high is corrected when it comes up. Knows nothing of words.
 */
#include "bpe/pair_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

/* The slot that holds the pair, or the free one where it belongs. */
static size_t find_slot(const struct pair_table *table, uint32_t left, uint32_t right) {
    size_t mask = table->slot_count - 1, slot = (size_t)hash_mix((uint64_t)left << 32 | right) & mask;
    for (; table->slots[slot]; slot = (slot + 1) & mask) {
        const struct pair *pair = &table->pairs[table->slots[slot] - 1];
        if (pair->left == left && pair->right == right)
            break;
    }
    return slot;
}

struct pair *pair_table_find(const struct pair_table *table, uint32_t left, uint32_t right) {
    if (table->count == 0)
        return NULL;
    uint32_t index = table->slots[find_slot(table, left, right)];
    return index ? &table->pairs[index - 1] : NULL;
}

static void grow_slots(struct pair_table *table) {
    table->slot_count = table->slot_count ? table->slot_count * 2 : 4096;
    free(table->slots);
    table->slots = memory_zeroed(table->slot_count, sizeof(*table->slots));
    for (size_t i = 0; i < table->count; i++)
        table->slots[find_slot(table, table->pairs[i].left, table->pairs[i].right)] = (uint32_t)(i + 1);
}

struct pair *pair_table_add(struct pair_table *table, uint32_t left, uint32_t right) {
    if (table->count * 2 >= table->slot_count)
        grow_slots(table);
    size_t slot = find_slot(table, left, right);
    if (table->slots[slot])
        return &table->pairs[table->slots[slot] - 1];
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? table->capacity * 2 : 2048;
        table->pairs = memory_resize(table->pairs, table->capacity, sizeof(*table->pairs));
    }
    table->pairs[table->count] = (struct pair){.left = left, .right = right};
    table->slots[slot] = (uint32_t)(table->count + 1);
    return &table->pairs[table->count++];
}

void pair_table_keep(struct pair_table *table, uint64_t minimum) {
    size_t kept = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->pairs[i].count >= minimum)
            table->pairs[kept++] = table->pairs[i];
    table->count = kept;
    if (table->slot_count > 0)
        memset(table->slots, 0, table->slot_count * sizeof(*table->slots));
    for (size_t i = 0; i < kept; i++)
        table->slots[find_slot(table, table->pairs[i].left, table->pairs[i].right)] = (uint32_t)(i + 1);
}

void pair_table_reserve_places(struct pair_table *table, struct pair *pair, uint32_t count) {
    if (table->place_capacity - table->place_count < count) {
        table->place_capacity += table->place_capacity / 2 + count;
        table->places = memory_resize(table->places, table->place_capacity, sizeof(*table->places));
    }
    pair->places = table->place_count;
    pair->place_count = 0;
    table->place_count += count;
}

/* Whether claim a comes up before claim b. */
static bool precedes(const struct claim *a, const struct claim *b) {
    if (a->count != b->count)
        return a->count > b->count;
    return a->left != b->left ? a->left < b->left : a->right < b->right;
}

static void heap_push(struct pair_table *table, struct claim claim) {
    if (table->heap_count == table->heap_capacity) {
        table->heap_capacity = table->heap_capacity ? table->heap_capacity * 2 : 1024;
        table->heap = memory_resize(table->heap, table->heap_capacity, sizeof(*table->heap));
    }
    size_t at = table->heap_count++;
    for (; at > 0 && precedes(&claim, &table->heap[(at - 1) / 2]); at = (at - 1) / 2)
        table->heap[at] = table->heap[(at - 1) / 2];
    table->heap[at] = claim;
}

static struct claim heap_pop(struct pair_table *table) {
    struct claim *heap = table->heap, first = heap[0], last = heap[--table->heap_count];
    size_t count = table->heap_count, at = 0;
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && precedes(&heap[child + 1], &heap[child]))
            child++;
        if (!precedes(&heap[child], &last))
            break;
        heap[at] = heap[child];
    }
    heap[at] = last;
    return first;
}

void pair_table_claim(struct pair_table *table, const struct pair *pair) {
    heap_push(table, (struct claim){pair->count, pair->left, pair->right, (size_t)(pair - table->pairs)});
}

struct pair *pair_table_best(struct pair_table *table, uint64_t minimum) {
    while (table->heap_count > 0) {
        struct claim claim = heap_pop(table);
        struct pair *pair = &table->pairs[claim.pair];
        if (pair->count == claim.count)
            return pair;
        if (pair->count >= minimum && pair->count < claim.count)
            pair_table_claim(table, pair);
    }
    return NULL;
}

void pair_table_clear(struct pair_table *table) {
    table->count = table->heap_count = table->place_count = 0;
    if (table->slot_count > 0)
        memset(table->slots, 0, table->slot_count * sizeof(*table->slots));
}

void pair_table_release(struct pair_table *table) {
    free(table->pairs);
    free(table->slots);
    free(table->heap);
    free(table->places);
    *table = (struct pair_table){0};
}
