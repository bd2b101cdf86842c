/*
 * Allocation that ends the process when memory runs out. The one place in the library that prints and exits, because no
 * caller could do better.
 */
#include "base/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((size_t)2 << 20)

void memory_exhausted(void) {
    fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
    exit(1);
}

void *memory_allocate(size_t size) {
    void *pointer = malloc(size ? size : 1);
    if (!pointer)
        memory_exhausted();
    return pointer;
}

void *memory_zeroed(size_t count, size_t size) {
    void *pointer = count && size ? calloc(count, size) : calloc(1, 1);
    if (!pointer)
        memory_exhausted();
    return pointer;
}

void memory_prefer_huge_pages(void *pointer, size_t size) {
#ifdef MADV_HUGEPAGE
    uintptr_t start = ((uintptr_t)pointer + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    uintptr_t end = ((uintptr_t)pointer + size) / HUGE_PAGE * HUGE_PAGE;
    if (start < end)
        madvise((void *)start, end - start, MADV_HUGEPAGE); /* a hint */
#else
    (void)pointer, (void)size;
#endif
}

void *memory_table(size_t size) {
    size_t alignment = size < HUGE_PAGE / 2 ? 64 : HUGE_PAGE;
    if (size > SIZE_MAX - alignment)
        memory_exhausted();
    size_t whole = (size + alignment - 1) / alignment * alignment;
    void *pointer = aligned_alloc(alignment, whole ? whole : alignment);
    if (!pointer)
        memory_exhausted();
    memory_prefer_huge_pages(pointer, whole);
    return memset(pointer, 0, size);
}

void *memory_resize(void *pointer, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        memory_exhausted();
    void *resized = realloc(pointer, total ? total : 1);
    if (!resized)
        memory_exhausted();
    return resized;
}

char *memory_copy(const char *data, size_t size) {
    if (size == SIZE_MAX)
        memory_exhausted();
    char *copy = memory_allocate(size + 1);
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}
