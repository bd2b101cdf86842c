/* The team of threads: every task once, whatever the loops' lengths; and the state of a thread inside tasks. */
#include "model/threads.h"

#include <float.h>
#include <omp.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "folder.h"

enum { TASKS = 300 };

struct tally {
    size_t threads;
    _Atomic(unsigned) done[TASKS];
    _Atomic(unsigned) wrong;
};

static void count_task(void *context, size_t index, size_t thread) {
    struct tally *tally = context;
    atomic_fetch_add(&tally->done[index], 1);
    if (thread >= tally->threads || omp_get_max_threads() != 1)
        atomic_fetch_add(&tally->wrong, 1);
}

/* Long and short loops in turn, so that threads come late and sleep: a task of one loop must never run in the next. */
START_TEST(test_every_task_once) {
    struct threads *threads = threads_new((size_t)_i);
    struct tally tally = {.threads = threads_count(threads)};
    ck_assert_uint_eq(threads_count(threads), (size_t)_i);
    unsigned expected[TASKS] = {0};
    for (size_t round = 0; round < 4000; round++) {
        size_t count = round % 977 == 0 ? TASKS : round * 7 % 5;
        threads_run(threads, count, count_task, &tally);
        for (size_t i = 0; i < count; i++)
            expected[i]++;
        if (round % 500 == 0)
            usleep(2000); /* long enough to fall asleep */
        for (size_t i = 0; i < TASKS; i += count + 1)
            ck_assert_uint_eq(atomic_load(&tally.done[i]), expected[i]);
    }
    for (size_t i = 0; i < TASKS; i++)
        ck_assert_uint_eq(atomic_load(&tally.done[i]), expected[i]);
    ck_assert_uint_eq(atomic_load(&tally.wrong), 0);
    threads_free(threads);
}
END_TEST

static void square_small(void *context, size_t index, size_t thread) {
    (void)thread;
    volatile float *values = context;
    values[index] = values[index] * 1e-3f;
}

START_TEST(test_denormals) {
    struct threads *threads = threads_new(3);
    volatile float values[64], outside = FLT_MIN;
    for (size_t i = 0; i < 64; i++)
        values[i] = FLT_MIN;
    threads_run(threads, 64, square_small, (void *)values);
    outside = outside * 1e-3f;
#if defined(__SSE__)
    for (size_t i = 0; i < 64; i++)
        ck_assert(!(values[i] > 0));
#endif
    ck_assert(outside > 0);
    threads_free(threads);
}
END_TEST

START_TEST(test_caller_keeps_its_libraries) {
    struct threads *threads = threads_new(2);
    struct tally tally = {.threads = 2};
    omp_set_num_threads(3);
    threads_run(threads, 10, count_task, &tally);
    ck_assert_int_eq(omp_get_max_threads(), 3);
    threads_free(threads);
}
END_TEST

START_TEST(test_chunks) {
    for (size_t total = 0; total < 40; total++)
        for (size_t size = 1; size < 9; size++) {
            size_t covered = 0;
            for (size_t i = 0; i < chunk_count(total, size); i++) {
                ck_assert_uint_eq(chunk_begin(i, size), covered);
                ck_assert_uint_gt(chunk_end(i, size, total), covered);
                covered = chunk_end(i, size, total);
            }
            ck_assert_uint_eq(covered, total);
        }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("threads");
    TCase *cases = tcase_create("threads");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, test_every_task_once, 1, 6);
    tcase_add_test(cases, test_denormals);
    tcase_add_test(cases, test_caller_keeps_its_libraries);
    tcase_add_test(cases, test_chunks);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
