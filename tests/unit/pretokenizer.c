/* The hand-written scanners against PCRE2 with the published patterns, and the Unicode tables against PCRE2's. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/random.h"
#include "suite.h"
#include "token/pretokenizer.h"
#include "token/unicode_tables.h"

/* White_Space, since PCRE2's \s takes U+180E too. */
#define SPACES \
    "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
#define S "[" SPACES "]"
#define NOT_S "[^" SPACES "]"
#define SYMBOLS "[^" SPACES "\\p{L}\\p{N}]"
#define CL100K(digits)                                                                                         \
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1," digits "}+| ?" SYMBOLS "++[\\r\\n]*+|" S \
    "++\\z|" S "*[\\r\\n]|" S "+(?!" NOT_S ")|" S
#define SUFFIX "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

static const char *const patterns[PRETOKENIZER_COUNT] = {
    [PRETOKENIZER_GPT2] =
        "'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?" SYMBOLS "++|" S "++\\z|" S "+(?!" NOT_S ")|" S,
    [PRETOKENIZER_CL100K] = CL100K("3"),
    [PRETOKENIZER_DIGITS2] = CL100K("2"),
    [PRETOKENIZER_O200K] =
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+" SUFFIX
        "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*" SUFFIX
        "|\\p{N}{1,3}| ?" SYMBOLS "+[\\r\\n/]*|" S "*[\\r\\n]+|" S "+(?!" NOT_S ")|" S "+",
};

static pcre2_code *compile(const char *pattern) {
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &error, &offset, NULL);
    ck_assert_msg(code != NULL, "%s: error %d at %zu", pattern, error, offset);
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

static void append_code(struct bytes *out, uint32_t code) {
    if (code < 0x80) {
        bytes_append_byte(out, (char)code);
        return;
    }
    if (code < 0x800) {
        bytes_append_byte(out, (char)(0xC0 | code >> 6));
    } else {
        if (code < 0x10000) {
            bytes_append_byte(out, (char)(0xE0 | code >> 12));
        } else {
            bytes_append_byte(out, (char)(0xF0 | code >> 18));
            bytes_append_byte(out, (char)(0x80 | (code >> 12 & 0x3F)));
        }
        bytes_append_byte(out, (char)(0x80 | (code >> 6 & 0x3F)));
    }
    bytes_append_byte(out, (char)(0x80 | (code & 0x3F)));
}

/* Cuts the text with both and compares every piece. */
static void compare_cuts(enum pretokenizer pretokenizer, pcre2_code *code, pcre2_match_data *match,
                         const struct bytes *text) {
    for (size_t at = 0; at < text->size;) {
        int found = pcre2_match(code, (PCRE2_SPTR)text->data, text->size, at, 0, match, NULL);
        ck_assert_int_gt(found, 0);
        const PCRE2_SIZE *range = pcre2_get_ovector_pointer(match);
        ck_assert_uint_eq(range[0], at);
        size_t size = pretokenizer_next(pretokenizer, text->data + at, text->size - at);
        if (size != range[1] - at) {
            struct bytes hex = {0};
            for (size_t i = 0; i < text->size; i++)
                bytes_append_format(&hex, "%02x ", (unsigned char)text->data[i]);
            ck_abort_msg("%s: at %zu: %zu bytes, PCRE2 %zu, in %s", pretokenizer_name(pretokenizer), at, size,
                         (size_t)range[1] - at, bytes_text(&hex));
        }
        at += size;
    }
}

/* Characters that decide between alternatives, of every class and in every case. */
static const uint32_t alphabet[] = {' ',     ' ',    '\n',    '\r',   '\t',   'a',    'B',    '\'',   '\'',     's',
                                    'S',     'l',    'L',     'v',    'e',    'r',    't',    'D',    'm',      '1',
                                    '2',     '3',    '.',     '/',    '#',    0xE9,   0xC9,   0x4E2D, 0x301,    0x2B0,
                                    0x1F600, 0xA0,   0x3000,  0x180E, 0x2028, 0x85,   0x17F,  0x661,  0x2160,   0x1C5,
                                    0xB2,    0x200D, 0x1F1E6, 0x1C,   0x0,    0xFEFF, 0x212A, 0x2126, 0x10FFFF, 0xFB05};

#define ALPHABET_SIZE (sizeof(alphabet) / sizeof(alphabet[0]))

START_TEST(test_random_text_is_cut_as_pcre2_cuts) {
    enum pretokenizer pretokenizer = (enum pretokenizer)_i;
    pcre2_code *code = compile(patterns[pretokenizer]);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    struct random random;
    random_seed(&random, 7);
    struct bytes text = {0};
    for (int round = 0; round < 60000; round++) {
        bytes_clear(&text);
        uint64_t length = 1 + random_below(&random, 14);
        uint64_t kinds = 1 + random_below(&random, ALPHABET_SIZE);
        for (uint64_t i = 0; i < length; i++)
            append_code(&text, alphabet[(random_below(&random, kinds) + (uint64_t)round) % ALPHABET_SIZE]);
        compare_cuts(pretokenizer, code, match, &text);
    }
    bytes_release(&text);
    pcre2_match_data_free(match);
    pcre2_code_free(code);
}
END_TEST

