/*
 * Memory for many small things that all end together: taken piece by piece, released at once.
 */
#ifndef BASE_REGION_H
#define BASE_REGION_H

#include <stddef.h>

/* Zero-initialised is valid and empty. */
struct region {
    struct region_block *blocks;
    char *next;
    size_t left;
};

/* size bytes, aligned for any object, not initialised; valid until the region is released. */
void *region_take(struct region *region, size_t size);
void region_release(struct region *region);

#endif
