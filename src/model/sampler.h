/* Choosing the next token from logits. The same options, seed and logits give the same tokens. */
#ifndef MODEL_SAMPLER_H
#define MODEL_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

/* Applied in this order, as Hugging Face does: repetition penalty, temperature, top-k, top-p. */
struct sampler_options {
    double repetition_penalty; /* logits of tokens in the history are divided by it if positive, else multiplied (Keskar
                                  et al. 2019); 1 is off */
    double temperature;        /* 0 is greedy: the highest logit, the lowest id among equals */
    size_t top_k;              /* keep the k most probable; 0 keeps all */
    double top_p;              /* keep the smallest set of probability >= p (Holtzman et al. 2020); 1 keeps all */
};

/* Penalty 1, temperature 1, top-k 0, top-p 1. */
struct sampler_options sampler_default_options(void);

struct sampler;
struct sampler *sampler_new(const struct sampler_options *options, size_t vocabulary, uint64_t seed);
void sampler_free(struct sampler *sampler); /* NULL is allowed */
void sampler_seed(struct sampler *sampler, uint64_t seed);

/* The next token. `history` is what the repetition penalty looks at (may be NULL with 0). A logit of -INFINITY is never
 * chosen. */
int32_t sampler_next(struct sampler *sampler, const float *logits, const int32_t *history, size_t history_count);

#endif
