/* The order in which packing takes a split's documents. */
#ifndef MODEL_PACKING_ORDER_H
#define MODEL_PACKING_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blocks of neighbouring documents, and windows of blocks. */
struct packing_order {
    uint64_t documents, block, window; /* documents in all, in a block; blocks in a window */
    bool shuffle;
    uint64_t seed;
};

/* Sizes blocks so that a window holds about eight million tokens, whatever the documents' length. */
struct packing_order packing_order_make(uint64_t documents, uint64_t tokens, bool shuffle, uint64_t seed);
uint64_t packing_order_windows(const struct packing_order *order);
/* Appends the window's document numbers in reading order to list (room for block x window); returns how many. */
size_t packing_order_window(const struct packing_order *order, uint64_t epoch, uint64_t window, uint64_t *list);
/* A seeded permutation of count items: fills shuffled[i] with distinct numbers below count. */
void packing_order_shuffle(uint64_t seed, uint64_t epoch, uint64_t window, size_t count, size_t *shuffled);

#endif
