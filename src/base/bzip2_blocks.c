/*
 * Cuts a bzip2 file at the marks of blocks, 48 bits at any bit of the file, has the blocks decoded and puts what comes
 * of them in order. The marks may, very rarely, also stand within a block; then it does not decode, and the cut is
 * undone. Knows nothing of files.
 */
#include "base/bzip2_blocks.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bzip2_block.h"
#include "base/memory.h"

#define HEAD_SIZE 4
/* No block is longer: 900,000 symbols of at most 20 bits, and its tables. */
#define BLOCK_MAX ((size_t)2560 << 10)
#define PIECES_MAX 16
/* Taken from the input at a time. */
#define GATHER_MAX ((size_t)256 << 10)

enum piece_state { PIECE_FREE, PIECE_WAITING, PIECE_TAKEN, PIECE_DONE };
enum piece_kind { PIECE_BLOCK, PIECE_STREAM_END, PIECE_FAILURE };

struct piece {
    enum piece_state state;
    enum piece_kind kind;
    struct bzip2_block block; /* of a stream's end only bit, and as sum what it says */
    const char *reason;       /* of a failure, and its place in the file */
    uint64_t place;
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

/* The one so many behind the first. */
static struct piece *piece_at(struct bzip2_blocks *blocks, size_t index) {
    return &blocks->pieces[(blocks->first + index) % blocks->capacity];
}

/* ---- the threads ---- */

static void *work(void *context) {
    struct bzip2_blocks *blocks = context;
    pthread_mutex_lock(&blocks->lock);
    while (!blocks->stopped) {
        struct piece *piece = NULL;
        for (size_t i = 0; i < blocks->count && !piece; i++) {
            struct piece *candidate = piece_at(blocks, i);
            piece = candidate->state == PIECE_WAITING ? candidate : NULL;
        }
        if (!piece) {
            pthread_cond_wait(&blocks->waiting, &blocks->lock);
            continue;
        }
        piece->state = PIECE_TAKEN;
        pthread_mutex_unlock(&blocks->lock);
        bzip2_block_open(&piece->block);
        bzip2_block_decode(&piece->block);
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
        if (byte == (unsigned char)(BZIP2_BLOCK_MARK >> (BZIP2_MARK_BITS - 16 + shift)) ||
            byte == (unsigned char)(BZIP2_END_MARK >> (BZIP2_MARK_BITS - 16 + shift)))
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
        bzip2_block_close(&blocks->pieces[i].block);
        bytes_release(&blocks->pieces[i].block.raw);
        bytes_release(&blocks->pieces[i].block.out);
    }
    bytes_release(&blocks->raw);
    pthread_cond_destroy(&blocks->waiting);
    pthread_cond_destroy(&blocks->done);
    pthread_mutex_destroy(&blocks->lock);
    free(blocks);
}

/* ---- pieces in ---- */

/* The 64 bits from a bit on; 8 more bytes must be there to read. */
static uint64_t load_bits(const char *bytes, uint64_t bit) {
    const unsigned char *at = (const unsigned char *)bytes + bit / 8;
    uint64_t word;
    memcpy(&word, at, sizeof word);
    word = __builtin_bswap64(word);
    unsigned shift = bit % 8;
    return shift ? word << shift | at[8] >> (8 - shift) : word;
}

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
            if (bit < blocks->searched || !has_bits(blocks, bit, BZIP2_MARK_BITS))
                continue;
            uint64_t mark = bits_at(blocks, bit, BZIP2_MARK_BITS);
            if (mark == BZIP2_BLOCK_MARK || mark == BZIP2_END_MARK) {
                *found = bit;
                return true;
            }
        }
    }
    uint64_t known = taken_end(blocks) * 8;
    if (known >= blocks->searched + BZIP2_MARK_BITS)
        blocks->searched = known - BZIP2_MARK_BITS + 1;
    return false;
}

/* Appends a piece that begins at blocks->bit. */
static struct piece *push_piece(struct bzip2_blocks *blocks, enum piece_kind kind) {
    struct piece *piece = piece_at(blocks, blocks->count);
    struct bytes raw = piece->block.raw, out = piece->block.out;
    bytes_clear(&raw);
    bytes_clear(&out);
    *piece = (struct piece){
        .state = PIECE_DONE,
        .kind = kind,
        .block = {.bit = blocks->bit, .end = blocks->bit, .level = blocks->level, .raw = raw, .out = out}};
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
    size_t from = (size_t)(piece->block.bit / 8 - blocks->raw_start), to = (size_t)((end + 7) / 8 - blocks->raw_start);
    piece->block.end = end;
    piece->block.last = last;
    piece->block.joined = blocks->joined;
    piece->block.sum = (uint32_t)bits_at(blocks, piece->block.bit + BZIP2_MARK_BITS, BZIP2_SUM_BITS);
    bytes_append(&piece->block.raw, blocks->raw.data + from, to - from);
    bytes_append(&piece->block.raw, "\0", 2); /* looked at, not used */
    blocks->bit = end;
    blocks->searched = end + BZIP2_MARK_BITS;
    blocks->joined = false;
    blocks->ended = last;
    share_piece(blocks, piece);
    return true;
}

