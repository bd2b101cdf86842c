/*
 * Inference with a KV cache, token by token or a prompt at once. For choosing tokens see model/sampler.h.
 *
 *     logits = generator_feed(generator, prompt, count);
 *     while ((token = sampler_next(sampler, logits, history, history_count)) != eos)
 *         logits = generator_feed(generator, &token, 1);
 */
#ifndef MODEL_GENERATE_H
#define MODEL_GENERATE_H

#include <stddef.h>
#include <stdint.h>

#include "model/model.h"
#include "model/sampler.h"

struct generator;

/* Room for one sequence of at most `positions` tokens. The model must outlive it and may be shared by generators on
 * several threads. */
uint64_t generator_memory(const struct model_config *config, size_t positions, size_t threads);
struct generator *generator_new(const struct model *model, size_t positions, size_t threads);
void generator_free(struct generator *generator); /* NULL is allowed */

/* Appends count >= 1 tokens to the sequence and returns the logits [vocabulary] after the last of them, valid until the
 * next call; NULL where the sequence would exceed its positions (nothing is appended then). */
const float *generator_feed(struct generator *generator, const int32_t *tokens, size_t count);

size_t generator_length(const struct generator *generator); /* tokens in the cache */
/* Forgets all but the first `length` tokens, so that a common prefix need not be computed again. */
void generator_truncate(struct generator *generator, size_t length);

#endif
