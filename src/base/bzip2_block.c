/*
 * One block as a stream: "BZh", the block moved to the bit behind that, the mark of the end and the block's CRC.
 */
#include "base/bzip2_block.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Appends the upper `count` bits of `bits` after the *used bits of the last byte that are in use. */
static void append_bits(struct bytes *out, unsigned *used, uint64_t bits, unsigned count) {
    while (count > 0) {
        if (*used == 8) {
            bytes_append_byte(out, 0);
            *used = 0;
        }
        unsigned taken = count < 8 - *used ? count : 8 - *used;
        out->data[out->size - 1] |= (char)(bits >> (64 - taken) << (8 - *used - taken));
        bits <<= taken;
        count -= taken;
        *used += taken;
    }
}

/* Turns the bytes that a block stands in into a stream that holds it alone. */
static void make_stream(struct bzip2_block *block) {
    struct bytes stream = {0};
    unsigned shift = block->bit % 8, used = 8;
    size_t bits = (size_t)(block->end - block->bit), whole = bits / 8;
    bytes_append_text(&stream, "BZh");
    bytes_append_byte(&stream, block->level);
    unsigned char *out = (unsigned char *)bytes_reserve(&stream, whole + 16);
    const unsigned char *in = (const unsigned char *)block->raw.data;
    for (size_t i = 0; i < whole; i++)
        out[i] = (unsigned char)(in[i] << shift | in[i + 1] >> (8 - shift));
    stream.size += whole;
    /* Of a block that is cut, bits that fill no byte are left out: those that would fill it are not known. */
    if (!block->last) {
        append_bits(&stream, &used, (uint64_t)(in[whole] << shift | in[whole + 1] >> (8 - shift)) << 56,
                    (unsigned)(bits % 8));
        append_bits(&stream, &used, BZIP2_END_MARK << (64 - BZIP2_MARK_BITS), BZIP2_MARK_BITS);
        append_bits(&stream, &used, (uint64_t)block->sum << (64 - BZIP2_SUM_BITS), BZIP2_SUM_BITS);
    }
    bytes_release(&block->raw);
    block->raw = stream;
}

void bzip2_block_open(struct bzip2_block *block) {
    make_stream(block);
    memset(&block->stream, 0, sizeof block->stream);
    if (BZ2_bzDecompressInit(&block->stream, 0, 0) != BZ_OK)
        memory_exhausted();
    block->stream.next_in = block->raw.data;
    block->stream.avail_in = (unsigned)block->raw.size;
    block->status = BZIP2_BLOCK_MORE;
}

void bzip2_block_close(struct bzip2_block *block) {
    if (block->stream.state)
        BZ2_bzDecompressEnd(&block->stream);
    memset(&block->stream, 0, sizeof block->stream);
}

/* The CRC of blocks: that of Ethernet with the highest bit first. */
static uint32_t crc_of(const struct bytes *bytes) {
    uint32_t table[256], crc = UINT32_MAX;
    for (uint32_t i = 0; i < 256; i++) {
        table[i] = i << 24;
        for (unsigned bit = 0; bit < 8; bit++)
            table[i] = table[i] << 1 ^ (table[i] >> 31 ? UINT32_C(0x04C11DB7) : 0);
    }
    for (size_t i = 0; i < bytes->size; i++)
        crc = crc << 8 ^ table[crc >> 24 ^ (unsigned char)bytes->data[i]];
    return ~crc;
}

/* Decodes up to BZIP2_OUT_MAX bytes more. */
void bzip2_block_decode(struct bzip2_block *block) {
    bytes_clear(&block->out);
    block->delivered = 0;
    while (block->status == BZIP2_BLOCK_MORE && block->out.size < BZIP2_OUT_MAX) {
        unsigned room = 1 << 20;
        block->stream.next_out = bytes_reserve(&block->out, room);
        block->stream.avail_out = room;
        int result = BZ2_bzDecompress(&block->stream);
        block->out.size += room - block->stream.avail_out;
        if (result == BZ_MEM_ERROR)
            memory_exhausted();
        if (result == BZ_STREAM_END)
            block->status = BZIP2_BLOCK_WHOLE;
        else if (result != BZ_OK)
            block->status = BZIP2_BLOCK_CORRUPT;
        else if (block->stream.avail_out == room && block->stream.avail_in == 0)
            block->status = block->last && !block->joined ? BZIP2_BLOCK_CUT : BZIP2_BLOCK_CORRUPT;
    }
    if (block->status == BZIP2_BLOCK_CORRUPT && !block->emitted)
        block->emitted = block->out.size > 0 && crc_of(&block->out) == block->sum;
}
