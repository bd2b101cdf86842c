/*
 * Whether a step's loss is a spike: it lies above the running mean of the losses before it by more than so many running
 * standard deviations, and by more than SPIKE_LEAST nats. Mean and deviation are of all losses at first and forget
 * exponentially, over about SPIKE_WINDOW steps, later; they depend on the losses alone, so a resumed run judges alike.
 */
#ifndef TRAIN_SPIKES_H
#define TRAIN_SPIKES_H

#include <stdbool.h>
#include <stdint.h>

#define SPIKE_WINDOW 32
#define SPIKE_LEAST 1.0
/* Losses before the first that is judged. */
#define SPIKE_WARMUP 20
/* With so many steps skipped in a row the model is lost, and not the data bad. */
#define SPIKE_ROW_MOST 10

/* Zero-initialise it. */
struct loss_statistics {
    double mean, variance;
    uint64_t count;   /* losses learnt */
    uint64_t skipped; /* steps without an update, in all */
    uint64_t row;     /* and up to now without one between them that had an update */
};

/* Infinite and NaN losses are spikes always; with `deviations` 0 nothing else is. */
bool spikes_found(const struct loss_statistics *statistics, double loss, double deviations);
/* Counts the loss of a step that is no spike. */
void spikes_learn(struct loss_statistics *statistics, double loss);
/* Counts a skipped step. */
void spikes_skip(struct loss_statistics *statistics);

#endif
