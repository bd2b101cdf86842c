/* Aligned memory for weights and activations. It owns nothing but the alignment. */
#include "model/arena.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define ALIGNMENT ((size_t)64)

void *arena_take(struct arena *arena, size_t count, size_t size) {
    void *memory = arena->memory == NULL ? NULL : arena->memory + arena->size;
    arena->size += ((uint64_t)count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return memory;
}

void arena_allocate(struct arena *arena) {
    arena->memory = arena_block((size_t)arena->size);
    arena->size = 0;
}

void arena_release(struct arena *arena) {
    free(arena->memory);
    *arena = (struct arena){0};
}

void *arena_block(size_t size) {
    void *memory = aligned_alloc(ALIGNMENT, (size + ALIGNMENT) / ALIGNMENT * ALIGNMENT);
    if (memory == NULL)
        free(memory_zeroed(SIZE_MAX,
                           SIZE_MAX)); /* an overflowing product: ends the process as every lack of memory does */
    memset(memory, 0, size);
    return memory;
}
