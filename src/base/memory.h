/*
 * Allocation that cannot fail: on out-of-memory the process ends with a message and status 1.
 * This is the one place in the library that may exit.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* All five return memory for free(3). A size of 0 gives a pointer that may be freed. */
void *memory_allocate(size_t size) __attribute__((malloc, returns_nonnull));
/* count * size zeroed bytes; an overflowing product is out-of-memory. */
void *memory_zeroed(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
/* size zeroed bytes for a table that is looked up at random places: in huge pages, where the system has them. */
void *memory_table(size_t size) __attribute__((malloc, returns_nonnull));
/* Asks for huge pages for what lies whole within an allocation, before it is touched. */
void memory_prefer_huge_pages(void *pointer, size_t size);
void *memory_resize(void *pointer, size_t count, size_t size) __attribute__((returns_nonnull));
/* A copy of size bytes followed by a NUL that is not counted. */
char *memory_copy(const char *data, size_t size) __attribute__((malloc, returns_nonnull));
/* Ends the process as above; for when another library reports out-of-memory. */
void memory_exhausted(void) __attribute__((noreturn));

#endif
