/* Open addressing with linear probing: the keys are hashes already. It owns its entries and knows nothing of what the
 * keys stand for. */
#include "dedup/seen.h"

#include <stdlib.h>

#include "base/memory.h"

static struct seen_entry *seen_place(struct seen_entry *entries, size_t capacity, uint64_t key) {
    size_t place = key & (capacity - 1);
    while (entries[place].ordinal && entries[place].key != key)
        place = (place + 1) & (capacity - 1);
    return &entries[place];
}

static void seen_grow(struct seen *seen) {
    size_t capacity = seen->capacity ? 2 * seen->capacity : 1024;
    struct seen_entry *entries = memory_zeroed(capacity, sizeof *entries);
    for (size_t i = 0; i < seen->capacity; i++)
        if (seen->entries[i].ordinal)
            *seen_place(entries, capacity, seen->entries[i].key) = seen->entries[i];
    free(seen->entries);
    seen->entries = entries;
    seen->capacity = capacity;
}

uint64_t seen_find_or_add(struct seen *seen, uint64_t key, uint64_t ordinal) {
    if (4 * (seen->count + 1) > 3 * seen->capacity)
        seen_grow(seen);
    struct seen_entry *entry = seen_place(seen->entries, seen->capacity, key);
    if (entry->ordinal)
        return entry->ordinal - 1;
    *entry = (struct seen_entry){key, ordinal + 1};
    seen->count++;
    return SEEN_NONE;
}

void seen_release(struct seen *seen) {
    free(seen->entries);
    *seen = (struct seen){0};
}
