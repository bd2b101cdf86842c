/*
 * Output streams with the project's promises: a named regular file is written to a temporary beside it, fsynced and
 * renamed (symlinks followed, umask honoured, folder fsynced) by output_close alone; devices, FIFOs, /dev/stdout and
 * stdout are written in place. A name ending in .gz or .zst compresses (one thread, zstd level 3, gzip level 6, no time
 * stamp), so bytes repeat. Every write error is returned, at output_close at the latest.
 */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

struct output;

/* path NULL or "-" is stdout. */
int output_open(struct output **output, const char *path, struct error *error);
/* Whether two open outputs would write one file under a name, however their paths name it. */
bool output_is_same(const struct output *a, const struct output *b);
int output_write(struct output *output, const void *data, size_t size, struct error *error);
int output_flush(struct output *output, struct error *error); /* hands all buffered bytes to the system */
/*
 * Flushes, checks, fsyncs, renames and frees; on failure the temporary is removed and the named file is as it was. Only
 * where the very last step fails, the fsync of the folder, the named file is the new one already.
 */
int output_close(struct output *output, struct error *error);
/* Removes the temporary and frees. NULL is allowed. */
void output_abort(struct output *output);
/* Removes the temporaries of every open output; async-signal-safe, for handlers of SIGINT and SIGTERM. */
void output_remove_temporaries(void);
/* output_open + output_write + output_close. */
int output_save(const char *path, struct span content, struct error *error);
/* fsync of the folder that holds path. */
int output_sync_folder(const char *path, struct error *error);

#endif
