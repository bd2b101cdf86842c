/*
 * What gpt-dedup knows of the records so far: exact texts, MinHash bands, and (with clusters) the union of duplicates
 * and threads. Records are named by their ordinal, from 0, and must be shown in input order. In memory: about 16 bytes
 * a record and 21 a band key.
 */
#ifndef DEDUP_INDEX_H
#define DEDUP_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

/* What is compared of one record. */
struct fingerprint {
    struct hash128 identity; /* of the exact text, or of the post within its thread */
    uint64_t thread;         /* hash of the thread's id, where has_thread */
    uint32_t key_count;      /* 0: exact comparison only */
    bool has_thread;
};

enum index_verdict { INDEX_FIRST, INDEX_EXACT_DUPLICATE, INDEX_NEAR_DUPLICATE };

struct index;

/* bands: the number of keys of a fingerprint that has any. clusters: also keep components for index_cluster. */
struct index *index_new(size_t bands, bool clusters);
void index_free(struct index *index);
/* Takes the next record. *first gets the ordinal of the record it duplicates, or its own. */
enum index_verdict index_add(struct index *index, const struct fingerprint *fingerprint, const uint64_t *keys,
                             uint64_t *first);
uint64_t index_count(const struct index *index);
/* The identity of the first record of a record's component (needs clusters). */
struct hash128 index_cluster(const struct index *index, uint64_t ordinal);

#endif
