/*
 * Muon (Jordan et al. 2024): momentum whose direction is made orthogonal, so that a step moves all singular directions
 * of a matrix alike. Scaled as by Liu et al. 2025, so that learning rates and weight decay are those of AdamW.
 */
#ifndef MODEL_MUON_H
#define MODEL_MUON_H

#include <stddef.h>

#include "model/kernels.h"
#include "model/threads.h"

/* One step of one matrix [rows, columns]; the four arrays have its shape. */
struct muon {
    struct muon_task task; /* arrays and constants; count is set by muon_step */
    float decay;           /* 1 - learning rate * weight decay */
    float rate;            /* the learning rate */
    size_t rows, columns;
    float *scratch; /* muon_scratch floats */
};

size_t muon_scratch(size_t rows, size_t columns);

/* momentum = beta momentum + gradient; weights = weights decay - rate 0.2 sqrt(max(rows, columns)) orthogonal(gradient
 * + beta momentum). Zeroes the gradients; task.update is overwritten. */
void muon_step(const struct muon *muon, const struct kernels *kernels, struct threads *threads);

/*
 * Five steps of a quintic Newton-Schulz iteration from x / |x|: singular values come to about 1 (between 0.68 and 1.2),
 * vectors stay. Overwrites x, and returns where the result stands, in scratch. A zero matrix stays zero.
 */
const float *muon_orthogonalise(float *x, size_t rows, size_t columns, float *scratch, const struct kernels *kernels,
                                struct threads *threads);

#endif
