/* Owns named counters. A stage has few of them, so a search by name is linear. */
#include "base/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

void counters_add(struct counters *counters, const char *name, uint64_t value) {
    for (size_t i = 0; i < counters->count; i++)
        if (strcmp(counters->items[i].name, name) == 0) {
            counters->items[i].value += value;
            return;
        }
    if (counters->count == counters->capacity) {
        counters->capacity = counters->capacity ? 2 * counters->capacity : 8;
        counters->items = memory_resize(counters->items, counters->capacity, sizeof *counters->items);
    }
    counters->items[counters->count++] = (struct counter){memory_copy(name, strlen(name)), value};
}

uint64_t counters_get(const struct counters *counters, const char *name) {
    for (size_t i = 0; i < counters->count; i++)
        if (strcmp(counters->items[i].name, name) == 0)
            return counters->items[i].value;
    return 0;
}

void counters_merge(struct counters *into, const struct counters *from) {
    for (size_t i = 0; i < from->count; i++)
        counters_add(into, from->items[i].name, from->items[i].value);
}

void counters_clear(struct counters *counters) {
    for (size_t i = 0; i < counters->count; i++)
        free(counters->items[i].name);
    counters->count = 0;
}

void counters_release(struct counters *counters) {
    counters_clear(counters);
    free(counters->items);
    *counters = (struct counters){0};
}

static int compare_names(const void *a, const void *b) {
    const struct counter *const *left = a, *const *right = b;
    return strcmp((*left)->name, (*right)->name);
}

void counters_append_json(const struct counters *counters, struct bytes *out) {
    const struct counter **sorted = memory_allocate(counters->count * sizeof *sorted);
    for (size_t i = 0; i < counters->count; i++)
        sorted[i] = &counters->items[i];
    if (counters->count)
        qsort(sorted, counters->count, sizeof *sorted, compare_names);
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
