/*
 * A hash table of names.
 */
#include "text/html_classes.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

#define FIRST_CAPACITY 128

/* Twice as many slots as names. */
static void grow(struct html_classes *classes) {
    classes->capacity = classes->capacity ? classes->capacity * 2 : FIRST_CAPACITY;
    classes->names = memory_resize(classes->names, classes->capacity, sizeof *classes->names);
    classes->hashes = memory_resize(classes->hashes, classes->capacity, sizeof *classes->hashes);
    free(classes->slots);
    classes->slots = memory_zeroed(classes->capacity * 2, sizeof *classes->slots);
    if (classes->count == 0) {
        classes->names[classes->count] = (struct span){NULL, 0};
        classes->hashes[classes->count++] = 0;
    }
    size_t mask = classes->capacity * 2 - 1;
    for (uint32_t number = 1; number < classes->count; number++) {
        size_t slot = classes->hashes[number] & mask;
        while (classes->slots[slot])
            slot = (slot + 1) & mask;
        classes->slots[slot] = number;
    }
}

uint32_t html_classes_number(struct html_classes *classes, struct span name) {
    if (!name.data)
        return 0;
    if (classes->count == classes->capacity)
        grow(classes);
    uint64_t hash = hash64(name, 0);
    size_t mask = classes->capacity * 2 - 1, slot = hash & mask;
    for (; classes->slots[slot]; slot = (slot + 1) & mask) {
        uint32_t number = classes->slots[slot];
        if (classes->hashes[number] == hash && span_equal(classes->names[number], name))
            return number;
    }
    classes->names[classes->count] = name;
    classes->hashes[classes->count] = hash;
    classes->slots[slot] = (uint32_t)classes->count;
    return (uint32_t)classes->count++;
}

void html_classes_release(struct html_classes *classes) {
    free(classes->names);
    free(classes->hashes);
    free(classes->slots);
    *classes = (struct html_classes){0};
}
