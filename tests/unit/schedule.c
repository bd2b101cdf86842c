/* Learning rates at the corners of every schedule. */
#include "model/schedule.h"

#include <math.h>

#include "folder.h"

#define NEAR(a, b) ck_assert_double_eq_tol(a, b, 1e-12)

START_TEST(test_warmup) {
    for (int kind = 0; kind < 3; kind++) {
        struct schedule s = {.kind = (enum schedule_kind)kind, .peak = 0.4, .final = 0.1, .warmup = 4, .steps = 100};
        NEAR(schedule_rate(&s, 0), 0.1);
        NEAR(schedule_rate(&s, 1), 0.2);
        NEAR(schedule_rate(&s, 3), 0.4);
        NEAR(schedule_rate(&s, 4), 0.4);
        s.warmup = 0;
        NEAR(schedule_rate(&s, 0), 0.4);
    }
}
END_TEST

START_TEST(test_cosine) {
    struct schedule s = {.kind = SCHEDULE_COSINE, .peak = 1, .final = 0.2, .warmup = 20, .steps = 120};
    NEAR(schedule_rate(&s, 45), 0.2 + 0.8 * (1 + sqrt(0.5)) / 2);
    NEAR(schedule_rate(&s, 70), 0.6);
    NEAR(schedule_rate(&s, 120), 0.2);
    NEAR(schedule_rate(&s, 5000), 0.2);
}
END_TEST

START_TEST(test_wsd) {
    struct schedule s = {.kind = SCHEDULE_WSD, .peak = 1, .final = 0, .warmup = 10, .steps = 1000};
    NEAR(schedule_rate(&s, 500), 1);
    NEAR(schedule_rate(&s, 800), 1);
    NEAR(schedule_rate(&s, 850), 0.5);
    NEAR(schedule_rate(&s, 928), 1 - sqrt(0.64));
    NEAR(schedule_rate(&s, 1000), 0);
}
END_TEST

START_TEST(test_constant) {
    struct schedule s = {.kind = SCHEDULE_CONSTANT, .peak = 0.3, .final = 0, .warmup = 0, .steps = 10};
    NEAR(schedule_rate(&s, 9), 0.3);
}
END_TEST

START_TEST(test_never_rises_after_warmup) {
    for (int kind = 0; kind < 3; kind++)
        for (uint64_t steps = 1; steps < 40; steps++) {
            struct schedule s = {
                .kind = (enum schedule_kind)kind, .peak = 1, .final = 0.05, .warmup = steps / 10, .steps = steps};
            for (uint64_t step = s.warmup; step < steps; step++) {
                ck_assert(isfinite(schedule_rate(&s, step)));
                ck_assert_double_le(schedule_rate(&s, step + 1), schedule_rate(&s, step));
            }
        }
}
END_TEST

START_TEST(test_names) {
    enum schedule_kind kind;
    for (int i = 0; i < 3; i++) {
        ck_assert(schedule_parse(span_of(schedule_name((enum schedule_kind)i)), &kind));
        ck_assert_int_eq(kind, i);
    }
    ck_assert(!schedule_parse(SPAN_LITERAL("cosin"), &kind));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("schedule");
    TCase *cases = tcase_create("schedule");
    tcase_add_test(cases, test_warmup);
    tcase_add_test(cases, test_cosine);
    tcase_add_test(cases, test_wsd);
    tcase_add_test(cases, test_constant);
    tcase_add_test(cases, test_never_rises_after_warmup);
    tcase_add_test(cases, test_names);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
