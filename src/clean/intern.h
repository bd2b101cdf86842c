/*
 * Numbers for things that are told apart by 64-bit keys: the first different one is 0, the next 1. One table serves
 * many lists in turn.
 */
#ifndef CLEAN_INTERN_H
#define CLEAN_INTERN_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is valid. */
struct intern {
    uint64_t *slots; /* upper half: that of the key's hash; lower half: one more than its number; 0: empty */
    uint64_t *keys;  /* by number */
    size_t slots_allocated, keys_allocated, mask;
    unsigned shift;
    uint32_t count; /* different keys so far */
};

void intern_release(struct intern *intern);
/* Begins a list of at most `expected` keys. */
void intern_begin(struct intern *intern, size_t expected);

static inline uint64_t intern_hash(uint64_t key) {
    return key * UINT64_C(0x9E3779B97F4A7C15);
}

/* Fetches where a key will be looked for. Worth it some keys before, since the table is larger than what is nearest. */
static inline void intern_prefetch(const struct intern *intern, uint64_t key) {
    __builtin_prefetch(&intern->slots[intern_hash(key) >> intern->shift]);
}

/* The number of a key: intern->count before the call where it is new. Whether it is new is told by no branch, since
 * none on it would be foreseen. */
static inline uint32_t intern_add(struct intern *intern, uint64_t key) {
    uint64_t hash = intern_hash(key), slot;
    uint32_t id, is_new;
    size_t i = (size_t)(hash >> intern->shift);
    intern->keys[intern->count] = key;
    for (;; i = (i + 1) & intern->mask) {
        while (slot = intern->slots[i], ((slot ^ hash) >> 32) * (slot != 0) != 0)
            i = (i + 1) & intern->mask;
        is_new = slot == 0;
        id = ((uint32_t)slot + is_new - 1) | (intern->count & -is_new);
        if (intern->keys[id] == key) /* nearly always */
            break;
    }
    intern->slots[i] = (hash >> 32 << 32 | id) + 1;
    intern->count += is_new;
    return id;
}

#endif
