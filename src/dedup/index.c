/*
 * The index of gpt-dedup: exact identities, band keys and the union-find of components. It owns all state that depends
 * on the order of records; it knows nothing of JSON, hashing of texts or threads of execution.
 */
#include "dedup/index.h"

#include <stdlib.h>

#include "base/memory.h"
#include "dedup/seen.h"

struct index {
    size_t bands;
    bool clusters;
    struct seen exact; /* low half of identity -> ordinal; the high half is compared in identities */
    struct seen *band; /* one table a band */
    struct seen thread;
    struct hash128 *identities; /* of every record */
    uint64_t *parents;          /* union-find, the smaller ordinal is the root; NULL without clusters */
    uint64_t count, capacity;
};

struct index *index_new(size_t bands, bool clusters) {
    struct index *index = memory_zeroed(1, sizeof *index);
    index->bands = bands;
    index->clusters = clusters;
    index->band = memory_zeroed(bands, sizeof *index->band);
    return index;
}

void index_free(struct index *index) {
    if (!index)
        return;
    seen_release(&index->exact);
    seen_release(&index->thread);
    for (size_t i = 0; i < index->bands; i++)
        seen_release(&index->band[i]);
    free(index->band);
    free(index->identities);
    free(index->parents);
    free(index);
}

static uint64_t index_append(struct index *index, struct hash128 identity) {
    if (index->count == index->capacity) {
        index->capacity = index->capacity ? 2 * index->capacity : 1024;
        index->identities = memory_resize(index->identities, index->capacity, sizeof *index->identities);
        if (index->clusters)
            index->parents = memory_resize(index->parents, index->capacity, sizeof *index->parents);
    }
    index->identities[index->count] = identity;
    if (index->clusters)
        index->parents[index->count] = index->count;
    return index->count++;
}

static uint64_t root_of(const struct index *index, uint64_t ordinal) {
    while (index->parents[ordinal] != ordinal)
        ordinal = index->parents[ordinal];
    return ordinal;
}

static void unite(struct index *index, uint64_t a, uint64_t b) {
    if (!index->clusters)
        return;
    uint64_t root_a = root_of(index, a), root_b = root_of(index, b);
    uint64_t root = root_a < root_b ? root_a : root_b;
    index->parents[root_a] = index->parents[root_b] = root;
    /* Shorten the paths that were walked, so that long chains of near-duplicates stay cheap. */
    for (uint64_t next; index->parents[a] != root; a = next)
        next = index->parents[a], index->parents[a] = root;
    for (uint64_t next; index->parents[b] != root; b = next)
        next = index->parents[b], index->parents[b] = root;
}

static bool same_identity(struct hash128 a, struct hash128 b) {
    return a.low == b.low && a.high == b.high;
}

enum index_verdict index_add(struct index *index, const struct fingerprint *fingerprint, const uint64_t *keys,
                             uint64_t *first) {
    uint64_t ordinal = index_append(index, fingerprint->identity);
    enum index_verdict verdict = INDEX_FIRST;
    *first = ordinal;
    uint64_t found = seen_find_or_add(&index->exact, fingerprint->identity.low, ordinal);
    if (found != SEEN_NONE && same_identity(index->identities[found], fingerprint->identity)) {
        *first = found;
        verdict = INDEX_EXACT_DUPLICATE;
        unite(index, ordinal, found);
    }
    /* A near-duplicate's keys are kept too: near-duplicates chain, as components do in FineWeb's pipeline. */
    for (size_t i = 0; i < fingerprint->key_count; i++) {
        found = seen_find_or_add(&index->band[i], keys[i], ordinal);
        if (found == SEEN_NONE)
            continue;
        unite(index, ordinal, found);
        if (verdict != INDEX_EXACT_DUPLICATE && found < *first) {
            *first = found;
            verdict = INDEX_NEAR_DUPLICATE;
        }
    }
    if (fingerprint->has_thread && index->clusters) {
        found = seen_find_or_add(&index->thread, fingerprint->thread, ordinal);
        if (found != SEEN_NONE)
            unite(index, ordinal, found);
    }
    return verdict;
}

uint64_t index_count(const struct index *index) {
    return index->count;
}

struct hash128 index_cluster(const struct index *index, uint64_t ordinal) {
    return index->identities[root_of(index, ordinal)];
}
