/* What shard files, their writer and their reader share (gpt-shard.5). */
#ifndef SHARD_FORMAT_H
#define SHARD_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define SHARD_SUFFIX ".tok.zst" /* of the names of shard files */

enum shard_split { SPLIT_TRAIN, SPLIT_VAL, SPLIT_TEST, SPLIT_COUNT };

const char *shard_split_name(enum shard_split split); /* "train", "val", "test" */
/* An absent name is train. False for any other name. */
bool shard_split_parse(struct span name, enum shard_split *split);

#endif
