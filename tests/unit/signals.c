/* Signals against values worked out by hand. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "clean/signals.h"
#include "suite.h"

static struct text_classes *classes;
static struct signals *signals;
static struct stop_words stop_words;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(text_classes_new(&classes, &error), 0);
    ck_assert_int_eq(signals_new(&signals, classes, &error), 0);
    static const char *const english[] = {"the", "be", "to", "of"}, *const swedish[] = {"och", "att", "det"};
    for (size_t i = 0; i < 4; i++)
        stop_words_add(&stop_words, span_of("en"), span_of(english[i]));
    for (size_t i = 0; i < 3; i++)
        stop_words_add(&stop_words, span_of("sv"), span_of(swedish[i]));
    stop_words_finish(&stop_words);
}

static void teardown(void) {
    signals_free(signals);
    text_classes_free(classes);
    stop_words_release(&stop_words);
}

static void begin(const char *text, const char *language) {
    signals_begin(signals, span_of(text), span_of(language), &stop_words);
}

/* NAN is expected as NAN. */
static void expect(const char *name, double value) {
    enum signal signal = signal_find(span_of(name));
    ck_assert_msg(signal < SIGNAL_COUNT, "no signal %s", name);
    double measured = signals_get(signals, signal);
    ck_assert_msg(isnan(value) ? isnan(measured) : fabs(measured - value) < 1e-12, "%s is %.17g, not %.17g", name,
                  measured, value);
}

START_TEST(words) {
    begin("Så här: #ett, två... 42!", "sv");
    expect("chars", 24);
    expect("words", 5);   /* Så här ett två 42 */
    expect("symbols", 5); /* : # , ... ! */
    expect("mean_word_length", 13 / 5.0);
    expect("max_word_length", 3);
    expect("units", 5);
    expect("alphabetic_words", 4 / 5.0);
    expect("hashes_per_word", 1 / 5.0);
    expect("ellipses_per_word", 1 / 5.0);
    expect("newlines_per_word", 0);
    expect("digit_chars", 2 / 24.0);
    expect("special_chars", 13 / 24.0);        /* 4 spaces, : # , ... ! and 2 digits, less letters: 24 - 11 */
    begin("- one | two\n* 3, 4 ...\n#", NULL); /* the comma is part of a unit, the others stand alone */
    expect("units", 9);
    expect("alphabetic_words", 2 / 9.0);
    expect("hashes_per_word", 1 / 9.0);
    expect("ellipses_per_word", 1 / 9.0);
    expect("newlines_per_word", 2 / 9.0);
    begin("(2024-08-27), well-known x/y", NULL);
    expect("words", 7);
    expect("units", 3);
    expect("alphabetic_words", 2 / 3.0);
    begin("“我们走。”iPhone手机, 5个", "zh"); /* 我们 走 iPhone 手机 5 个 */
    expect("units", 6);
    expect("alphabetic_words", 5 / 6.0);
    begin("No no NO, yes yes", NULL);
    expect("max_word_run", 3);
    expect("max_unit_length", 3);
    begin("x (2024-08-27), y", NULL);
    expect("max_unit_length", 13);
    begin("我们今天去北京。", "zh");
    expect("words", 4);
    expect("chars", 8);
    expect("mean_word_length", 7 / 4.0);
    begin("a\uFFFDb\uFFFD", NULL);
    expect("replacement_chars", 0.5);
}
END_TEST

START_TEST(stop_word_lists) {
    begin("The cat wants TO be of the", "en");
    expect("stop_words", 5 / 7.0);
    expect("stop_word_kinds", 4);
    begin("The cat och katten", "en-GB");
    expect("stop_word_kinds", 1);
    begin("The cat och katten", "fi"); /* no list */
    expect("stop_words", NAN);
    expect("stop_word_kinds", NAN);
    begin("The hund och det att", NULL); /* the list that knows most */
    expect("stop_words", 3 / 5.0);
    expect("stop_word_kinds", 3);
    begin("", "en");
    expect("stop_word_kinds", 0);
    expect("stop_words", NAN);
}
END_TEST

START_TEST(lines) {
    begin("- one\n \u2022 two.\n\nthree...\nfour\u2026\nThis line has more than thirty characters in it", NULL);
    expect("lines", 6);
    expect("bullet_lines", 2 / 6.0);
    expect("ellipsis_lines", 2 / 6.0);
    expect("ended_lines", 3 / 5.0);
    expect("short_lines", 4 / 5.0);
    expect("sentences", 5);
    begin("今天很好。我们去吗？\n好", "zh");
    expect("sentences", 3);
    expect("ended_lines", 0.5);
    expect("ended", 0);
    expect("tiny_lines", 1);
    begin("", NULL);
    expect("lines", 0);
    expect("bullet_lines", NAN);
    expect("dup_lines", NAN);
}
END_TEST

