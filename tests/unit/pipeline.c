/* The worker pool under random delays: order, first errors, early stops, recycling, for one to eight workers. */
#include <check.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/pipeline.h"
#include "base/random.h"
#include "suite.h"

#define BATCHES 300
#define NEVER UINT64_MAX

struct batch {
    uint64_t number, result;
    atomic_int owners; /* who holds it at this moment: never two */
};

struct plan {
    uint64_t length;        /* batches before the end of input */
    uint64_t produce_fails; /* at this number */
    uint64_t work_fails;    /* found by the consumer, in order */
    uint64_t consume_fails, consume_stops;
    unsigned workers;
    bool delays;
    /* what happened */
    uint64_t produced, consumed;
    unsigned batches_made, batches_freed, workers_made, workers_freed;
    atomic_uint live; /* batches in work */
    atomic_uint producing, consuming;
    atomic_uint left, assisted; /* work that consume left, and how much of it was done */
};

static void delay(const struct plan *plan, uint64_t number) {
    if (!plan->delays)
        return;
    struct random random;
    random_seed(&random, number ^ (uint64_t)clock());
    if (random_below(&random, 4) == 0)
        usleep((useconds_t)random_below(&random, 300));
}

static void *batch_new(void *context) {
    struct plan *plan = context;
    plan->batches_made++;
    return memory_zeroed(1, sizeof(struct batch));
}

static void batch_free(void *context, void *batch) {
    struct plan *plan = context;
    plan->batches_freed++;
    free(batch);
}

static void *worker_new(void *context, unsigned worker) {
    struct plan *plan = context;
    ck_assert_uint_eq(worker, plan->workers_made++);
    uint64_t *state = memory_zeroed(1, sizeof *state);
    return state;
}

static void worker_free(void *context, void *worker) {
    struct plan *plan = context;
    plan->workers_freed++;
    free(worker);
}

static void take(struct batch *batch) {
    ck_assert_int_eq(atomic_fetch_add(&batch->owners, 1), 0);
}

static void give(struct batch *batch) {
    ck_assert_int_eq(atomic_fetch_sub(&batch->owners, 1), 1);
}

static int produce(void *context, void *opaque, struct error *error) {
    struct plan *plan = context;
    struct batch *batch = opaque;
    take(batch);
    ck_assert_uint_eq(atomic_fetch_add(&plan->producing, 1), 0);
    uint64_t number = plan->produced++;
    batch->number = number;
    batch->result = 0;
    delay(plan, number);
    atomic_fetch_sub(&plan->producing, 1);
    give(batch);
    if (number == plan->produce_fails)
        return error_set(error, ERROR_DATA, number, "produce %llu", (unsigned long long)number);
    return number < plan->length;
}

static void work(void *context, void *worker, void *opaque) {
    struct plan *plan = context;
    struct batch *batch = opaque;
    take(batch);
    ck_assert_uint_le(atomic_fetch_add(&plan->live, 1) + 1, plan->workers);
    ++*(uint64_t *)worker; /* a worker's state belongs to it alone: the thread sanitizer watches this */
    delay(plan, batch->number + 1000);
    batch->result = batch->number * 3 + 1;
    atomic_fetch_sub(&plan->live, 1);
    give(batch);
}

static int consume(void *context, void *opaque, struct error *error) {
    struct plan *plan = context;
    struct batch *batch = opaque;
    take(batch);
    ck_assert_uint_eq(atomic_fetch_add(&plan->consuming, 1), 0); /* one at a time */
    ck_assert_uint_eq(batch->number, plan->consumed);
    ck_assert_uint_eq(batch->result, batch->number * 3 + 1);
    delay(plan, batch->number + 2000);
    uint64_t number = plan->consumed++;
    atomic_fetch_add(&plan->left, 2);
    atomic_fetch_sub(&plan->consuming, 1);
    give(batch);
    if (number == plan->work_fails)
        return error_set(error, ERROR_DATA, number, "work %llu", (unsigned long long)number);
    if (number == plan->consume_fails)
        return error_set(error, ERROR_SYSTEM, number, "consume %llu", (unsigned long long)number);
    return number == plan->consume_stops;
}

static bool assist(void *context) {
    struct plan *plan = context;
    unsigned left = atomic_load(&plan->left);
    while (left > 0 && !atomic_compare_exchange_weak(&plan->left, &left, left - 1))
        ;
    if (left == 0)
        return false;
    delay(plan, left);
    atomic_fetch_add(&plan->assisted, 1);
    return true;
}

