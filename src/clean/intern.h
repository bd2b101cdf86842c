/*
 * Numbers for things that are told apart by 64-bit keys: the first different one is 0, the next 1. One table serves
 * many lists in turn, without being wiped in between.
 */
#ifndef CLEAN_INTERN_H
#define CLEAN_INTERN_H

#include <stddef.h>
#include <stdint.h>

struct intern_slot {
    uint64_t key;
    uint32_t round; /* of the list that filled it */
    uint32_t id;
};

/* Zero-initialised is valid. */
struct intern {
    struct intern_slot *slots;
    size_t allocated, mask;
    unsigned shift;
    uint32_t round;
    uint32_t count; /* different keys so far */
};

void intern_release(struct intern *intern);
/* Begins a list of at most `expected` keys. */
void intern_begin(struct intern *intern, size_t expected);

/* Fetches where a key will be looked for. Worth it some keys before, since the table is larger than what is nearest. */
static inline void intern_prefetch(const struct intern *intern, uint64_t key) {
    __builtin_prefetch(&intern->slots[(key * UINT64_C(0x9E3779B97F4A7C15)) >> intern->shift]);
}

/* The number of a key: intern->count before the call where it is new. Whether it is new is told by no branch, since
 * none on it would be foreseen. */
static inline uint32_t intern_add(struct intern *intern, uint64_t key) {
    size_t i = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> intern->shift);
    struct intern_slot *slot = &intern->slots[i];
    while (slot->round == intern->round && slot->key != key) {
        i = (i + 1) & intern->mask;
        slot = &intern->slots[i];
    }
    uint32_t is_new = slot->round != intern->round;
    uint32_t id = is_new ? intern->count : slot->id;
    *slot = (struct intern_slot){key, intern->round, id};
    intern->count += is_new;
    return id;
}

#endif
