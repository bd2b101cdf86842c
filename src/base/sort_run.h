/*
 * Runs of items in unlinked temporary files: those of sort, and what is walked more than once without fitting into
 * memory. A run is written once, item by item, and then read as often as it is rewound. Reading holds one key in
 * memory; its value stays in the file until asked for, so that merging many runs of large values stays small.
 */
#ifndef BASE_SORT_RUN_H
#define BASE_SORT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

struct sort_run;

/* An empty run in $TMPDIR (or /tmp), ready for sort_run_write. NULL on error. */
struct sort_run *sort_run_new(struct error *error);
void sort_run_free(struct sort_run *run); /* NULL is allowed */
int sort_run_write(struct sort_run *run, struct span key, struct span value, struct error *error);
/* Ends writing or begins reading again, and reads the first key. */
int sort_run_rewind(struct sort_run *run, struct error *error);
/* The key at hand, valid until sort_run_next; absent at the end of the run. */
struct span sort_run_key(const struct sort_run *run);
/* Reads the value that belongs to the key at hand; valid until sort_run_next. Call at most once for an item. */
int sort_run_value(struct sort_run *run, struct span *value, struct error *error);
/* Moves to the next key. The value at hand must have been read. */
int sort_run_next(struct sort_run *run, struct error *error);

#endif
