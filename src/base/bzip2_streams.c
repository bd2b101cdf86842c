/*
 * Cuts a bzip2 file where a stream seems to begin, and decodes the pieces on threads of its own. A piece that does not
 * end where its stream does (the bytes of a beginning may stand within a stream; a stream may be longer than a piece)
 * is gone on with on the caller's thread, so cuts only ever cost time. Knows nothing of files.
 */
#include "base/bzip2_streams.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Wikipedia's streams of 100 pages are about 0.3 MB, and 1 MB decoded. */
#define PIECE_MAX ((size_t)2 << 20)
#define OUT_MAX ((size_t)6 << 20)
#define PIECES_MAX 8
/* Taken from the input at a time, since what follows a piece is copied. */
#define GATHER_MAX ((size_t)256 << 10)
/* "BZh", the block size, and what begins a block. */
#define HEAD_SIZE 10

enum piece_state { PIECE_FREE, PIECE_WAITING, PIECE_TAKEN, PIECE_DONE };

struct piece {
    enum piece_state state;
    struct decoder *decoder;
    struct bytes raw, out;
    size_t used, delivered; /* of raw, of out */
    enum decoder_status status;
};

struct bzip2_streams {
    struct piece pieces[PIECES_MAX]; /* a ring: `count` of them from `first` on are in use, in the order of the file */
    size_t capacity, first, count;
    struct bytes gathered;  /* of the next piece */
    size_t searched;        /* no stream but the piece's own begins before this place in it */
    struct decoder *direct; /* goes on on the caller's thread with `feed`, then with the pieces after it; or NULL */
    struct bytes feed;
    size_t fed;
    struct decoder *failed; /* the one of these that failed */
    pthread_t threads[PIECES_MAX];
    size_t thread_count;
    pthread_mutex_t lock; /* guards the states, and stopped */
    pthread_cond_t waiting, done;
    bool stopped;
};

/* ---- the threads ---- */

static void decode_piece(struct piece *piece) {
    piece->status = DECODER_MORE;
    while (piece->status == DECODER_MORE && piece->used < piece->raw.size && piece->out.size < OUT_MAX) {
        struct span input = {piece->raw.data + piece->used, piece->raw.size - piece->used};
        size_t room = (size_t)256 << 10, written;
        char *out = bytes_reserve(&piece->out, room);
        piece->status = decoder_run(piece->decoder, &input, false, out, room, &written);
        piece->out.size += written;
        piece->used = piece->raw.size - input.size;
    }
}

static void *work(void *context) {
    struct bzip2_streams *streams = context;
    pthread_mutex_lock(&streams->lock);
    while (!streams->stopped) {
        struct piece *piece = NULL;
        for (size_t i = 0; i < streams->count && !piece; i++) {
            struct piece *candidate = &streams->pieces[(streams->first + i) % streams->capacity];
            piece = candidate->state == PIECE_WAITING ? candidate : NULL;
        }
        if (!piece) {
            pthread_cond_wait(&streams->waiting, &streams->lock);
            continue;
        }
        piece->state = PIECE_TAKEN;
        pthread_mutex_unlock(&streams->lock);
        decode_piece(piece);
        pthread_mutex_lock(&streams->lock);
        piece->state = PIECE_DONE;
        pthread_cond_signal(&streams->done);
    }
    pthread_mutex_unlock(&streams->lock);
    return NULL;
}

struct bzip2_streams *bzip2_streams_new(unsigned threads) {
    struct bzip2_streams *streams = memory_zeroed(1, sizeof *streams);
    pthread_mutex_init(&streams->lock, NULL);
    pthread_cond_init(&streams->waiting, NULL);
    pthread_cond_init(&streams->done, NULL);
    streams->capacity = threads + 2 < PIECES_MAX ? threads + 2 : PIECES_MAX;
    size_t wanted = threads < PIECES_MAX - 2 ? threads : PIECES_MAX - 2;
    while (streams->thread_count < wanted &&
           pthread_create(&streams->threads[streams->thread_count], NULL, work, streams) == 0)
        streams->thread_count++;
    return streams;
}

