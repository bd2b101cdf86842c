/*
 * External merge sort of byte records under a memory budget (as sort(1)): items are kept in memory up to the budget,
 * then spilled as sorted runs to unlinked temporary files in $TMPDIR (or /tmp) and merged. Order: memcmp of the key,
 * then the order of sort_add, so it is total and neither runs nor the budget can show.
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

struct sort;

struct sort *sort_new(uint64_t memory); /* bytes of budget; at least 1 MiB is used */
/* Copies key and value. */
int sort_add(struct sort *sort, struct span key, struct span value, struct error *error);
/* Ends adding; call once before sort_next. */
int sort_finish(struct sort *sort, struct error *error);
/* 1 and the next item (valid until the next call), 0 at the end, -1 on error. */
int sort_next(struct sort *sort, struct span *key, struct span *value, struct error *error);
uint64_t sort_count(const struct sort *sort);
void sort_free(struct sort *sort);

#endif
