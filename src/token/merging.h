/*
 * Encoding a piece by its definition: the merge of the lowest rank first, the leftmost among equals. Any tokenizer's
 * ids can be found that way; where its merges allow it, matching.h is faster.
 */
#ifndef TOKEN_MERGING_H
#define TOKEN_MERGING_H

#include "token/tokenizer.h"

/* One thread's scratch memory; zero-initialised is valid. */
struct merging_scratch {
    struct link *links;
    size_t link_capacity;
    uint64_t *heap; /* rank << 32 | position of the left token, smallest first */
    size_t heap_count, heap_capacity;
};

void merging_scratch_release(struct merging_scratch *scratch);

/*
 * Writes the ids of one piece of 1 to UINT32_MAX - 1 bytes to ids, which has room for `size`; returns how many. Takes n
 * log n.
 */
size_t merging_encode(const struct tokenizer *tokenizer, struct merging_scratch *scratch, struct span piece,
                      uint32_t *ids);

#endif