/* A stream's beginning: its head and a mark. */
static bool gather_head(struct bzip2_blocks *blocks, bool last) {
    static const char head[] = "BZh";
    size_t at = (size_t)(blocks->bit / 8 - blocks->raw_start), left = blocks->raw.size - at;
    if (left == 0 || (left < HEAD_SIZE + BZIP2_MARK_BITS / 8 && !last))
        return false;
    const char *raw = blocks->raw.data + at;
    size_t common = left < strlen(head) ? left : strlen(head);
    bool right = memcmp(raw, head, common) == 0 && (left < HEAD_SIZE || (raw[3] >= '1' && raw[3] <= '9'));
    bool whole = left >= HEAD_SIZE + BZIP2_MARK_BITS / 8;
    uint64_t mark = whole ? bits_at(blocks, blocks->bit + HEAD_SIZE * 8, BZIP2_MARK_BITS) : BZIP2_BLOCK_MARK;
    if (!right || (mark != BZIP2_BLOCK_MARK && mark != BZIP2_END_MARK))
        return push_failure(blocks, !right && blocks->started ? "garbage after a bzip2 stream" : "corrupt bzip2 stream",
                            blocks->bit / 8);
    if (!whole)
        return push_failure(blocks, "truncated bzip2 stream", taken_end(blocks));
    blocks->level = raw[3];
    blocks->bit += HEAD_SIZE * 8;
    blocks->searched = blocks->bit + BZIP2_MARK_BITS;
    blocks->in_stream = blocks->started = true;
    return true;
}

static bool gather_end(struct bzip2_blocks *blocks, bool last) {
    if (!has_bits(blocks, blocks->bit, BZIP2_MARK_BITS + BZIP2_SUM_BITS))
        return last && push_failure(blocks, "truncated bzip2 stream", taken_end(blocks));
    struct piece *piece = push_piece(blocks, PIECE_STREAM_END);
    piece->block.sum = (uint32_t)bits_at(blocks, blocks->bit + BZIP2_MARK_BITS, BZIP2_SUM_BITS);
    blocks->bit = (blocks->bit + BZIP2_MARK_BITS + BZIP2_SUM_BITS + 7) / 8 * 8;
    blocks->in_stream = false;
    share_piece(blocks, piece);
    return true;
}

/* Makes the next piece of what was taken; false where that needs more. */
static bool gather_piece(struct bzip2_blocks *blocks, bool last) {
    uint64_t end;
    if (!blocks->in_stream)
        return gather_head(blocks, last);
    if (bits_at(blocks, blocks->bit, BZIP2_MARK_BITS) == BZIP2_END_MARK)
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
        bzip2_block_open(&piece->block);
        bzip2_block_decode(&piece->block);
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
    struct piece *piece = piece_at(blocks, 0);
    bzip2_block_close(&piece->block);
    pthread_mutex_lock(&blocks->lock);
    piece->state = PIECE_FREE;
    blocks->first = (blocks->first + 1) % blocks->capacity;
    blocks->count--;
    pthread_mutex_unlock(&blocks->lock);
    uint64_t kept = (blocks->count ? blocks->pieces[blocks->first].block.bit : blocks->bit) / 8;
    size_t passed = (size_t)(kept - blocks->raw_start);
    memmove(blocks->raw.data, blocks->raw.data + passed, blocks->raw.size - passed);
    blocks->raw.size -= passed;
    blocks->raw_start = kept;
}

/* Goes back to the first piece, to cut it after the mark that ended it. */
static void join_blocks(struct bzip2_blocks *blocks) {
    struct piece *first = piece_at(blocks, 0);
    for (size_t i = 0; i < blocks->count; i++)
        wait_for(blocks, piece_at(blocks, i));
    for (size_t i = 0; i < blocks->count; i++)
        bzip2_block_close(&piece_at(blocks, i)->block);
    blocks->bit = first->block.bit;
    blocks->level = first->block.level;
    blocks->searched = first->block.end + 1;
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
    switch (piece->block.status) {
    case BZIP2_BLOCK_MORE:
        bzip2_block_decode(&piece->block);
        break;
    case BZIP2_BLOCK_WHOLE:
        blocks->sum = (blocks->sum << 1 | blocks->sum >> 31) ^ piece->block.sum;
        pop_piece(blocks);
        break;
    case BZIP2_BLOCK_CUT:
        return fail(blocks, "truncated bzip2 stream", taken_end(blocks));
    case BZIP2_BLOCK_CORRUPT:
        if (piece->block.emitted || piece->block.joined || piece->block.last)
            return fail(blocks, "corrupt bzip2 stream", piece->block.bit / 8);
        join_blocks(blocks);
    }
    return DECODER_MORE;
}

/* Delivers from the first piece, and lets it go once nothing is left of it. */
static enum decoder_status run_piece(struct bzip2_blocks *blocks, char *out, size_t size, size_t *written) {
    struct piece *piece = piece_at(blocks, 0);
    wait_for(blocks, piece);
    switch (piece->kind) {
    case PIECE_FAILURE:
        return fail(blocks, piece->reason, piece->place);
    case PIECE_STREAM_END:
        if (piece->block.sum != blocks->sum)
            return fail(blocks, "corrupt bzip2 stream", piece->block.bit / 8);
        blocks->sum = 0;
        blocks->between = true;
        pop_piece(blocks);
        return DECODER_MORE;
    case PIECE_BLOCK:
        break;
    }
    size_t left = piece->block.out.size - piece->block.delivered;
    bool sound = piece->block.status != BZIP2_BLOCK_CORRUPT || piece->block.emitted;
    if (left == 0 || !sound)
        return end_block(blocks, piece);
    *written = left < size ? left : size;
    memcpy(out, piece->block.out.data + piece->block.delivered, *written);
    piece->block.delivered += *written;
    piece->block.emitted = true;
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
