/*
 * Owns the table of pairs and the heap over their counts. Counts fall far more often than they rise, so a fall leaves
 * the heap as it is and a claim that is too high is corrected when it comes up. Knows nothing of pieces.
 */
#include "bpe/pair_table.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

static size_t first_slot(const struct pair_table *table, uint32_t left, uint32_t right) {
    return (size_t)hash_mix((uint64_t)left << 32 | right) & (table->slot_count - 1);
}

/* The slot that holds the pair, or the free one where it belongs. */
static size_t find_slot(const struct pair_table *table, uint32_t left, uint32_t right) {
    size_t slot = first_slot(table, left, right);
    for (; table->slots[slot]; slot = (slot + 1) & (table->slot_count - 1)) {
        const struct pair *pair = &table->pairs[table->slots[slot] - 1];
        if (pair->left == left && pair->right == right)
            break;
    }
    return slot;
}

static void grow_slots(struct pair_table *table) {
    table->slot_count = table->slot_count ? table->slot_count * 2 : 4096;
    free(table->slots);
    table->slots = memory_zeroed(table->slot_count, sizeof(*table->slots));
    for (size_t i = 0; i < table->count; i++)
        table->slots[find_slot(table, table->pairs[i].left, table->pairs[i].right)] = (uint32_t)(i + 1);
}

static struct pair *find_or_add(struct pair_table *table, uint32_t left, uint32_t right) {
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

static void touch(struct pair_table *table, struct pair *pair) {
    if (pair->touched)
        return;
    pair->touched = true;
    if (table->touched_count == table->touched_capacity) {
        table->touched_capacity = table->touched_capacity ? table->touched_capacity * 2 : 1024;
        table->touched = memory_resize(table->touched, table->touched_capacity, sizeof(*table->touched));
    }
    table->touched[table->touched_count++] = (size_t)(pair - table->pairs);
}

void pair_table_add(struct pair_table *table, uint32_t left, uint32_t right, uint64_t times, uint32_t place) {
    struct pair *pair = find_or_add(table, left, right);
    pair->count += times;
    if (pair->place_count == pair->place_capacity) {
        pair->place_capacity = pair->place_capacity ? pair->place_capacity * 2 : 4;
        pair->places = memory_resize(pair->places, pair->place_capacity, sizeof(*pair->places));
    }
    pair->places[pair->place_count++] = place;
    touch(table, pair);
}

void pair_table_subtract(struct pair_table *table, uint32_t left, uint32_t right, uint64_t times) {
    table->pairs[table->slots[find_slot(table, left, right)] - 1].count -= times;
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

static void claim_pair(struct pair_table *table, size_t index) {
    const struct pair *pair = &table->pairs[index];
    if (pair->count > 0)
        heap_push(table, (struct claim){pair->count, pair->left, pair->right, index});
}

void pair_table_settle(struct pair_table *table) {
    for (size_t i = 0; i < table->touched_count; i++) {
        table->pairs[table->touched[i]].touched = false;
        claim_pair(table, table->touched[i]);
    }
    table->touched_count = 0;
}

struct pair *pair_table_best(struct pair_table *table) {
    while (table->heap_count > 0) {
        struct claim claim = heap_pop(table);
        struct pair *pair = &table->pairs[claim.pair];
        if (pair->count == claim.count)
            return pair;
        if (pair->count < claim.count)
            claim_pair(table, claim.pair);
    }
    return NULL;
}

void pair_table_release(struct pair_table *table) {
    for (size_t i = 0; i < table->count; i++)
        free(table->pairs[i].places);
    free(table->pairs);
    free(table->slots);
    free(table->heap);
    free(table->touched);
    *table = (struct pair_table){0};
}
