/*
 * The one threading shape: batches that the caller defines are produced one after the other, worked on by N threads,
 * and consumed one after the other in the order they were produced, whatever N is; at most 2 N + 2 batches exist at a
 * time and are recycled. With one worker nothing runs on another thread.
 */
#ifndef BASE_PIPELINE_H
#define BASE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct pipeline {
    unsigned workers; /* >= 1 */
    void *context;    /* handed to every callback */
    /* A batch for reuse; called on the caller's thread before anything else runs, and its counterpart at the end. */
    void *(*batch_new)(void *context);
    void (*batch_free)(void *context, void *batch);
    /* Called once for each worker, worker = 0..workers-1, on the caller's thread like their counterparts. May be NULL.
     */
    void *(*worker_new)(void *context, unsigned worker);
    void (*worker_free)(void *context, void *worker);
    /* Fills batch, on any thread, one at a time: 1 made, 0 end of input, -1 error (seen only after every earlier batch
     * was consumed). */
    int (*produce)(void *context, void *batch, struct error *error);
    /* Turns a batch into its result, in the batch. What goes wrong is kept in the batch for the consumer to find, in
     * order. */
    void (*work)(void *context, void *worker, void *batch);
    /* Takes a finished batch, in order, on any thread, one at a time: 0 goes on, 1 stops quietly (enough output), -1
     * stops with the error. */
    int (*consume)(void *context, void *batch, struct error *error);
    /* Optional, on any thread, several at a time: does a piece of work that consume left for whoever comes first; false
     * where there is none. What is left at the end is the caller's. */
    bool (*assist)(void *context);
};

/* Runs to the end of input or the first error in input order. Returns 0 or -1; all threads have been joined, all
 * batches freed. */
int pipeline_run(const struct pipeline *pipeline, struct error *error);
/* The number of processors this process may run on (sched_getaffinity). */
unsigned pipeline_default_workers(void);

#endif
