/*
 * How often each piece of text occurs: an open-addressing table in which short pieces lie whole in their slots, since
 * nearly all pieces are short and a second place in memory would cost as much again as the first.
 */
#ifndef BPE_PIECE_COUNT_H
#define BPE_PIECE_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct piece_slot {
    unsigned char key[16]; /* piece_count.c tells what it holds; its last byte is 0 where the slot is free */
    uint64_t times;
};

/* Zero-initialised is valid and empty. */
struct piece_counts {
    struct piece_slot *slots; /* a power of two of them */
    size_t slot_count;
    unsigned shift; /* 64 - log2(slot_count) */
    size_t count;
    struct bytes text; /* the long pieces, each behind its size */
};

/* The most pieces that are counted at once. */
#define PIECE_RUN 64

/* Counts a piece of 1 to 2^32 - 1 bytes. */
void piece_counts_add(struct piece_counts *counts, struct span piece, uint64_t times);
/* Counts up to PIECE_RUN pieces of one text, which may be read up to its end: their slots are fetched together, and
 * their bytes by sixteens. */
void piece_counts_add_run(struct piece_counts *counts, const struct span *pieces, size_t count, const char *end);
void piece_counts_merge(struct piece_counts *into, const struct piece_counts *from);
/* Walks the pieces by rising hash (nearly): true for the next one from *slot, 0 at the start. The piece is valid until
 * the next change. */
bool piece_counts_next(const struct piece_counts *counts, size_t *slot, struct span *piece, uint64_t *times);
/* The hash that piece_counts_next goes by; the same in every table. */
uint64_t piece_hash(struct span piece);
uint64_t piece_counts_memory(const struct piece_counts *counts); /* bytes held */
/* The same, or what is held for a moment when the table grows, where it is about to. */
uint64_t piece_counts_memory_ahead(const struct piece_counts *counts);
void piece_counts_release(struct piece_counts *counts); /* frees and zeroes */

#endif
