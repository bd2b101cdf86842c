/* Streaming encoders for output.c: .gz and .zst, one thread, no time stamp, so that the same content gives the same
 * bytes. */
#ifndef BASE_COMPRESS_H
#define BASE_COMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct encoder;

/* The encoder that a file of this name gets, or NULL for a plain file. */
struct encoder *encoder_for_name(const char *path);
void encoder_free(struct encoder *encoder); /* NULL is allowed */

enum encoder_step { ENCODER_CONTINUE, ENCODER_FLUSH, ENCODER_END };
/*
 * Takes bytes off the front of *input and writes up to size bytes to out. Returns true when nothing is left to do for
 * this step: all input was taken and, for FLUSH and END, everything was written. Call again with the same step until
 * then.
 */
bool encoder_run(struct encoder *encoder, struct span *input, enum encoder_step step, char *out, size_t size,
                 size_t *written);

#endif
