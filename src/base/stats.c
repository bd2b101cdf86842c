/* Owns named counters, and finding them by name. */
#include "base/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"

/* The slot of a name: the one that holds it, or the empty one where it belongs. */
static size_t slot_find(const struct counters *counters, const char *name, size_t size) {
    size_t mask = counters->slot_count - 1, slot = (size_t)hash64((struct span){name, size}, 0) & mask;
    while (counters->slots[slot] != 0 && strcmp(counters->items[counters->slots[slot] - 1].name, name) != 0)
        slot = (slot + 1) & mask;
    return slot;
}

static void grow(struct counters *counters) {
    counters->capacity = counters->capacity ? 2 * counters->capacity : 8;
    counters->items = memory_resize(counters->items, counters->capacity, sizeof *counters->items);
    free(counters->slots);
    counters->slot_count = 2 * counters->capacity;
    counters->slots = memory_zeroed(counters->slot_count, sizeof *counters->slots);
    for (size_t i = 0; i < counters->count; i++)
        counters->slots[slot_find(counters, counters->items[i].name, strlen(counters->items[i].name))] =
            (uint32_t)(i + 1);
}

size_t counters_add(struct counters *counters, const char *name, uint64_t value) {
    size_t size = strlen(name);
    if (counters->count == counters->capacity)
        grow(counters);
    size_t slot = slot_find(counters, name, size);
    if (counters->slots[slot] == 0) {
        counters->items[counters->count++] = (struct counter){memory_copy(name, size), 0};
        counters->slots[slot] = (uint32_t)counters->count;
    }
    size_t place = counters->slots[slot] - 1;
    counters->items[place].value += value;
    return place;
}

uint64_t counters_get(const struct counters *counters, const char *name) {
    uint32_t place = counters->count ? counters->slots[slot_find(counters, name, strlen(name))] : 0;
    return place ? counters->items[place - 1].value : 0;
}

void counters_merge(struct counters *into, const struct counters *from) {
    for (size_t i = 0; i < from->count; i++)
        counters_add(into, from->items[i].name, from->items[i].value);
}

void counters_clear(struct counters *counters) {
    for (size_t i = 0; i < counters->count; i++)
        free(counters->items[i].name);
    counters->count = 0;
    if (counters->slots)
        memset(counters->slots, 0, counters->slot_count * sizeof *counters->slots);
}

void counters_release(struct counters *counters) {
    counters_clear(counters);
    free(counters->items);
    free(counters->slots);
    *counters = (struct counters){0};
}

static int compare_names(const void *a, const void *b) {
    const struct counter *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

/* The counters by name; the caller frees the list. */
static const struct counter **sort_by_name(const struct counters *counters) {
    const struct counter **sorted = memory_allocate((counters->count + 1) * sizeof *sorted);
    for (size_t i = 0; i < counters->count; i++)
        sorted[i] = &counters->items[i];
    if (counters->count)
        qsort(sorted, counters->count, sizeof *sorted, compare_names);
    return sorted;
}

void counters_append_json(const struct counters *counters, struct bytes *out) {
    const struct counter **sorted = sort_by_name(counters);
    bytes_append_byte(out, '{');
    for (size_t i = 0; i < counters->count; i++) {
        if (i)
            bytes_append_byte(out, ',');
        json_append_string(out, span_of(sorted[i]->name));
        bytes_append_format(out, ":%llu", (unsigned long long)sorted[i]->value);
    }
    bytes_append_byte(out, '}');
    free(sorted);
}

#define TABLE_DEPTH 3

static struct span part_next(const char **name) {
    size_t size = 0;
    while ((*name)[size] && (*name)[size] != COUNTERS_SEPARATOR)
        size++;
    struct span part = {*name, size};
    *name += size + ((*name)[size] != 0);
    return part;
}

void counters_append_tables(const struct counters *counters, struct bytes *out) {
    const struct counter **sorted = sort_by_name(counters);
    struct span open[TABLE_DEPTH] = {{0}}; /* the parts of the counter before */
    bytes_append_byte(out, '{');
    for (size_t i = 0; i < counters->count; i++) {
        const char *name = sorted[i]->name;
        bool same = i > 0;
        for (size_t depth = 0; depth < TABLE_DEPTH; depth++) {
            struct span part = part_next(&name);
            if (same && span_equal(part, open[depth]))
                continue;
            if (i > 0 && same)
                bytes_append_text(out, depth == 0 ? "}}," : depth == 1 ? "}," : ",");
            same = false;
            open[depth] = part;
            json_append_string(out, part);
            bytes_append_text(out, depth + 1 < TABLE_DEPTH ? ":{" : ":");
        }
        bytes_append_format(out, "%llu", (unsigned long long)sorted[i]->value);
    }
    bytes_append_text(out, counters->count ? "}}}" : "}");
    free(sorted);
}
