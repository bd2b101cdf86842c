/*
 * Amounts given as counts: records and hashes are kept, spilling under a memory budget, until the last was seen; then
 * the hashes in ascending order say where the parts end, and the records come back in input order.
 */
#ifndef SPLIT_QUOTA_H
#define SPLIT_QUOTA_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "split/partition.h"

struct quota;

struct quota *quota_new(uint64_t memory);
void quota_free(struct quota *quota); /* NULL is allowed */
/* Keeps a copy of a record: the eight bytes of its hash, as in memory, and its line without the newline. */
int quota_add(struct quota *quota, struct span hash_and_line, struct error *error);
/*
 * Call once after the last line. A count takes records in the order of their hashes until it has at least that many,
 * and then the rest of the last hash: the records of one key never part. Fewer records than asked for is an error.
 */
int quota_finish(struct quota *quota, const struct amount *test, const struct amount *val, struct partition *partition,
                 struct error *error);
/* 1 and the next line in input order (valid until the next call), 0 at the end, -1 on error. */
int quota_next(struct quota *quota, uint64_t *hash, struct span *line, struct error *error);

#endif
