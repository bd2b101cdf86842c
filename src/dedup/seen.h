/* A table from 64-bit keys to 64-bit ordinals, in memory: what gpt-dedup has seen so far. Not thread-safe. */
#ifndef DEDUP_SEEN_H
#define DEDUP_SEEN_H

#include <stddef.h>
#include <stdint.h>

struct seen_entry {
    uint64_t key, ordinal; /* ordinal + 1; 0 marks a free place */
};

/* Zero-initialised is valid and empty. */
struct seen {
    struct seen_entry *entries;
    size_t count, capacity; /* capacity is a power of two */
};

#define SEEN_NONE UINT64_MAX

/* The ordinal stored under key, or SEEN_NONE after storing this one. */
uint64_t seen_find_or_add(struct seen *seen, uint64_t key, uint64_t ordinal);
void seen_release(struct seen *seen);

#endif
