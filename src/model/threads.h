/* The one parallel loop of the model: tasks whose number and extent depend on shapes alone, so that no result can
 * depend on the threads. */
#ifndef MODEL_THREADS_H
#define MODEL_THREADS_H

#include <stddef.h>

/* Does task `index`; `thread` < threads says whose scratch memory it may use. */
typedef void (*thread_task)(void *context, size_t index, size_t thread);

/*
 * Calls task for every index below count, on up to `threads` threads, in no particular order, and returns when all are
 * done. Denormal numbers are flushed to zero in tasks, and libraries called from a task (oneDNN) see one thread.
 */
void threads_run(size_t threads, size_t count, thread_task task, void *context);

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
