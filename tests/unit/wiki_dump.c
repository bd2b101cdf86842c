/*
 * Cutting exports into pages: what looks like a tag and is none, earlier revisions, limits, pages that do not end,
 * several exports in one, UTF-16; and that the places told are those of the dump.
 */
#include "crawl/wiki_dump.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

static struct input *input;
static struct wiki_dump *dump;
static struct wiki_raw_page page;
static struct error error;

static void open_dump(struct span text, uint64_t max_page) {
    ck_assert_int_eq(input_open_memory(&input, "dump", text, &error), 0);
    dump = wiki_dump_new(input, max_page);
}

static void close_dump(void) {
    wiki_dump_free(dump);
    input_close(input);
    bytes_release(&page.xml);
}

static void expect_page(enum wiki_cut cut, const char *xml) {
    ck_assert_int_eq(wiki_dump_next(dump, &page, &error), 1);
    ck_assert_int_eq(page.cut, cut);
    if (xml)
        ck_assert_str_eq(bytes_text(&page.xml), xml);
}

static void expect_head(const char *text) {
    struct span head;
    uint64_t position;
    bool fresh = wiki_dump_take_head(dump, &head, &position);
    ck_assert(fresh == (text != NULL));
    ck_assert(!text || span_is(head, text));
}

static void expect_end(void) {
    ck_assert_int_eq(wiki_dump_next(dump, &page, &error), 0);
    close_dump();
}

