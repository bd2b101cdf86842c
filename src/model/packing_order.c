/* Shuffling without a table of all documents. It owns the permutation of blocks; it reads no shard. */
#include "model/packing_order.h"

#include "base/hash.h"
#include "base/random.h"

/*
 * Dumps come one after the other, so neighbouring blocks are alike and a window of few blocks is not like the whole:
 * training would drift from window to window. Eight million tokens are 32 MiB, and all of a small corpus.
 */
#define WINDOW_TOKENS ((uint64_t)8 << 20)
#define WINDOW_BLOCKS 128
#define BLOCK_DOCUMENTS_MAX 4096

struct packing_order packing_order_make(uint64_t documents, uint64_t tokens, bool shuffle, uint64_t seed) {
    uint64_t average = documents ? tokens / documents + 1 : 1;
    uint64_t block = WINDOW_TOKENS / WINDOW_BLOCKS / average;
    if (block < 1)
        block = 1;
    if (block > BLOCK_DOCUMENTS_MAX)
        block = BLOCK_DOCUMENTS_MAX;
    return (struct packing_order){documents, block, WINDOW_BLOCKS, shuffle, seed};
}

static uint64_t block_count(const struct packing_order *order) {
    return (order->documents + order->block - 1) / order->block;
}

uint64_t packing_order_windows(const struct packing_order *order) {
    return (block_count(order) + order->window - 1) / order->window;
}

/*
 * A pseudo-random permutation of [0, count): a four-round Feistel network over the next power of four, walked until it
 * lands inside (Black & Rogaway 2002). It needs no memory, however many blocks there are.
 */
static uint64_t permute(uint64_t index, uint64_t count, uint64_t key) {
    unsigned half = 1;
    while (half < 32 && (uint64_t)1 << (2 * half) < count)
        half++;
    uint64_t mask = ((uint64_t)1 << half) - 1;
    do {
        uint64_t left = index >> half, right = index & mask;
        for (uint64_t round = 0; round < 4; round++) {
            uint64_t next = left ^ (hash_mix(right ^ hash_mix(key + round)) & mask);
            left = right;
            right = next;
        }
        index = left << half | right;
    } while (index >= count);
    return index;
}

size_t packing_order_window(const struct packing_order *order, uint64_t epoch, uint64_t window, uint64_t *list) {
    uint64_t blocks = block_count(order), key = hash_mix(order->seed ^ hash_mix(epoch + 1));
    size_t count = 0;
    for (uint64_t i = window * order->window; i < (window + 1) * order->window && i < blocks; i++) {
        uint64_t block = order->shuffle ? permute(i, blocks, key) : i;
        for (uint64_t document = block * order->block;
             document < (block + 1) * order->block && document < order->documents; document++)
            list[count++] = document;
    }
    return count;
}

void packing_order_shuffle(uint64_t seed, uint64_t epoch, uint64_t window, size_t count, size_t *shuffled) {
    struct random random;
    random_seed(&random, hash_mix(seed ^ hash_mix(epoch + 1)) ^ hash_mix(window + 1));
    for (size_t i = 0; i < count; i++) {
        size_t j = (size_t)random_below(&random, i + 1);
        shuffled[i] = shuffled[j];
        shuffled[j] = i;
    }
}
