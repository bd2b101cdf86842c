/*
 * Owns the threads of a stage and the order of its batches. It knows nothing of what a batch holds.
 *
 * Each of N threads, the caller's among them, takes an unused batch, fills it, works on it, and hands on what is
 * finished in order; filling and handing on are done by one thread at a time. So a batch stays with one thread, in its
 * processor's cache, from reading to result, and no more threads run than were asked for.
 *
 * The batch with sequence number s, once worked on, waits in slot s % slots: consumed <= produced <= consumed + slots.
 * Of the unused batches the one consumed last is taken: its memory is at hand, and that of batches never needed is
 * never touched.
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
    size_t slots;
    void **batches;       /* all */
    pthread_mutex_t lock; /* guards all below */
    void **unused;        /* a stack of batches */
    size_t unused_count;
    void **finished;             /* by slot: the batch that is worked on, and not consumed yet; or NULL */
    pthread_cond_t room;         /* a thread may produce, or stopped */
    uint64_t produced, consumed; /* batches so far */
    bool producing, consuming;   /* a thread is in that callback */
    bool ended;                  /* no more will be produced */
    bool stopped;                /* no more will be consumed: all was, or the consumer had enough */
    bool produce_failed;
    struct error produce_error; /* comes after every batch in input order */
    int result;                 /* 0 or -1, with error */
    struct error error;
};

struct worker {
    struct state *state;
    void *context;
    pthread_t thread;
};

/* All below run with the lock held, and let go of it while they are in a callback. */

static void stop(struct state *state) {
    state->stopped = true;
    pthread_cond_broadcast(&state->room);
}

/* Consumes what is finished, in order, until the next batch is not. */
static void consume_finished(struct state *state) {
    const struct pipeline *pipeline = state->pipeline;
    state->consuming = true;
    while (!state->stopped && state->finished[state->consumed % state->slots]) {
        void **slot = &state->finished[state->consumed % state->slots];
        struct error error = {0};
        pthread_mutex_unlock(&state->lock);
        int status = pipeline->consume(pipeline->context, *slot, &error);
        pthread_mutex_lock(&state->lock);
        state->unused[state->unused_count++] = *slot;
        *slot = NULL;
        state->consumed++;
        pthread_cond_signal(&state->room);
        if (status) {
            state->result = status < 0 ? -1 : 0;
            state->error = error;
            stop(state);
        }
    }
    state->consuming = false;
}

/* Fills a batch and works on it. */
static void make_batch(struct state *state, void *worker) {
    const struct pipeline *pipeline = state->pipeline;
    void **slot = &state->finished[state->produced % state->slots];
    void *batch = state->unused[--state->unused_count];
    struct error error = {0};
    state->producing = true;
    pthread_mutex_unlock(&state->lock);
    int made = pipeline->produce(pipeline->context, batch, &error);
    pthread_mutex_lock(&state->lock);
    state->producing = false;
    if (made <= 0) {
        state->unused[state->unused_count++] = batch;
        state->ended = true;
        state->produce_failed = made < 0;
        state->produce_error = error;
        return;
    }
    state->produced++;
    pthread_cond_signal(&state->room);
    pthread_mutex_unlock(&state->lock);
    pipeline->work(pipeline->context, worker, batch);
    pthread_mutex_lock(&state->lock);
    *slot = batch;
}

/* Does what was left by consume. */
static void assist(struct state *state) {
    const struct pipeline *pipeline = state->pipeline;
    if (!pipeline->assist)
        return;
    pthread_mutex_unlock(&state->lock);
    while (pipeline->assist(pipeline->context))
        ;
    pthread_mutex_lock(&state->lock);
}

static void *run_worker(void *argument) {
    struct worker *worker = argument;
    struct state *state = worker->state;
    pthread_mutex_lock(&state->lock);
    for (;;) {
        assist(state);
        if (state->stopped) {
            break;
        } else if (!state->consuming && state->finished[state->consumed % state->slots]) {
            consume_finished(state);
        } else if (state->ended && state->consumed == state->produced) {
            state->result = state->produce_failed ? -1 : 0;
            state->error = state->produce_error;
            stop(state);
        } else if (!state->ended && !state->producing && state->unused_count > 0) {
            make_batch(state, worker->context);
        } else {
            pthread_cond_wait(&state->room, &state->lock);
        }
    }
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

/* Starts a thread for every worker but the first, which is the caller's; joins what was started. */
static void run_threads(struct state *state, struct worker *workers) {
    unsigned started = 1;
    int code = 0;
    while (started < state->pipeline->workers && !code) {
        code = pthread_create(&workers[started].thread, NULL, run_worker, &workers[started]);
        started += code == 0;
    }
    if (code) {
        pthread_mutex_lock(&state->lock);
        stop(state);
        pthread_mutex_unlock(&state->lock);
    } else {
        run_worker(&workers[0]);
    }
    for (unsigned i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    if (code)
        state->result =
            error_set(&state->error, ERROR_SYSTEM, ERROR_NO_POSITION, "cannot start a thread: %s", strerror(code));
}

int pipeline_run(const struct pipeline *pipeline, struct error *error) {
    unsigned count = pipeline->workers;
    struct state state = {.pipeline = pipeline, .slots = count == 1 ? 1 : 2 * (size_t)count + 2};
    state.batches = memory_zeroed(state.slots, sizeof *state.batches);
    state.unused = memory_zeroed(state.slots, sizeof *state.unused);
    state.finished = memory_zeroed(state.slots, sizeof *state.finished);
    while (state.unused_count < state.slots) {
        state.batches[state.unused_count] = pipeline->batch_new(pipeline->context);
        state.unused[state.unused_count] = state.batches[state.unused_count];
        state.unused_count++;
    }
    struct worker *workers = memory_zeroed(count, sizeof *workers);
    for (unsigned i = 0; i < count; i++) {
        workers[i].state = &state;
        workers[i].context = pipeline->worker_new ? pipeline->worker_new(pipeline->context, i) : NULL;
    }
    pthread_mutex_init(&state.lock, NULL);
    pthread_cond_init(&state.room, NULL);
    run_threads(&state, workers);
    pthread_cond_destroy(&state.room);
    pthread_mutex_destroy(&state.lock);
    if (state.result < 0 && error)
        *error = state.error;
    for (unsigned i = 0; i < count; i++)
        if (pipeline->worker_free)
            pipeline->worker_free(pipeline->context, workers[i].context);
    for (size_t i = 0; i < state.slots; i++)
        pipeline->batch_free(pipeline->context, state.batches[i]);
    free(workers);
    free(state.finished);
    free(state.unused);
    free(state.batches);
    return state.result;
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
