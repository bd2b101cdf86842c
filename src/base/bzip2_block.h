/*
 * A block of a bzip2 file, decoded by libbz2 as a stream of its own.
 *
 * Format: Julian Seward's bzip2, as its decompress.c reads it. A stream is "BZh", a digit, blocks, the mark of the end
 * and a sum of the blocks' CRCs, and is padded to a byte; a block is its mark, its CRC and its data.
 */
#ifndef BASE_BZIP2_BLOCK_H
#define BASE_BZIP2_BLOCK_H

#include <bzlib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define BZIP2_BLOCK_MARK UINT64_C(0x314159265359)
#define BZIP2_END_MARK UINT64_C(0x177245385090)
#define BZIP2_MARK_BITS 48
#define BZIP2_SUM_BITS 32
/* Decoded at a time: a block of equal bytes can hold 46 MB. */
#define BZIP2_OUT_MAX ((size_t)6 << 20)

enum bzip2_block_status {
    BZIP2_BLOCK_MORE,
    BZIP2_BLOCK_WHOLE,
    BZIP2_BLOCK_CUT, /* the file ends in it or right behind it; what there is of it is sound */
    BZIP2_BLOCK_CORRUPT,
};

struct bzip2_block {
    uint64_t bit, end; /* of the file: where it begins, and the bit behind it */
    uint32_t sum;      /* its CRC */
    char level;        /* the digit of its stream */
    bool last;         /* no mark follows it in the file */
    bool joined;       /* a mark within it was passed over */
    struct bytes raw;  /* owned: the bytes it stands in and two more; once it is open, the stream */
    struct bytes out;  /* owned: what was decoded last */
    size_t delivered;  /* of out, for the caller to count */
    bool emitted;      /* something was delivered, or may be: what is broken stands behind it */
    bz_stream stream;
    enum bzip2_block_status status;
};

/* Makes ready to decode; status is BZIP2_BLOCK_MORE. */
void bzip2_block_open(struct bzip2_block *block);
/* Decodes the next BZIP2_OUT_MAX bytes or somewhat more into out; to be called while status is BZIP2_BLOCK_MORE. */
void bzip2_block_decode(struct bzip2_block *block);
/* Gives the decoder's memory back; nothing where it is not open. raw and out stay. */
void bzip2_block_close(struct bzip2_block *block);

#endif
