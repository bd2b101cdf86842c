/* Files of segments to score: a segment a line, or records, whose segment is the last assistant turn or the text. */
#ifndef EVAL_SEGMENTS_H
#define EVAL_SEGMENTS_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

struct segment {
    size_t start, size; /* in text */
    size_t lang_start, lang_size;
};

/* Zero-initialised is valid and empty. */
struct segments {
    struct bytes text;
    struct segment *items;
    size_t count, capacity;
};

/* Reads a whole file ("-" is stdin). One that begins with { is JSON Lines; in any other every line, empty ones too, is
 * a segment. ERROR_DATA names file and line. */
int segments_load(struct segments *segments, const char *path, struct error *error);
void segments_release(struct segments *segments);
struct span segments_text(const struct segments *segments, size_t index);
struct span segments_lang(const struct segments *segments, size_t index); /* absent where not known */

#endif
