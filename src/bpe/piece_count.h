/* How often each piece of text occurs. One table a worker, added up at the end: sums do not depend on who counted what.
 */
#ifndef BPE_PIECE_COUNT_H
#define BPE_PIECE_COUNT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct piece {
    uint64_t count;
    size_t start; /* of its bytes within piece_counts.text */
    uint32_t size;
    uint32_t hash;
};

/* Zero-initialised is valid and empty. */
struct piece_counts {
    struct bytes text;
    struct piece *pieces;
    size_t count, capacity;
    uint32_t *slots; /* index + 1 of a piece, 0 where free; a power of two of them */
    size_t slot_count;
};

void piece_counts_add(struct piece_counts *counts, struct span piece, uint64_t times);
void piece_counts_merge(struct piece_counts *into, const struct piece_counts *from);
void piece_counts_release(struct piece_counts *counts); /* frees and zeroes */

#endif
