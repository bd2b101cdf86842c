/* Sums of pieces against a sorted list: pieces of every length about the limit of the short ones, NUL bytes, several
 * workers, budgets that spill. */
#include "bpe/piece_count.h"

#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "bpe/piece_source.h"
#include "suite.h"

struct item {
    char text[24];
    size_t size;
    uint64_t times;
};

static int compare_items(const void *a, const void *b) {
    const struct item *left = a, *right = b;
    return span_compare((struct span){left->text, left->size}, (struct span){right->text, right->size});
}

static size_t sum_up(struct item *items, size_t count) {
    size_t sums = 0;
    qsort(items, count, sizeof(*items), compare_items);
    for (size_t i = 0; i < count; i++) {
        if (sums > 0 && compare_items(&items[sums - 1], &items[i]) == 0)
            items[sums - 1].times += items[i].times;
        else
            items[sums++] = items[i];
    }
    return sums;
}

static size_t take_all(struct piece_source *source, struct item *items) {
    struct span piece;
    struct error error;
    size_t count = 0;
    uint64_t times;
    int got;
    ck_assert_int_eq(piece_source_rewind(source, &error), 0);
    while ((got = piece_source_next(source, &piece, &times, &error)) > 0) {
        items[count] = (struct item){.size = piece.size, .times = times};
        memcpy(items[count++].text, piece.data, piece.size);
    }
    ck_assert_int_eq(got, 0);
    qsort(items, count, sizeof(*items), compare_items);
    return count;
}

/* The walk is made twice, as the layout of words does. */
static void compare(struct piece_source *source, const struct item *sums, size_t count) {
    struct item *found = memory_allocate((count + 1) * sizeof(*found));
    ck_assert_uint_eq(piece_source_count(source), count);
    for (int walk = 0; walk < 2; walk++) {
        ck_assert_uint_eq(take_all(source, found), count);
        for (size_t i = 0; i < count; i++) {
            ck_assert_int_eq(compare_items(&found[i], &sums[i]), 0);
            ck_assert_uint_eq(found[i].times, sums[i].times);
        }
    }
    free(found);
}

static void count_and_compare(size_t count, unsigned letters, unsigned workers, uint64_t memory) {
    struct random random;
    random_seed(&random, count + letters);
    struct item *items = memory_zeroed(count + 1, sizeof(*items));
    struct piece_source *source = piece_source_new(memory, workers);
    struct piece_counts *counts = memory_zeroed(workers, sizeof(*counts));
    struct error error;
    for (size_t i = 0; i < count; i++) {
        struct item *item = &items[i];
        struct piece_counts *worker = &counts[random_below(&random, workers)];
        item->size = 1 + random_below(&random, sizeof(item->text));
        item->times = 1 + random_below(&random, random_below(&random, 9) ? 3 : UINT64_MAX / 4 / count);
        for (size_t j = 0; j < item->size; j++)
            item->text[j] = (char)random_below(&random, letters);
        /* What may be read behind the piece must not matter. */
        for (size_t j = item->size; j < sizeof(item->text); j++)
            item->text[j] = (char)random_below(&random, 256);
        const struct span piece = {item->text, item->size};
        if (item->times == 1)
            piece_counts_add_run(worker, &piece, 1, item->text + (i % 2 ? sizeof(item->text) : item->size));
        else
            piece_counts_add(worker, piece, item->times);
        ck_assert_int_eq(piece_source_check(source, worker, &error), 0);
    }
    for (unsigned i = 0; i < workers; i++)
        piece_source_take(source, &counts[i]);
    ck_assert_int_eq(piece_source_finish(source, 8, &error), 0);
    compare(source, items, sum_up(items, count));
    piece_source_free(source);
    free(counts);
    free(items);
}

START_TEST(sums_do_not_depend_on_workers_and_budget) {
    for (unsigned workers = 1; workers <= 3; workers++) {
        count_and_compare(0, 2, workers, 1);
        count_and_compare(1, 2, workers, (uint64_t)1 << 30);
        count_and_compare(20000, 2, workers, (uint64_t)1 << 30);
        count_and_compare(20000, 256, workers, (uint64_t)1 << 30);
        count_and_compare(20000, 2, workers, (uint64_t)1 << 20);
        count_and_compare(100000, 256, workers, (uint64_t)1 << 20);
    }
}
END_TEST

/* Same bytes, other lengths: zeros at the end count. */
START_TEST(zeros_count) {
    struct piece_counts counts = {0};
    static const char zeros[32] = {0};
    for (size_t size = 1; size <= 32; size++)
        piece_counts_add(&counts, (struct span){zeros, size}, size);
    ck_assert_uint_eq(counts.count, 32);
    struct span piece;
    uint64_t times;
    for (size_t slot = 0; piece_counts_next(&counts, &slot, &piece, &times);)
        ck_assert_uint_eq(times, piece.size);
    piece_counts_release(&counts);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("piece_count");
    TCase *cases = tcase_create("piece_count");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, sums_do_not_depend_on_workers_and_budget);
    tcase_add_test(cases, zeros_count);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
