/* Whether a run fits into memory: what it will take, and what this process may still have. */
#ifndef TRAIN_CAPACITY_H
#define TRAIN_CAPACITY_H

#include <stdint.h>

#include "base/error.h"
#include "model/config.h"
#include "train/settings.h"

/* Bytes of a run, by what they are for. */
struct memory_need {
    uint64_t weights, gradients, optimizer, activations;
};

struct memory_need memory_need_of(const struct model_config *config, const struct settings *settings, size_t threads);
uint64_t memory_need_total(const struct memory_need *need);

/*
 * The least of what the machine has free (MemAvailable), what the control groups above this process leave it (version 1
 * or 2, files that can be given back not counted), and what RLIMIT_AS and RLIMIT_DATA do. *limit is set to the name of
 * the bound. UINT64_MAX where none is known.
 */
uint64_t memory_available(const char **limit);

/* ERROR_USAGE, saying how much and what to change, where the need is over what is available. */
int memory_require(const struct memory_need *need, struct error *error);

#endif
