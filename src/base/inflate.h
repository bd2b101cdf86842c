/*
 * Deflate streams that lie whole in memory, by libdeflate, which takes a third of zlib's time for them. It cannot go on
 * with a stream that is cut, nor tell what came before damage: for that there is zlib.
 */
#ifndef BASE_INFLATE_H
#define BASE_INFLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum inflate_format { INFLATE_GZIP, INFLATE_ZLIB, INFLATE_BARE };

/* Zero-initialised is valid. */
struct inflater {
    void *state;
};

/*
 * Appends to *out what the stream (of gzip: the first member) at the front of packed holds. False, with out as it was,
 * where that is damaged, cut, or over limit bytes. *used, which may be NULL: the stream's own size. Of gzip, what the
 * member's trailer says of its size is believed where packed ends with it, which saves trying sizes.
 */
bool inflate_whole(struct inflater *inflater, enum inflate_format format, struct span packed, size_t limit,
                   struct bytes *out, size_t *used);
/* The size of the content (modulo 2^32) as a gzip member states it that ends where text ends; 0 where text is too
 * short. */
size_t inflate_gzip_size(struct span text);
void inflater_release(struct inflater *inflater);

#endif
