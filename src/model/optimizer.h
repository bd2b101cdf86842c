/* AdamW (Loshchilov & Hutter 2019) over a model's block, with clipping by the global norm. */
#ifndef MODEL_OPTIMIZER_H
#define MODEL_OPTIMIZER_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "model/threads.h"

struct optimizer_options {
    double beta1, beta2, epsilon;
    double weight_decay; /* of matrices only (the embedding is one); norms do not decay */
    double clip;         /* the largest global gradient norm; 0 never clips */
};

/* beta 0.9/0.95, epsilon 1e-8, weight decay 0.1, clip 1. */
struct optimizer_options optimizer_default_options(void);

struct optimizer {
    struct optimizer_options options;
    uint64_t step;         /* steps taken */
    float *first, *second; /* moments, blocks of the model's layout; owned */
};

struct optimizer *optimizer_new(const struct model *model, const struct optimizer_options *options);
void optimizer_free(struct optimizer *optimizer); /* NULL is allowed */

/*
 * One step: scales the gradients by gradient_scale (1 / trained tokens), clips, updates moments and weights, and zeroes
 * the gradients for the next batch. Returns the global norm of the scaled gradients before clipping; where it is not
 * finite, nothing but the gradients changes (they are zeroed) and the step does not count.
 */
double optimizer_step(struct optimizer *optimizer, struct model *model, float *gradients, double gradient_scale,
                      double learning_rate, struct threads *threads);

#endif
