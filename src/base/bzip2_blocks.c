/*
 * Cuts a bzip2 file at the marks of blocks, 48 bits at any bit of the file, makes of each block a stream of its own and
 * lets libbz2 decode those. The marks may, very rarely, also stand within a block; then it does not decode, and the cut
 * is undone. Knows nothing of files.
 *
 * Format: Julian Seward's bzip2, as its decompress.c reads it. A stream is "BZh", a digit, blocks, the mark of the end
 * and a sum of the blocks' CRCs, and is padded to a byte; a block is its mark, its CRC and its data.
 */
#include "base/bzip2_blocks.h"

#include <bzlib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BLOCK_MARK UINT64_C(0x314159265359)
#define END_MARK UINT64_C(0x177245385090)
#define MARK_MASK UINT64_C(0xFFFFFFFFFFFF)
#define MARK_BITS 48
#define SUM_BITS 32
#define HEAD_SIZE 4
/* No block is longer: 900,000 symbols of at most 20 bits, and its tables. */
#define BLOCK_MAX ((size_t)2560 << 10)
/* Decoded ahead of each block at most: a block of equal bytes can hold 46 MB. */
#define OUT_MAX ((size_t)6 << 20)
#define PIECES_MAX 16
/* Taken from the input at a time. */
#define GATHER_MAX ((size_t)256 << 10)

enum piece_state { PIECE_FREE, PIECE_WAITING, PIECE_TAKEN, PIECE_DONE };
enum piece_kind { PIECE_BLOCK, PIECE_STREAM_END, PIECE_FAILURE };
enum block_status { BLOCK_MORE, BLOCK_WHOLE, BLOCK_CUT, BLOCK_CORRUPT };

struct piece {
    enum piece_state state;
    enum piece_kind kind;
    uint64_t bit;       /* of the file, where it begins */
    uint64_t end;       /* of a block: the bit after it */
    uint32_t sum;       /* of a block its CRC, of a stream's end what it says */
    const char *reason; /* of a failure, and its place in the file */
    uint64_t place;
    char level;       /* the digit of its stream */
    bool last;        /* of a block: no mark follows it in the file */
    bool joined;      /* of a block: a mark within it was passed over */
    struct bytes raw; /* the bytes it stands in; then, as a stream */
    struct bytes out;
    size_t delivered; /* of out */
    bool emitted;     /* something was delivered, or may be: what is broken stands behind it */
    bz_stream stream;
    enum block_status status;
};

struct bzip2_blocks {
    struct piece pieces[PIECES_MAX]; /* a ring: `count` of them from `first` on are in use, in the order of the file */
    size_t capacity, first, count;
    /* What was taken, from the first piece on. */
    struct bytes raw;
    uint64_t raw_start; /* its place in the file */
    /* Where the next piece begins; in a stream there is a mark. */
    uint64_t bit;
    uint64_t searched; /* the next mark is not before this bit */
    bool in_stream, joined, ended;
    bool started; /* there was a stream */
    char level;
    bool second[256]; /* bytes that can be the second of those that a mark stands in */
    /* Of what was delivered. */
    uint32_t sum; /* of the blocks of the stream */
    bool between;
    const char *reason; /* of the failure, and its place in the file */
    uint64_t failed;
    pthread_t threads[PIECES_MAX];
    size_t thread_count;
    pthread_mutex_t lock; /* guards the states, and stopped */
    pthread_cond_t waiting, done;
    bool stopped;
};

/* ---- a block as a stream ---- */

/* The 64 bits from a bit on; 8 more bytes must be there to read. */
static uint64_t load_bits(const char *bytes, uint64_t bit) {
    const unsigned char *at = (const unsigned char *)bytes + bit / 8;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word = __builtin_bswap64(word);
    unsigned shift = bit % 8;
    return shift ? word << shift | at[8] >> (8 - shift) : word;
}

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
static void make_stream(struct piece *piece) {
    struct bytes stream = {0};
    unsigned shift = piece->bit % 8, used = 8;
    size_t bits = (size_t)(piece->end - piece->bit), whole = bits / 8;
    bytes_append_text(&stream, "BZh");
    bytes_append_byte(&stream, piece->level);
    unsigned char *out = (unsigned char *)bytes_reserve(&stream, whole + 16);
    const unsigned char *in = (const unsigned char *)piece->raw.data;
    for (size_t i = 0; i < whole; i++)
        out[i] = (unsigned char)(in[i] << shift | in[i + 1] >> (8 - shift));
    stream.size += whole;
    /* Of a block that is cut, bits that fill no byte are left out: those that would fill it are not known. */
    if (!piece->last) {
        append_bits(&stream, &used, (uint64_t)(in[whole] << shift | in[whole + 1] >> (8 - shift)) << 56,
                    (unsigned)(bits % 8));
        append_bits(&stream, &used, END_MARK << (64 - MARK_BITS), MARK_BITS);
        append_bits(&stream, &used, (uint64_t)piece->sum << (64 - SUM_BITS), SUM_BITS);
    }
    bytes_release(&piece->raw);
    piece->raw = stream;
}

