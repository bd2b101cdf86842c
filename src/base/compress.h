/* Streaming encoders for output.c: .gz and .zst, one thread, no time stamp, so that the same content gives the same
 * bytes. */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct compressor;

/* The compressor that a file of this name gets, or NULL for a plain file. */
struct compressor *compressor_for_name(const char *path);
void compressor_free(struct compressor *compressor); /* NULL is allowed */

enum compressor_step { COMPRESSOR_CONTINUE, COMPRESSOR_FLUSH, COMPRESSOR_END };
/*
 * Takes bytes off the front of *input and writes up to size bytes to out. Returns true when nothing is left to do for
 * this step: all input was taken and, for FLUSH and END, everything was written. Call again with the same step until
 * then.
 */
bool compressor_run(struct compressor *compressor, struct span *input, enum compressor_step step, char *out,
                    size_t size, size_t *written);

#endif
