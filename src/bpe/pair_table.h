/*
 * Pairs of neighbouring tokens that may be merged soon: their counts, the places where they stand, and which of them is
 * the most frequent.
 */
#ifndef BPE_PAIR_TABLE_H
#define BPE_PAIR_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct pair {
    uint64_t count;
    uint32_t left, right;
    size_t places; /* index of its first place in pair_table.places */
    uint32_t place_count;
};

/* A claim that a pair has a count; the heap holds for each pair that matters one that is not below its count. */
struct claim {
    uint64_t count;
    uint32_t left, right;
    size_t pair;
};

/* Zero-initialised is valid and empty. */
struct pair_table {
    struct pair *pairs;
    size_t count, capacity;
    uint32_t *slots; /* index + 1 of a pair, 0 where free; a power of two of them */
    size_t slot_count;
    struct claim *heap;
    size_t heap_count, heap_capacity;
    uint32_t *places; /* rising within each pair; some may hold the pair no more */
    size_t place_count, place_capacity;
};

/* The pair, or NULL where the table does not have it. Valid until the next pair_table_add. */
struct pair *pair_table_find(const struct pair_table *table, uint32_t left, uint32_t right);
/* The same, added with nothing in it where it is not there. */
struct pair *pair_table_add(struct pair_table *table, uint32_t left, uint32_t right);
/* Leaves only pairs with at least that count; before any of them is claimed or has places. */
void pair_table_keep(struct pair_table *table, uint64_t minimum);
/* Gives the pair room for so many places, and forgets those it had. */
void pair_table_reserve_places(struct pair_table *table, struct pair *pair, uint32_t count);
/* To be called where a count was set or rose; a count that falls needs none. */
void pair_table_claim(struct pair_table *table, const struct pair *pair);
/* The pair with the highest count (ties: smaller left, then smaller right) and at least minimum, or NULL. It is not
 * given again before it is claimed again. */
struct pair *pair_table_best(struct pair_table *table, uint64_t minimum);
void pair_table_clear(struct pair_table *table);   /* empties it, keeps the memory */
void pair_table_release(struct pair_table *table); /* frees and zeroes */

#endif
