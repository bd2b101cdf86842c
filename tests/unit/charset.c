/* text/charset.h: labels, marks, declarations, detection, conversion. */
#include "text/charset.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *label(const char *text) {
    static struct charset charset;
    return charset_of_label(span_of(text), &charset) ? charset.name : "";
}

static const char *detected(struct span data, const char *declared, bool markup) {
    static struct charset charset;
    charset_detect(data, span_of(declared), markup, &charset);
    return charset.name;
}

static void expect_decoded(struct span data, const char *name, const char *expected, uint64_t expected_replaced) {
    struct charset charset;
    struct bytes out = {0};
    struct error error;
    uint64_t replaced;
    ck_assert(charset_of_label(span_of(name), &charset));
    ck_assert_int_eq(charset_decode(data, &charset, &out, &replaced, &error), 0);
    ck_assert_msg(span_is(span_of_bytes(&out), expected), "%s gives \"%s\"", name, bytes_text(&out));
    ck_assert_uint_eq(replaced, expected_replaced);
    bytes_release(&out);
}

START_TEST(labels_mean_what_the_web_means) {
    ck_assert_str_eq(label("iso-8859-1"), "windows-1252");
    ck_assert_str_eq(label(" \"Latin1\" "), "windows-1252");
    ck_assert_str_eq(label("GB2312"), "gb18030");
    ck_assert_str_eq(label("UTF8"), "UTF-8");
    ck_assert_str_eq(label("koi8-r"), "KOI8-R");
    ck_assert_str_eq(label("utf-7"), "");
    ck_assert_str_eq(label("no-such-charset"), "");
    ck_assert_str_eq(label(""), "");
    ck_assert_str_eq(label("a b"), "");
}
END_TEST

START_TEST(the_mark_wins) {
    ck_assert_str_eq(detected(SPAN_LITERAL("\xEF\xBB\xBFtext"), "iso-8859-1", false), "UTF-8");
    ck_assert_str_eq(detected(SPAN_LITERAL("\xFF\xFEt\0"), "utf-8", false), "UTF-16LE");
    ck_assert_str_eq(detected(SPAN_LITERAL("\xFF\xFE\0\0t\0\0\0"), NULL, false), "UTF-32LE");
}
END_TEST

START_TEST(then_the_header_then_the_page) {
    struct span page = SPAN_LITERAL(
        "<!-- <meta charset=big5> --><META http-equiv=x content='text/html; charset=windows-1251'>\xE4\xE0");
    ck_assert_str_eq(detected(page, NULL, true), "windows-1251");
    ck_assert_str_eq(detected(page, "koi8-r", true), "KOI8-R");
    ck_assert_str_eq(detected(page, "nonsense", true), "windows-1251");
    ck_assert_str_eq(detected(SPAN_LITERAL("<?xml version='1.0' encoding=\"shift_jis\"?><p>"), NULL, true),
                     "ibm-943_P15A-2003");
    /* A declaration that can be read as ASCII is not UTF-16. */
    ck_assert_str_eq(detected(SPAN_LITERAL("<meta charset=utf-16>"), NULL, true), "UTF-8");
    /* Outside markup a page's words are just words. */
    ck_assert_str_eq(detected(SPAN_LITERAL("<meta charset=big5>"), NULL, false), "UTF-8");
}
END_TEST

START_TEST(a_contradicted_declaration_is_not_believed) {
    /* "Älvsjö är på väg" in windows-1252, declared as UTF-8. */
    struct span latin = SPAN_LITERAL(
        "\xC4lvsj\xF6 \xE4r p\xE5 v\xE4g och det \xE4r inte l\xE5ngt hem till mig, s\xE4ger hon p\xE5 svenska.");
    ck_assert_str_eq(detected(latin, "utf-8", false), "windows-1252");
    /* One stray byte in a UTF-8 page does not change what it is. */
    struct span stray = SPAN_LITERAL("<meta charset=utf-8>h\xC3\xA9 d\xC3\xA9j\xC3\xA0 \xC3\xA9t\xC3\xA9 \xE9 fin");
    ck_assert_str_eq(detected(stray, NULL, true), "UTF-8");
}
END_TEST

START_TEST(russian_is_detected) {
    /* "Привет, как дела? Сегодня хорошая погода" in KOI8-R */
    struct span koi =
        SPAN_LITERAL("\xF0\xD2\xC9\xD7\xC5\xD4, \xCB\xC1\xCB \xC4\xC5\xCC\xC1? \xF3\xC5\xC7\xCF\xC4\xCE\xD1 "
                     "\xC8\xCF\xD2\xCF\xDB\xC1\xD1 \xD0\xCF\xC7\xCF\xC4\xC1");
    ck_assert_str_eq(detected(koi, NULL, false), "KOI8-R");
}
END_TEST

START_TEST(decodes) {
    expect_decoded(SPAN_LITERAL("caf\xE9 \x80"), "latin1", "café €", 0);
    expect_decoded(SPAN_LITERAL("\xC4\xE3\xBA\xC3"), "gbk", "你好", 0);
    expect_decoded(SPAN_LITERAL("\x82\xA0"), "shift_jis", "あ", 0);
    expect_decoded(SPAN_LITERAL("\xFF\xFEh\0i\0=\xD8\0\xDE"), "utf-16le", "hi\xF0\x9F\x98\x80", 0);
    expect_decoded(SPAN_LITERAL("\xEF\xBB\xBFx"), "utf-8", "x", 0);
    expect_decoded(SPAN_LITERAL("a\xFF"
                                "b\xED\xA0\x80"),
                   "utf-8",
                   "a\xEF\xBF\xBD"
                   "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
                   4);
    expect_decoded(SPAN_LITERAL(""), "utf-8", "", 0);
}
END_TEST

START_TEST(well_formed_utf8) {
    ck_assert(charset_is_utf8(SPAN_LITERAL("né 你好 \xF0\x9F\x98\x80\0x")));
    ck_assert(!charset_is_utf8(SPAN_LITERAL("\xC0\x80")));
    ck_assert(!charset_is_utf8(SPAN_LITERAL("\xED\xA0\x80")));
    ck_assert(!charset_is_utf8(SPAN_LITERAL("\xF4\x90\x80\x80")));
    ck_assert(!charset_is_utf8(SPAN_LITERAL("ab\xE4\xBD")));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("charset");
    TCase *tests = tcase_create("charset");
    tcase_add_test(tests, labels_mean_what_the_web_means);
    tcase_add_test(tests, the_mark_wins);
    tcase_add_test(tests, then_the_header_then_the_page);
    tcase_add_test(tests, a_contradicted_declaration_is_not_believed);
    tcase_add_test(tests, russian_is_detected);
    tcase_add_test(tests, decodes);
    tcase_add_test(tests, well_formed_utf8);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
