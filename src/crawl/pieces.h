/*
 * Ways to cut a stream into pieces that no format needs to invent again.
 */
#ifndef CRAWL_PIECES_H
#define CRAWL_PIECES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"

/*
 * Appends up to and including the delimiter, or to the end of input. 1 read, 0 where nothing was left, -1 error. Where
 * *out would grow beyond limit the rest of the piece is passed over and *too_long set.
 */
int pieces_read_until(struct input *input, char delimiter, uint64_t limit, struct bytes *out, bool *too_long,
                      struct error *error);

/* JSON values at the top of a stream: JSON Lines, objects one after the other over any number of lines, or one array of
 * objects. */
struct object_scanner {
    struct input *input;
    uint64_t limit;
    bool begun, by_line, in_array, after_array;
};

/*
 * The next object's bytes (in JSON Lines: the next line, whatever it is). 1 read, 0 at the end, -1 where what follows
 * cannot be told apart. Beyond the limit the object is passed over and *too_long set.
 */
int object_scanner_next(struct object_scanner *scanner, struct bytes *object, uint64_t *position, bool *too_long,
                        struct error *error);

#endif
