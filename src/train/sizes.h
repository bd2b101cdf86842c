/* Where the shape of a new model comes from when the options do not say: presets, a file, or what a budget allows. */
#ifndef TRAIN_SIZES_H
#define TRAIN_SIZES_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "train/settings.h"

/* --size: about 1, 10 and 30 million parameters, and GPT-2's 124 million with its vocabulary. */
enum size_preset { SIZE_TINY, SIZE_MINI, SIZE_SMALL, SIZE_GPT2 };

/* Each of the three fills only what the settings leave open (0). */

/* Depth and width of a preset. */
void sizes_preset(struct settings *settings, enum size_preset preset);

/*
 * Reads the shape from a file: a config.json of Hugging Face's, whose vocab_size does not count, or lines "name =
 * value" with names of its fields; "#" begins a comment. ERROR_DATA naming file and line, or field, for what is not
 * known.
 */
int sizes_read(struct settings *settings, const char *path, struct error *error);

struct size_budget {
    size_t vocabulary;
    uint64_t unique; /* tokens that there are to train on */
    double flops;    /* that the time allows; 0: no limit, the passes that are set count */
};

/*
 * Depth and width of the largest model of a series (64 to 2048 wide) for which the budget has SIZES_TOKENS tokens a
 * parameter (Hoffmann et al. 2022), counting at most SIZES_EPOCHS passes over the data, past which tokens say little
 * new (Muennighoff et al. 2023). Under a limit of time so many passes are made as it has room for. What was picked and
 * why is appended to *why.
 */
#define SIZES_TOKENS 20
#define SIZES_EPOCHS 4
void sizes_fit(struct settings *settings, const struct size_budget *budget, struct bytes *why);

#endif
