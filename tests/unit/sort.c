/* The spilling sort against qsort in memory: tiny budgets, ties, huge and empty keys, many levels of runs, folders that
 * refuse. */
#include "base/sort.h"
#include <signal.h>
#include <sys/resource.h>

#include "base/memory.h"
#include "base/random.h"
#include "folder.h"

struct pair {
    char *key, *value;
    size_t key_size, value_size, ordinal;
};

static int compare_pairs(const void *a, const void *b) {
    const struct pair *left = a, *right = b;
    int order = span_compare((struct span){left->key, left->key_size}, (struct span){right->key, right->key_size});
    return order ? order : (left->ordinal > right->ordinal) - (left->ordinal < right->ordinal);
}

/* Few distinct bytes, NUL among them, so that ties and common prefixes are frequent. */
static char *random_bytes(struct random *random, size_t size, unsigned alphabet) {
    char *bytes = memory_allocate(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)random_below(random, alphabet);
    return bytes;
}

static void sort_and_compare(size_t count, size_t longest_key, size_t longest_value, unsigned alphabet,
                             uint64_t budget) {
    struct random random;
    random_seed(&random, count + longest_key);
    struct pair *pairs = memory_zeroed(count + 1, sizeof *pairs);
    struct sort *sort = sort_new(budget);
    struct error error = {0};
    for (size_t i = 0; i < count; i++) {
        struct pair *pair = &pairs[i];
        pair->ordinal = i;
        pair->key_size = random_below(&random, longest_key + 1);
        pair->value_size = random_below(&random, longest_value + 1);
        pair->key = random_bytes(&random, pair->key_size, alphabet);
        pair->value = random_bytes(&random, pair->value_size, 256);
        ck_assert_int_eq(sort_add(sort, (struct span){pair->key, pair->key_size},
                                  (struct span){pair->value, pair->value_size}, &error),
                         0);
    }
    ck_assert_uint_eq(sort_count(sort), count);
    ck_assert_int_eq(sort_finish(sort, &error), 0);
    qsort(pairs, count, sizeof *pairs, compare_pairs);
    struct span key, value;
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(sort_next(sort, &key, &value, &error), 1);
        ck_assert(span_equal(key, (struct span){pairs[i].key, pairs[i].key_size}));
        ck_assert(span_equal(value, (struct span){pairs[i].value, pairs[i].value_size}));
        free(pairs[i].key);
        free(pairs[i].value);
    }
    ck_assert_int_eq(sort_next(sort, &key, &value, &error), 0);
    ck_assert_int_eq(sort_next(sort, &key, &value, &error), 0);
    sort_free(sort);
    free(pairs);
}

START_TEST(test_in_memory) {
    sort_and_compare(0, 1, 1, 2, 1 << 20);
    sort_and_compare(1, 0, 0, 2, 1 << 20);
    sort_and_compare(5000, 12, 20, 3, (uint64_t)1 << 30);
}
END_TEST

START_TEST(test_spilled) {
    sort_and_compare(100000, 12, 20, 3, 0); /* several runs, many ties */
    sort_and_compare(300000, 3, 150, 2, 0); /* beyond RUN_FAN_IN runs: two levels, mostly ties */
    sort_and_compare(20000, 200, 2000, 256, 0);
}
END_TEST

START_TEST(test_huge_keys_and_values) {
    sort_and_compare(12, 3 << 20, 100, 2, 0); /* single items over the budget */
    sort_and_compare(12, 8, 5 << 20, 2, 0);
}
END_TEST

START_TEST(test_memory_does_not_show) {
    const uint64_t budgets[] = {0, 1 << 21, 1 << 22, (uint64_t)1 << 30};
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++)
        sort_and_compare(60000, 6, 40, 4, budgets[i]);
}
END_TEST

START_TEST(test_temporaries_are_gone) {
    folder_make();
    setenv("TMPDIR", folder, 1);
    struct sort *sort = sort_new(0);
    struct error error;
    for (int i = 0; i < 100000; i++)
        ck_assert_int_eq(sort_add(sort, SPAN_LITERAL("key"), SPAN_LITERAL("some value"), &error), 0);
    ck_assert_uint_eq(folder_count(), 0); /* unlinked while in use */
    sort_free(sort);
    folder_remove();
}
END_TEST

START_TEST(test_folder_refuses) {
    setenv("TMPDIR", "/nonexistent/folder", 1);
    struct sort *sort = sort_new(0);
    struct error error = {0};
    int result = 0;
    for (int i = 0; i < 1000000 && result == 0; i++)
        result = sort_add(sort, SPAN_LITERAL("key"), SPAN_LITERAL("some value"), &error);
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(error.message, "/nonexistent/folder"));
    sort_free(sort);
}
END_TEST

/* A limit on file sizes stands for a full disk: the failure comes out, at the latest when the run is read. */
START_TEST(test_disk_is_full) {
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {300000, 300000};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    struct sort *sort = sort_new(0);
    struct error error = {0};
    int result = 0;
    for (int i = 0; i < 60000 && result == 0; i++)
        result = sort_add(sort, SPAN_LITERAL("key"), SPAN_LITERAL("some value"), &error);
    if (result == 0)
        result = sort_finish(sort, &error);
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    ck_assert_ptr_nonnull(strstr(error.message, "cannot write a temporary file in "));
    sort_free(sort);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sort");
    TCase *tests = tcase_create("sort");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_in_memory);
    tcase_add_test(tests, test_spilled);
    tcase_add_test(tests, test_huge_keys_and_values);
    tcase_add_test(tests, test_memory_does_not_show);
    tcase_add_test(tests, test_temporaries_are_gone);
    tcase_add_test(tests, test_folder_refuses);
    tcase_add_test(tests, test_disk_is_full);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
