/* The end of the transformer: final norm, output projection, loss, and their gradients, a chunk of targets at a time.
 * Private to model/. */
#ifndef MODEL_HEAD_H
#define MODEL_HEAD_H

#include "model/activations.h"

/* Targets whose logits are in memory at once: depends on the vocabulary alone. */
size_t head_chunk(size_t vocabulary);

/*
 * Losses of the batch from t->last. Where gradients is not NULL, t->gradient [n, width] is set to the gradient of
 * t->last, and the gradients of the head and the final norm are added. losses as in transformer_train.
 */
void head_loss(struct transformer *t, const struct model *model, const struct batch *batch, float *gradients,
               float *losses, struct transformer_result *result);

/* logits [n, vocabulary] of every position. */
void head_logits(struct transformer *t, const struct model *model, size_t positions, float *logits);

#endif
