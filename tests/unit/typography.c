/* The optional simplifications: each alone, all together, and that a second time changes nothing. */
#include <check.h>
#include <stdlib.h>
#include <unicode/uchar.h>

#include "base/random.h"
#include "clean/typography.h"
#include "suite.h"

static struct normalizer *compose;
static struct typography typography;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(normalizer_new(&compose, NORMAL_FORM_KC, &error), 0);
    typography = (struct typography){.compose = compose};
}

static void teardown(void) {
    normalizer_free(compose);
}

static void expect(const char *from, const char *to) {
    struct bytes out = {0}, again = {0};
    bool changed = typography_apply(&typography, span_of(from), &out);
    struct span result = changed ? span_of_bytes(&out) : span_of(from);
    ck_assert_msg(span_is(result, to), "'%s' became '%.*s', not '%s'", from, (int)result.size, result.data, to);
    ck_assert_int_eq(changed, strcmp(from, to) != 0);
    ck_assert(!typography_apply(&typography, span_of(to), &again));
    ck_assert_uint_eq(again.size, 0);
    bytes_release(&out);
    bytes_release(&again);
}

START_TEST(folds) {
    typography.folds = FOLD_QUOTES;
    expect("“a” ‘b’ «c» ‹d› „e‟ l’été", "\"a\" 'b' \"c\" 'd' \"e\" l'été");
    typography.folds = FOLD_DASHES;
    expect("1–2 a‑b −5 x—y x — y 中——文", "1-2 a-b -5 x - y x - y 中 - 文");
    expect("—", "-");
    typography.folds = FOLD_ELLIPSIS;
    expect("well… no⋯", "well... no...");
    typography.folds = FOLD_WIDTH;
    expect("Ａｂ１２，！ ｶﾞｷﾞﾊﾟ ﾡ", "Ab12，！ ガギパ ᄀ");
    typography.folds = FOLD_PUNCTUATION;
    expect("好，是！（吗？）。、Ａ", "好,是!(吗?).,Ａ");
}
END_TEST

START_TEST(repeats) {
    typography.max_repeats = 3;
    expect("wow!!!!!! ????? ---- ... aaaaaa 000000 ？？？？？ €€€€", "wow!!! ??? --- ... aaaaaa 000000 ？？？ €€€");
    typography.max_repeats = 1;
    typography.folds = FOLD_ELLIPSIS;
    expect("no… !?!?", "no. !?!?");
}
END_TEST

START_TEST(removal) {
    struct error error;
    ck_assert_int_eq(typography_parse_removed(&typography, "emoji", &error), 0);
    expect("a😀b 👩\u200D💻 🇸🇪 1\uFE0F\u20E3 👍🏽! ク\u200Dष ★ 3# © ™ "
           "❤\uFE0F🤷🏽\u200D♀\uFE0F",
           "ab   1 ! ク\u200Dष ★ 3# © ™ ");
    typography = (struct typography){.compose = compose};
    ck_assert_int_eq(typography_parse_removed(&typography, "So,Sk,Nd", &error), 0);
    expect("★ 12 ^ + a", "   + a");
}
END_TEST

START_TEST(lists) {
    struct error error;
    ck_assert_int_eq(typography_parse_folds(&typography, "quotes,dashes,ellipsis,width,punctuation", &error), 0);
    ck_assert_uint_eq(typography.folds, 31);
    ck_assert_int_ne(typography_parse_folds(&typography, "quotes,", &error), 0);
    ck_assert_int_eq(typography_parse_removed(&typography, "P", &error), 0);
    ck_assert_uint_eq(typography.removed, U_GC_P_MASK);
    ck_assert_int_ne(typography_parse_removed(&typography, "L", &error), 0);
    ck_assert_int_ne(typography_parse_removed(&typography, "Zs", &error), 0);
    ck_assert_int_ne(typography_parse_removed(&typography, "Sx", &error), 0);
    ck_assert_int_ne(typography_parse_removed(&typography, "", &error), 0);
}
END_TEST

START_TEST(idempotence) {
    static const char *const pieces[] = {"a", " ", "—",  "–", "…",      ".",  "!",  "！", "“", "'",
                                         "ｶ", "ﾞ", "Ａ", "😀", "\u200D", "\n", "。", "-",  "́"};
    struct random random;
    struct bytes text = {0}, once = {0}, twice = {0};
    random_seed(&random, 5);
    for (size_t round = 0; round < 100000; round++) {
        typography = (struct typography){.folds = (unsigned)random_below(&random, 32),
                                         .max_repeats = random_below(&random, 4),
                                         .remove_emoji = random_below(&random, 2) == 1,
                                         .compose = compose};
        bytes_clear(&text);
        bytes_clear(&once);
        bytes_clear(&twice);
        for (uint64_t i = 0; i < 1 + round % 9; i++)
            bytes_append_text(&text, pieces[random_below(&random, sizeof pieces / sizeof *pieces)]);
        if (typography_apply(&typography, span_of_bytes(&text), &once))
            ck_assert_msg(!typography_apply(&typography, span_of_bytes(&once), &twice), "'%s' '%s' '%s'",
                          bytes_text(&text), bytes_text(&once), bytes_text(&twice));
    }
    bytes_release(&text);
    bytes_release(&once);
    bytes_release(&twice);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("typography");
    TCase *cases = tcase_create("typography");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, folds);
    tcase_add_test(cases, repeats);
    tcase_add_test(cases, removal);
    tcase_add_test(cases, lists);
    tcase_add_test(cases, idempotence);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
