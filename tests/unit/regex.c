/* Regular expressions: what they find, and that none takes more than its share of work on a text made to hurt. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suite.h"
#include "text/regex.h"

static struct regex *compile(const char *source, unsigned options) {
    struct error error;
    struct regex *regex;
    ck_assert_msg(regex_new(&regex, span_of(source), options, &error) == 0, "%s: %s", source, error.message);
    return regex;
}

static void expect(const char *source, unsigned options, const char *text, const char *found) {
    struct regex *regex = compile(source, options);
    struct regex_matcher *matcher = regex_matcher_new();
    regex_begin(matcher, span_of(text));
    enum match match = regex_find(matcher, regex, 0);
    ck_assert_int_eq(match, found ? MATCH_FOUND : MATCH_NONE);
    if (found)
        ck_assert_msg(span_is(regex_group(matcher, 0), found), "%s", source);
    regex_matcher_free(matcher);
    regex_free(regex);
}

START_TEST(finding) {
    expect("b+", 0, "abbc", "bb");
    expect("B+", REGEX_CASELESS, "abbc", "bb");
    expect("^b", REGEX_MULTILINE, "a\nb", "b");
    expect("^b", 0, "a\nb", NULL);
    expect("a.b", REGEX_DOTALL, "a\nb", "a\nb");
    expect("a b", REGEX_EXTENDED, "ab", "ab");
    expect("(?<=å)ä", 0, "åäö", "ä");
    expect("x*", 0, "", "");
    expect("\\p{L}+", REGEX_ANY_BYTES,
           "\xFF\xFE"
           "ab\xFF",
           "ab");
}
END_TEST

START_TEST(refusal) {
    struct error error;
    struct regex *regex;
    ck_assert_int_eq(regex_new(&regex, span_of("a(b"), 0, &error), -1);
    ck_assert_ptr_null(regex);
    ck_assert_uint_eq(error.position, 3);
    ck_assert_int_eq(regex_new(&regex, span_of("\\C"), 0, &error), -1);
}
END_TEST

#define LARGE ((size_t)1 << 20)

/* A unit over and over, and an end. */
static struct span large_text(char *text, const char *unit, const char *end) {
    size_t size = strlen(unit), end_size = strlen(end);
    for (size_t i = 0; i < LARGE; i++)
        text[i] = unit[i % size];
    memcpy(text + LARGE - end_size, end, end_size);
    return (struct span){text, LARGE};
}

static enum match find_large(const char *source, struct span text, size_t *matches) {
    struct regex *regex = compile(source, 0);
    struct regex_matcher *matcher = regex_matcher_new();
    enum match match;
    regex_begin(matcher, text);
    *matches = 0;
    for (size_t from = 0; (match = regex_find(matcher, regex, from)) == MATCH_FOUND; (*matches)++) {
        struct span whole = regex_group(matcher, 0);
        from = (size_t)(whole.data - text.data) + (whole.size ? whole.size : 1);
    }
    regex_matcher_free(matcher);
    regex_free(regex);
    return match;
}

/* Without the bound each of these takes from minutes to ages: the length squared, cubed, or two to its power. */
START_TEST(hostile) {
    static const struct {
        const char *source, *unit, *end;
    } cases[] = {
        {"(?<=x)x*[yz]", "x", ""},
        {"x+x+y", "x", "z"},
        {"(?:x|x)*y", "x", "z"},
        {"(?:(?=x*+)x)+y", "x", "z"},
        {"(x*)\\1\\1z", "x", "yz"},
        {"(?s).*?,.*?,.*?,.*?;", "a,", ""},
        {"[^\"]*\"[^\"]*'", "x", "\""},
        {"x{1,60000}y", "x", ""},
        {"(?:x{0,200}){0,200}y", "x", ""},
        {"(?<=x{200})x*+y", "x", ""},
        {"(?R)?x*y", "x", ""},
        {"\\X*?y(?!y)", "\xCC\x81", ""},
        {"(a?){30}a{30}b", "a", ""},
        {"(*NO_JIT)(?<=x)x*[yz]", "x", ""},
    };
    char *text = memory_allocate(LARGE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t matches;
        struct span large = large_text(text, cases[i].unit, cases[i].end);
        enum match match = find_large(cases[i].source, large, &matches);
        ck_assert_msg(match == MATCH_LIMIT || match == MATCH_NONE, "%s", cases[i].source);
    }
    free(text);
}
END_TEST

/* The bound must not be in the way of honest work. */
START_TEST(honest) {
    static const struct {
        const char *source, *unit;
        size_t matches;
    } cases[] = {
        {"\\w+", "word by word ", LARGE / 13 * 3 + 3},
        {"(?<=o)r\\w*", "word by word ", LARGE / 13 * 2 + 2},
        {"[^\\n]*\\n", "a line of text, and one more word or two\n", LARGE / 41},
        {"\\b(\\w+) by \\1\\b", "word by word ", LARGE / 13 + 1},
        {"(?:[a-z]+ )+[a-z]+\\.", "so it goes on and on. ", LARGE / 22},
    };
    char *text = memory_allocate(LARGE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t matches;
        enum match match = find_large(cases[i].source, large_text(text, cases[i].unit, ""), &matches);
        ck_assert_int_eq(match, MATCH_NONE);
        ck_assert_msg(matches + 1 >= cases[i].matches && matches <= cases[i].matches + 1, "%s: %zu", cases[i].source,
                      matches);
    }
    free(text);
}
END_TEST

/* Work is added up over the lines of a text. */
START_TEST(parts) {
    char *text = memory_allocate(LARGE);
    struct span large = large_text(text, "x", "");
    struct regex *regex = compile("(?:x+)+[yz]", 0);
    struct regex_matcher *matcher = regex_matcher_new();
    enum match match = MATCH_NONE;
    regex_begin(matcher, large);
    for (size_t at = 0; at < LARGE && match == MATCH_NONE; at += 512) {
        regex_begin_part(matcher, (struct span){large.data + at, 512});
        match = regex_find(matcher, regex, 0);
    }
    ck_assert_int_eq(match, MATCH_LIMIT);
    regex_matcher_free(matcher);
    regex_free(regex);
    free(text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("regex");
    TCase *cases = tcase_create("regex");
    tcase_set_timeout(cases, 120); /* with sanitizers */
    tcase_add_test(cases, finding);
    tcase_add_test(cases, refusal);
    tcase_add_test(cases, hostile);
    tcase_add_test(cases, honest);
    tcase_add_test(cases, parts);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
