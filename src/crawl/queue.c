/*
 * A queue of entries that recycles their memory.
 */
#include "crawl/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct crawl_entry *entry_queue_push(struct entry_queue *queue) {
    if (queue->first + queue->count == queue->capacity) {
        size_t capacity = queue->capacity ? queue->capacity * 2 : 16;
        queue->entries = memory_resize(queue->entries, capacity, sizeof *queue->entries);
        for (size_t i = queue->capacity; i < capacity; i++)
            queue->entries[i] = NULL;
        queue->capacity = capacity;
    }
    struct crawl_entry **slot = &queue->entries[queue->first + queue->count++];
    if (!*slot)
        *slot = crawl_entry_new();
    crawl_entry_clear(*slot);
    return *slot;
}

bool entry_queue_pop(struct entry_queue *queue, struct crawl_entry *entry) {
    if (queue->count == 0)
        return false;
    struct crawl_entry *oldest = queue->entries[queue->first++], emptied = *entry;
    *entry = *oldest;
    *oldest = emptied;
    if (--queue->count == 0)
        queue->first = 0;
    return true;
}

void entry_queue_release(struct entry_queue *queue) {
    for (size_t i = 0; i < queue->capacity; i++)
        crawl_entry_free(queue->entries[i]);
    free(queue->entries);
    memset(queue, 0, sizeof *queue);
}
