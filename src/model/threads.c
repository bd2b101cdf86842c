/*
 * The team of threads under every op. It owns the hand-over of tasks and the machine state of a thread (denormals, the
 * number of threads that nested libraries see) and knows nothing of what a task does.
 */
#include "model/threads.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "base/memory.h"

/* Looks at the ticket before a waiting thread sleeps, and before a waiting caller lets others run: some tens of
 * microseconds. */
#define SPINS 4000

/*
 * A loop is published by its ticket: its number in the upper half, the next task in the lower. A task is taken by
 * raising the ticket, which fails once the loop is over, so a thread that comes late can neither take a task of a later
 * loop nor be waited for.
 */
#define TICKET_LOOP(ticket) ((ticket) >> 32)
#define TICKET_TASK(ticket) ((ticket)&UINT32_MAX)

struct threads {
    size_t count;
    pthread_t *workers; /* count - 1 */
    _Atomic(uint64_t) ticket;
    _Atomic(size_t) tasks;    /* of the loop */
    _Atomic(size_t) finished; /* of the loop */
    _Atomic(thread_task) task;
    _Atomic(void *) context;
    _Atomic(size_t) started; /* workers, to number them */
    _Atomic(bool) ends;
    _Atomic(size_t) sleepers;
    pthread_mutex_t mutex; /* of the sleep alone */
    pthread_cond_t wake;
};

static void pause_briefly(void) {
#if defined(__SSE__)
    _mm_pause();
#endif
}

/* Sets flush-to-zero and denormals-are-zero; returns what was set before. */
static unsigned flush_denormals(void) {
#if defined(__SSE__)
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | 0x8040u);
    return before;
#else
    return 0;
#endif
}

static void restore_denormals(unsigned before) {
#if defined(__SSE__)
    _mm_setcsr(before);
#else
    (void)before;
#endif
}

/* Takes tasks of the loop until none is left. */
static void work(struct threads *threads, uint64_t loop, size_t thread) {
    for (;;) {
        uint64_t ticket = atomic_load(&threads->ticket);
        /* While the ticket stays what it is, these are the loop's own. */
        size_t tasks = atomic_load(&threads->tasks), index = TICKET_TASK(ticket);
        thread_task task = atomic_load(&threads->task);
        void *context = atomic_load(&threads->context);
        if (TICKET_LOOP(ticket) != loop || index >= tasks)
            return;
        if (!atomic_compare_exchange_weak(&threads->ticket, &ticket, ticket + 1))
            continue;
        task(context, index, thread);
        atomic_fetch_add(&threads->finished, 1);
    }
}

/* Waits for a loop other than the one last seen; returns it. */
static uint64_t await_loop(struct threads *threads, uint64_t seen) {
    for (size_t i = 0; i < SPINS; i++) {
        uint64_t loop = TICKET_LOOP(atomic_load(&threads->ticket));
        if (loop != seen)
            return loop;
        pause_briefly();
    }
    pthread_mutex_lock(&threads->mutex);
    atomic_fetch_add(&threads->sleepers, 1);
    while (TICKET_LOOP(atomic_load(&threads->ticket)) == seen)
        pthread_cond_wait(&threads->wake, &threads->mutex);
    atomic_fetch_sub(&threads->sleepers, 1);
    pthread_mutex_unlock(&threads->mutex);
    return TICKET_LOOP(atomic_load(&threads->ticket));
}

static void *worker(void *argument) {
    struct threads *threads = argument;
    size_t thread = atomic_fetch_add(&threads->started, 1) + 1;
    flush_denormals();
    omp_set_num_threads(1);
    for (uint64_t loop = 0;;) {
        loop = await_loop(threads, loop);
        if (atomic_load(&threads->ends))
            return NULL;
        work(threads, loop, thread);
    }
}

struct threads *threads_new(size_t count) {
    struct threads *threads = memory_zeroed(1, sizeof *threads);
    threads->workers = memory_zeroed(count, sizeof *threads->workers);
    pthread_mutex_init(&threads->mutex, NULL);
    pthread_cond_init(&threads->wake, NULL);
    /* The main thread takes the signals: see base/interrupt.h. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (threads->count = 1; threads->count < count; threads->count++)
        if (pthread_create(&threads->workers[threads->count - 1], NULL, worker, threads))
            break;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return threads;
}

/* Publishes the next loop, of tasks tasks, and wakes who sleeps. */
static uint64_t publish(struct threads *threads, size_t tasks) {
    uint64_t loop = (TICKET_LOOP(atomic_load(&threads->ticket)) + 1) & UINT32_MAX;
    atomic_store(&threads->finished, 0);
    atomic_store(&threads->tasks, tasks);
    atomic_store(&threads->ticket, loop << 32);
    /* A worker counts itself a sleeper before it looks at the ticket for the last time, so one of the two sees the
     * other. */
    if (atomic_load(&threads->sleepers) > 0) {
        pthread_mutex_lock(&threads->mutex);
        pthread_cond_broadcast(&threads->wake);
        pthread_mutex_unlock(&threads->mutex);
    }
    return loop;
}

void threads_free(struct threads *threads) {
    if (threads == NULL)
        return;
    atomic_store(&threads->ends, true);
    publish(threads, 0);
    for (size_t i = 0; i + 1 < threads->count; i++)
        pthread_join(threads->workers[i], NULL);
    pthread_mutex_destroy(&threads->mutex);
    pthread_cond_destroy(&threads->wake);
    free(threads->workers);
    free(threads);
}

size_t threads_count(const struct threads *threads) {
    return threads->count;
}

void threads_run(struct threads *threads, size_t count, thread_task task, void *context) {
    unsigned denormals = flush_denormals();
    int nested = omp_get_max_threads();
    omp_set_num_threads(1);
    if (threads->count == 1 || count == 1) {
        for (size_t index = 0; index < count; index++)
            task(context, index, 0);
    } else if (count > 0) {
        atomic_store(&threads->task, task);
        atomic_store(&threads->context, context);
        work(threads, publish(threads, count), 0);
        for (size_t i = 0; atomic_load(&threads->finished) < count; i++)
            if (i < SPINS)
                pause_briefly();
            else
                sched_yield();
        /* No task of it may be taken once its fields change for the next loop. */
        atomic_fetch_or(&threads->ticket, UINT32_MAX);
    }
    omp_set_num_threads(nested);
    restore_denormals(denormals);
}
