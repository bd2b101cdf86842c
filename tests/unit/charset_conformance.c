/*
 * Charsets against what others expect: the decoders' test data of encoding_rs (every entry of the WHATWG indexes), the
 * declarations of html5lib-tests, the labelled samples of charset_normalizer. From build/corpora; skipped where absent.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/input.h"
#include "suite.h"
#include "text/charset.h"
#include "text/charset_markup.h"

#define DECODERS "build/corpora/conf_encoding/encoding_rs/tests/test_data/"
#define DECLARATIONS "build/corpora/conf_html/html5lib-tests/encoding/"
#define SAMPLES "build/corpora/conf_encoding/charset_normalizer/data/"
/* The samples of which the encoding must be found. */
#define SAMPLES_FOUND_MIN 17

/* Returns false where the file is absent. */
static bool read_file(const char *path, struct bytes *data) {
    struct input *input;
    struct error error;
    if (input_open(&input, path, &error) < 0) {
        printf("skipped: %s is absent\n", path);
        return false;
    }
    ck_assert_int_eq(input_read_all(input, (size_t)1 << 30, data, &error), 0);
    input_close(input);
    return true;
}

static void decode_file(const char *path, const char *label, struct bytes *out) {
    struct bytes data = {0};
    struct charset charset;
    struct error error;
    ck_assert(read_file(path, &data));
    ck_assert(charset_of_label(span_of(label), &charset));
    ck_assert_int_eq(charset_decode(span_of_bytes(&data), &charset, out, NULL, &error), 0);
    bytes_release(&data);
}

static struct span next_line(struct span *rest) {
    const char *stop = memchr(rest->data, '\n', rest->size);
    struct span line = {rest->data, stop ? (size_t)(stop - rest->data) : rest->size};
    size_t taken = line.size + (stop != NULL);
    rest->data += taken;
    rest->size -= taken;
    return line;
}

static void expect_decoder(const char *name, const char *label) {
    char in[200], reference[200];
    struct bytes out = {0}, expected = {0};
    snprintf(in, sizeof in, DECODERS "%s_in.txt", name);
    snprintf(reference, sizeof reference, DECODERS "%s_in_ref.txt", name);
    if (!read_file(reference, &expected))
        return;
    decode_file(in, label, &out);
    struct span got = span_of_bytes(&out), wanted = span_of_bytes(&expected);
    size_t wrong = 0, lines = 0, first = 0;
    while (got.size > 0 || wanted.size > 0) {
        lines++;
        if (!span_equal(next_line(&got), next_line(&wanted)) && wrong++ == 0)
            first = lines;
    }
    printf("%s: %zu of %zu lines as expected\n", name, lines - wrong, lines);
    ck_assert_msg(wrong == 0, "%s: %zu of %zu lines differ, the first is %zu", name, wrong, lines, first);
    bytes_release(&out);
    bytes_release(&expected);
}

START_TEST(decoders_are_the_standard_s) {
    expect_decoder("big5", "big5");
    expect_decoder("euc_kr", "euc-kr");
    expect_decoder("gb18030", "gb18030");
    expect_decoder("gb18030", "gbk");
    expect_decoder("iso_2022_jp", "iso-2022-jp");
    expect_decoder("jis0208", "euc-jp");
    expect_decoder("jis0212", "euc-jp");
    expect_decoder("shift_jis", "shift_jis");
}
END_TEST

/* "#data", the page, "#encoding", the name; windows-1252 where the page declares nothing. */
static void expect_declarations(const char *name, size_t *right, size_t *all) {
    char path[200];
    struct bytes data = {0};
    snprintf(path, sizeof path, DECLARATIONS "%s", name);
    if (!read_file(path, &data))
        return;
    struct span rest = span_of_bytes(&data);
    const char *mark;
    while ((mark = memmem(rest.data, rest.size, "#data\n", 6))) {
        const char *page = mark + 6, *end = rest.data + rest.size;
        const char *stop = memmem(page, (size_t)(end - page), "\n#encoding\n", 11);
        ck_assert(stop != NULL);
        rest = (struct span){stop + 11, (size_t)(end - stop) - 11};
        struct span expected = next_line(&rest);
        struct charset found, wanted;
        ck_assert(charset_of_label(expected, &wanted));
        struct span start = {page, (size_t)(stop - page)};
        if (!charset_of_mark(start, &found, NULL) && !charset_of_markup(start, &found, NULL))
            charset_of_label(SPAN_LITERAL("windows-1252"), &found);
        ++*all;
        if (strcmp(found.name, wanted.name) == 0)
            ++*right;
        else
            fprintf(stderr, "%s, byte %zu: found %s, expected %s\n", name, (size_t)(page - data.data), found.name,
                    wanted.name);
    }
    bytes_release(&data);
}

START_TEST(declarations_are_found) {
    size_t right = 0, all = 0;
    expect_declarations("tests1.dat", &right, &all);
    expect_declarations("tests2.dat", &right, &all);
    expect_declarations("test-yahoo-jp.dat", &right, &all);
    printf("declarations: %zu of %zu\n", right, all);
    ck_assert_uint_eq(right, all);
}
END_TEST

static const struct {
    const char *name, *label;
} LABELLED[] = {
    {"sample-arabic-1.txt", "windows-1256"}, {"sample-arabic.txt", "utf-8"},
    {"sample-bulgarian.txt", "utf-8"},       {"sample-chinese.txt", "big5"},
    {"sample-english.bom.txt", "utf-8"},     {"sample-french-1.txt", "windows-1252"},
    {"sample-french.txt", "utf-8"},          {"sample-greek-2.txt", "windows-1253"},
    {"sample-greek.txt", "windows-1253"},    {"sample-hebrew-2.txt", "windows-1255"},
    {"sample-hebrew-3.txt", "windows-1255"}, {"sample-korean.txt", "euc-kr"},
    {"sample-polish.txt", "utf-8"},          {"sample-russian-2.txt", "utf-8"},
    {"sample-russian-3.txt", "utf-8"},       {"sample-russian.txt", "x-mac-cyrillic"},
    {"sample-spanish.txt", "utf-8"},         {"sample-turkish.txt", "windows-1254"},
};

START_TEST(samples_are_detected) {
    size_t count = sizeof LABELLED / sizeof LABELLED[0], hits = 0;
    for (size_t i = 0; i < count; i++) {
        char path[200];
        struct bytes data = {0}, out = {0}, expected = {0};
        struct charset charset;
        struct error error;
        snprintf(path, sizeof path, SAMPLES "%s", LABELLED[i].name);
        if (!read_file(path, &data))
            return;
        charset_detect(span_of_bytes(&data), &(struct charset_evidence){.is_markup = false}, &charset);
        ck_assert_int_eq(charset_decode(span_of_bytes(&data), &charset, &out, NULL, &error), 0);
        decode_file(path, LABELLED[i].label, &expected);
        bool hit = span_equal(span_of_bytes(&out), span_of_bytes(&expected));
        hits += hit;
        if (!hit)
            fprintf(stderr, "%s: found %s, labelled %s\n", LABELLED[i].name, charset.name, LABELLED[i].label);
        bytes_release(&data);
        bytes_release(&out);
        bytes_release(&expected);
    }
    printf("samples: %zu of %zu\n", hits, count);
    ck_assert_uint_ge(hits, SAMPLES_FOUND_MIN);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("charset_conformance");
    TCase *tests = tcase_create("charset_conformance");
    tcase_add_test(tests, decoders_are_the_standard_s);
    tcase_add_test(tests, declarations_are_found);
    tcase_add_test(tests, samples_are_detected);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
