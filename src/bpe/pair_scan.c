/*
 * Owns the passes that choose pairs. First each pair's count is added to one of a fixed number of sums, which bound the
 * counts from above (Park, Chen & Yu 1995: An Effective Hash-Based Algorithm for Mining Association Rules); only pairs
 * with a high sum are then counted exactly. Knows nothing of merging.
 */
#include "bpe/pair_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* As many sums as there are cells, within bounds: the most of them that a second-level cache keeps near. */
#define SUM_BITS_MINIMUM 10
#define SUM_BITS_MAXIMUM 20

/* The threshold is this part of the highest count: a lower one costs more updates, a higher one more passes. */
#define THRESHOLD_PART 6

struct scan {
    const struct words *words;
    struct pair_table *table;
    const struct pair_table *banned;
    uint64_t *sums; /* and one more, for neighbours that are no pair */
    size_t sum_count;
    unsigned sum_shift; /* 64 - log2(sum_count) */
    uint64_t *is_high;  /* a bit a sum */
};

static inline size_t sum_of(const struct scan *scan, uint32_t left, uint32_t right) {
    return (size_t)((((uint64_t)left << 32 | right) * 0x9E3779B97F4A7C15u) >> scan->sum_shift);
}

static inline bool is_high(const struct scan *scan, uint32_t left, uint32_t right) {
    size_t sum = sum_of(scan, left, right);
    return scan->is_high[sum / 64] >> sum % 64 & 1;
}

/* Ids are far below 2^31, so two of them never come to WORD_END. */
static inline bool is_pair(uint32_t left, uint32_t right) {
    return (left | right) != WORD_END;
}

static void sum_up(struct scan *scan) {
    const struct words *words = scan->words;
    for (size_t i = 0; i < words->class_count; i++) {
        uint64_t times = words->classes[i].times;
        uint32_t left = WORD_END;
        for (size_t at = words->classes[i].start; at < words->classes[i + 1].start; at++) {
            uint32_t right = words->cells[at];
            scan->sums[is_pair(left, right) ? sum_of(scan, left, right) : scan->sum_count] += times;
            left = right;
        }
    }
}

static uint64_t highest_sum(const struct scan *scan) {
    uint64_t highest = 0;
    for (size_t i = 0; i < scan->sum_count; i++)
        if (scan->sums[i] > highest)
            highest = scan->sums[i];
    return highest;
}

static void mark_high(struct scan *scan, uint64_t threshold) {
    for (size_t i = 0; i < scan->sum_count; i += 64) {
        uint64_t bits = 0;
        for (size_t j = 0; j < 64; j++)
            bits |= (uint64_t)(scan->sums[i + j] >= threshold) << j;
        scan->is_high[i / 64] = bits;
    }
}

static void count_exactly(struct scan *scan) {
    const struct words *words = scan->words;
    for (size_t i = 0; i < words->class_count; i++) {
        uint32_t left = WORD_END;
        for (size_t at = words->classes[i].start; at < words->classes[i + 1].start; at++) {
            uint32_t right = words->cells[at];
            if (is_pair(left, right) && is_high(scan, left, right)) {
                struct pair *pair = pair_table_add(scan->table, left, right);
                pair->count += words->classes[i].times;
                pair->place_count++;
            }
            left = right;
        }
    }
    for (size_t i = 0; i < scan->banned->count; i++) {
        struct pair *pair = pair_table_find(scan->table, scan->banned->pairs[i].left, scan->banned->pairs[i].right);
        if (pair)
            pair->count = 0;
    }
}

/* Finds all pairs of the threshold, which is lowered until there are some; 0 where there are none. */
static uint64_t find_pairs(struct scan *scan, uint64_t minimum) {
    sum_up(scan);
    for (uint64_t threshold = highest_sum(scan);;) {
        threshold = threshold / THRESHOLD_PART < minimum ? minimum : threshold / THRESHOLD_PART;
        mark_high(scan, threshold);
        pair_table_clear(scan->table);
        count_exactly(scan);
        pair_table_keep(scan->table, threshold);
        if (scan->table->count > 0)
            return threshold;
        if (threshold == minimum)
            return 0;
    }
}

/* Raises the threshold while there are more places than half of the cells, but keeps some pairs. */
static uint64_t limit_places(struct scan *scan, uint64_t threshold) {
    for (;;) {
        uint64_t places = 0, highest = 0;
        for (size_t i = 0; i < scan->table->count; i++) {
            places += scan->table->pairs[i].place_count;
            if (scan->table->pairs[i].count > highest)
                highest = scan->table->pairs[i].count;
        }
        if (places <= scan->words->size / 2 || threshold * 2 > highest)
            return threshold;
        threshold *= 2;
        pair_table_keep(scan->table, threshold);
    }
}

static void note_places(struct scan *scan) {
    const struct words *words = scan->words;
    struct pair_table *table = scan->table;
    for (size_t i = 0; i < table->count; i++)
        pair_table_reserve_places(table, &table->pairs[i], table->pairs[i].place_count);
    uint32_t left = WORD_END;
    for (size_t at = 1; at < words->size; at++) {
        uint32_t right = words->cells[at];
        struct pair *pair =
            is_pair(left, right) && is_high(scan, left, right) ? pair_table_find(table, left, right) : NULL;
        if (pair)
            table->places[pair->places + pair->place_count++] = (uint32_t)(at - 1);
        left = right;
    }
    for (size_t i = 0; i < table->count; i++)
        pair_table_claim(table, &table->pairs[i]);
}

uint64_t pair_scan(struct pair_table *table, const struct words *words, const struct pair_table *banned,
                   uint64_t minimum) {
    struct scan scan = {.words = words, .table = table, .banned = banned};
    unsigned bits = SUM_BITS_MINIMUM;
    while (bits < SUM_BITS_MAXIMUM && (size_t)1 << bits < words->size)
        bits++;
    scan.sum_count = (size_t)1 << bits;
    scan.sum_shift = 64 - bits;
    scan.sums = memory_zeroed(scan.sum_count + 1, sizeof(*scan.sums));
    scan.is_high = memory_allocate(scan.sum_count / 64 * sizeof(*scan.is_high));
    uint64_t threshold = find_pairs(&scan, minimum);
    if (threshold > 0) {
        threshold = limit_places(&scan, threshold);
        note_places(&scan);
    }
    free(scan.sums);
    free(scan.is_high);
    return threshold;
}