void bzip2_streams_free(struct bzip2_streams *streams) {
    if (!streams)
        return;
    pthread_mutex_lock(&streams->lock);
    streams->stopped = true;
    pthread_cond_broadcast(&streams->waiting);
    pthread_mutex_unlock(&streams->lock);
    for (size_t i = 0; i < streams->thread_count; i++)
        pthread_join(streams->threads[i], NULL);
    for (size_t i = 0; i < PIECES_MAX; i++) {
        decoder_free(streams->pieces[i].decoder);
        bytes_release(&streams->pieces[i].raw);
        bytes_release(&streams->pieces[i].out);
    }
    decoder_free(streams->direct);
    bytes_release(&streams->gathered);
    bytes_release(&streams->feed);
    pthread_cond_destroy(&streams->waiting);
    pthread_cond_destroy(&streams->done);
    pthread_mutex_destroy(&streams->lock);
    free(streams);
}

/* ---- pieces in ---- */

/* Hands the first `size` gathered bytes to the threads; what follows them is gathered for the next piece. */
static void push_piece(struct bzip2_streams *streams, size_t size) {
    struct piece *piece = &streams->pieces[(streams->first + streams->count) % streams->capacity];
    struct bytes rest = piece->raw;
    bytes_clear(&rest);
    bytes_append(&rest, streams->gathered.data + size, streams->gathered.size - size);
    piece->raw = streams->gathered;
    piece->raw.size = size;
    piece->used = piece->delivered = 0;
    bytes_clear(&piece->out);
    piece->decoder = decoder_new(COMPRESSION_BZIP2);
    streams->gathered = rest;
    streams->searched = 0;
    pthread_mutex_lock(&streams->lock);
    piece->state = PIECE_WAITING;
    streams->count++;
    pthread_cond_signal(&streams->waiting);
    pthread_mutex_unlock(&streams->lock);
}

