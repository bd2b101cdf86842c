/*
 * bzip2 files decoded block by block, several at a time where there are threads: a block stands by itself, whatever the
 * stream it is in, so one long stream is read as fast as many short ones. What comes out, and where and how it fails,
 * is the same for any number of threads.
 */
#ifndef BASE_BZIP2_BLOCKS_H
#define BASE_BZIP2_BLOCKS_H

#include <stdint.h>

#include "base/decompress.h"

struct bzip2_blocks;

struct bzip2_blocks *bzip2_blocks_new(void);
void bzip2_blocks_free(struct bzip2_blocks *blocks); /* NULL is allowed */
/* To be called before the first run; where it is not, the caller's thread decodes. */
void bzip2_blocks_use_threads(struct bzip2_blocks *blocks, unsigned threads);
/* As decoder_run, but takes input ahead of what it delivers. Empty input says that nothing follows for now: what was
 * taken is delivered. Of a broken block nothing is delivered but what exceeds a few MB. */
enum decoder_status bzip2_blocks_run(struct bzip2_blocks *blocks, struct span *input, bool last, char *out, size_t size,
                                     size_t *written);
/* Bytes taken that were not delivered: after a failure it stands before them. */
size_t bzip2_blocks_ahead(const struct bzip2_blocks *blocks);
/* As decoder_is_between, of what is delivered. */
bool bzip2_blocks_is_between(const struct bzip2_blocks *blocks);
const char *bzip2_blocks_reason(const struct bzip2_blocks *blocks);

#endif
