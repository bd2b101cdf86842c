/* The sets of shards that a run trains on, with their weights. */
#ifndef TRAIN_DATA_H
#define TRAIN_DATA_H

#include <stddef.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/options.h"
#include "model/mixture.h"

struct train_data {
    struct shard_set *sets[MIXTURE_MOST];
    struct mixture_source sources[MIXTURE_MOST];
    size_t count;
};

/*
 * Opens what --data names, each DIR or DIR:WEIGHT; a colon is part of the name where no number follows. Without weights
 * each set has that of its tokens for training. ERROR_USAGE for weights on some only.
 */
int train_data_open(struct train_data *data, const struct option_list *names, struct error *error);
void train_data_release(struct train_data *data);
int train_data_require_tokenizer(const struct train_data *data, const struct tokenizer *tokenizer, struct error *error);
/* Tokens for training of all sets. */
uint64_t train_data_tokens(const struct train_data *data);
/* Of the sets and, where there are several, their weights. */
struct hash128 train_data_digest(const struct train_data *data);

#endif
