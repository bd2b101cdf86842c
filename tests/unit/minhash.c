/* MinHash: the curve of detection holds, and the comparison form is what the field compares. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "dedup/index.h"
#include "dedup/minhash.h"
#include "suite.h"
#include "text/fold.h"

static void check_fold(const char *text, const char *expected, size_t words) {
    struct fold fold = {0};
    fold_text(&fold, span_of(text));
    struct span folded = span_of_bytes(&fold.text);
    if (folded.size)
        folded.size--; /* the blank behind the last word */
    ck_assert_msg(span_is(folded, expected), "\"%s\" folds to \"%.*s\", not \"%s\"", text, (int)folded.size,
                  folded.data ? folded.data : "", expected);
    ck_assert_uint_eq(fold.count, words);
    fold_release(&fold);
}

START_TEST(folding) {
    check_fold("", "", 0);
    check_fold("  ...!? ", "", 0);
    check_fold("Hello,  WORLD!", "hello world", 2);
    check_fold("1234 items, 5.6 kg", "0 items 0 0 kg", 5);
    check_fold("Crème Brûlée, Ångström", "creme brulee angstrom", 3);
    check_fold("Cre\xCC\x80me", "creme", 1);
    check_fold("你好，世界", "你 好 世 界", 4);
    check_fold("한국어 텍스트", "한국어 텍스트", 2);
    check_fold("Straße ΣΊΣΥΦΟΣ", "straße σισυφοσ", 2);
    check_fold("emoji 😀 here", "emoji here", 2);
    struct fold fold = {0};
    fold_text_with_numbers(&fold, span_of("Room 12, ٣ beds"));
    ck_assert(span_is(span_of_bytes(&fold.text), "room 12 3 beds "));
    fold_release(&fold);
}
END_TEST

/* Two texts of single-word shingles that share `shared` of `shared + 2 * own` words. */
static int share_a_band(const struct minhash *minhash, struct random *random, size_t shared, size_t own) {
    struct bytes texts[2] = {{0}, {0}};
    for (size_t i = 0; i < shared; i++) {
        unsigned long long word = random_next(random);
        for (int t = 0; t < 2; t++)
            bytes_append_format(&texts[t], "w%llux ", word);
    }
    for (int t = 0; t < 2; t++)
        for (size_t i = 0; i < own; i++)
            bytes_append_format(&texts[t], "w%llux ", (unsigned long long)random_next(random));
    uint64_t keys[2][14];
    uint32_t scratch[14 * 8];
    struct fold fold = {0};
    for (int t = 0; t < 2; t++) {
        /* Digits fold to 0, so the numbers are spelt in letters first. */
        for (size_t i = 0; i < texts[t].size; i++)
            if (texts[t].data[i] >= '0' && texts[t].data[i] <= '9')
                texts[t].data[i] = (char)(texts[t].data[i] - '0' + 'a');
        fold_text(&fold, span_of_bytes(&texts[t]));
        minhash_keys(minhash, &fold, scratch, keys[t]);
        bytes_release(&texts[t]);
    }
    fold_release(&fold);
    for (size_t band = 0; band < 14; band++)
        if (keys[0][band] == keys[1][band])
            return 1;
    return 0;
}

/* P = 1 - (1 - s^8)^14: .70 .565, .75 .772, .80 .924, .85 .988. Within 5 standard errors of 2,000 trials. */
START_TEST(detection_curve) {
    static const struct {
        size_t shared, own;
        double expected;
    } cases[] = {{140, 30, .565}, {150, 25, .772}, {160, 20, .924}, {170, 15, .988}, {100, 50, .053}, {40, 80, .0}};
    struct minhash_parameters parameters = {.ngram = 1, .bands = 14, .rows = 8, .seed = 1};
    struct minhash *minhash = minhash_new(&parameters);
    struct random random;
    random_seed(&random, 7);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int hits = 0;
        for (int trial = 0; trial < 2000; trial++)
            hits += share_a_band(minhash, &random, cases[c].shared, cases[c].own);
        double rate = hits / 2000.0;
        ck_assert_msg(rate > cases[c].expected - .056 && rate < cases[c].expected + .056,
                      "at Jaccard %.2f: %.3f found, %.3f expected", (double)cases[c].shared / 200.0, rate,
                      cases[c].expected);
    }
    minhash_free(minhash);
}
END_TEST

START_TEST(index_unites) {
    struct index *index = index_new(2, true);
    uint64_t first;
    uint64_t a[2] = {1, 2}, b[2] = {3, 4}, c[2] = {1, 4};
    struct fingerprint one = {.identity = {10, 0}, .key_count = 2}, two = {.identity = {20, 0}, .key_count = 2},
                       three = {.identity = {30, 0}, .key_count = 2}, again = {.identity = {20, 0}},
                       collision = {.identity = {20, 1}}, post = {.identity = {40, 0}, .has_thread = true, .thread = 9},
                       reply = {.identity = {50, 0}, .has_thread = true, .thread = 9};
    ck_assert_int_eq(index_add(index, &one, a, &first), INDEX_FIRST);
    ck_assert_int_eq(index_add(index, &two, b, &first), INDEX_FIRST);
    ck_assert_int_eq(index_add(index, &three, c, &first), INDEX_NEAR_DUPLICATE); /* of both */
    ck_assert_uint_eq(first, 0);
    ck_assert_int_eq(index_add(index, &again, NULL, &first), INDEX_EXACT_DUPLICATE);
    ck_assert_uint_eq(first, 1);
    ck_assert_int_eq(index_add(index, &collision, NULL, &first), INDEX_FIRST);
    ck_assert_int_eq(index_add(index, &post, NULL, &first), INDEX_FIRST);
    ck_assert_int_eq(index_add(index, &reply, NULL, &first), INDEX_FIRST);
    ck_assert_uint_eq(index_cluster(index, 1).low, 10); /* two joined one's component through three */
    ck_assert_uint_eq(index_cluster(index, 3).low, 10);
    ck_assert_uint_eq(index_cluster(index, 4).high, 1);
    ck_assert_uint_eq(index_cluster(index, 6).low, 40);
    ck_assert_uint_eq(index_count(index), 7);
    index_free(index);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("minhash");
    TCase *cases = tcase_create("minhash");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, folding);
    tcase_add_test(cases, detection_curve);
    tcase_add_test(cases, index_unites);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
