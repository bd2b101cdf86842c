/* gpt-split's parts: amounts, shares of the hashes, and counts against the plain way of taking the smallest hashes. */
#include <check.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"
#include "split/partition.h"
#include "split/quota.h"
#include "suite.h"

START_TEST(test_amounts) {
    struct amount amount;
    ck_assert_int_eq(amount_parse(NULL, &amount), 0);
    ck_assert(amount_is_none(&amount));
    ck_assert_int_eq(amount_parse("0", &amount), 0);
    ck_assert(amount_is_none(&amount));
    ck_assert_int_eq(amount_parse("0.25", &amount), 0);
    ck_assert_double_eq(amount.fraction, 0.25);
    ck_assert_int_eq(amount_parse("1e-3", &amount), 0);
    ck_assert_double_eq(amount.fraction, 1e-3);
    ck_assert_int_eq(amount_parse("1", &amount), 0);
    ck_assert_uint_eq(amount.count, 1);
    ck_assert_int_eq(amount_parse("18446744073709551615", &amount), 0);
    ck_assert_uint_eq(amount.count, UINT64_MAX);
    static const char *const bad[] = {"",    "1.5", "1e3", "-1",  "-0.1", "0x1",
                                      "nan", "inf", "1 ",  "50%", ".",    "18446744073709551616"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(amount_parse(bad[i], &amount) < 0, "'%s' was taken", bad[i]);
}
END_TEST

START_TEST(test_shares) {
    ck_assert_uint_eq(partition_end(0, 0), 0);
    ck_assert_uint_eq(partition_end(0, 0.5), (uint64_t)1 << 63);
    ck_assert_uint_eq(partition_end((uint64_t)1 << 63, 0.5), UINT64_MAX);
    const struct partition partition = {.test_end = partition_end(0, 0.1),
                                        .val_end = partition_end(partition_end(0, 0.1), 0.2)};
    size_t counts[PART_COUNT] = {0};
    for (uint64_t i = 0; i < 100000; i++)
        counts[partition_find(&partition, hash64((struct span){(const char *)&i, sizeof i}, 1))]++;
    /* Five standard deviations of a binomial. */
    ck_assert_uint_ge(counts[PART_TEST], 10000 - 475);
    ck_assert_uint_le(counts[PART_TEST], 10000 + 475);
    ck_assert_uint_ge(counts[PART_VAL], 20000 - 633);
    ck_assert_uint_le(counts[PART_VAL], 20000 + 633);
}
END_TEST

static uint64_t hash_of(const char *line, enum key_choice choice, uint64_t seed) {
    struct record_parser *parser = record_parser_new();
    struct record record;
    struct error error = {0};
    uint64_t hash = 0;
    ck_assert_int_eq(record_parse(parser, span_of(line), &record, &error), 0);
    if (partition_hash(&record, choice, seed, &hash, &error) < 0) {
        ck_assert_int_eq(error.code, ERROR_DATA);
        hash = UINT64_MAX;
    }
    record_parser_free(parser);
    return hash;
}

START_TEST(test_keys) {
    const char *all = "{\"cluster\":\"c\",\"thread\":\"t\",\"id\":\"i\",\"text\":\"\"}";
    const char *thread = "{\"id\":\"j\",\"thread\":\"t\",\"text\":\"x\"}", *root = "{\"id\":\"t\",\"text\":\"\"}";
    const char *none = "{\"text\":\"same\"}", *other = "{\"text\":\"other\"}";
    ck_assert_uint_eq(hash_of(all, KEY_AUTO, 0), hash64(SPAN_LITERAL("c"), 0));
    ck_assert_uint_eq(hash_of(all, KEY_AUTO, 7), hash64(SPAN_LITERAL("c"), 7));
    ck_assert_uint_eq(hash_of(all, KEY_THREAD, 0), hash_of(thread, KEY_AUTO, 0));
    ck_assert_uint_eq(hash_of(all, KEY_ID, 0), hash64(SPAN_LITERAL("i"), 0));
    ck_assert_uint_eq(hash_of(root, KEY_AUTO, 0), hash_of(thread, KEY_AUTO, 0));
    ck_assert_uint_eq(hash_of(none, KEY_AUTO, 0), hash_of(none, KEY_AUTO, 0));
    ck_assert_uint_ne(hash_of(none, KEY_AUTO, 0), hash_of(other, KEY_AUTO, 0));
    ck_assert_uint_eq(hash_of(thread, KEY_CLUSTER, 0), UINT64_MAX);
}
END_TEST

static int compare_hashes(const void *a, const void *b) {
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The plain way: sort all hashes, take `count` from `first` on and then the rest of the last hash. */
static size_t take_plainly(const uint64_t *sorted, size_t size, size_t first, uint64_t count) {
    size_t end = first + (size_t)count;
    while (end > first && end < size && sorted[end] == sorted[end - 1])
        end++;
    return end;
}

static void compare_quota(size_t size, uint64_t keys, uint64_t test_count, uint64_t val_count, uint64_t seed) {
    struct random random;
    random_seed(&random, seed);
    uint64_t *hashes = memory_zeroed(size, sizeof *hashes), *sorted = memory_zeroed(size, sizeof *sorted);
    struct quota *quota = quota_new(0);
    struct error error;
    for (size_t i = 0; i < size; i++) {
        char entry[sizeof(uint64_t) + 100] = {0};
        sorted[i] = hashes[i] = hash_mix(random_below(&random, keys) + 1);
        memcpy(entry, &hashes[i], sizeof hashes[i]);
        memcpy(entry + sizeof hashes[i], &i, sizeof i);
        ck_assert_int_eq(quota_add(quota, (struct span){entry, sizeof entry}, &error), 0);
    }
    qsort(sorted, size, sizeof *sorted, compare_hashes);
    const struct amount test = {.count = test_count}, val = {.count = val_count};
    struct partition partition;
    int result = quota_finish(quota, &test, &val, &partition, &error);
    size_t test_end = take_plainly(sorted, size, 0, test_count);
    size_t val_end = test_end > size ? test_end : take_plainly(sorted, size, test_end, val_count);
    ck_assert_int_eq(result, val_end > size ? -1 : 0);
    size_t counts[PART_COUNT] = {0}, at = 0;
    uint64_t hash;
    struct span line;
    while (result == 0 && quota_next(quota, &hash, &line, &error) > 0) {
        ck_assert_uint_eq(hash, hashes[at]); /* input order */
        ck_assert_int_eq(memcmp(line.data, &at, sizeof at), 0);
        counts[partition_find(&partition, hash)]++;
        at++;
    }
    if (result == 0) {
        ck_assert_uint_eq(at, size);
        ck_assert_uint_eq(counts[PART_TEST], test_end);
        ck_assert_uint_eq(counts[PART_VAL], val_end - test_end);
    }
    quota_free(quota);
    free(hashes);
    free(sorted);
}

START_TEST(test_counts) {
    compare_quota(1, 1, 1, 0, 1);
    compare_quota(1, 1, 0, 1, 1);
    compare_quota(1, 1, 1, 1, 1); /* too few */
    compare_quota(40000, UINT64_MAX, 1000, 2000, 2);
    compare_quota(40000, 500, 1000, 2000, 3);
    compare_quota(40000, 3, 1, 1, 4);
    compare_quota(40000, UINT64_MAX, 20000, 20000, 5);
    compare_quota(40000, UINT64_MAX, 20000, 20001, 6); /* too few */
    compare_quota(500, UINT64_MAX, 501, 0, 7);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("split");
    TCase *tests = tcase_create("split");
    tcase_add_test(tests, test_amounts);
    tcase_add_test(tests, test_shares);
    tcase_add_test(tests, test_keys);
    tcase_add_test(tests, test_counts);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
