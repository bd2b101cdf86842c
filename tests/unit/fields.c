/* The setters of crawl/format.h: dates, languages, scores; and recognising formats. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "crawl/format.h"
#include "suite.h"

static struct crawl_entry *entry;

static void setup(void) {
    entry = crawl_entry_new();
}

static void teardown(void) {
    crawl_entry_free(entry);
}

static const char *date(const char *text) {
    crawl_entry_clear(entry);
    crawl_set_date(entry, span_of(text));
    return bytes_text(&entry->field[FIELD_DATE]);
}

static const char *lang(const char *text) {
    crawl_entry_clear(entry);
    crawl_set_lang(entry, span_of(text));
    return bytes_text(&entry->field[FIELD_LANG]);
}

static const char *score(const char *text) {
    crawl_entry_clear(entry);
    crawl_set_score(entry, span_of(text));
    return bytes_text(&entry->field[FIELD_SCORE]);
}

START_TEST(dates) {
    ck_assert_str_eq(date("2024-05-01T10:00:00+02:00"), "2024-05-01T08:00:00Z");
    ck_assert_str_eq(date("2018-02-06T20:19:50.957"), "2018-02-06T20:19:50.957Z");
    ck_assert_str_eq(date(" 2024-02-29"), "2024-02-29T00:00:00Z");
    ck_assert_str_eq(date("2024/12/31 23:30:00 -0100"), "2025-01-01T00:30:00Z");
    ck_assert_str_eq(date("20130202100000"), "2013-02-02T10:00:00Z");
    ck_assert_str_eq(date("Wed, 02 Oct 2002 15:00:00 +0200"), "2002-10-02T13:00:00Z");
    ck_assert_str_eq(date("October 2, 2002"), "2002-10-02T00:00:00Z");
    ck_assert_str_eq(date("1969-12-31T23:59:59Z"), "1969-12-31T23:59:59Z");
    ck_assert_str_eq(date("2024-13-01"), "");
    ck_assert_str_eq(date("yesterday"), "");
    ck_assert_str_eq(date(""), "");
    ck_assert_str_eq(date("99999999999999999999"), "");
}
END_TEST

START_TEST(languages) {
    ck_assert_str_eq(lang("sv"), "sv");
    ck_assert_str_eq(lang("en_us"), "en-US");
    ck_assert_str_eq(lang("ZH-hant-tw"), "zh-Hant-TW");
    ck_assert_str_eq(lang("eng,zho"), "en");
    ck_assert_str_eq(lang("x"), "");
    ck_assert_str_eq(lang("{{ lang }}"), "");
    ck_assert_str_eq(lang(""), "");
}
END_TEST

START_TEST(scores) {
    ck_assert_str_eq(score("-3"), "-3");
    ck_assert_str_eq(score("1.50"), "1.5");
    ck_assert_str_eq(score("12x"), "");
    ck_assert_str_eq(score("nan"), "");
    ck_assert_str_eq(score(""), "");
}
END_TEST

static const char *recognised(struct span start, const char *name) {
    const struct crawl_format *format = crawl_recognise(start, name);
    return format ? format->name : "";
}

START_TEST(formats) {
    ck_assert_str_eq(recognised(SPAN_LITERAL("WARC/1.1\r\n"), "x"), "warc");
    ck_assert_str_eq(recognised(SPAN_LITERAL("\xEF\xBB\xBF <!DOCTYPE HTML><html>"), "x"), "html");
    ck_assert_str_eq(recognised(SPAN_LITERAL("<?xml version='1.0'?><html xmlns='x'>"), "x"), "html");
    ck_assert_str_eq(recognised(SPAN_LITERAL("<mediawiki xmlns='x'>"), "x"), "mediawiki");
    ck_assert_str_eq(recognised(SPAN_LITERAL("\xFF\xFE<\0m\0e\0d\0i\0a\0w\0i\0k\0i\0>\0"), "x"), "mediawiki");
    ck_assert_str_eq(recognised(SPAN_LITERAL("<?xml version='1.0'?>\n<posts>\n<row"), "x"), "stackexchange");
    ck_assert_str_eq(recognised(SPAN_LITERAL("\xEF\xBB\xBF<?xml version='1.0'?>\n<users>\n<row"), "x"), "");
    ck_assert_str_eq(recognised(SPAN_LITERAL("{\"messages\" : []}"), "x"), "chat");
    ck_assert_str_eq(recognised(SPAN_LITERAL("[\n {\"id\":1,\"conversations\":["), "x"), "chat");
    ck_assert_str_eq(recognised(SPAN_LITERAL("{\"id\":\"a\",\"text\":\"b\"}"), "x"), "records");
    ck_assert_str_eq(recognised(SPAN_LITERAL("{\n \"a\": 1}"), "x"), "");
    ck_assert_str_eq(recognised(SPAN_LITERAL("Hello, world."), "x"), "text");
    ck_assert_str_eq(recognised(SPAN_LITERAL("Hello <b>world</b>"), "x.html"), "html");
    ck_assert_str_eq(recognised(SPAN_LITERAL("\x7F"
                                             "ELF\0\1\2"),
                                "x"),
                     "");
    ck_assert_str_eq(recognised(SPAN_LITERAL(""), "x"), "");
}
END_TEST

START_TEST(format_names_are_the_table) {
    const char *names[CRAWL_FORMATS_MAX];
    crawl_format_names(names);
    ck_assert_str_eq(names[0], "auto");
    size_t i = 0;
    for (; CRAWL_FORMATS[i]; i++)
        ck_assert_str_eq(names[i + 1], CRAWL_FORMATS[i]->name);
    ck_assert_ptr_null(names[i + 1]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fields");
    TCase *tests = tcase_create("fields");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, dates);
    tcase_add_test(tests, languages);
    tcase_add_test(tests, scores);
    tcase_add_test(tests, formats);
    tcase_add_test(tests, format_names_are_the_table);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
