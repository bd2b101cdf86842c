/*
 * The table behind intern_add: open addressing at a load of at most two thirds.
 */
#include "clean/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BITS_MIN 6

void intern_release(struct intern *intern) {
    free(intern->slots);
    free(intern->keys);
    *intern = (struct intern){0};
}

void intern_begin(struct intern *intern, size_t expected) {
    unsigned bits = BITS_MIN;
    while (((size_t)1 << bits) < expected + expected / 2 + 1)
        bits++;
    size_t capacity = (size_t)1 << bits;
    if (capacity > intern->slots_allocated) {
        free(intern->slots);
        intern->slots_allocated = capacity;
        intern->slots = memory_allocate(capacity * sizeof *intern->slots);
    }
    if (expected >= intern->keys_allocated) {
        free(intern->keys);
        intern->keys_allocated = expected + expected / 2 + 1;
        intern->keys = memory_allocate(intern->keys_allocated * sizeof *intern->keys);
    }
    memset(intern->slots, 0, capacity * sizeof *intern->slots);
    intern->mask = capacity - 1;
    intern->shift = 64 - bits;
    intern->count = 0;
}
