/*
 * bzip2 files of many streams (Wikipedia's dumps, pbzip2's output), decoded several streams at a time. What comes out,
 * and where and how it fails, is what the decoder of decompress.h gives.
 */
#ifndef BASE_BZIP2_STREAMS_H
#define BASE_BZIP2_STREAMS_H

#include "base/decompress.h"

struct bzip2_streams;

/* threads >= 2. */
struct bzip2_streams *bzip2_streams_new(unsigned threads);
void bzip2_streams_free(struct bzip2_streams *streams); /* NULL is allowed */
/* As decoder_run, but takes input ahead of what it delivers. Empty input says that nothing follows for now: what was
 * taken is delivered. */
enum decoder_status bzip2_streams_run(struct bzip2_streams *streams, struct span *input, bool last, char *out,
                                      size_t size, size_t *written);
/* Bytes taken that were not decoded: after a failure they stand behind it. */
size_t bzip2_streams_ahead(const struct bzip2_streams *streams);
/* As decoder_is_between, of what is delivered. */
bool bzip2_streams_is_between(const struct bzip2_streams *streams);
const char *bzip2_streams_reason(const struct bzip2_streams *streams);

#endif
