/* Normalisation against the Unicode Character Database's own test. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suite.h"
#include "text/normalize.h"
#include "text/utf8.h"

#define TEST_FILE "build/corpora/conf_unicode/unicode-data-15.0.0/NormalizationTest.txt"

static struct normalizer *make(enum normal_form form) {
    struct normalizer *normalizer;
    struct error error;
    ck_assert_msg(normalizer_new(&normalizer, form, &error) == 0, "%s", error.message);
    return normalizer;
}

static void expect(const struct normalizer *normalizer, struct span from, struct span to) {
    struct bytes out = {0};
    struct error error;
    int changed = normalizer_apply(normalizer, from, &out, &error);
    ck_assert_int_ge(changed, 0);
    ck_assert_int_eq(changed, !span_equal(from, to));
    if (changed)
        ck_assert(span_equal(span_of_bytes(&out), to));
    else
        ck_assert_uint_eq(out.size, 0);
    bytes_release(&out);
}

/* Reads the code points of a column, up to its semicolon, as UTF-8; with text around it, so that segments do not stand
 * alone. */
static const char *read_column(const char *at, struct bytes *column) {
    bytes_clear(column);
    bytes_append_text(column, "x ");
    while (*at != ';') {
        char *end;
        utf8_append(column, (uint32_t)strtoul(at, &end, 16));
        at = end + (*end == ' ');
    }
    bytes_append_text(column, "一");
    return at + 1;
}

/* Every character that part 1 does not list is its own normal form. */
static void expect_others(const struct normalizer *canonical, const struct normalizer *compatible, const bool *listed) {
    struct bytes text = {0};
    for (uint32_t code = 1; code < 0x110000; code++) {
        if (listed[code] || (code >= 0xD800 && code < 0xE000))
            continue;
        bytes_clear(&text);
        utf8_append(&text, code);
        expect(canonical, span_of_bytes(&text), span_of_bytes(&text));
        expect(compatible, span_of_bytes(&text), span_of_bytes(&text));
    }
    bytes_release(&text);
}

START_TEST(unicode_test) {
    struct normalizer *canonical = make(NORMAL_FORM_C), *compatible = make(NORMAL_FORM_KC);
    struct bytes column[5] = {0};
    bool *listed = memory_zeroed(0x110000, sizeof *listed); /* as the single character of a first column in part 1 */
    char line[4096];
    size_t lines = 0, part = 0;
    FILE *file = fopen(TEST_FILE, "r");
    if (!file) {
        printf("skipped: no " TEST_FILE "\n");
        return;
    }
    while (fgets(line, sizeof line, file)) {
        part += line[0] == '@';
        if (line[0] == '#' || line[0] == '@')
            continue;
        const char *at = line;
        if (part == 2)
            listed[strtoul(line, NULL, 16)] = true;
        for (size_t i = 0; i < 5; i++)
            at = read_column(at, &column[i]);
        for (size_t i = 0; i < 5; i++) {
            expect(canonical, span_of_bytes(&column[i]), span_of_bytes(&column[i < 3 ? 1 : 3]));
            expect(compatible, span_of_bytes(&column[i]), span_of_bytes(&column[3]));
        }
        lines++;
    }
    fclose(file);
    ck_assert_uint_gt(lines, 18000);
    expect_others(canonical, compatible, listed);
    free(listed);
    for (size_t i = 0; i < 5; i++)
        bytes_release(&column[i]);
    normalizer_free(canonical);
    normalizer_free(compatible);
}
END_TEST

START_TEST(known_cases) {
    struct normalizer *canonical = make(NORMAL_FORM_C), *compatible = make(NORMAL_FORM_KC),
                      *none = make(NORMAL_FORM_NONE);
    expect(canonical, SPAN_LITERAL("e\u0301te\u0301"), SPAN_LITERAL("été"));
    expect(canonical, SPAN_LITERAL("ééé e\u0301 ééé a\u030A"), SPAN_LITERAL("ééé é ééé å"));
    expect(canonical, SPAN_LITERAL("ﬁ １"), SPAN_LITERAL("ﬁ １"));
    expect(compatible, SPAN_LITERAL("ﬁ １ \u00A0x"), SPAN_LITERAL("fi 1  x"));
    expect(canonical, SPAN_LITERAL("q\u0307\u0323"), SPAN_LITERAL("q\u0323\u0307"));
    expect(canonical, SPAN_LITERAL("\u1100\u1161\u11A8"), SPAN_LITERAL("각"));
    expect(canonical, SPAN_LITERAL("\u0301 begins with a mark"), SPAN_LITERAL("\u0301 begins with a mark"));
    expect(canonical, SPAN_LITERAL("สวัสดี שָׁלוֹם"), SPAN_LITERAL("สวัสดี שָׁלוֹם"));
    expect(none, SPAN_LITERAL("e\u0301"), SPAN_LITERAL("e\u0301"));
    normalizer_free(canonical);
    normalizer_free(compatible);
    normalizer_free(none);
}
END_TEST

/* A run of marks far longer than any buffer on the stack. */
START_TEST(long_runs) {
    struct normalizer *canonical = make(NORMAL_FORM_C);
    struct bytes from = {0}, to = {0};
    bytes_append_text(&from, "a");
    bytes_append_text(&to, "á");
    for (size_t i = 0; i < 5000; i++) {
        bytes_append_text(&from, "\u0301");
        if (i > 0)
            bytes_append_text(&to, "\u0301");
    }
    expect(canonical, span_of_bytes(&from), span_of_bytes(&to));
    bytes_release(&from);
    bytes_release(&to);
    normalizer_free(canonical);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("normalize");
    TCase *cases = tcase_create("normalize");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, unicode_test);
    tcase_add_test(cases, known_cases);
    tcase_add_test(cases, long_runs);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
