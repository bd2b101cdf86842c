/*
 * Model directories in Hugging Face's layout. A directory appears whole or not at all: it is written beside its place
 * as ".NAME.partial", every file and folder fsynced, and renamed.
 */
#ifndef MODEL_CHECKPOINT_H
#define MODEL_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "model/weights_file.h"

/* A file that goes into the directory as it is: tokenizer.json, tokenizer_config.json, trainer_state.json. */
struct checkpoint_file {
    const char *name;
    struct span content;
    bool resuming; /* only of use beside the optimiser: not beside the average of the weights */
};

/*
 * Writes config.json, model.safetensors (F32), generation_config.json, optimizer.safetensors where optimizer is not
 * NULL, and the given files, and, where the optimiser keeps an average of the weights, all that but the optimiser as a
 * model directory "ema" in it; and puts the directory in place of an existing one (exchanged in one step where the file
 * system can, the old one then removed). Missing parent folders are an error.
 */
int checkpoint_save(const char *directory, const struct model *model, const struct optimizer *optimizer,
                    const struct checkpoint_file *files, size_t file_count, struct error *error);

/* As checkpoint_save without an optimiser, the weights in another form. */
int checkpoint_export(const char *directory, const struct model *model, const struct weights_form *form,
                      const struct checkpoint_file *files, size_t file_count, struct error *error);

/* Loads config.json and the weights (F32, BF16 or F16; in one file or several with an index). Every tensor of the
 * config must be there with its shape, and no other. On success *model is owned by the caller. */
int checkpoint_load(struct model **model, const char *directory, struct error *error);
/* Its config.json alone, as model_config_load. */
int checkpoint_load_config(struct model_config *config, const char *directory, struct error *error);

/* Fills the moments and the step count of an optimiser made for this model from optimizer.safetensors, and its average
 * from ema. */
int checkpoint_load_optimizer(struct optimizer *optimizer, const struct model *model, const char *directory,
                              struct error *error);

/* Points the symlink run/name ("last", "best") at target (relative to run) by renaming a new link over it; the folder
 * is fsynced. */
int checkpoint_link(const char *run, const char *name, const char *target, struct error *error);

/* The model directory that path means: path itself where it holds config.json, else path/best, else path/last, of these
 * two the average of the weights where they have one. Appended to *directory. */
int checkpoint_find(const char *path, struct bytes *directory, struct error *error);

/* Removes a directory of files, such as an old checkpoint; absent is no error. */
int checkpoint_remove(const char *directory, struct error *error);

#endif
