/*
 * Owns the threads that compress and the ring of frames. The frame with sequence number s lies in slot s % slots; done
 * <= taken <= submitted <= done + slots. The caller owns the slots below `taken` that are finished, and the free ones.
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
    pthread_mutex_t lock;
    pthread_cond_t ready;    /* for the threads: a frame to take, or no more will come */
    pthread_cond_t complete; /* for the caller: a frame is finished */
    uint64_t submitted, taken, done;
    bool ended;
    struct compressor_thread *threads;
    unsigned thread_count;
    ZSTD_CCtx *zstd; /* of the caller's thread, where there are no others */
};

struct compressor_thread {
    struct frame_compressor *compressor;
    ZSTD_CCtx *zstd;
    pthread_t thread;
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
    size_t size = ZSTD_compress2(zstd, frame->compressed, capacity, frame->content, frame->size);
    frame->reason = ZSTD_isError(size) ? ZSTD_getErrorName(size) : NULL;
    frame->compressed_size = size;
    frame->checksum = shard_checksum(frame->content, frame->size);
}

static void *thread_main(void *argument) {
    struct compressor_thread *thread = argument;
    struct frame_compressor *compressor = thread->compressor;
    pthread_mutex_lock(&compressor->lock);
    for (;;) {
        while (compressor->taken == compressor->submitted && !compressor->ended)
            pthread_cond_wait(&compressor->ready, &compressor->lock);
        if (compressor->ended)
            break;
        struct slot *slot = &compressor->slots[compressor->taken++ % compressor->slot_count];
        pthread_mutex_unlock(&compressor->lock);
        compress(thread->zstd, &slot->frame, compressor->capacity);
        pthread_mutex_lock(&compressor->lock);
        slot->finished = true;
        pthread_cond_signal(&compressor->complete);
    }
    pthread_mutex_unlock(&compressor->lock);
    return NULL;
}

static bool start_threads(struct frame_compressor *compressor, unsigned count) {
    compressor->threads = memory_zeroed(count, sizeof *compressor->threads);
    for (unsigned i = 0; i < count; i++) {
        struct compressor_thread *thread = &compressor->threads[i];
        thread->compressor = compressor;
        thread->zstd = new_context();
        if (!thread->zstd || pthread_create(&thread->thread, NULL, thread_main, thread) != 0) {
            ZSTD_freeCCtx(thread->zstd);
            return false;
        }
        compressor->thread_count++;
    }
    return true;
}

int frame_compressor_new(struct frame_compressor **result, unsigned threads, struct error *error) {
    struct frame_compressor *compressor = memory_zeroed(1, sizeof *compressor);
    compressor->slot_count = threads > 1 ? 2 * threads + 2 : 1;
    compressor->capacity = ZSTD_compressBound(SHARD_FRAME_SIZE);
    compressor->slots = memory_zeroed(compressor->slot_count, sizeof *compressor->slots);
    for (size_t i = 0; i < compressor->slot_count; i++) {
        compressor->slots[i].frame.content = memory_allocate(SHARD_FRAME_SIZE);
        compressor->slots[i].frame.compressed = memory_allocate(compressor->capacity);
    }
    pthread_mutex_init(&compressor->lock, NULL);
    pthread_cond_init(&compressor->ready, NULL);
    pthread_cond_init(&compressor->complete, NULL);
    bool ready = threads > 1 ? start_threads(compressor, threads) : (compressor->zstd = new_context()) != NULL;
    *result = ready ? compressor : NULL;
    if (ready)
        return 0;
    frame_compressor_free(compressor);
    return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "compression cannot be set up");
}

void frame_compressor_free(struct frame_compressor *compressor) {
    if (!compressor)
        return;
    pthread_mutex_lock(&compressor->lock);
    compressor->ended = true;
    pthread_cond_broadcast(&compressor->ready);
    pthread_mutex_unlock(&compressor->lock);
    for (unsigned i = 0; i < compressor->thread_count; i++) {
        pthread_join(compressor->threads[i].thread, NULL);
        ZSTD_freeCCtx(compressor->threads[i].zstd);
    }
    for (size_t i = 0; i < compressor->slot_count; i++) {
        free(compressor->slots[i].frame.content);
        free(compressor->slots[i].frame.compressed);
    }
    pthread_cond_destroy(&compressor->ready);
    pthread_cond_destroy(&compressor->complete);
    pthread_mutex_destroy(&compressor->lock);
    ZSTD_freeCCtx(compressor->zstd);
    free(compressor->threads);
    free(compressor->slots);
    free(compressor);
}

bool frame_compressor_full(const struct frame_compressor *compressor) {
    return compressor->submitted - compressor->done == compressor->slot_count; /* both are the caller's alone */
}

void frame_compressor_submit(struct frame_compressor *compressor, void *owner, unsigned char **content, size_t size) {
    struct slot *slot = &compressor->slots[compressor->submitted % compressor->slot_count];
    unsigned char *other = slot->frame.content;
    slot->frame.content = *content;
    *content = other;
    slot->frame.owner = owner;
    slot->frame.size = size;
    slot->finished = compressor->zstd != NULL;
    if (compressor->zstd)
        compress(compressor->zstd, &slot->frame, compressor->capacity);
    pthread_mutex_lock(&compressor->lock);
    compressor->submitted++;
    pthread_cond_signal(&compressor->ready);
    pthread_mutex_unlock(&compressor->lock);
}

const struct frame *frame_compressor_next(struct frame_compressor *compressor, bool wait) {
    if (compressor->done == compressor->submitted)
        return NULL;
    struct slot *slot = &compressor->slots[compressor->done % compressor->slot_count];
    pthread_mutex_lock(&compressor->lock);
    while (wait && !slot->finished)
        pthread_cond_wait(&compressor->complete, &compressor->lock);
    bool finished = slot->finished;
    pthread_mutex_unlock(&compressor->lock);
    return finished ? &slot->frame : NULL;
}

void frame_compressor_done(struct frame_compressor *compressor) {
    compressor->done++;
}
