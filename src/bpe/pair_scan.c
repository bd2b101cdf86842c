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

/* Fewer cells than this are not worth another thread, whose sums are memory too. */
#define PART_MINIMUM ((size_t)1 << 18)
#define PARTS_MAXIMUM 8

/* The cells of one thread, and what it counts. A pair belongs where its right token stands. */
struct part {
    size_t begin, end;
    uint64_t *sums;          /* and one more, for neighbours that are no pair */
    struct pair_table table; /* with where in the places of all the part's own go */
};

struct scan {
    const struct words *words;
    struct pair_table *table;
    const struct pair_table *banned;
    struct threads *threads;
    struct part parts[PARTS_MAXIMUM];
    size_t part_count;
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

static void run_parts(struct scan *scan, thread_task task) {
    threads_run(scan->threads, scan->part_count, task, scan);
}

/* Visits the cells of a part, those of one count at a time. */
typedef void (*visit_cells)(const struct scan *scan, struct part *part, size_t begin, size_t end, uint64_t times);

static void visit_part(struct scan *scan, size_t index, visit_cells visit) {
    struct part *part = &scan->parts[index];
    const struct word_class *class = &scan->words->classes[words_class(scan->words, part->begin, 0)];
    for (size_t at = part->begin; at < part->end; class += 1) {
        size_t end = class[1].start < part->end ? class[1].start : part->end;
        visit(scan, part, at, end, class->times);
        at = end;
    }
}

/* ---- sums ---- */

static void sum_cells(const struct scan *scan, struct part *part, size_t begin, size_t end, uint64_t times) {
    const uint32_t *cells = scan->words->cells;
    uint32_t left = cells[begin - 1];
    for (size_t at = begin; at < end; at++) {
        uint32_t right = cells[at];
        part->sums[is_pair(left, right) ? sum_of(scan, left, right) : scan->sum_count] += times;
        left = right;
    }
}

static void sum_part(void *scan, size_t index, size_t thread) {
    (void)thread;
    visit_part(scan, index, sum_cells);
}

/* The sums of all parts, in the first one; returns the highest. */
static uint64_t sum_up(struct scan *scan) {
    uint64_t highest = 0, *sums = scan->parts[0].sums;
    run_parts(scan, sum_part);
    for (size_t part = 1; part < scan->part_count; part++)
        for (size_t i = 0; i < scan->sum_count; i++)
            sums[i] += scan->parts[part].sums[i];
    for (size_t i = 0; i < scan->sum_count; i++)
        if (sums[i] > highest)
            highest = sums[i];
    return highest;
}

static void mark_high(struct scan *scan, uint64_t threshold) {
    const uint64_t *sums = scan->parts[0].sums;
    for (size_t i = 0; i < scan->sum_count; i += 64) {
        uint64_t bits = 0;
        for (size_t j = 0; j < 64; j++)
            bits |= (uint64_t)(sums[i + j] >= threshold) << j;
        scan->is_high[i / 64] = bits;
    }
}

/* ---- exact counts ---- */

static void count_cells(const struct scan *scan, struct part *part, size_t begin, size_t end, uint64_t times) {
    const uint32_t *cells = scan->words->cells;
    uint32_t left = cells[begin - 1];
    for (size_t at = begin; at < end; at++) {
        uint32_t right = cells[at];
        if (is_pair(left, right) && is_high(scan, left, right)) {
            struct pair *pair = pair_table_add(&part->table, left, right);
            pair->count += times;
            pair->place_count++;
        }
        left = right;
    }
}

static void count_part(void *opaque, size_t index, size_t thread) {
    (void)thread;
    struct scan *scan = opaque;
    pair_table_clear(&scan->parts[index].table);
    visit_part(scan, index, count_cells);
}

static void count_exactly(struct scan *scan) {
    run_parts(scan, count_part);
    pair_table_clear(scan->table);
    for (size_t i = 0; i < scan->part_count; i++) {
        const struct pair_table *table = &scan->parts[i].table;
        for (size_t j = 0; j < table->count; j++) {
            struct pair *pair = pair_table_add(scan->table, table->pairs[j].left, table->pairs[j].right);
            pair->count += table->pairs[j].count;
            pair->place_count += table->pairs[j].place_count;
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
    for (uint64_t threshold = sum_up(scan);;) {
        threshold = threshold / THRESHOLD_PART < minimum ? minimum : threshold / THRESHOLD_PART;
        mark_high(scan, threshold);
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

/* ---- places ---- */

/* Divides the places of each pair among the parts, in their order. A pair that is not kept has no count any more. */
static void divide_places(struct scan *scan) {
    struct pair_table *all = scan->table;
    for (size_t i = 0; i < all->count; i++)
        pair_table_reserve_places(all, &all->pairs[i], all->pairs[i].place_count);
    for (size_t i = 0; i < scan->part_count; i++) {
        struct pair_table *table = &scan->parts[i].table;
        for (size_t j = 0; j < table->count; j++) {
            struct pair *own = &table->pairs[j], *pair = pair_table_find(all, own->left, own->right);
            own->count = pair ? own->count : 0;
            own->places = pair ? pair->places + pair->place_count : 0;
            if (pair)
                pair->place_count += own->place_count;
            own->place_count = 0;
        }
    }
}

static void note_part(void *opaque, size_t index, size_t thread) {
    (void)thread;
    struct scan *scan = opaque;
    struct part *part = &scan->parts[index];
    const uint32_t *cells = scan->words->cells;
    uint32_t left = cells[part->begin - 1], *places = scan->table->places;
    for (size_t at = part->begin; at < part->end; at++) {
        uint32_t right = cells[at];
        struct pair *pair =
            is_pair(left, right) && is_high(scan, left, right) ? pair_table_find(&part->table, left, right) : NULL;
        if (pair && pair->count > 0)
            places[pair->places + pair->place_count++] = (uint32_t)(at - 1);
        left = right;
    }
}

static void note_places(struct scan *scan) {
    divide_places(scan);
    run_parts(scan, note_part);
    for (size_t i = 0; i < scan->table->count; i++)
        pair_table_claim(scan->table, &scan->table->pairs[i]);
}

/* ---- the scan ---- */

static void scan_init(struct scan *scan) {
    size_t cells = scan->words->size - 1, parts = threads_count(scan->threads); /* no pair ends in the first cell */
    unsigned bits = SUM_BITS_MINIMUM;
    while (bits < SUM_BITS_MAXIMUM && (size_t)1 << bits < cells)
        bits++;
    scan->sum_count = (size_t)1 << bits;
    scan->sum_shift = 64 - bits;
    scan->is_high = memory_allocate(scan->sum_count / 64 * sizeof(*scan->is_high));
    parts = parts < PARTS_MAXIMUM ? parts : PARTS_MAXIMUM;
    while (parts > 1 && cells / parts < PART_MINIMUM)
        parts--;
    scan->part_count = parts;
    for (size_t i = 0; i < parts; i++) {
        scan->parts[i].begin = 1 + cells * i / parts;
        scan->parts[i].end = 1 + cells * (i + 1) / parts;
        scan->parts[i].sums = memory_zeroed(scan->sum_count + 1, sizeof(*scan->parts[i].sums));
    }
}

static void scan_release(struct scan *scan) {
    for (size_t i = 0; i < scan->part_count; i++) {
        free(scan->parts[i].sums);
        pair_table_release(&scan->parts[i].table);
    }
    free(scan->is_high);
}

uint64_t pair_scan(struct pair_table *table, const struct words *words, const struct pair_table *banned,
                   uint64_t minimum, struct threads *threads) {
    struct scan scan = {.words = words, .table = table, .banned = banned, .threads = threads};
    scan_init(&scan);
    uint64_t threshold = find_pairs(&scan, minimum);
    if (threshold > 0) {
        threshold = limit_places(&scan, threshold);
        note_places(&scan);
    }
    scan_release(&scan);
    return threshold;
}
