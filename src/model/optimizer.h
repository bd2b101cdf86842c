/*
 * AdamW (Loshchilov & Hutter 2019) over a model's block, or Muon for its matrices with AdamW for embedding, head and
 * norms; with clipping by the global norm.
 */
#ifndef MODEL_OPTIMIZER_H
#define MODEL_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "model/threads.h"

enum optimizer_kind { OPTIMIZER_ADAMW, OPTIMIZER_MUON };

struct optimizer_options {
    enum optimizer_kind kind;
    double beta1, beta2, epsilon;
    double weight_decay; /* of matrices only (the embedding is one); norms do not decay */
    double clip;         /* the largest global gradient norm; 0 never clips */
    double muon_momentum;
    double average_decay; /* of an exponential moving average of the weights; 0: none is kept */
    double muon_rate;     /* Muon's learning rate as a multiple of AdamW's */
};

/* AdamW, beta 0.9/0.95, epsilon 1e-8, weight decay 0.1, clip 1; Muon's momentum 0.95 and rate 1. */
struct optimizer_options optimizer_default_options(void);

struct optimizer {
    struct optimizer_options options;
    uint64_t step; /* steps taken */
    /* Moments, blocks of the model's layout; owned. For a tensor of Muon's, first is its momentum, second scratch. */
    float *first, *second;
    struct model *average; /* the weights' average; owned, or NULL */
    float *scratch;        /* of Muon; owned, or NULL */
};

/* The average begins with the weights that the model has now. */
struct optimizer *optimizer_new(const struct model *model, const struct optimizer_options *options);
/* Bytes that optimizer_new allocates. */
uint64_t optimizer_memory(const struct model *model, const struct optimizer_options *options);
/* Whether Muon updates this tensor of the model. */
bool optimizer_is_muon(const struct optimizer_options *options, const struct model *model, const struct tensor *tensor);
void optimizer_free(struct optimizer *optimizer); /* NULL is allowed */

/*
 * One step: scales the gradients by gradient_scale (1 / trained tokens), clips, updates moments and weights, and zeroes
 * the gradients for the next batch; the average takes in the new weights, with a decay that rises over the first steps
 * to the one of the options. Returns the global norm of the scaled gradients before clipping; where it is not finite,
 * nothing but the gradients changes (they are zeroed) and the step does not count.
 */
double optimizer_step(struct optimizer *optimizer, struct model *model, float *gradients, double gradient_scale,
                      double learning_rate, struct threads *threads);

#endif
