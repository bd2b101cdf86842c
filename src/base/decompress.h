/*
 * Streaming decoders for what input.c recognises by content. A decoder sees the whole of a file: every member, frame or
 * stream in it, one after the other, and padding as each format's own tool takes it. A zstd file may begin with a
 * dictionary in a skippable frame 0x184D2A5D, plain or compressed, which all its frames use (WARC-Zstd 1.0).
 */
#ifndef BASE_DECOMPRESS_H
#define BASE_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD, COMPRESSION_BZIP2, COMPRESSION_XZ };

/* As many first bytes as recognising needs. */
#define COMPRESSION_HEAD_SIZE 10

/*
 * What a file that begins with head is. Fewer than COMPRESSION_HEAD_SIZE bytes mean that the file ends there: then a
 * head that no text has (two bytes of gzip, zstd or xz, four of bzip2) is taken as the start of a truncated stream.
 */
enum compression compression_detect(struct span head);

struct decoder;

enum decoder_status {
    DECODER_MORE,   /* all input was used or all room was filled; goes on with more of either */
    DECODER_END,    /* everything was delivered */
    DECODER_FAILED, /* truncated or corrupt; every byte before the damage was delivered */
};

/* compression is not COMPRESSION_NONE. */
struct decoder *decoder_new(enum compression compression);
void decoder_free(struct decoder *decoder); /* NULL is allowed */
/*
 * Takes bytes off the front of *input and writes up to size bytes to out; *written tells how many, in every case. last:
 * no byte follows *input. On DECODER_FAILED decoder_reason says why and input->data is where the decoder stood.
 */
enum decoder_status decoder_run(struct decoder *decoder, struct span *input, bool last, char *out, size_t size,
                                size_t *written);
const char *decoder_reason(const struct decoder *decoder);
/* Bytes taken off inputs that were not delivered: on DECODER_FAILED it stood so many before input->data. bzip2 alone is
 * decoded ahead, and for it empty input says that nothing follows for now. */
size_t decoder_ahead(const struct decoder *decoder);
/* Before the first run: bzip2 is decoded by that many threads. */
void decoder_use_threads(struct decoder *decoder, unsigned threads);

enum compression decoder_compression(const struct decoder *decoder);
/* True before, between and after members or frames. */
bool decoder_is_between(const struct decoder *decoder);
/* What each member or frame begins with; absent for formats whose streams are not looked for within a file. */
struct span decoder_magic(const struct decoder *decoder);
/* Makes ready for a member or frame elsewhere in the same file, whatever came before; a zstd dictionary is kept. */
void decoder_restart(struct decoder *decoder);

#endif
