/*
 * Brings the posts of each thread together, in the order in which threads (and everything else) first appear, by two
 * spilling sorts: by thread to learn where each one begins, then by that place. Memory stays within the budget however
 * many threads there are.
 */
#ifndef PAIR_GROUP_H
#define PAIR_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

struct group;

struct group *group_new(uint64_t memory);
void group_free(struct group *group);
/* Adds the next item in input order: one of a thread, or one that stands alone (thread NULL). */
int group_add(struct group *group, const struct hash128 *thread, struct span item, struct error *error);
/* After the last group_add: call once. */
int group_finish(struct group *group, struct error *error);
/* 1 and the next item (valid until the next call), and whether it stands in the same thread as the one before it; 0 at
 * the end; -1 on error. */
int group_next(struct group *group, struct span *item, bool *continues, struct error *error);

#endif