START_TEST(duplicate_pieces) {
    begin("aa\nbb\naa\n\ncc\n\ncc\n", NULL); /* 17 characters; lines aa bb aa cc cc, paragraphs aa-bb-aa cc cc */
    expect("dup_lines", 2 / 5.0);
    expect("dup_line_chars", 4 / 17.0);
    expect("dup_paragraphs", 1 / 3.0);
    expect("dup_paragraph_chars", 2 / 17.0);
    begin("åå\nåå", NULL);
    expect("dup_line_chars", 2 / 5.0);
    begin("one line", NULL);
    expect("dup_lines", 0);
    expect("dup_paragraphs", 0);
}
END_TEST

START_TEST(ngrams) {
    begin("one two one two three", NULL);
    expect("top_2gram_chars", 7 * 2 / 21.0); /* "one two" twice */
    expect("top_3gram_chars", 0);            /* none comes twice */
    expect("top_4gram_chars", 0);
    begin("x y z x y z x y", NULL); /* x y and y z: 3 and 2 times; x y z and y z x both twice, the first counts */
    expect("top_2gram_chars", 3 * 3 / 15.0);
    expect("top_3gram_chars", 5 * 2 / 15.0);
    begin("p qqqq r p qqqq s t tt u t tt", NULL); /* p qqqq and t tt both twice: the first counts */
    expect("top_2gram_chars", 6 * 2 / 29.0);
    begin("a b c d e a b c d e x", NULL);
    expect("dup_5gram_chars", 5 / 21.0);
    expect("dup_6gram_chars", 0);
    begin("a a a a a a a a a a", NULL); /* without overlaps: one new, one repeated, too few left */
    expect("dup_5gram_chars", 5 / 19.0);
    expect("dup_10gram_chars", 0);
    begin("a b", NULL);
    expect("dup_5gram_chars", 0);
    expect("top_3gram_chars", 0);
}
END_TEST

START_TEST(repetition) {
    begin("a b c d e x a b c d e", NULL); /* 5-grams: abcde twice of 7 */
    expect("word_repetition_5", 2 / 7.0);
    expect("word_repetition_7", 0);
    begin("A b, c d e; X a B c D e", NULL); /* symbols and capitals aside */
    expect("word_repetition_5", 2 / 7.0);
    begin("a b c", NULL);
    expect("word_repetition_5", 0);
    begin("abcabcab", NULL); /* 3-grams abc 2 bca 2 cab 2: different 3, the square root is 1 */
    expect("char_repetition_3", 2 / 6.0);
    begin("åäöåäöåä", NULL);
    expect("char_repetition_3", 2 / 6.0);
    begin("abcdefgh", NULL);
    expect("char_repetition_3", 0);
    expect("char_repetition_10", 0);
    begin("0123456789x0123456789", NULL); /* 12 10-grams, 11 different, one of them twice */
    expect("char_repetition_10", 2 / 12.0);
    begin("0123456789é0123456789", NULL);
    expect("char_repetition_10", 2 / 12.0);
    begin("ab", NULL);
    expect("char_repetition_3", 0);
    begin("go x y x y x y", NULL);
    expect("loop_chars", 11 / 14.0);
    begin("go x y x y", NULL); /* twice is no loop */
    expect("loop_chars", 0);
    begin("go x y x y x y x", NULL); /* cut off within */
    expect("loop_chars", 13 / 16.0);
    begin("x x x end", NULL);
    expect("loop_chars", 0);
    begin("well . . . .", NULL);
    expect("loop_chars", 0);
    begin("well . . . . . . . . . . . . . . . .", NULL);
    expect("loop_chars", 31 / 36.0);
    begin("", NULL);
    expect("loop_chars", NAN);
}
END_TEST

START_TEST(given_values) {
    begin("text", NULL);
    expect("score", NAN);
    expect("hits", NAN);
    signals_set(signals, SIGNAL_SCORE, -2);
    expect("score", -2);
    begin("text", NULL);
    expect("score", NAN);
    for (enum signal signal = 0; signal < SIGNAL_COUNT; signal++) {
        ck_assert_ptr_nonnull(signal_name(signal));
        ck_assert_ptr_nonnull(signal_description(signal));
        ck_assert_uint_eq(signal_find(span_of(signal_name(signal))), signal);
    }
    ck_assert_uint_eq(signal_find(span_of("nosuch")), SIGNAL_COUNT);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("signals");
    TCase *cases = tcase_create("signals");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, words);
    tcase_add_test(cases, stop_word_lists);
    tcase_add_test(cases, lines);
    tcase_add_test(cases, duplicate_pieces);
    tcase_add_test(cases, ngrams);
    tcase_add_test(cases, repetition);
    tcase_add_test(cases, given_values);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
