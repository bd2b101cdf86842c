/*
 * Owns the threads of a stage: one producer, N workers, and the consumer on the caller's thread, around one ring of
 * batches. It knows nothing of what a batch holds.
 *
 * A batch with sequence number s lives in slot s % slots. Three counters say everything: consumed <= taken <= produced
 * <= consumed + slots. The producer owns the slot of `produced`, a worker the slots it took until it marks them
 * finished, the consumer the slot of `consumed`.
 */
#include "base/pipeline.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

struct state {
    const struct pipeline *pipeline;
    void **batches;
    bool *finished;
    size_t slots;
    pthread_mutex_t lock;
    pthread_cond_t room;     /* for the producer: a slot is free, or stopped */
    pthread_cond_t ready;    /* for workers: a batch to take, or no more will come */
    pthread_cond_t complete; /* for the consumer: the next batch is finished, or the end was reached */
    uint64_t produced, taken, consumed;
    bool ended;   /* the producer makes no more */
    bool stopped; /* the consumer takes no more */
    bool produce_failed;
    struct error produce_error; /* comes after every batch in input order */
};

struct worker {
    struct state *state;
    void *context;
    pthread_t thread;
};

static void *producer_main(void *argument) {
    struct state *state = argument;
    const struct pipeline *pipeline = state->pipeline;
    pthread_mutex_lock(&state->lock);
    while (!state->ended) {
        while (state->produced - state->consumed == state->slots && !state->stopped)
            pthread_cond_wait(&state->room, &state->lock);
        if (state->stopped)
            break;
        void *batch = state->batches[state->produced % state->slots];
        pthread_mutex_unlock(&state->lock);
        struct error error = {0};
        int made = pipeline->produce(pipeline->context, batch, &error);
        pthread_mutex_lock(&state->lock);
        if (made > 0) {
            state->produced++;
            pthread_cond_signal(&state->ready);
        } else {
            state->ended = true;
            state->produce_failed = made < 0;
            state->produce_error = error;
        }
    }
    state->ended = true;
    pthread_cond_broadcast(&state->ready);
    pthread_cond_signal(&state->complete);
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

static void *worker_main(void *argument) {
    struct worker *worker = argument;
    struct state *state = worker->state;
    const struct pipeline *pipeline = state->pipeline;
    pthread_mutex_lock(&state->lock);
    for (;;) {
        while (state->taken == state->produced && !state->ended && !state->stopped)
            pthread_cond_wait(&state->ready, &state->lock);
        if (state->stopped || state->taken == state->produced)
            break;
        size_t slot = (size_t)(state->taken++ % state->slots);
        pthread_mutex_unlock(&state->lock);
        pipeline->work(pipeline->context, worker->context, state->batches[slot]);
        pthread_mutex_lock(&state->lock);
        state->finished[slot] = true;
        pthread_cond_signal(&state->complete);
    }
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

/* Takes batches in order until the end, the first error or a quiet stop; then tells everyone to end. */
static int consume_all(struct state *state, struct error *error) {
    const struct pipeline *pipeline = state->pipeline;
    int result = 0;
    pthread_mutex_lock(&state->lock);
    while (result == 0) {
        size_t slot = (size_t)(state->consumed % state->slots);
        while (!state->finished[slot] && !(state->ended && state->consumed == state->produced))
            pthread_cond_wait(&state->complete, &state->lock);
        if (!state->finished[slot]) {
            if (state->produce_failed && error)
                *error = state->produce_error;
            result = state->produce_failed ? -1 : 1;
            break;
        }
        pthread_mutex_unlock(&state->lock);
        result = pipeline->consume(pipeline->context, state->batches[slot], error);
        pthread_mutex_lock(&state->lock);
        state->finished[slot] = false;
        state->consumed++;
        pthread_cond_signal(&state->room);
    }
    state->stopped = true;
    pthread_cond_signal(&state->room);
    pthread_cond_broadcast(&state->ready);
    pthread_mutex_unlock(&state->lock);
    return result < 0 ? -1 : 0;
}

static void stop(struct state *state) {
    pthread_mutex_lock(&state->lock);
    state->stopped = true;
    pthread_cond_signal(&state->room);
    pthread_cond_broadcast(&state->ready);
    pthread_mutex_unlock(&state->lock);
}

static int start_failed(int code, struct error *error) {
    return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "cannot start a thread: %s", strerror(code));
}

/* Starts the producer and the workers, consumes, joins whatever was started. */
static int run_threads(struct state *state, struct worker *workers, struct error *error) {
    pthread_t producer;
    unsigned started = 0;
    int result = -1;
    int code = pthread_create(&producer, NULL, producer_main, state);
    if (code)
        return start_failed(code, error);
    while (started < state->pipeline->workers) {
        code = pthread_create(&workers[started].thread, NULL, worker_main, &workers[started]);
        if (code)
            break;
        started++;
    }
    if (code) {
        stop(state);
        start_failed(code, error);
    } else {
        result = consume_all(state, error);
    }
    pthread_join(producer, NULL);
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    return result;
}

static int run_inline(const struct pipeline *pipeline, void *worker, void *batch, struct error *error) {
    for (;;) {
        int made = pipeline->produce(pipeline->context, batch, error);
        if (made <= 0)
            return made;
        pipeline->work(pipeline->context, worker, batch);
        int taken = pipeline->consume(pipeline->context, batch, error);
        if (taken)
            return taken < 0 ? -1 : 0;
    }
}

int pipeline_run(const struct pipeline *pipeline, struct error *error) {
    unsigned count = pipeline->workers;
    struct state state = {.pipeline = pipeline, .slots = count == 1 ? 1 : 2 * (size_t)count + 2};
    state.batches = memory_zeroed(state.slots, sizeof *state.batches);
    state.finished = memory_zeroed(state.slots, sizeof *state.finished);
    for (size_t i = 0; i < state.slots; i++)
        state.batches[i] = pipeline->batch_new(pipeline->context);
    struct worker *workers = memory_zeroed(count, sizeof *workers);
    for (unsigned i = 0; i < count; i++) {
        workers[i].state = &state;
        workers[i].context = pipeline->worker_new ? pipeline->worker_new(pipeline->context, i) : NULL;
    }
    int result;
    if (count == 1) {
        result = run_inline(pipeline, workers[0].context, state.batches[0], error);
    } else {
        pthread_mutex_init(&state.lock, NULL);
        pthread_cond_init(&state.room, NULL);
        pthread_cond_init(&state.ready, NULL);
        pthread_cond_init(&state.complete, NULL);
        result = run_threads(&state, workers, error);
        pthread_cond_destroy(&state.complete);
        pthread_cond_destroy(&state.ready);
        pthread_cond_destroy(&state.room);
        pthread_mutex_destroy(&state.lock);
    }
    for (unsigned i = 0; i < count; i++)
        if (pipeline->worker_free)
            pipeline->worker_free(pipeline->context, workers[i].context);
    for (size_t i = 0; i < state.slots; i++)
        pipeline->batch_free(pipeline->context, state.batches[i]);
    free(workers);
    free(state.finished);
    free(state.batches);
    return result;
}

unsigned pipeline_default_workers(void) {
    /* Machines of more than 1024 processors need a larger set than cpu_set_t: grow until the kernel takes it. */
    for (size_t processors = 1024; processors <= (size_t)1 << 20; processors *= 4) {
        cpu_set_t *set = CPU_ALLOC(processors);
        size_t size = CPU_ALLOC_SIZE(processors);
        if (!set)
            break;
        int count = sched_getaffinity(0, size, set) == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (count > 0)
            return (unsigned)count;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (unsigned)online : 1;
}
