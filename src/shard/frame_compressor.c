/*
 * Owns the ring of frames, and the threads that compress where the caller lends none. The frame with sequence number s
 * lies in slot s % slots; done <= taken <= submitted <= done + slots. Who takes a frame owns its slot until it is
 * finished; the other slots are the caller's.
 */
#include "shard/frame_compressor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/memory.h"
#include "shard/layout.h"

#define COMPRESSION_LEVEL 3

struct slot {
    struct frame frame;
    bool finished;
};

struct frame_compressor {
    struct slot *slots;
    size_t slot_count, capacity; /* capacity: of a compressed frame */
    pthread_mutex_t lock;        /* guards all below but `done`, and what is said of slots above */
    pthread_cond_t ready;        /* for the threads: a frame to take, or no more will come */
    pthread_cond_t complete;     /* for the caller: a frame is finished */
    uint64_t submitted, taken;
    uint64_t done; /* the caller's */
    bool ended;
    ZSTD_CCtx **idle; /* contexts that no thread uses: a stack */
    size_t idle_count;
    pthread_t *threads;
    unsigned thread_count;
};

static ZSTD_CCtx *new_context(void) {
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    if (!zstd)
        return NULL;
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, COMPRESSION_LEVEL);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    return zstd;
}

static void compress(ZSTD_CCtx *zstd, struct frame *frame, size_t capacity) {
    size_t size = zstd ? ZSTD_compress2(zstd, frame->compressed, capacity, frame->content, frame->size) : 0;
    frame->reason = zstd ? NULL : "compression cannot be set up";
    if (ZSTD_isError(size))
        frame->reason = ZSTD_getErrorName(size);
    if (frame->reason)
        return;
    frame->compressed_size = size;
    /* The sum that a frame ends in is the seek table's: the low half of XXH64 of the content. */
    frame->checksum = load_u32(frame->compressed + size - sizeof frame->checksum);
}

/* Compresses the first frame that nobody took, without the lock meanwhile; false where there is none. */
static bool compress_next(struct frame_compressor *compressor) {
    if (compressor->taken == compressor->submitted)
        return false;
    struct slot *slot = &compressor->slots[compressor->taken++ % compressor->slot_count];
    ZSTD_CCtx *zstd = compressor->idle_count > 0 ? compressor->idle[--compressor->idle_count] : NULL;
    pthread_mutex_unlock(&compressor->lock);
    if (!zstd)
        zstd = new_context();
    compress(zstd, &slot->frame, compressor->capacity);
    pthread_mutex_lock(&compressor->lock);
    if (zstd)
        compressor->idle[compressor->idle_count++] = zstd;
    slot->finished = true;
    pthread_cond_signal(&compressor->complete);
    return true;
}

static void *thread_main(void *argument) {
    struct frame_compressor *compressor = argument;
    pthread_mutex_lock(&compressor->lock);
    while (!compressor->ended) {
        if (!compress_next(compressor))
            pthread_cond_wait(&compressor->ready, &compressor->lock);
    }
    pthread_mutex_unlock(&compressor->lock);
    return NULL;
}

static int start_threads(struct frame_compressor *compressor, unsigned count) {
    compressor->threads = memory_zeroed(count, sizeof *compressor->threads);
    int code = 0;
    while (compressor->thread_count < count && code == 0) {
        code = pthread_create(&compressor->threads[compressor->thread_count], NULL, thread_main, compressor);
        compressor->thread_count += code == 0;
    }
    return code;
}

int frame_compressor_new(struct frame_compressor **result, unsigned threads, bool assisted, struct error *error) {
    struct frame_compressor *compressor = memory_zeroed(1, sizeof *compressor);
    compressor->slot_count = threads > 1 ? threads + 2 : 1;
    compressor->capacity = ZSTD_compressBound(SHARD_FRAME_SIZE);
    compressor->slots = memory_zeroed(compressor->slot_count, sizeof *compressor->slots);
    compressor->idle = memory_zeroed(compressor->slot_count, sizeof *compressor->idle);
    for (size_t i = 0; i < compressor->slot_count; i++) {
        compressor->slots[i].frame.content = memory_allocate(SHARD_FRAME_SIZE);
        compressor->slots[i].frame.compressed = memory_allocate(compressor->capacity);
    }
    pthread_mutex_init(&compressor->lock, NULL);
    pthread_cond_init(&compressor->ready, NULL);
    pthread_cond_init(&compressor->complete, NULL);
    int code = threads > 1 && !assisted ? start_threads(compressor, threads - 1) : 0;
    *result = code ? NULL : compressor;
    if (code == 0)
        return 0;
    frame_compressor_free(compressor);
    return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "cannot start a thread: %s", strerror(code));
}

void frame_compressor_free(struct frame_compressor *compressor) {
    if (!compressor)
        return;
    pthread_mutex_lock(&compressor->lock);
    compressor->ended = true;
    pthread_cond_broadcast(&compressor->ready);
    pthread_mutex_unlock(&compressor->lock);
    for (unsigned i = 0; i < compressor->thread_count; i++)
        pthread_join(compressor->threads[i], NULL);
    for (size_t i = 0; i < compressor->idle_count; i++)
        ZSTD_freeCCtx(compressor->idle[i]);
    for (size_t i = 0; i < compressor->slot_count; i++) {
        free(compressor->slots[i].frame.content);
        free(compressor->slots[i].frame.compressed);
    }
    pthread_cond_destroy(&compressor->complete);
    pthread_cond_destroy(&compressor->ready);
    pthread_mutex_destroy(&compressor->lock);
    free(compressor->threads);
    free(compressor->idle);
    free(compressor->slots);
    free(compressor);
}

bool frame_compressor_full(const struct frame_compressor *compressor) {
    return compressor->submitted - compressor->done == compressor->slot_count; /* the caller alone changes either */
}

void frame_compressor_submit(struct frame_compressor *compressor, void *owner, unsigned char **content, size_t size) {
    struct slot *slot = &compressor->slots[compressor->submitted % compressor->slot_count];
    unsigned char *other = slot->frame.content;
    slot->frame.content = *content;
    *content = other;
    slot->frame.owner = owner;
    slot->frame.size = size;
    slot->finished = false;
    pthread_mutex_lock(&compressor->lock);
    compressor->submitted++;
    pthread_cond_signal(&compressor->ready);
    pthread_mutex_unlock(&compressor->lock);
}

bool frame_compressor_assist(struct frame_compressor *compressor) {
    pthread_mutex_lock(&compressor->lock);
    bool done = compress_next(compressor);
    pthread_mutex_unlock(&compressor->lock);
    return done;
}

const struct frame *frame_compressor_next(struct frame_compressor *compressor, bool wait) {
    if (compressor->done == compressor->submitted)
        return NULL;
    struct slot *slot = &compressor->slots[compressor->done % compressor->slot_count];
    pthread_mutex_lock(&compressor->lock);
    while (wait && !slot->finished) {
        if (!compress_next(compressor))
            pthread_cond_wait(&compressor->complete, &compressor->lock);
    }
    bool finished = slot->finished;
    pthread_mutex_unlock(&compressor->lock);
    return finished ? &slot->frame : NULL;
}

void frame_compressor_done(struct frame_compressor *compressor) {
    compressor->done++;
}
