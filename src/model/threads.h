/*
 * The one parallel loop of the model: tasks whose number and extent depend on shapes alone, so that no result can
 * depend on the threads. Loops are as short as a few microseconds, so threads wait actively for a moment before they
 * sleep; and the caller waits for tasks, not for threads: on a busy machine it does alone what a thread that gets no
 * processor cannot take.
 */
#ifndef MODEL_THREADS_H
#define MODEL_THREADS_H

#include <stddef.h>

/* Does task `index`; `thread` < threads_count says whose scratch memory it may use. */
typedef void (*thread_task)(void *context, size_t index, size_t thread);

/* A team of threads, the calling one included. It runs one loop at a time, called from any one thread. */
struct threads;

/* Where fewer threads than `count` can be started, the team is smaller. */
struct threads *threads_new(size_t count);
void threads_free(struct threads *threads); /* NULL is allowed */
size_t threads_count(const struct threads *threads);

/*
 * Calls task for every index below count (at most 2^32 - 1), in no particular order, and returns when all are done.
 * Denormal numbers are flushed to zero in tasks, and libraries called from a task (oneDNN) see one thread.
 */
void threads_run(struct threads *threads, size_t count, thread_task task, void *context);

/* Bounds of chunk `index` when `total` is cut into pieces of `size`. */
static inline size_t chunk_begin(size_t index, size_t size) {
    return index * size;
}
static inline size_t chunk_end(size_t index, size_t size, size_t total) {
    return (index + 1) * size < total ? (index + 1) * size : total;
}
static inline size_t chunk_count(size_t total, size_t size) {
    return (total + size - 1) / size;
}

#endif