static void open_block(struct piece *piece) {
    make_stream(piece);
    memset(&piece->stream, 0, sizeof piece->stream);
    if (BZ2_bzDecompressInit(&piece->stream, 0, 0) != BZ_OK)
        memory_exhausted();
    piece->stream.next_in = piece->raw.data;
    piece->stream.avail_in = (unsigned)piece->raw.size;
    piece->status = BLOCK_MORE;
}

static void close_block(struct piece *piece) {
    if (piece->stream.state)
        BZ2_bzDecompressEnd(&piece->stream);
    memset(&piece->stream, 0, sizeof piece->stream);
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

/* Decodes up to OUT_MAX bytes more. */
static void decode_block(struct piece *piece) {
    bytes_clear(&piece->out);
    piece->delivered = 0;
    while (piece->status == BLOCK_MORE && piece->out.size < OUT_MAX) {
        unsigned room = 1 << 20;
        piece->stream.next_out = bytes_reserve(&piece->out, room);
        piece->stream.avail_out = room;
        int result = BZ2_bzDecompress(&piece->stream);
        piece->out.size += room - piece->stream.avail_out;
        if (result == BZ_MEM_ERROR)
            memory_exhausted();
        if (result == BZ_STREAM_END)
            piece->status = BLOCK_WHOLE;
        else if (result != BZ_OK)
            piece->status = BLOCK_CORRUPT;
        else if (piece->stream.avail_out == room && piece->stream.avail_in == 0)
            piece->status = piece->last && !piece->joined ? BLOCK_CUT : BLOCK_CORRUPT;
    }
    if (piece->status == BLOCK_CORRUPT && !piece->emitted)
        piece->emitted = piece->out.size > 0 && crc_of(&piece->out) == piece->sum;
}

/* ---- the threads ---- */

static void *work(void *context) {
    struct bzip2_blocks *blocks = context;
    pthread_mutex_lock(&blocks->lock);
    while (!blocks->stopped) {
        struct piece *piece = NULL;
        for (size_t i = 0; i < blocks->count && !piece; i++) {
            struct piece *candidate = &blocks->pieces[(blocks->first + i) % blocks->capacity];
            piece = candidate->state == PIECE_WAITING ? candidate : NULL;
        }
        if (!piece) {
            pthread_cond_wait(&blocks->waiting, &blocks->lock);
            continue;
        }
        piece->state = PIECE_TAKEN;
        pthread_mutex_unlock(&blocks->lock);
        open_block(piece);
        decode_block(piece);
        pthread_mutex_lock(&blocks->lock);
        piece->state = PIECE_DONE;
        pthread_cond_signal(&blocks->done);
    }
    pthread_mutex_unlock(&blocks->lock);
    return NULL;
}

/* Whether a byte can stand second in a mark, wherever in a byte that begins. */
static bool can_be_second(unsigned char byte) {
    for (unsigned shift = 0; shift < 8; shift++) {
        if (byte == (unsigned char)(BLOCK_MARK >> (MARK_BITS - 16 + shift)) ||
            byte == (unsigned char)(END_MARK >> (MARK_BITS - 16 + shift)))
            return true;
    }
    return false;
}

struct bzip2_blocks *bzip2_blocks_new(void) {
    struct bzip2_blocks *blocks = memory_zeroed(1, sizeof *blocks);
    pthread_mutex_init(&blocks->lock, NULL);
    pthread_cond_init(&blocks->waiting, NULL);
    pthread_cond_init(&blocks->done, NULL);
    blocks->capacity = 1;
    blocks->between = true;
    for (unsigned byte = 0; byte < 256; byte++)
        blocks->second[byte] = can_be_second((unsigned char)byte);
    return blocks;
}

void bzip2_blocks_use_threads(struct bzip2_blocks *blocks, unsigned threads) {
    if (threads < 2 || blocks->thread_count > 0)
        return;
    blocks->capacity = 2 * threads + 2 < PIECES_MAX ? 2 * threads + 2 : PIECES_MAX;
    size_t wanted = threads < PIECES_MAX - 2 ? threads : PIECES_MAX - 2;
    while (blocks->thread_count < wanted &&
           pthread_create(&blocks->threads[blocks->thread_count], NULL, work, blocks) == 0)
        blocks->thread_count++;
}

void bzip2_blocks_free(struct bzip2_blocks *blocks) {
    if (!blocks)
        return;
    pthread_mutex_lock(&blocks->lock);
    blocks->stopped = true;
    pthread_cond_broadcast(&blocks->waiting);
    pthread_mutex_unlock(&blocks->lock);
    for (size_t i = 0; i < blocks->thread_count; i++)
        pthread_join(blocks->threads[i], NULL);
    for (size_t i = 0; i < PIECES_MAX; i++) {
        close_block(&blocks->pieces[i]);
        bytes_release(&blocks->pieces[i].raw);
        bytes_release(&blocks->pieces[i].out);
    }
    bytes_release(&blocks->raw);
    pthread_cond_destroy(&blocks->waiting);
    pthread_cond_destroy(&blocks->done);
    pthread_mutex_destroy(&blocks->lock);
    free(blocks);
}

/* ---- pieces in ---- */

static uint64_t taken_end(const struct bzip2_blocks *blocks) {
    return blocks->raw_start + blocks->raw.size;
}

/* The `count` bits from a bit of the file on, which must have been taken. */
static uint64_t bits_at(const struct bzip2_blocks *blocks, uint64_t bit, unsigned count) {
    char bytes[16] = {0};
    size_t at = (size_t)(bit / 8 - blocks->raw_start), left = blocks->raw.size - at;
    memcpy(bytes, blocks->raw.data + at, left < sizeof bytes ? left : sizeof bytes);
    return load_bits(bytes, bit % 8) >> (64 - count);
}

static bool has_bits(const struct bzip2_blocks *blocks, uint64_t bit, unsigned count) {
    return bit + count <= taken_end(blocks) * 8;
}

/* The first mark from blocks->searched on, which is moved to where the search goes on; false where there is none. */
static bool find_mark(struct bzip2_blocks *blocks, uint64_t *found) {
    const unsigned char *raw = (const unsigned char *)blocks->raw.data;
    size_t at = (size_t)(blocks->searched / 8 - blocks->raw_start);
    for (; at + 1 < blocks->raw.size; at++) {
        if (!blocks->second[raw[at + 1]])
            continue;
        for (unsigned shift = 0; shift < 8; shift++) {
            uint64_t bit = (blocks->raw_start + at) * 8 + shift;
            if (bit < blocks->searched || !has_bits(blocks, bit, MARK_BITS))
                continue;
            uint64_t mark = bits_at(blocks, bit, MARK_BITS);
            if (mark == BLOCK_MARK || mark == END_MARK) {
                *found = bit;
                return true;
            }
        }
    }
    uint64_t known = taken_end(blocks) * 8;
    if (known >= blocks->searched + MARK_BITS)
        blocks->searched = known - MARK_BITS + 1;
    return false;
}

/* Appends a piece that begins at blocks->bit. */
static struct piece *push_piece(struct bzip2_blocks *blocks, enum piece_kind kind) {
    struct piece *piece = &blocks->pieces[(blocks->first + blocks->count) % blocks->capacity];
    struct bytes raw = piece->raw, out = piece->out;
    bytes_clear(&raw);
    bytes_clear(&out);
    *piece = (struct piece){.state = PIECE_DONE,
                            .kind = kind,
                            .bit = blocks->bit,
                            .end = blocks->bit,
                            .level = blocks->level,
                            .raw = raw,
                            .out = out};
    return piece;
}

static void share_piece(struct bzip2_blocks *blocks, struct piece *piece) {
    pthread_mutex_lock(&blocks->lock);
    piece->state = piece->kind == PIECE_BLOCK ? PIECE_WAITING : PIECE_DONE;
    blocks->count++;
    pthread_cond_signal(&blocks->waiting);
    pthread_mutex_unlock(&blocks->lock);
}

static bool push_failure(struct bzip2_blocks *blocks, const char *reason, uint64_t place) {
    struct piece *piece = push_piece(blocks, PIECE_FAILURE);
    piece->reason = reason;
    piece->place = place;
    blocks->ended = true;
    share_piece(blocks, piece);
    return true;
}

static bool push_block(struct bzip2_blocks *blocks, uint64_t end, bool last) {
    struct piece *piece = push_piece(blocks, PIECE_BLOCK);
    size_t from = (size_t)(piece->bit / 8 - blocks->raw_start), to = (size_t)((end + 7) / 8 - blocks->raw_start);
    piece->end = end;
    piece->last = last;
    piece->joined = blocks->joined;
    piece->sum = (uint32_t)bits_at(blocks, piece->bit + MARK_BITS, SUM_BITS);
    bytes_append(&piece->raw, blocks->raw.data + from, to - from);
    bytes_append(&piece->raw, "\0", 2); /* make_stream looks a byte ahead */
    blocks->bit = end;
    blocks->searched = end + MARK_BITS;
    blocks->joined = false;
    blocks->ended = last;
    share_piece(blocks, piece);
    return true;
}

/* A stream's beginning: its head and a mark. */
static bool gather_head(struct bzip2_blocks *blocks, bool last) {
    static const char head[] = "BZh";
    size_t at = (size_t)(blocks->bit / 8 - blocks->raw_start), left = blocks->raw.size - at;
    if (left == 0 || (left < HEAD_SIZE + MARK_BITS / 8 && !last))
        return false;
    const char *raw = blocks->raw.data + at;
    size_t common = left < strlen(head) ? left : strlen(head);
    bool right = memcmp(raw, head, common) == 0 && (left < HEAD_SIZE || (raw[3] >= '1' && raw[3] <= '9'));
    bool whole = left >= HEAD_SIZE + MARK_BITS / 8;
    uint64_t mark = whole ? bits_at(blocks, blocks->bit + HEAD_SIZE * 8, MARK_BITS) : BLOCK_MARK;
    if (!right || (mark != BLOCK_MARK && mark != END_MARK))
        return push_failure(blocks, !right && blocks->started ? "garbage after a bzip2 stream" : "corrupt bzip2 stream",
                            blocks->bit / 8);
    if (!whole)
        return push_failure(blocks, "truncated bzip2 stream", taken_end(blocks));
    blocks->level = raw[3];
    blocks->bit += HEAD_SIZE * 8;
    blocks->searched = blocks->bit + MARK_BITS;
    blocks->in_stream = blocks->started = true;
    return true;
}

static bool gather_end(struct bzip2_blocks *blocks, bool last) {
    if (!has_bits(blocks, blocks->bit, MARK_BITS + SUM_BITS))
        return last && push_failure(blocks, "truncated bzip2 stream", taken_end(blocks));
    struct piece *piece = push_piece(blocks, PIECE_STREAM_END);
    piece->sum = (uint32_t)bits_at(blocks, blocks->bit + MARK_BITS, SUM_BITS);
    blocks->bit = (blocks->bit + MARK_BITS + SUM_BITS + 7) / 8 * 8;
    blocks->in_stream = false;
    share_piece(blocks, piece);
    return true;
}

/* Makes the next piece of what was taken; false where that needs more. */
static bool gather_piece(struct bzip2_blocks *blocks, bool last) {
    uint64_t end;
    if (!blocks->in_stream)
        return gather_head(blocks, last);
    if (bits_at(blocks, blocks->bit, MARK_BITS) == END_MARK)
        return gather_end(blocks, last);
    if (find_mark(blocks, &end))
        return push_block(blocks, end, false);
    end = taken_end(blocks) * 8;
    if (last)
        return push_block(blocks, end, true);
    if (end - blocks->bit > BLOCK_MAX * 8)
        return push_failure(blocks, "corrupt bzip2 stream", blocks->bit / 8);
    return false;
}

/* Makes pieces of input while there is room for them. */
static void gather(struct bzip2_blocks *blocks, struct span *input, bool last) {
    while (blocks->count < blocks->capacity && !blocks->ended) {
        if (gather_piece(blocks, last && !input->size))
            continue;
        if (!input->size)
            return;
        size_t taken = input->size < GATHER_MAX ? input->size : GATHER_MAX;
        bytes_append(&blocks->raw, input->data, taken);
        input->data += taken;
        input->size -= taken;
    }
}

/* ---- pieces out ---- */

static void wait_for(struct bzip2_blocks *blocks, struct piece *piece) {
    if (blocks->thread_count == 0 && piece->state == PIECE_WAITING) {
        open_block(piece);
        decode_block(piece);
        piece->state = PIECE_DONE;
        return;
    }
    pthread_mutex_lock(&blocks->lock);
    while (piece->state != PIECE_DONE)
        pthread_cond_wait(&blocks->done, &blocks->lock);
    pthread_mutex_unlock(&blocks->lock);
}

/* Lets the first piece go, and what was taken before the next. */
static void pop_piece(struct bzip2_blocks *blocks) {
    struct piece *piece = &blocks->pieces[blocks->first];
    close_block(piece);
    pthread_mutex_lock(&blocks->lock);
    piece->state = PIECE_FREE;
    blocks->first = (blocks->first + 1) % blocks->capacity;
    blocks->count--;
    pthread_mutex_unlock(&blocks->lock);
    uint64_t kept = (blocks->count ? blocks->pieces[blocks->first].bit : blocks->bit) / 8;
    size_t passed = (size_t)(kept - blocks->raw_start);
    memmove(blocks->raw.data, blocks->raw.data + passed, blocks->raw.size - passed);
    blocks->raw.size -= passed;
    blocks->raw_start = kept;
}

/* Goes back to the first piece, to cut it after the mark that ended it. */
static void join_blocks(struct bzip2_blocks *blocks) {
    struct piece *first = &blocks->pieces[blocks->first];
    for (size_t i = 0; i < blocks->count; i++)
        wait_for(blocks, &blocks->pieces[(blocks->first + i) % blocks->capacity]);
    for (size_t i = 0; i < blocks->count; i++)
        close_block(&blocks->pieces[(blocks->first + i) % blocks->capacity]);
    blocks->bit = first->bit;
    blocks->level = first->level;
    blocks->searched = first->end + 1;
    blocks->in_stream = blocks->joined = true;
    blocks->ended = false;
    pthread_mutex_lock(&blocks->lock);
    blocks->count = 0;
    pthread_mutex_unlock(&blocks->lock);
}

static enum decoder_status fail(struct bzip2_blocks *blocks, const char *reason, uint64_t place) {
    blocks->reason = reason;
    blocks->failed = place;
    return DECODER_FAILED;
}

/* What follows once all that was decoded of a block is delivered. */
static enum decoder_status end_block(struct bzip2_blocks *blocks, struct piece *piece) {
    switch (piece->status) {
    case BLOCK_MORE:
        decode_block(piece);
        break;
    case BLOCK_WHOLE:
        blocks->sum = (blocks->sum << 1 | blocks->sum >> 31) ^ piece->sum;
        pop_piece(blocks);
        break;
    case BLOCK_CUT:
        return fail(blocks, "truncated bzip2 stream", taken_end(blocks));
    case BLOCK_CORRUPT:
        if (piece->emitted || piece->joined || piece->last)
            return fail(blocks, "corrupt bzip2 stream", piece->bit / 8);
        join_blocks(blocks);
    }
    return DECODER_MORE;
}

/* Delivers from the first piece, and lets it go once nothing is left of it. */
static enum decoder_status run_piece(struct bzip2_blocks *blocks, char *out, size_t size, size_t *written) {
    struct piece *piece = &blocks->pieces[blocks->first];
    wait_for(blocks, piece);
    switch (piece->kind) {
    case PIECE_FAILURE:
        return fail(blocks, piece->reason, piece->place);
    case PIECE_STREAM_END:
        if (piece->sum != blocks->sum)
            return fail(blocks, "corrupt bzip2 stream", piece->bit / 8);
        blocks->sum = 0;
        blocks->between = true;
        pop_piece(blocks);
        return DECODER_MORE;
    case PIECE_BLOCK:
        break;
    }
    size_t left = piece->out.size - piece->delivered;
    bool sound = piece->status != BLOCK_CORRUPT || piece->emitted;
    if (left == 0 || !sound)
        return end_block(blocks, piece);
    *written = left < size ? left : size;
    memcpy(out, piece->out.data + piece->delivered, *written);
    piece->delivered += *written;
    piece->emitted = true;
    blocks->between = false;
    return DECODER_MORE;
}

enum decoder_status bzip2_blocks_run(struct bzip2_blocks *blocks, struct span *input, bool last, char *out, size_t size,
                                     size_t *written) {
    /* Nothing follows for now: what was taken comes out. */
    bool starved = input->size == 0;
    *written = 0;
    while (*written == 0) {
        gather(blocks, input, last);
        if (blocks->count == 0)
            return last ? DECODER_END : DECODER_MORE;
        if (blocks->count < blocks->capacity && !last && !starved)
            return DECODER_MORE;
        enum decoder_status status = run_piece(blocks, out, size, written);
        if (status != DECODER_MORE)
            return status;
    }
    return DECODER_MORE;
}

size_t bzip2_blocks_ahead(const struct bzip2_blocks *blocks) {
    uint64_t place = blocks->reason ? blocks->failed : blocks->raw_start;
    return (size_t)(taken_end(blocks) - place);
}

bool bzip2_blocks_is_between(const struct bzip2_blocks *blocks) {
    return blocks->between;
}

const char *bzip2_blocks_reason(const struct bzip2_blocks *blocks) {
    return blocks->reason ? blocks->reason : "";
}
