/* Words and sentences of several languages. */
#include <check.h>
#include <stdlib.h>

#include "suite.h"
#include "text/sentences.h"
#include "text/words.h"

static struct text_classes *classes;
static struct word_finder *finder;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(text_classes_new(&classes, &error), 0);
    ck_assert_int_eq(word_finder_new(&finder, classes, &error), 0);
}

static void teardown(void) {
    word_finder_free(finder);
    text_classes_free(classes);
}

/* Tokens joined by bars, those that are no words in brackets. */
static void expect_words(const char *text, const char *expected) {
    struct word_list list = {0};
    struct bytes shown = {0};
    word_finder_append(finder, span_of(text), &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct word *word = &list.items[i];
        bytes_append_text(&shown, i > 0 ? "|" : "");
        bytes_append_text(&shown, word->symbol ? "[" : "");
        bytes_append(&shown, text + word->start, word->size);
        bytes_append_text(&shown, word->symbol ? "]" : "");
    }
    ck_assert_str_eq(bytes_text(&shown), expected);
    bytes_release(&shown);
    word_list_release(&list);
}

START_TEST(words) {
    expect_words("", "");
    expect_words(" \n\t", "");
    expect_words("Don't stop, it's 3.14!", "Don't|stop|[,]|it's|3.14|[!]");
    expect_words("L’été à l'U.S. Army.", "L’été|à|l'U.S|[.]|Army|[.]");
    expect_words("1,000.5 a,b x_1 well-known", "1,000.5|a|[,]|b|x_1|well|[-]|known");
    expect_words("... ### ?! ''", "[...]|[###]|[?]|[!]|['']");
    expect_words("e\u0301te\u0301", "e\u0301te\u0301");
    expect_words("我们今天去北京。", "我们|今天|去|北京|[。]");
    expect_words("iPhone手机很好，3个", "iPhone|手机|很好|[，]|3|个");
    expect_words("สวัสดีครับ ok", "สวัสดี|ครับ|ok");
    expect_words("Привет, мир", "Привет|[,]|мир");
    expect_words("كتاب\u200Cها", "كتاب\u200Cها");
    expect_words("👍👍 👩‍💻", "[👍👍]|[👩‍]|[💻]");
}
END_TEST

START_TEST(word_measures) {
    struct word_list list = {0};
    word_finder_append(finder, SPAN_LITERAL("åäö 42 北京"), &list);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_uint_eq(list.items[0].length, 3);
    ck_assert_uint_eq(list.items[0].size, 6);
    ck_assert(list.items[0].alphabetic && !list.items[1].alphabetic && list.items[2].alphabetic);
    ck_assert_uint_eq(list.items[2].length, 2);
    word_list_release(&list);
}
END_TEST

/* Runs without spaces are cut in pieces on the way to ICU: nothing may be lost or doubled there. */
START_TEST(long_dictionary_run) {
    struct word_list list = {0};
    struct bytes text = {0};
    size_t at = 0;
    for (size_t i = 0; i < 20000; i++)
        bytes_append_text(&text, "我们今天");
    word_finder_append(finder, span_of_bytes(&text), &list);
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_uint_eq(list.items[i].start, at);
        at += list.items[i].size;
    }
    ck_assert_uint_eq(at, text.size);
    ck_assert_uint_lt(list.count, 40100);
    word_list_release(&list);
    bytes_release(&text);
}
END_TEST

START_TEST(sentences) {
    static const struct {
        const char *line;
        size_t count;
        bool ended;
    } cases[] = {
        {"", 0, false},
        {"No end", 1, false},
        {"One. Two! Three?", 3, true},
        {"He said \"No.\" Then he left.", 2, true},
        {"It costs 3.50 kr. per kilo.", 1, true},
        {"Wait... what?! Yes", 2, false},
        {"今天很好。我们去吗？好！", 3, true},
        {"Hej då, sa han”", 1, true},
        {"Ends with a blank. ", 1, true},
        {"!!!", 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span line = span_of(cases[i].line);
        ck_assert_msg(sentences_count(classes, line) == cases[i].count, "%s: %zu", cases[i].line,
                      sentences_count(classes, line));
        ck_assert_msg(sentence_is_ended(classes, line) == cases[i].ended, "%s", cases[i].line);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("words");
    TCase *cases = tcase_create("words");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, words);
    tcase_add_test(cases, word_measures);
    tcase_add_test(cases, long_dictionary_run);
    tcase_add_test(cases, sentences);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
