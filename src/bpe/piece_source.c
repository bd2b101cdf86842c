/*
 * Owns the budget of counting: when a worker's table is added to the one of all, when that is spilled, and how the runs
 * become sums again. A quarter of the budget is the workers', half the total's, a quarter is for sorting. Pieces are
 * sorted by their hash before their bytes, since that is the order of the tables. Files are base/sort's affair.
 */
#include "bpe/piece_source.h"

#include <endian.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sort.h"
#include "base/sort_run.h"

/* Emptying tables smaller than this would be all there is to do. */
#define TABLE_MINIMUM ((uint64_t)1 << 20)

struct piece_source {
    uint64_t memory, table_memory; /* in all; of one worker's table */
    pthread_mutex_t lock;          /* over all below, until piece_source_finish */
    struct piece_counts total;     /* what was not spilled */
    struct sort *sort;             /* NULL where nothing was spilled */
    bool failed;
    struct error error;
    struct sort_run *sums; /* the pieces with their counts, where anything was spilled */
    bool at_first;         /* sums stands at an item that was not given out */
    uint64_t count, size;  /* of the different pieces, when they are known */
    size_t slot;           /* of the walk through total */
};

static uint64_t at_least_minimum(uint64_t memory) {
    return memory > TABLE_MINIMUM ? memory : TABLE_MINIMUM;
}

struct piece_source *piece_source_new(uint64_t memory, unsigned workers) {
    struct piece_source *source = memory_zeroed(1, sizeof(*source));
    source->memory = memory;
    source->table_memory = at_least_minimum(memory / 4 / workers);
    pthread_mutex_init(&source->lock, NULL);
    return source;
}

void piece_source_free(struct piece_source *source) {
    if (!source)
        return;
    piece_counts_release(&source->total);
    sort_free(source->sort);
    sort_run_free(source->sums);
    pthread_mutex_destroy(&source->lock);
    free(source);
}

/* Moves a table to the sort. Under the lock. */
static int spill(struct piece_source *source, struct piece_counts *counts, struct error *error) {
    struct bytes key = {0};
    struct span piece;
    uint64_t times;
    int result = 0;
    if (!source->sort)
        source->sort = sort_new(source->memory / 4);
    for (size_t slot = 0; result == 0 && piece_counts_next(counts, &slot, &piece, &times);) {
        uint64_t hash = htobe64(piece_hash(piece));
        bytes_clear(&key);
        bytes_append(&key, &hash, sizeof(hash));
        bytes_append_span(&key, piece);
        result = sort_add(source->sort, span_of_bytes(&key), (struct span){(const char *)&times, sizeof(times)}, error);
    }
    bytes_release(&key);
    piece_counts_release(counts);
    return result;
}

/* Adds a worker's table, which is emptied, to the total. Under the lock. */
static int add_table(struct piece_source *source, struct piece_counts *counts, struct error *error) {
    if (source->total.count == 0) {
        struct piece_counts empty = source->total;
        source->total = *counts;
        *counts = empty;
    } else {
        piece_counts_merge(&source->total, counts);
    }
    piece_counts_release(counts);
    if (piece_counts_memory_ahead(&source->total) <= at_least_minimum(source->memory / 2))
        return 0;
    return spill(source, &source->total, error);
}

int piece_source_check(struct piece_source *source, struct piece_counts *counts, struct error *error) {
    if (piece_counts_memory_ahead(counts) <= source->table_memory)
        return 0;
    pthread_mutex_lock(&source->lock);
    int result = add_table(source, counts, error);
    pthread_mutex_unlock(&source->lock);
    return result;
}

void piece_source_take(struct piece_source *source, struct piece_counts *counts) {
    pthread_mutex_lock(&source->lock);
    if (!source->failed)
        source->failed = add_table(source, counts, &source->error) != 0;
    pthread_mutex_unlock(&source->lock);
    piece_counts_release(counts);
}

/* Writes a sum; key is the hash and the piece. */
static int write_sum(struct piece_source *source, struct span key, uint64_t sum, struct error *error) {
    struct span piece = {key.data + sizeof(uint64_t), key.size - sizeof(uint64_t)};
    source->count++;
    source->size += piece.size;
    return sort_run_write(source->sums, piece, (struct span){(const char *)&sum, sizeof(sum)}, error);
}

/* Adds up equal neighbours of the sorted pieces. */
static int add_up(struct piece_source *source, struct error *error) {
    struct bytes last = {0};
    struct span key, value;
    uint64_t sum = 0, times;
    int got;
    source->sums = sort_run_new(error);
    if (!source->sums || sort_finish(source->sort, error) != 0)
        return -1;
    while ((got = sort_next(source->sort, &key, &value, error)) > 0) {
        memcpy(&times, value.data, sizeof(times));
        if (!span_equal(key, span_of_bytes(&last))) {
            if (last.size > 0 && write_sum(source, span_of_bytes(&last), sum, error) != 0) {
                got = -1;
                break;
            }
            bytes_clear(&last);
            bytes_append_span(&last, key);
            sum = 0;
        }
        sum += times;
    }
    if (got == 0 && last.size > 0)
        got = write_sum(source, span_of_bytes(&last), sum, error);
    bytes_release(&last);
    sort_free(source->sort);
    source->sort = NULL;
    return got;
}

static void measure_total(struct piece_source *source) {
    struct span piece;
    uint64_t times;
    source->count = source->total.count;
    source->size = 0;
    for (size_t slot = 0; piece_counts_next(&source->total, &slot, &piece, &times);)
        source->size += piece.size;
}

int piece_source_finish(struct piece_source *source, unsigned bytes_for_byte, struct error *error) {
    if (source->failed) {
        *error = source->error;
        return -1;
    }
    measure_total(source);
    if (!source->sort && piece_counts_memory(&source->total) + source->size * bytes_for_byte <= source->memory)
        return 0;
    source->count = source->size = 0;
    return spill(source, &source->total, error) != 0 ? -1 : add_up(source, error);
}

uint64_t piece_source_count(const struct piece_source *source) {
    return source->count;
}

uint64_t piece_source_size(const struct piece_source *source) {
    return source->size;
}

int piece_source_rewind(struct piece_source *source, struct error *error) {
    source->slot = 0;
    source->at_first = true;
    return source->sums ? sort_run_rewind(source->sums, error) : 0;
}

int piece_source_next(struct piece_source *source, struct span *piece, uint64_t *times, struct error *error) {
    if (!source->sums)
        return piece_counts_next(&source->total, &source->slot, piece, times);
    if (!source->at_first && sort_run_next(source->sums, error) != 0)
        return -1;
    source->at_first = false;
    *piece = sort_run_key(source->sums);
    if (!piece->data)
        return 0;
    struct span value;
    if (sort_run_value(source->sums, &value, error) != 0)
        return -1;
    memcpy(times, value.data, sizeof(*times));
    return 1;
}
