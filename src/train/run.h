/*
 * A run directory: log.jsonl, run.json, checkpoints/step-NNNNNNNN/ and the symlinks last and best. Whatever happens,
 * last names a whole checkpoint.
 */
#ifndef TRAIN_RUN_H
#define TRAIN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "model/checkpoint.h"
#include "model/mixture.h"
#include "train/settings.h"
#include "train/spikes.h"

/* How far training has come: what a checkpoint needs beside weights and moments. */
struct progress_state {
    uint64_t step;   /* steps done */
    uint64_t tokens; /* trained targets so far */
    size_t sources;  /* sets of shards */
    struct mixture_position position;
    double best_loss; /* lowest validation loss so far; INFINITY before the first */
    uint64_t best_step;
    struct loss_statistics losses;
    double seconds; /* of training so far, all sessions */
};

struct run;

/*
 * Opens run directory `path` for a new run: makes it where absent, and refuses (ERROR_USAGE) one that holds a
 * checkpoint, or that another process is at work on. tokenizer and tokenizer_config are the texts of the two files that
 * every checkpoint gets.
 */
int run_create(struct run **run, const char *path, const struct settings *settings, struct span tokenizer,
               struct span tokenizer_config, struct hash128 data, struct error *error);
/* ERROR_USAGE where there is nothing to resume from. */
int run_require_checkpoint(const char *path, struct error *error);
/* Opens it to go on from `last`: reads settings and state, and cuts the log back to the checkpoint's step. */
int run_resume(struct run **run, const char *path, struct settings *settings, struct progress_state *state,
               struct hash128 *data, struct error *error);
void run_free(struct run *run); /* NULL is allowed */

/* The directory of `last`; for a resumed run. */
const char *run_last(const struct run *run);
/* The settings as they stand, once steps are fixed: they go into run.json and every checkpoint. */
int run_set_settings(struct run *run, const struct settings *settings, struct error *error);
/* Appends one JSON object (without newline) to log.jsonl. */
int run_log(struct run *run, struct span json, struct error *error);
/*
 * Writes a checkpoint, points `last` at it, and `best` too where it is the best so far; then removes checkpoints that
 * neither names. Nothing is removed before the links are on disk.
 */
int run_save(struct run *run, const struct model *model, const struct optimizer *optimizer,
             const struct progress_state *state, bool best, struct error *error);

#endif
