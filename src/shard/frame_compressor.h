/*
 * Compression of frames on several threads, with results in the order of submission; private to this folder. One
 * thread at a time submits and takes.
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

/* For so many threads, the caller among them: the others are the caller's too where it is assisted, else its own. */
int frame_compressor_new(struct frame_compressor **compressor, unsigned threads, bool assisted, struct error *error);
void frame_compressor_free(struct frame_compressor *compressor); /* NULL is allowed; frames on their way are dropped */

/* Room for no further frame: frame_compressor_next must make some first. */
bool frame_compressor_full(const struct frame_compressor *compressor);
/*
 * Submits *content, size bytes in a buffer of SHARD_FRAME_SIZE from memory.h, and sets *content to another such buffer
 * for the caller to fill and, in the end, to free.
 */
void frame_compressor_submit(struct frame_compressor *compressor, void *owner, unsigned char **content, size_t size);
/* Compresses a frame that no thread has taken yet; false where there is none. On any thread. */
bool frame_compressor_assist(struct frame_compressor *compressor);
/*
 * The frame that was submitted first of those not yet done with; NULL where there is none, or it is not compressed yet
 * and `wait` is false. Who waits compresses meanwhile. The frame is the caller's until frame_compressor_done.
 */
const struct frame *frame_compressor_next(struct frame_compressor *compressor, bool wait);
void frame_compressor_done(struct frame_compressor *compressor);

#endif
