/*
 * Compression of frames on several threads, with results in the order of submission; private to this folder. One
 * thread submits and takes.
 */
#ifndef SHARD_FRAME_COMPRESSOR_H
#define SHARD_FRAME_COMPRESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A frame and what became of it. */
struct frame {
    void *owner; /* as submitted */
    unsigned char *content, *compressed;
    size_t size, compressed_size;
    uint32_t checksum;  /* of the content */
    const char *reason; /* NULL, or why compression failed */
};

struct frame_compressor;

/* threads: 0 or 1 compresses within frame_compressor_submit. */
int frame_compressor_new(struct frame_compressor **compressor, unsigned threads, struct error *error);
void frame_compressor_free(struct frame_compressor *compressor); /* NULL is allowed; frames on their way are dropped */

/* Room for no further frame: frame_compressor_next must make some first. */
bool frame_compressor_full(const struct frame_compressor *compressor);
/*
 * Submits *content, size bytes in a buffer of SHARD_FRAME_SIZE from memory.h, and sets *content to another such buffer
 * for the caller to fill and, in the end, to free.
 */
void frame_compressor_submit(struct frame_compressor *compressor, void *owner, unsigned char **content, size_t size);
/*
 * The frame that was submitted first of those not yet done with; NULL where there is none, or it is not compressed yet
 * and `wait` is false. It is the caller's until frame_compressor_done.
 */
const struct frame *frame_compressor_next(struct frame_compressor *compressor, bool wait);
void frame_compressor_done(struct frame_compressor *compressor);

#endif
