/*
 * Finds the pairs that are worth following in a pass over all words: those that occur at least a threshold of times.
 * Rarer ones cannot be merged before all of these are, and a pair that a merge makes is whole when it is made, so rare
 * pairs need no entry, no places and no updates until a later pass has a lower threshold.
 */
#ifndef BPE_PAIR_SCAN_H
#define BPE_PAIR_SCAN_H

#include <stdint.h>

#include "bpe/pair_table.h"
#include "bpe/words.h"
#include "model/threads.h"

/*
 * Empties the table and fills it with every pair of at least a threshold that is chosen from the counts, minimum or
 * more; with places, and claimed. Pairs of the table of banned ones are left out. Returns the threshold, or 0 where no
 * pair has the minimum.
 */
uint64_t pair_scan(struct pair_table *table, const struct words *words, const struct pair_table *banned,
                   uint64_t minimum, struct threads *threads);

#endif
