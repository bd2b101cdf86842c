/* text/charset.h: labels, marks, declarations, detection, conversion. */
#include "text/charset.h"
#include "suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *label(const char *text) {
    static struct charset charset;
    return charset_of_label(span_of(text), &charset) ? charset.name : "";
}

static const char *detected(struct span data, const char *declared, bool markup) {
    static struct charset charset;
    charset_detect(data, &(struct charset_evidence){.declared = span_of(declared), .is_markup = markup}, &charset);
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
    ck_assert_str_eq(label("GB2312"), "GBK");
    ck_assert_str_eq(label("UTF8"), "UTF-8");
    ck_assert_str_eq(label("koi8-r"), "KOI8-R");
    ck_assert_str_eq(label("utf-7"), "");
    ck_assert_str_eq(label("no-such-charset"), "");
    ck_assert_str_eq(label(""), "");
    ck_assert_str_eq(label("a b"), "");
    ck_assert_str_eq(label("unicode"), "UTF-16LE");
    ck_assert_str_eq(label("iso-8859-8-i"), "ISO-8859-8-I");
    ck_assert_str_eq(label("latin"), "");
    ck_assert_str_eq(label("cp437"), "IBM437");
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
        "<!-- <meta charset=big5> --><META http-equiv=Content-Type content='text/html; charset=windows-1251'>\xE4\xE0");
    ck_assert_str_eq(detected(page, NULL, true), "windows-1251");
    ck_assert_str_eq(detected(page, "koi8-r", true), "KOI8-R");
    ck_assert_str_eq(detected(page, "nonsense", true), "windows-1251");
    ck_assert_str_eq(detected(SPAN_LITERAL("<?xml version='1.0' encoding=\"shift_jis\"?><p>"), NULL, true),
                     "Shift_JIS");
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

START_TEST(utf8_wins_over_declared_single_bytes) {
    ck_assert_str_eq(detected(SPAN_LITERAL("na\xC3\xAFve \xE2\x80\x9Cquotes\xE2\x80\x9D"), "iso-8859-1", false),
                     "UTF-8");
    ck_assert_str_eq(detected(SPAN_LITERAL("<meta charset=windows-1251>\xD0\x9F\xD1\x80"), NULL, true), "UTF-8");
    /* Ten characters of UTF-8 and one stray byte. */
    struct span mixed = SPAN_LITERAL("\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82\xD0\xBF\xD1\x80\xD0\xB8 \xE9");
    ck_assert_str_eq(detected(mixed, NULL, false), "UTF-8");
    ck_assert_str_eq(detected(mixed, "latin1", false), "UTF-8");
    /* A character cut by the end of the bytes speaks against nothing. */
    ck_assert_str_eq(detected(SPAN_LITERAL("d\xC3\xA9j\xC3"), NULL, false), "UTF-8");
    /* What is said to be UTF-16 and has no zeros is not. */
    ck_assert_str_eq(detected(SPAN_LITERAL("plain caf\xC3\xA9"), "utf-16", false), "UTF-8");
    ck_assert_str_eq(detected(SPAN_LITERAL("\0p\0l"), "utf-16be", false), "UTF-16BE");
    /* Two half-width letters of Shift_JIS are UTF-8 too. */
    ck_assert_str_eq(detected(SPAN_LITERAL("\xCA\xB0"), "shift_jis", false), "Shift_JIS");
}
END_TEST

START_TEST(languages_and_countries_are_hints) {
    struct charset charset;
    struct span thai = SPAN_LITERAL("<html lang=th><p>\xCA\xC7\xD1\xCA\xB4\xD5\xA4\xC3\xD1\xBA");
    ck_assert_str_eq(detected(thai, NULL, true), "windows-874");
    struct span greek = SPAN_LITERAL("\xCA\xE1\xEB\xE7\xEC\xDD\xF1\xE1");
    struct charset_evidence evidence = {.url = SPAN_LITERAL("http://www.example.gr:80/x")};
    charset_detect(greek, &evidence, &charset);
    ck_assert_str_eq(charset.name, "windows-1253");
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

START_TEST(encodings_that_icu_does_not_know_are_detected) {
    /* "สวัสดีครับ วันนี้อากาศดีมาก เราจะไปตลาดน้ำ กินข้าวกัน ฝนตก น้ำท่วม" */
    struct span thai = SPAN_LITERAL(
        "\312\307\321\312\264\325\244\303\321\272 \307\321\271\271\325\351\315\322\241\322\310\264\325\301\322\241 "
        "\340\303\322\250\320\344\273\265\305\322\264\271\351\323 \241\324\271\242\351\322\307\241\321\271 "
        "\275\271\265\241 \271\351\323\267\350\307\301");
    ck_assert_str_eq(detected(thai, NULL, false), "windows-874");
    /* "Привіт, як справи? Сьогодні її подруга їде до Києва" */
    struct span ukrainian =
        SPAN_LITERAL("\360\322\311\327\246\324, \321\313 \323\320\322\301\327\311\077 \363\330\317\307\317\304\316\246 "
                     "\247\247 \320\317\304\322\325\307\301 \247\304\305 \304\317 \353\311\244\327\301");
    ck_assert_str_eq(detected(ukrainian, NULL, false), "KOI8-U");
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
    expect_decoded(SPAN_LITERAL("\xA4\xCA\xD8"), "iso-8859-16", "€ÊŰ", 0);
    expect_decoded(SPAN_LITERAL("a\x80\xFF"), "x-user-defined", "a\xEF\x9E\x80\xEF\x9F\xBF", 0);
    expect_decoded(SPAN_LITERAL("\xAE\xBE"), "koi8-u", "ўЎ", 0);
    expect_decoded(SPAN_LITERAL("\xA1\xDB"), "windows-874", "ก\xEF\xBF\xBD", 1);
    expect_decoded(SPAN_LITERAL("\x81\xC1"), "windows-1253", "\xC2\x81Α", 0);
    /* What ends a malformed pair stands for itself. */
    expect_decoded(SPAN_LITERAL("<p>\x85<b>"), "big5", "<p>\xEF\xBF\xBD<b>", 1);
    expect_decoded(SPAN_LITERAL("\x80\x7F\x1A\x82\xA0\x82"), "shift_jis", "\xC2\x80\x7F\x1Aあ\xEF\xBF\xBD", 1);
    expect_decoded(SPAN_LITERAL("\x80\x81\x30\x81\x30\x81\x30<"), "gb18030", "€\xC2\x80\xEF\xBF\xBD\x30<", 1);
    expect_decoded(SPAN_LITERAL("\x8F\xF3\xA1\x8F\xA1<\xA4\xA2"), "euc-jp", "\xEF\xBF\xBD\xEF\xBF\xBD<あ", 2);
    expect_decoded(SPAN_LITERAL("\xA1\xC4\x81"), "gbk", "∧\xEF\xBF\xBD", 1);
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
    tcase_add_test(tests, utf8_wins_over_declared_single_bytes);
    tcase_add_test(tests, languages_and_countries_are_hints);
    tcase_add_test(tests, russian_is_detected);
    tcase_add_test(tests, encodings_that_icu_does_not_know_are_detected);
    tcase_add_test(tests, decodes);
    tcase_add_test(tests, well_formed_utf8);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
