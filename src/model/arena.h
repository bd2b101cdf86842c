/*
 * One block of memory for many arrays, laid out twice by the same code: first without memory, which gives the size,
 * then with it.
 */
#ifndef MODEL_ARENA_H
#define MODEL_ARENA_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialised it only measures. */
struct arena {
    char *memory;
    uint64_t size; /* given out so far */
};

/* count elements of `size` bytes, 64-byte aligned; NULL while measuring. Not initialised before first use of the arena
 * but zero. */
void *arena_take(struct arena *arena, size_t count, size_t size);
/* Gives the measured arena its memory, zeroed, and starts from the front again. */
void arena_allocate(struct arena *arena);
void arena_release(struct arena *arena);

/* size zeroed bytes on a 64-byte boundary; free(3) releases them. Out-of-memory ends the process as in base/memory.h.
 */
void *arena_block(size_t size) __attribute__((malloc, returns_nonnull));

#endif
