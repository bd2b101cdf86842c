/* The training loop: batches, steps, validation, samples, checkpoints. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "model/threads.h"
#include "token/tokenizer.h"
#include "train/data.h"
#include "train/run.h"
#include "train/settings.h"

struct trainer {
    const struct common_options *options;
    struct settings settings;
    struct progress_state state;
    struct run *run;
    const struct train_data *data;
    const struct tokenizer *tokenizer;
    struct model *model;
    struct optimizer *optimizer;
    double peak;                         /* of trainer_peak; 0 before its first call */
    struct option_list prompts;          /* of samples */
    const volatile sig_atomic_t *signal; /* not 0: finish the step, save and return */
};

/* The processor's peak at the precision of the settings, measured once; 0 where it is not known (peak.h). */
double trainer_peak(struct trainer *trainer, struct threads *threads);

/* What is validated, sampled from and handed on: the average of the weights where one is kept. */
const struct model *trainer_result(const struct trainer *trainer);

/*
 * Fixes what settings leave open (steps, from epochs and the time limit; how often to validate and save), on first
 * call, and says what will be done. Where there is a time limit, a few per cent of it go into timing steps.
 */
int trainer_prepare(struct trainer *trainer, struct error *error);

/*
 * Trains from state.step to settings.steps, or until patience ends. Every checkpoint is whole; the last step's is
 * saved. A loss that is not finite is an ERROR_DATA that names the step, and the last good checkpoint stays.
 */
int trainer_run(struct trainer *trainer, struct error *error);

#endif
