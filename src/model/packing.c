/*
 * Owns the order of windows and rows, and the thread that plans the window after the one in use. How a window becomes
 * rows is packing_window.c's; what is done with the rows it does not know.
 */
#include "model/packing.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "model/packing_window.h"

struct packing {
    struct packing_plan plan;
    struct packing_position position;
    struct packing_counts counts;
    bool planned; /* *current is the window of position */
    struct packing_window *current;
    struct packing_window *ahead; /* the thread's, while it runs */
    struct packing_window windows[2];
    bool running; /* the thread was started and not joined */
    pthread_t thread;
    int ahead_status; /* of the thread that was joined last */
    struct error ahead_error;
    uint64_t idle_windows; /* windows in a row that gave nothing to train */
};

struct packing *packing_new(const struct shard_set *set, const struct tokenizer *tokenizer,
                            const struct packing_options *options) {
    struct packing *packing = memory_zeroed(1, sizeof *packing);
    packing->plan = (struct packing_plan){.set = set,
                                          .options = *options,
                                          .order = packing_order_make(shard_set_documents(set, options->split),
                                                                      shard_set_tokens(set, options->split),
                                                                      options->shuffle, options->seed)};
    for (size_t i = 0; i < SPECIAL_COUNT; i++)
        packing->plan.special[i] = tokenizer_special(tokenizer, (enum special_token)i);
    packing_window_init(&packing->windows[0], &packing->plan);
    packing_window_init(&packing->windows[1], &packing->plan);
    packing->current = &packing->windows[0];
    packing->ahead = &packing->windows[1];
    return packing;
}

static void join_ahead(struct packing *packing) {
    if (packing->running)
        pthread_join(packing->thread, NULL);
    packing->running = false;
}

void packing_free(struct packing *packing) {
    if (!packing)
        return;
    join_ahead(packing);
    packing_window_release(&packing->windows[0]);
    packing_window_release(&packing->windows[1]);
    free(packing);
}

/* ---- the window after this one ---- */

static void *plan_ahead(void *argument) {
    struct packing *packing = argument;
    struct packing_window *window = packing->ahead;
    packing->ahead_status = packing_window_plan(window, window->epoch, window->number, &packing->ahead_error);
    return NULL;
}

/* Reading, decompressing and fitting cost training no time that way. Without a thread it is done when it is due. */
static void start_ahead(struct packing *packing) {
    uint64_t windows = packing_order_windows(&packing->plan.order);
    struct packing_position next = packing->position;
    if (++next.window >= windows) {
        next.window = 0;
        next.epoch++;
        if (!packing->plan.options.repeat)
            return;
    }
    packing->ahead->epoch = next.epoch;
    packing->ahead->number = next.window;
    packing->running = pthread_create(&packing->thread, NULL, plan_ahead, packing) == 0;
}

/* Makes *current the window of position. */
static int plan_window(struct packing *packing, struct error *error) {
    const struct packing_position *at = &packing->position;
    bool ready = packing->running;
    join_ahead(packing);
    ready = ready && packing->ahead->epoch == at->epoch && packing->ahead->number == at->window;
    if (ready) {
        struct packing_window *before = packing->current;
        packing->current = packing->ahead;
        packing->ahead = before;
    }
    if (ready && packing->ahead_status != 0) {
        *error = packing->ahead_error;
        return -1;
    }
    if (!ready && packing_window_plan(packing->current, at->epoch, at->window, error) != 0)
        return -1;
    const struct packing_counts *counts = &packing->current->counts;
    packing->counts.documents += counts->documents;
    packing->counts.shortened += counts->shortened;
    packing->counts.too_long += counts->too_long;
    packing->counts.untrained += counts->untrained;
    packing->planned = true;
    start_ahead(packing);
    return 0;
}

/* ---- rows ---- */

/* Makes position name a row that exists: 1, or 0 at the end, or -1. */
static int find_row(struct packing *packing, struct error *error) {
    uint64_t windows = packing_order_windows(&packing->plan.order);
    const struct packing_options *options = &packing->plan.options;
    if (packing->position.window >= windows && !options->repeat)
        return 0;
    for (;;) {
        if (packing->position.window < windows && !packing->planned && plan_window(packing, error))
            return -1;
        if (packing->position.window < windows && packing->position.row < packing->current->row_count) {
            packing->idle_windows = 0;
            return 1;
        }
        if (packing->idle_windows++ > windows)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the split %s has nothing to train%s",
                             shard_split_name(options->split),
                             options->objective == OBJECTIVE_SFT ? ": no dialogue that fits" : "");
        packing->planned = false;
        packing->position.row = 0;
        if (++packing->position.window < windows)
            continue;
        if (!options->repeat)
            return packing->position.window = windows, 0;
        packing->position.window = 0;
        packing->position.epoch++;
    }
}

int packing_next(struct packing *packing, struct packed_rows *packed, struct error *error) {
    packed->filled = 0;
    while (packed->filled < packed->rows) {
        int found = find_row(packing, error);
        if (found <= 0)
            return found;
        size_t at = packed->filled++ * packed->length;
        packing_window_fill(packing->current, (size_t)packing->position.row++, packed->tokens + at,
                            packed->targets + at, packed->starts + at);
    }
    return 0;
}

struct packing_position packing_position(const struct packing *packing) {
    return packing->position;
}

void packing_seek(struct packing *packing, struct packing_position position) {
    packing->position = position;
    packing->planned = false;
    packing->idle_windows = 0;
}

struct packing_counts packing_counts(const struct packing *packing) {
    return packing->counts;
}

void packed_rows_init(struct packed_rows *packed, size_t rows, size_t length) {
    size_t count = rows * length;
    *packed = (struct packed_rows){.rows = rows,
                                   .length = length,
                                   .tokens = memory_zeroed(count, sizeof(int32_t)),
                                   .targets = memory_zeroed(count, sizeof(int32_t)),
                                   .starts = memory_zeroed(count, sizeof(int32_t))};
}

void packed_rows_release(struct packed_rows *packed) {
    free(packed->tokens);
    free(packed->targets);
    free(packed->starts);
    *packed = (struct packed_rows){0};
}

struct batch packed_rows_batch(const struct packed_rows *packed) {
    return (struct batch){.rows = packed->filled,
                          .length = packed->length,
                          .tokens = packed->tokens,
                          .targets = packed->targets,
                          .starts = packed->starts};
}