static void expect_error(const char *message) {
    ck_assert_int_eq(wiki_dump_next(dump, &page, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(error.message, message));
    close_dump();
}

START_TEST(pages) {
    open_dump(SPAN_LITERAL("<?xml version='1.0'?><mediawiki><!-- <page> --><siteinfo/> <page><title>a</title></page>\n"
                           "<page x='y'><![CDATA[</page>]]><?pi </page>?><pages/><!--></page>--></page></mediawiki>\n"),
              1000);
    expect_page(WIKI_CUT_WHOLE, "<page><title>a</title></page>");
    expect_head("<?xml version='1.0'?><mediawiki><!-- <page> --><siteinfo/> ");
    ck_assert_uint_eq(page.position, 59);
    expect_page(WIKI_CUT_WHOLE, "<page x='y'><![CDATA[</page>]]><?pi </page>?><pages/><!--></page>--></page>");
    expect_head(NULL);
    expect_end();
}
END_TEST

START_TEST(newest_revision) {
    open_dump(SPAN_LITERAL("<mediawiki><page><id/><revision>old</revision><revision>older</revision><revision>new"
                           "</revision></page></mediawiki>"),
              1000);
    expect_page(WIKI_CUT_WHOLE, "<page><id/><revision>new</revision></page>");
    ck_assert_uint_eq(page.gap_at, strlen("<page><id/>"));
    ck_assert_uint_eq(page.gap, strlen("<revision>old</revision><revision>older</revision>"));
    expect_end();
}
END_TEST

START_TEST(limits) {
    open_dump(SPAN_LITERAL("<mediawiki><page><id/><revision>of more than forty bytes, of more than forty</revision>"
                           "<revision>new</revision></page><page><revision>new</revision><revision>of more than forty "
                           "bytes, of more than forty</revision></page><page>small</page></mediawiki>"),
              45);
    expect_page(WIKI_CUT_WHOLE, "<page><id/><revision>new</revision></page>");
    expect_page(WIKI_CUT_TOO_LONG, "<page>");
    expect_page(WIKI_CUT_WHOLE, "<page>small</page>");
    expect_end();
}
END_TEST

START_TEST(pages_without_an_end) {
    open_dump(SPAN_LITERAL("<mediawiki><page>a<page>b</page><page>c</mediawiki>"), 100);
    expect_page(WIKI_CUT_OPEN, "<page>a");
    expect_page(WIKI_CUT_WHOLE, "<page>b</page>");
    expect_page(WIKI_CUT_OPEN, "<page>c");
    expect_end();
    open_dump(SPAN_LITERAL("<mediawiki><page>a</page><page>b"), 100);
    expect_page(WIKI_CUT_WHOLE, NULL);
    expect_error("the input ends within an element");
    open_dump(SPAN_LITERAL("<mediawiki><page>a</page>"), 100);
    expect_page(WIKI_CUT_WHOLE, NULL);
    expect_error("the input ends within an element");
    open_dump(SPAN_LITERAL("something else <a>"), 100);
    expect_error("no <mediawiki> and no <page>");
}
END_TEST

START_TEST(several_exports) {
    open_dump(SPAN_LITERAL("<mediawiki>one<page>a</page></mediawiki>\n<?xml?><mediawiki>two<page>b</page></mediawiki>"),
              100);
    expect_page(WIKI_CUT_WHOLE, "<page>a</page>");
    expect_head("<mediawiki>one");
    expect_page(WIKI_CUT_WHOLE, "<page>b</page>");
    expect_head("\n<?xml?><mediawiki>two");
    expect_end();
    /* A stream out of the middle of a file of many. */
    open_dump(SPAN_LITERAL("<page>a</page><page>b</page>"), 100);
    expect_page(WIKI_CUT_WHOLE, "<page>a</page>");
    expect_head(NULL);
    expect_page(WIKI_CUT_WHOLE, "<page>b</page>");
    expect_end();
}
END_TEST

/* Tags at every place of the window's end. */
START_TEST(windows) {
    struct bytes text = {0}, expected = {0};
    for (size_t i = 0; i < 40; i++) {
        bytes_clear(&text);
        bytes_clear(&expected);
        bytes_append_text(&expected, "<page>");
        while (expected.size < ((size_t)256 << 10) - 40 + i)
            bytes_append_byte(&expected, 'x');
        bytes_append_text(&expected, "<!--</page>--><![CDATA[</page>]]></page>");
        bytes_append_text(&text, "<mediawiki>");
        bytes_append_span(&text, span_of_bytes(&expected));
        bytes_append_span(&text, span_of_bytes(&expected));
        bytes_append_text(&text, "</mediawiki>");
        open_dump(span_of_bytes(&text), 1 << 20);
        expect_page(WIKI_CUT_WHOLE, bytes_text(&expected));
        ck_assert_uint_eq(page.position, 11);
        expect_page(WIKI_CUT_WHOLE, bytes_text(&expected));
        ck_assert_uint_eq(page.position, 11 + expected.size);
        expect_end();
    }
    bytes_release(&text);
    bytes_release(&expected);
}
END_TEST

START_TEST(utf16) {
    static const uint16_t stone[] = {0xD83E, 0xDEA8}; /* U+1FAA8, in halves */
    struct bytes text = {0}, expected = {0}, coded = {0};
    bytes_append_text(&expected, "<page>");
    for (size_t i = 0; i < 100000; i++)
        bytes_append_text(&expected, i % 7 ? "\xF0\x9F\xAA\xA8" : "x");
    bytes_append_text(&expected, "</page>");
    bytes_append_text(&text, "\xEF\xBB\xBF<mediawiki>");
    bytes_append_span(&text, span_of_bytes(&expected));
    bytes_append_text(&text, "</mediawiki>");
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        uint16_t mark = 0xFEFF, unit = byte;
        if (byte == 0xEF)
            bytes_append(&coded, &mark, 2);
        else if (byte == 0xF0)
            bytes_append(&coded, stone, sizeof stone);
        else if (byte < 0x80)
            bytes_append(&coded, &unit, 2);
    }
    open_dump(span_of_bytes(&coded), 1 << 20);
    expect_page(WIKI_CUT_WHOLE, bytes_text(&expected));
    expect_end();
    bytes_release(&text);
    bytes_release(&expected);
    bytes_release(&coded);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("wiki_dump");
    TCase *tests = tcase_create("wiki_dump");
    tcase_add_test(tests, pages);
    tcase_add_test(tests, newest_revision);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, pages_without_an_end);
    tcase_add_test(tests, several_exports);
    tcase_add_test(tests, windows);
    tcase_add_test(tests, utf16);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