START_TEST(test_runs_of_digits) {
    for (size_t length = 1; length <= 9; length++) {
        ck_assert_uint_eq(pretokenizer_next(PRETOKENIZER_GPT2, "123456789", length), length);
        ck_assert_uint_eq(pretokenizer_next(PRETOKENIZER_CL100K, "123456789", length), length < 3 ? length : 3);
        ck_assert_uint_eq(pretokenizer_next(PRETOKENIZER_O200K, "123456789", length), length < 3 ? length : 3);
        ck_assert_uint_eq(pretokenizer_next(PRETOKENIZER_DIGITS2, "123456789", length), length < 2 ? length : 2);
    }
}
END_TEST

START_TEST(test_invalid_utf8_is_covered) {
    struct random random;
    random_seed(&random, 3);
    for (int round = 0; round < 100000; round++) {
        char text[12];
        size_t size = 1 + random_below(&random, sizeof(text));
        for (size_t i = 0; i < size; i++)
            text[i] = (char)(random_below(&random, 3) ? 0x80 + random_below(&random, 128) : ' ');
        for (size_t at = 0; at < size;) {
            size_t piece = pretokenizer_next((enum pretokenizer)_i, text + at, size - at);
            ck_assert(piece >= 1 && piece <= size - at);
            at += piece;
        }
    }
}
END_TEST

START_TEST(test_patterns_and_names) {
    for (int i = 0; i < PRETOKENIZER_COUNT; i++) {
        enum pretokenizer found;
        const char *pattern = pretokenizer_pattern((enum pretokenizer)i);
        ck_assert(pretokenizer_of_pattern(span_of(pattern), &found) && (int)found == i);
        ck_assert(pretokenizer_parse(span_of(pretokenizer_name((enum pretokenizer)i)), &found) && (int)found == i);
        ck_assert_ptr_null(strstr(pattern, "3}+"));
    }
    enum pretokenizer found;
    ck_assert(!pretokenizer_of_pattern(SPAN_LITERAL("\\w+"), &found));
    ck_assert(!pretokenizer_parse(SPAN_LITERAL("gpt"), &found));
    ck_assert(pretokenizer_of_pattern(
        SPAN_LITERAL(
            "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|"
            "\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s"),
        &found));
    ck_assert_int_eq(found, PRETOKENIZER_CL100K);
}
END_TEST

/* The class PCRE2 gives a code point, -1 where its (older) Unicode version does not assign it. */
static int pcre2_class(pcre2_code *const *codes, pcre2_match_data *match, const struct bytes *text) {
    for (int class = 0; class < 7; class ++)
        if (pcre2_match(codes[class], (PCRE2_SPTR)text->data, text->size, 0, 0, match, NULL) > 0)
            return class == 0 ? -1 : class;
    return UNICODE_OTHER;
}

START_TEST(test_tables_equal_pcre2_where_both_assign) {
    static const char *const classes[] = {"\\p{Cn}", "[\\p{Lu}\\p{Lt}]", "\\p{Ll}", "[\\p{Lm}\\p{Lo}]",
                                          "\\p{M}",  "\\p{N}",           S};
    char version[32];
    pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, version);
    if (atof(version) > atof(unicode_version)) {
        printf("skipped: PCRE2 has Unicode %s, newer than ours\n", version);
        return;
    }
    pcre2_code *codes[7];
    for (int i = 0; i < 7; i++)
        codes[i] = compile(classes[i]);
    pcre2_match_data *match = pcre2_match_data_create(1, NULL);
    struct bytes text = {0};
    unsigned compared = 0;
    for (uint32_t code = 0; code < 0x110000; code++) {
        if (code == 0xD800)
            code = 0xE000;
        bytes_clear(&text);
        append_code(&text, code);
        int expected = pcre2_class(codes, match, &text);
        if (expected >= 0 && (int)unicode_class_of(code) != expected)
            ck_abort_msg("U+%04X is of class %d, in PCRE2 of %d", code, (int)unicode_class_of(code), expected);
        compared += expected >= 0;
    }
    ck_assert_uint_gt(compared, 270000);
    bytes_release(&text);
    pcre2_match_data_free(match);
    for (int i = 0; i < 7; i++)
        pcre2_code_free(codes[i]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pretokenizer");
    TCase *cases = tcase_create("pretokenizer");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, test_random_text_is_cut_as_pcre2_cuts, 0, PRETOKENIZER_COUNT);
    tcase_add_loop_test(cases, test_invalid_utf8_is_covered, 0, PRETOKENIZER_COUNT);
    tcase_add_test(cases, test_runs_of_digits);
    tcase_add_test(cases, test_patterns_and_names);
    tcase_add_test(cases, test_tables_equal_pcre2_where_both_assign);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
