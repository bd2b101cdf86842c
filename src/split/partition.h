/*
 * Which part a record belongs to: the 64-bit hash of (seed, key) lies on a line from 0 to 2^64, where test takes the
 * lowest hashes, val the next, train the rest. So a changed amount of val never moves a record into or out of test.
 */
#ifndef SPLIT_PARTITION_H
#define SPLIT_PARTITION_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/record.h"

enum part { PART_TRAIN, PART_VAL, PART_TEST, PART_COUNT };
const char *part_name(enum part part);

/* How much a part takes: a share of the hashes, or at least a number of records. Neither is nothing. */
struct amount {
    double fraction; /* in [0, 1) */
    uint64_t count;
};

/* "0.01" or "1000"; NULL or "0" is nothing. Returns 0 or -1. */
int amount_parse(const char *text, struct amount *amount);
bool amount_is_none(const struct amount *amount);

enum key_choice { KEY_AUTO, KEY_CLUSTER, KEY_THREAD, KEY_ID };

/*
 * The hash of the record's key: with KEY_AUTO the first present of cluster, thread and id, else the XXH3-128 of the
 * line in hexadecimal. With another choice a record that lacks the field is an ERROR_DATA.
 */
int partition_hash(const struct record *record, enum key_choice choice, uint64_t seed, uint64_t *hash,
                   struct error *error);

/* test is [0, test_end), val is [test_end, val_end). */
struct partition {
    uint64_t test_end, val_end;
};

/* The end of a part that begins at start and takes a share of the hashes. */
uint64_t partition_end(uint64_t start, double fraction);
enum part partition_find(const struct partition *partition, uint64_t hash);

#endif
