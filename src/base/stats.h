/* Named 64-bit counters in order of first use, merged from workers, written as JSON (--stats) without times or paths.
 * Not thread-safe. */
#ifndef BASE_STATS_H
#define BASE_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

struct counter {
    char *name; /* owned */
    uint64_t value;
};

/* Zero-initialised is valid and empty. */
struct counters {
    struct counter *items;
    size_t count, capacity;
    uint32_t *slots; /* places of items + 1 by the hash of their names; 0 is empty */
    size_t slot_count;
};

/* Adds to a counter, which is made where there is none, and returns its place. */
size_t counters_add(struct counters *counters, const char *name, uint64_t value);
uint64_t counters_get(const struct counters *counters, const char *name); /* 0 where absent */
void counters_merge(struct counters *into, const struct counters *from);
void counters_clear(struct counters *counters); /* forgets all names, keeps memory */
void counters_release(struct counters *counters);
/* {"name":1,…} sorted by name, so that the bytes do not depend on the order of work. */
void counters_append_json(const struct counters *counters, struct bytes *out);

/* Parts the three names that a counter of a table has in one: table, row, column. */
#define COUNTERS_SEPARATOR '\x1F'
/* Of such counters, {"table":{"row":{"column":1,...},...},...}, sorted at every level. */
void counters_append_tables(const struct counters *counters, struct bytes *out);

#endif
