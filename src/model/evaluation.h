/* How well a model predicts a split: sums that make loss, perplexity, accuracy and bits per byte. */
#ifndef MODEL_EVALUATION_H
#define MODEL_EVALUATION_H

#include <stdint.h>

#include "base/error.h"
#include "model/packing.h"
#include "model/transformer.h"
#include "text/words.h"
#include "token/tokenizer.h"

struct evaluation {
    double loss;      /* nats, summed over the targets */
    uint64_t targets; /* predicted tokens */
    uint64_t correct; /* of these, the most probable one was right */
    uint64_t bytes;   /* of the predicted tokens' text; special tokens have none */
    uint64_t words;   /* in it, where they were asked for: text/words.h without its symbols */
    uint64_t rows;
};

/* Means: all 0 where there is no target. */
double evaluation_loss(const struct evaluation *evaluation);            /* nats a token */
double evaluation_perplexity(const struct evaluation *evaluation);      /* a token */
double evaluation_word_perplexity(const struct evaluation *evaluation); /* all loss over the words */
double evaluation_accuracy(const struct evaluation *evaluation);        /* share of tokens */
double evaluation_bits_per_byte(const struct evaluation *evaluation);   /* comparable across tokenizers */

/*
 * Evaluates a split from its start, in order, on at most max_targets predicted tokens (0: all of them). transformer
 * must have room for packed's rows. Words are counted where words is not NULL. The same bits for every number of
 * threads.
 */
int evaluate_split(struct transformer *transformer, const struct model *model, const struct shard_set *set,
                   const struct tokenizer *tokenizer, const struct packing_options *options, struct packed_rows *packed,
                   uint64_t max_targets, struct word_finder *words, struct evaluation *evaluation, struct error *error);

#endif
