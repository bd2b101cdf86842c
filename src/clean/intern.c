/*
 * The table behind intern_add: open addressing at a load of at most two thirds, where a slot that an earlier list
 * filled counts as empty.
 */
#include "clean/intern.h"

#include <stdlib.h>

#include "base/memory.h"

#define BITS_MIN 6

void intern_release(struct intern *intern) {
    free(intern->slots);
    *intern = (struct intern){0};
}

void intern_begin(struct intern *intern, size_t expected) {
    unsigned bits = BITS_MIN;
    while (((size_t)1 << bits) < expected + expected / 2 + 1)
        bits++;
    size_t capacity = (size_t)1 << bits;
    if (capacity > intern->allocated || intern->round == UINT32_MAX) {
        free(intern->slots);
        if (capacity > intern->allocated)
            intern->allocated = capacity;
        intern->slots = memory_zeroed(intern->allocated, sizeof *intern->slots);
        intern->round = 0;
    }
    intern->mask = capacity - 1;
    intern->shift = 64 - bits;
    intern->round++;
    intern->count = 0;
}
