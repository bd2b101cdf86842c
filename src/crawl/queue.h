/*
 * Finished entries that wait to be asked for: a parser that is fed a piece of input may finish several at once.
 */
#ifndef CRAWL_QUEUE_H
#define CRAWL_QUEUE_H

#include "crawl/format.h"

/* Zero-initialised is valid and empty. */
struct entry_queue {
    struct crawl_entry **entries; /* [first, first + count) wait; all `capacity` of them are allocated or NULL */
    size_t first, count, capacity;
};

/* A cleared entry at the end of the queue, to be filled. Valid until the next push. */
struct crawl_entry *entry_queue_push(struct entry_queue *queue);
/* Moves the oldest into *entry; false where none waits. */
bool entry_queue_pop(struct entry_queue *queue, struct crawl_entry *entry);
void entry_queue_release(struct entry_queue *queue);

#endif
