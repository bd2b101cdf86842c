/* The generator against its published reference sequence, and its distributions against what they should be. */
#include <math.h>

#include "base/random.h"
#include "folder.h"

START_TEST(test_splitmix_and_xoshiro_reference) {
    /* splitmix64 seeded with 1234567 gives 6457827717110365317, 3203168211198807973, 9817491932198370423,
     * 4593380528125082431. */
    struct random random;
    random_seed(&random, 1234567);
    ck_assert_uint_eq(random.state[0], 6457827717110365317u);
    ck_assert_uint_eq(random.state[1], 3203168211198807973u);
    ck_assert_uint_eq(random.state[2], 9817491932198370423u);
    ck_assert_uint_eq(random.state[3], 4593380528125082431u);
    /* xoshiro256** from the state 1, 2, 3, 4, as its authors' program prints it. */
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240u};
    random = (struct random){{1, 2, 3, 4}};
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(random_next(&random), expected[i]);
}
END_TEST

START_TEST(test_saved_state_resumes) {
    struct random random;
    random_seed(&random, 7);
    random_normal(&random);
    struct random saved = random;
    double first = random_normal(&random);
    ck_assert(first == random_normal(&saved));
    ck_assert_mem_eq(&random, &saved, sizeof saved);
}
END_TEST

START_TEST(test_below_is_uniform) {
    struct random random;
    random_seed(&random, 1);
    unsigned counts[7] = {0};
    for (int i = 0; i < 70000; i++)
        counts[random_below(&random, 7)]++;
    double chi_square = 0;
    for (int i = 0; i < 7; i++)
        chi_square += (counts[i] - 10000.0) * (counts[i] - 10000.0) / 10000.0;
    ck_assert_double_lt(chi_square, 22.5); /* 6 degrees of freedom, p = 0.001 */
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(random_below(&random, 1), 0);
    /* Just over half of the range: without rejection the lower third would come up too often. */
    uint64_t bound = UINT64_C(3) << 62;
    unsigned low = 0;
    for (int i = 0; i < 30000; i++)
        low += random_below(&random, bound) < UINT64_C(1) << 62;
    ck_assert_uint_gt(low, 9700);
    ck_assert_uint_lt(low, 10300);
}
END_TEST

START_TEST(test_uniform_range) {
    struct random random;
    random_seed(&random, 2);
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        double value = random_uniform(&random);
        ck_assert(value >= 0 && value < 1);
        sum += value;
    }
    ck_assert_double_eq_tol(sum / 100000, 0.5, 0.004);
}
END_TEST

START_TEST(test_normal_moments) {
    struct random random;
    random_seed(&random, 3);
    double power[5] = {0};
    const int count = 200000;
    for (int i = 0; i < count; i++) {
        double value = random_normal(&random), product = 1;
        for (int k = 1; k <= 4; k++)
            power[k] += product *= value;
    }
    ck_assert_double_eq_tol(power[1] / count, 0, 0.01);
    ck_assert_double_eq_tol(power[2] / count, 1, 0.015);
    ck_assert_double_eq_tol(power[3] / count, 0, 0.04);
    ck_assert_double_eq_tol(power[4] / count, 3, 0.12);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("random");
    TCase *cases = tcase_create("random");
    tcase_add_test(cases, test_splitmix_and_xoshiro_reference);
    tcase_add_test(cases, test_saved_state_resumes);
    tcase_add_test(cases, test_below_is_uniform);
    tcase_add_test(cases, test_uniform_range);
    tcase_add_test(cases, test_normal_moments);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
