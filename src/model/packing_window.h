/* A window of documents as rows; private to packing. */
#ifndef MODEL_PACKING_WINDOW_H
#define MODEL_PACKING_WINDOW_H

#include "model/packing.h"
#include "model/packing_order.h"

/* What all windows share. */
struct packing_plan {
    const struct shard_set *set;
    struct packing_options options;
    struct packing_order order;
    uint32_t special[SPECIAL_COUNT];
};

/* A document, or a part of one, as it will stand in a row: tokens [start, start + count) of the window's. */
struct packing_piece {
    size_t start, count;
    size_t row, offset; /* where it was fitted */
};

struct packing_window {
    const struct packing_plan *plan;
    uint64_t epoch, number;
    size_t row_count;
    struct packing_counts counts; /* of this window alone */
    /* private */
    struct shard_cursor *cursor;
    uint64_t *documents;
    size_t *shuffled;
    struct token_ids tokens; /* of the window's documents, in order */
    struct packing_piece *pieces;
    size_t piece_count, piece_capacity;
    size_t *row_order; /* rows that were fitted, in a shuffled order */
};

void packing_window_init(struct packing_window *window, const struct packing_plan *plan); /* the plan must outlive it */
void packing_window_release(struct packing_window *window);
int packing_window_plan(struct packing_window *window, uint64_t epoch, uint64_t number, struct error *error);
/* Fills one row below row_count of a planned window: arrays of plan->options.length. */
void packing_window_fill(const struct packing_window *window, size_t row, int32_t *tokens, int32_t *targets,
                         int32_t *starts);

#endif
