/* The pairs of neighbouring tokens while merges are learned: counts, places, and which pair is the most frequent. */
#ifndef BPE_PAIR_TABLE_H
#define BPE_PAIR_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pair {
    uint32_t left, right;
    uint64_t count;
    uint32_t *places; /* where the pair stood at some time; may hold places where it stands no more */
    size_t place_count, place_capacity;
    uint32_t merge_id; /* what the pair was merged to; 0, a special token's id, before */
    bool touched;      /* in pair_table.touched */
};

/* A claim that a pair has a count; the heap holds for each pair one that is not below its count. */
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
    size_t *touched; /* pairs whose count grew since pair_table_settle */
    size_t touched_count, touched_capacity;
};

/* Adds an occurrence of `times` at a place. */
void pair_table_add(struct pair_table *table, uint32_t left, uint32_t right, uint64_t times, uint32_t place);
/* Takes `times` away; the pair must be there. */
void pair_table_subtract(struct pair_table *table, uint32_t left, uint32_t right, uint64_t times);
/* Claims the new counts of pairs that grew. */
void pair_table_settle(struct pair_table *table);
/* The pair with the highest count (ties: smaller left, then smaller right), or NULL where all counts are 0. Valid until
 * the next add. */
struct pair *pair_table_best(struct pair_table *table);
void pair_table_release(struct pair_table *table);

#endif