/* Where a stream begins in what was gathered, after its start; 0 where none does yet. */
static size_t find_stream(struct bzip2_streams *streams) {
    const struct bytes *gathered = &streams->gathered;
    size_t at = streams->searched > 0 ? streams->searched : 1;
    while (at + HEAD_SIZE <= gathered->size) {
        const char *found = memmem(gathered->data + at, gathered->size - at, "BZh", 3);
        if (!found)
            break;
        at = (size_t)(found - gathered->data);
        if (at + HEAD_SIZE > gathered->size)
            break;
        if (found[3] >= '1' && found[3] <= '9' && memcmp(found + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0)
            return at;
        at++;
    }
    size_t kept = gathered->size < HEAD_SIZE ? gathered->size : HEAD_SIZE - 1;
    streams->searched = gathered->size - kept;
    return 0;
}

/* Makes pieces of input while there is room for them. */
static void gather(struct bzip2_streams *streams, struct span *input, bool last) {
    while (streams->count < streams->capacity) {
        size_t cut = find_stream(streams);
        if (!cut && streams->gathered.size >= PIECE_MAX)
            cut = streams->gathered.size;
        if (!cut && !input->size && last)
            cut = streams->gathered.size;
        if (cut) {
            push_piece(streams, cut);
            continue;
        }
        if (!input->size)
            return;
        size_t taken = input->size < GATHER_MAX ? input->size : GATHER_MAX;
        bytes_append(&streams->gathered, input->data, taken);
        input->data += taken;
        input->size -= taken;
    }
}

/* ---- pieces out ---- */

static struct piece *wait_for_first(struct bzip2_streams *streams) {
    struct piece *piece = &streams->pieces[streams->first];
    pthread_mutex_lock(&streams->lock);
    while (piece->state != PIECE_DONE)
        pthread_cond_wait(&streams->done, &streams->lock);
    pthread_mutex_unlock(&streams->lock);
    return piece;
}

static void pop_piece(struct bzip2_streams *streams) {
    struct piece *piece = &streams->pieces[streams->first];
    decoder_free(piece->decoder);
    piece->decoder = NULL;
    pthread_mutex_lock(&streams->lock);
    piece->state = PIECE_FREE;
    streams->first = (streams->first + 1) % streams->capacity;
    streams->count--;
    pthread_mutex_unlock(&streams->lock);
}

/* The first piece's bytes become what `direct` is fed, from `from` on. */
static void take_feed(struct bzip2_streams *streams, struct piece *piece, size_t from) {
    struct bytes empty = streams->feed;
    streams->feed = piece->raw;
    streams->fed = from;
    piece->raw = empty;
    bytes_clear(&piece->raw);
}

/* Goes on with the stream that outlasted its piece. */
static enum decoder_status run_direct(struct bzip2_streams *streams, struct span *input, bool last, char *out,
                                      size_t size, size_t *written) {
    if (streams->fed == streams->feed.size && streams->count > 0) {
        take_feed(streams, wait_for_first(streams), 0);
        pop_piece(streams);
    } else if (streams->fed == streams->feed.size && streams->gathered.size > 0) {
        bytes_clear(&streams->feed);
        bytes_append_span(&streams->feed, span_of_bytes(&streams->gathered));
        bytes_clear(&streams->gathered);
        streams->fed = streams->searched = 0;
    }
    struct span feed = {streams->feed.data + streams->fed, streams->feed.size - streams->fed};
    bool from_input = feed.size == 0;
    enum decoder_status status =
        decoder_run(streams->direct, from_input ? input : &feed, from_input && last, out, size, written);
    streams->fed = streams->feed.size - (from_input ? 0 : feed.size);
    if (status == DECODER_FAILED) {
        streams->failed = streams->direct;
    } else if (streams->fed == streams->feed.size && decoder_is_between(streams->direct)) {
        decoder_free(streams->direct);
        streams->direct = NULL;
    }
    return status;
}

/* Delivers from the first piece, and lets it go once nothing is left of it. */
static enum decoder_status run_piece(struct bzip2_streams *streams, char *out, size_t size, size_t *written) {
    struct piece *piece = wait_for_first(streams);
    size_t left = piece->out.size - piece->delivered;
    *written = left < size ? left : size;
    if (*written) {
        memcpy(out, piece->out.data + piece->delivered, *written);
        piece->delivered += *written;
        return DECODER_MORE;
    }
    if (piece->status == DECODER_FAILED) {
        streams->failed = piece->decoder;
        return DECODER_FAILED;
    }
    if (piece->used < piece->raw.size || !decoder_is_between(piece->decoder)) {
        streams->direct = piece->decoder;
        piece->decoder = NULL;
        take_feed(streams, piece, piece->used);
    }
    pop_piece(streams);
    return DECODER_MORE;
}

enum decoder_status bzip2_streams_run(struct bzip2_streams *streams, struct span *input, bool last, char *out,
                                      size_t size, size_t *written) {
    /* Nothing follows: what was taken ahead comes out. */
    bool starved = input->size == 0;
    *written = 0;
    while (*written == 0) {
        enum decoder_status status;
        if (streams->direct) {
            bool waits = streams->fed < streams->feed.size || streams->count > 0 || streams->gathered.size > 0;
            if (!waits && !input->size && !last)
                return DECODER_MORE;
            status = run_direct(streams, input, last, out, size, written);
        } else {
            gather(streams, input, last || starved);
            if (streams->count == 0)
                return last ? DECODER_END : DECODER_MORE;
            if (streams->count < streams->capacity && !last && !starved)
                return DECODER_MORE;
            status = run_piece(streams, out, size, written);
        }
        if (status != DECODER_MORE)
            return status;
    }
    return DECODER_MORE;
}

size_t bzip2_streams_ahead(const struct bzip2_streams *streams) {
    size_t ahead = streams->gathered.size + streams->feed.size - streams->fed;
    for (size_t i = 0; i < streams->count; i++) {
        const struct piece *piece = &streams->pieces[(streams->first + i) % streams->capacity];
        ahead += piece->raw.size - (i == 0 && piece->decoder == streams->failed ? piece->used : 0);
    }
    return ahead;
}

bool bzip2_streams_is_between(const struct bzip2_streams *streams) {
    if (streams->failed)
        return decoder_is_between(streams->failed);
    return !streams->direct && (streams->count == 0 || streams->pieces[streams->first].delivered == 0);
}

const char *bzip2_streams_reason(const struct bzip2_streams *streams) {
    return streams->failed ? decoder_reason(streams->failed) : "";
}
