/* Named counters: order, merging, and the JSON that does not depend on either. */
#include <check.h>

#include "base/stats.h"
#include "suite.h"

static void expect_json(const struct counters *counters, const char *json) {
    struct bytes out = {0};
    counters_append_json(counters, &out);
    ck_assert_str_eq(bytes_text(&out), json);
    bytes_release(&out);
}

START_TEST(test_counting) {
    struct counters counters = {0};
    expect_json(&counters, "{}");
    ck_assert_uint_eq(counters_get(&counters, "none"), 0);
    for (int i = 0; i < 20; i++) {
        char name[] = "rule-a";
        name[5] = (char)('t' - i);
        counters_add(&counters, name, (uint64_t)i);
        counters_add(&counters, name, 1);
    }
    ck_assert_uint_eq(counters.count, 20);
    ck_assert_str_eq(counters.items[0].name, "rule-t");
    ck_assert_uint_eq(counters_get(&counters, "rule-a"), 20);
    counters_clear(&counters);
    ck_assert_uint_eq(counters_get(&counters, "rule-a"), 0);
    expect_json(&counters, "{}");
    counters_add(&counters, "again", UINT64_MAX);
    expect_json(&counters, "{\"again\":18446744073709551615}");
    counters_release(&counters);
}
END_TEST

START_TEST(test_json_is_sorted_and_escaped) {
    struct counters counters = {0};
    counters_add(&counters, "b", 2);
    counters_add(&counters, "a\"", 1);
    counters_add(&counters, "ä", 3);
    counters_add(&counters, "B", 0);
    expect_json(&counters, "{\"B\":0,\"a\\\"\":1,\"b\":2,\"ä\":3}");
    counters_release(&counters);
}
END_TEST

START_TEST(test_tables) {
    struct counters counters = {0};
    struct bytes out = {0};
    counters_append_tables(&counters, &out);
    ck_assert_str_eq(bytes_text(&out), "{}");
    counters_add(&counters,
                 "t\x1F"
                 "b\x1F"
                 "y",
                 2);
    counters_add(&counters,
                 "t\x1F"
                 "a\x1F"
                 "x",
                 1);
    counters_add(&counters,
                 "s\x1F"
                 "b\x1F"
                 "y",
                 3);
    counters_add(&counters,
                 "t\x1F"
                 "b\x1F"
                 "x",
                 4);
    counters_add(&counters,
                 "u\x1F"
                 "b\x1F"
                 "x",
                 5);
    bytes_clear(&out);
    counters_append_tables(&counters, &out);
    ck_assert_str_eq(bytes_text(&out), "{\"s\":{\"b\":{\"y\":3}},\"t\":{\"a\":{\"x\":1},\"b\":{\"x\":4,\"y\":2}},"
                                       "\"u\":{\"b\":{\"x\":5}}}");
    bytes_release(&out);
    counters_release(&counters);
}
END_TEST

START_TEST(test_merge_in_any_order) {
    struct counters left = {0}, right = {0}, one = {0}, other = {0};
    counters_add(&left, "x", 1);
    counters_add(&left, "y", 2);
    counters_add(&right, "y", 3);
    counters_add(&right, "z", 4);
    counters_merge(&one, &left);
    counters_merge(&one, &right);
    counters_merge(&other, &right);
    counters_merge(&other, &left);
    expect_json(&one, "{\"x\":1,\"y\":5,\"z\":4}");
    expect_json(&other, "{\"x\":1,\"y\":5,\"z\":4}");
    counters_release(&left);
    counters_release(&right);
    counters_release(&one);
    counters_release(&other);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("stats");
    TCase *tests = tcase_create("stats");
    tcase_add_test(tests, test_counting);
    tcase_add_test(tests, test_json_is_sorted_and_escaped);
    tcase_add_test(tests, test_tables);
    tcase_add_test(tests, test_merge_in_any_order);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