static struct plan plan_of(unsigned workers) {
    return (struct plan){.length = BATCHES,
                         .produce_fails = NEVER,
                         .work_fails = NEVER,
                         .consume_fails = NEVER,
                         .consume_stops = NEVER,
                         .workers = workers,
                         .delays = true};
}

static int run(struct plan *plan, struct error *error) {
    struct pipeline pipeline = {plan->workers, plan,    batch_new, batch_free, worker_new,
                                worker_free,   produce, work,      consume,    assist};
    int result = pipeline_run(&pipeline, error);
    ck_assert_uint_eq(plan->left + plan->assisted, 2 * plan->consumed);
    if (result == 0)
        ck_assert_uint_eq(plan->left, 0);
    ck_assert_uint_eq(plan->batches_made, plan->batches_freed);
    ck_assert_uint_le(plan->batches_made, 2 * plan->workers + 2);
    ck_assert_uint_eq(plan->workers_made, plan->workers);
    ck_assert_uint_eq(plan->workers_freed, plan->workers);
    /* Nothing runs further ahead than there are batches. */
    ck_assert_uint_le(plan->produced, plan->consumed + plan->batches_made + 1);
    return result;
}

START_TEST(test_all_batches_in_order) {
    for (unsigned workers = 1; workers <= 8; workers++) {
        struct plan plan = plan_of(workers);
        ck_assert_int_eq(run(&plan, NULL), 0);
        ck_assert_uint_eq(plan.consumed, BATCHES);
    }
}
END_TEST

START_TEST(test_empty_input) {
    for (unsigned workers = 1; workers <= 8; workers++) {
        struct plan plan = plan_of(workers);
        plan.length = 0;
        ck_assert_int_eq(run(&plan, NULL), 0);
        ck_assert_uint_eq(plan.consumed, 0);
    }
}
END_TEST

/* Errors of all kinds at random places: the first in input order is reported, what came before it was consumed, nothing
 * after it. */
START_TEST(test_first_error_wins) {
    struct random random;
    random_seed(&random, 1);
    for (int round = 0; round < 400; round++) {
        struct plan plan = plan_of(1 + (unsigned)round % 8);
        plan.length = 40;
        plan.produce_fails = random_below(&random, 60);
        plan.work_fails = random_below(&random, 60);
        plan.consume_fails = random_below(&random, 60);
        plan.consume_stops = random_below(&random, 60);
        const struct plan want = plan;
        struct error error = {0};
        int result = run(&plan, &error);
        uint64_t end = want.produce_fails < want.length ? want.produce_fails : want.length;
        uint64_t taken = want.work_fails < want.consume_fails ? want.work_fails : want.consume_fails;
        if (want.consume_stops < taken && want.consume_stops < end) {
            ck_assert_int_eq(result, 0);
            ck_assert_uint_eq(plan.consumed, want.consume_stops + 1);
        } else if (taken < end) {
            ck_assert_int_eq(result, -1);
            ck_assert_uint_eq(error.position, taken);
            ck_assert_int_eq(error.code, taken == want.work_fails ? ERROR_DATA : ERROR_SYSTEM);
            ck_assert_uint_eq(plan.consumed, taken + 1);
        } else {
            ck_assert_int_eq(result, want.produce_fails <= want.length ? -1 : 0);
            ck_assert_uint_eq(plan.consumed, end);
            if (result < 0)
                ck_assert_uint_eq(error.position, want.produce_fails);
        }
    }
}
END_TEST

START_TEST(test_many_workers_without_delay) {
    for (int round = 0; round < 20; round++) {
        struct plan plan = plan_of(8);
        plan.delays = false;
        plan.length = 3000;
        ck_assert_int_eq(run(&plan, NULL), 0);
        ck_assert_uint_eq(plan.consumed, 3000);
    }
}
END_TEST

START_TEST(test_default_workers) {
    ck_assert_uint_ge(pipeline_default_workers(), 1);
    ck_assert_uint_le(pipeline_default_workers(), (unsigned)sysconf(_SC_NPROCESSORS_CONF));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pipeline");
    TCase *tests = tcase_create("pipeline");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_all_batches_in_order);
    tcase_add_test(tests, test_empty_input);
    tcase_add_test(tests, test_first_error_wins);
    tcase_add_test(tests, test_many_workers_without_delay);
    tcase_add_test(tests, test_default_workers);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
