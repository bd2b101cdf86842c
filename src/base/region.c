/*
 * Blocks of growing size in a list.
 */
#include "base/region.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/memory.h"

#define FIRST_BLOCK ((size_t)16 << 10)
#define LARGEST_BLOCK ((size_t)1 << 20)

struct region_block {
    struct region_block *next;
    size_t size;
    alignas(max_align_t) char data[];
};

static void add_block(struct region *region, size_t least) {
    size_t size = region->blocks ? region->blocks->size * 2 : FIRST_BLOCK;
    size = size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
    size = size < least ? least : size;
    struct region_block *block = memory_allocate(sizeof *block + size);
    *block = (struct region_block){region->blocks, size};
    region->blocks = block;
    region->next = block->data;
    region->left = size;
}

void *region_take(struct region *region, size_t size) {
    const size_t mask = alignof(max_align_t) - 1;
    size = (size + mask) & ~mask;
    if (size > region->left)
        add_block(region, size);
    void *taken = region->next;
    region->next += size;
    region->left -= size;
    return taken;
}

void region_release(struct region *region) {
    while (region->blocks) {
        struct region_block *block = region->blocks;
        region->blocks = block->next;
        free(block);
    }
    *region = (struct region){0};
}
