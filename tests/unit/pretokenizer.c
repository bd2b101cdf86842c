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
#include "token/piece_starts.h"
#include "token/pretokenizer.h"
#include "token/scanner.h"
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

static const char *const patterns[PRETOKENIZER_KNOWN] = {
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

static size_t scanner_next(enum pretokenizer_kind kind, const char *text, size_t size) {
    struct span piece;
    ck_assert_uint_eq(scanner_take(kind, (struct span){text, size}, &piece, 1), 1);
    ck_assert_ptr_eq(piece.data, text);
    return piece.size;
}

/* Whether pieces taken several at once, as masks find them, are those taken one by one. */
static bool cuts_equal(enum pretokenizer_kind kind, const struct bytes *text, size_t at_once) {
    struct span pieces[9], rest = span_of_bytes(text);
    while (rest.size > 0) {
        size_t count = scanner_take(kind, rest, pieces, at_once);
        for (size_t i = 0; i < count; i++) {
            struct span piece;
            scanner_take(kind, rest, &piece, 1);
            if (piece.data != pieces[i].data || piece.size != pieces[i].size)
                return false;
            rest = (struct span){rest.data + piece.size, rest.size - piece.size};
        }
        if (count == 0)
            return false;
    }
    return true;
}

/* Cuts the text with both and compares every piece. */
static void compare_cuts(enum pretokenizer_kind pretokenizer, pcre2_code *code, pcre2_match_data *match,
                         const struct bytes *text) {
    ck_assert(cuts_equal(pretokenizer, text, 1 + text->size % 9));
    for (size_t at = 0; at < text->size;) {
        int found = pcre2_match(code, (PCRE2_SPTR)text->data, text->size, at, 0, match, NULL);
        ck_assert_int_gt(found, 0);
        const PCRE2_SIZE *range = pcre2_get_ovector_pointer(match);
        ck_assert_uint_eq(range[0], at);
        size_t size = scanner_next(pretokenizer, text->data + at, text->size - at);
        if (size != range[1] - at) {
            struct bytes hex = {0};
            for (size_t i = 0; i < text->size; i++)
                bytes_append_format(&hex, "%02x ", (unsigned char)text->data[i]);
            ck_abort_msg("%s: at %zu: %zu bytes, PCRE2 %zu, in %s", pretokenizer_names[pretokenizer], at, size,
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

/* Some characters of the alphabet, or longer runs, which scanners take eight bytes at a time. */
static void append_random(struct random *random, struct bytes *text, uint64_t round) {
    uint64_t length = 1 + random_below(random, 14), kinds = 1 + random_below(random, ALPHABET_SIZE);
    uint64_t longest = round % 3 ? 1 : 20;
    for (uint64_t i = 0; i < length; i++) {
        uint32_t code = alphabet[(random_below(random, kinds) + round) % ALPHABET_SIZE];
        for (uint64_t times = 1 + random_below(random, longest); times > 0; times--)
            append_code(text, code == 0xE9 || code == 0x4E2D ? code + (uint32_t)random_below(random, 64) : code);
    }
}

START_TEST(test_random_text_is_cut_as_pcre2_cuts) {
    enum pretokenizer_kind pretokenizer = (enum pretokenizer_kind)_i;
    pcre2_code *code = compile(patterns[pretokenizer]);
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
    struct random random;
    random_seed(&random, 7);
    struct bytes text = {0};
    for (int round = 0; round < 60000; round++) {
        bytes_clear(&text);
        append_random(&random, &text, (uint64_t)round);
        compare_cuts(pretokenizer, code, match, &text);
    }
    bytes_release(&text);
    pcre2_match_data_free(match);
    pcre2_code_free(code);
}
END_TEST

START_TEST(test_runs_of_digits) {
    for (size_t length = 1; length <= 9; length++) {
        ck_assert_uint_eq(scanner_next(PRETOKENIZER_GPT2, "123456789", length), length);
        ck_assert_uint_eq(scanner_next(PRETOKENIZER_CL100K, "123456789", length), length < 3 ? length : 3);
        ck_assert_uint_eq(scanner_next(PRETOKENIZER_O200K, "123456789", length), length < 3 ? length : 3);
        ck_assert_uint_eq(scanner_next(PRETOKENIZER_DIGITS2, "123456789", length), length < 2 ? length : 2);
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
            size_t piece = scanner_next((enum pretokenizer_kind)_i, text + at, size - at);
            ck_assert(piece >= 1 && piece <= size - at);
            at += piece;
        }
    }
    struct bytes longer = {0};
    for (int round = 0; round < 4000; round++) {
        bytes_clear(&longer);
        for (uint64_t size = random_below(&random, 300); size > 0; size--)
            bytes_append_byte(&longer,
                              (char)(random_below(&random, 1 + (uint64_t)round % 7) ? random_below(&random, 128)
                                                                                    : random_below(&random, 256)));
        ck_assert(cuts_equal((enum pretokenizer_kind)_i, &longer, 1 + (size_t)round % 9));
    }
    bytes_release(&longer);
}
END_TEST

static struct pretokenizer *compile_known(const char *pattern) {
    struct pretokenizer *pretokenizer;
    struct error error;
    ck_assert_msg(pretokenizer_compile(&pretokenizer, span_of(pattern), &error) == 0, "%s", error.message);
    return pretokenizer;
}

START_TEST(test_patterns_and_names) {
    for (int i = 0; i < PRETOKENIZER_KNOWN; i++) {
        enum pretokenizer_kind found;
        struct pretokenizer *known = pretokenizer_new((enum pretokenizer_kind)i), *again;
        struct error error;
        struct span pattern = pretokenizer_pattern(known);
        ck_assert_int_eq(pretokenizer_compile(&again, pattern, &error), 0);
        ck_assert_int_eq(pretokenizer_kind(again), i);
        ck_assert(pretokenizer_parse(span_of(pretokenizer_name(known)), &found) && (int)found == i);
        ck_assert_ptr_null(memmem(pattern.data, pattern.size, "3}+", 3));
        pretokenizer_free(known);
        pretokenizer_free(again);
    }
    enum pretokenizer_kind found;
    ck_assert(!pretokenizer_parse(SPAN_LITERAL("gpt"), &found));
    struct pretokenizer *possessive = compile_known(
        "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|"
        "\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s");
    ck_assert_int_eq(pretokenizer_kind(possessive), PRETOKENIZER_CL100K);
    pretokenizer_free(possessive);
    struct pretokenizer *own = compile_known("\\w+");
    ck_assert_int_eq(pretokenizer_kind(own), PRETOKENIZER_REGEX);
    ck_assert_str_eq(pretokenizer_name(own), "regex");
    ck_assert(span_is(pretokenizer_pattern(own), "\\w+"));
    pretokenizer_free(own);
}
END_TEST

/* The pieces with | between them. */
static void expect_pieces(const char *pattern, const char *text, const char *expected) {
    struct pretokenizer *pretokenizer = compile_known(pattern);
    ck_assert_int_eq(pretokenizer_kind(pretokenizer), PRETOKENIZER_REGEX);
    struct cutter *cutter = cutter_new(pretokenizer);
    struct bytes out = {0};
    struct span piece;
    struct error error;
    cutter_begin(cutter, span_of(text));
    while (cutter_take(cutter, &piece, 1, &error) == 1) {
        if (out.size)
            bytes_append_byte(&out, '|');
        bytes_append_span(&out, piece);
    }
    ck_assert_str_eq(bytes_text(&out), expected);
    bytes_release(&out);
    cutter_free(cutter);
    pretokenizer_free(pretokenizer);
}

/* What stands between matches is a piece too; an empty match cuts (as Hugging Face's Isolated). */
START_TEST(test_pieces_of_other_patterns) {
    expect_pieces("b+", "aabbacb", "aa|bb|ac|b");
    expect_pieces("b*", "aba", "a|b|a");
    expect_pieces("(?=b)", "abbc", "a|b|bc");
    expect_pieces("\\d", "x12", "x|1|2");
    expect_pieces("x", "", "");
    expect_pieces("\\s+", "a \xE1\xA0\x8E\xE3\x80\x80z", "a| |\xE1\xA0\x8E|\xE3\x80\x80|z");
    expect_pieces("[\\s.]+", "a.\xE1\xA0\x8E.z", "a|.|\xE1\xA0\x8E|.|z");
    expect_pieces("[\\S]+", "a\xE1\xA0\x8E z", "a\xE1\xA0\x8E| |z");
    expect_pieces("\\S+", "a\xE1\xA0\x8E z", "a\xE1\xA0\x8E| |z");
    expect_pieces("a",
                  "\xFF"
                  "aa\xC3",
                  "\xFF|a|a|\xC3");
}
END_TEST

/* A published pattern that is spelled in no published way goes through PCRE2, and cuts as its scanner does. */
START_TEST(test_own_patterns_cut_as_scanners) {
    struct pretokenizer *known = pretokenizer_new((enum pretokenizer_kind)_i);
    struct bytes spelling = {0}, text = {0};
    bytes_append_text(&spelling, "(?:");
    bytes_append_span(&spelling, pretokenizer_pattern(known));
    bytes_append_byte(&spelling, ')');
    struct pretokenizer *own = compile_known(bytes_text(&spelling));
    ck_assert_int_eq(pretokenizer_kind(own), PRETOKENIZER_REGEX);
    struct cutter *scanner = cutter_new(known), *regex = cutter_new(own);
    struct random random;
    random_seed(&random, 8);
    for (int round = 0; round < 5000; round++) {
        bytes_clear(&text);
        uint64_t kinds = 1 + random_below(&random, ALPHABET_SIZE);
        for (uint64_t length = random_below(&random, 30); length > 0; length--)
            append_code(&text, alphabet[(random_below(&random, kinds) + (uint64_t)round) % ALPHABET_SIZE]);
        cutter_begin(scanner, span_of_bytes(&text));
        cutter_begin(regex, span_of_bytes(&text));
        struct span a[7], b[7];
        struct error error;
        long count;
        do {
            count = cutter_take(scanner, a, 7, &error);
            ck_assert_int_eq(cutter_take(regex, b, 7, &error), count);
            for (long i = 0; i < count; i++)
                ck_assert(a[i].data == b[i].data && a[i].size == b[i].size);
        } while (count > 0);
    }
    cutter_free(scanner);
    cutter_free(regex);
    bytes_release(&spelling);
    bytes_release(&text);
    pretokenizer_free(known);
    pretokenizer_free(own);
}
END_TEST

/* What is compiled for some processors finds the same starts, in text with broken characters too. */
START_TEST(test_processors_agree_on_starts) {
    enum pretokenizer_kind pretokenizer = (enum pretokenizer_kind)_i;
    piece_starts_function *best = piece_starts_best();
    struct random random;
    random_seed(&random, 9);
    struct bytes text = {0};
    for (uint64_t round = 0; round < 20000; round++) {
        bytes_clear(&text);
        while (text.size < 70) {
            append_random(&random, &text, round);
            text.size -= random_below(&random, 3) % text.size;
            bytes_append_byte(&text, (char)random_below(&random, round % 2 ? 128 : 256));
        }
        size_t size = 1 + random_below(&random, text.size);
        ck_assert_uint_eq(best(pretokenizer, text.data, size), piece_starts_plain(pretokenizer, text.data, size));
    }
    bytes_release(&text);
}
END_TEST

static void expect_refusal(const char *pattern, const char *reason) {
    struct pretokenizer *pretokenizer;
    struct error error = {0};
    ck_assert_int_eq(pretokenizer_compile(&pretokenizer, span_of(pattern), &error), -1);
    ck_assert_ptr_null(pretokenizer);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_msg(strstr(error.message, reason), "%s: %s", pattern, error.message);
}

START_TEST(test_refused_patterns) {
    expect_refusal("", "empty");
    expect_refusal("(a", "closing parenthesis");
    expect_refusal("a\\", "byte 2 of the pattern: ends in a backslash");
    expect_refusal("a{1,2}+", "{m,n}+");
    expect_refusal("^a", "\\A");
    expect_refusal("a$", "\\z");
    expect_refusal("\\h", "byte 1");
    expect_refusal("[a[b]", "write \\[");
    expect_refusal("[]a]", "write \\]");
    expect_refusal("[a&&b]", "&&");
}
END_TEST

START_TEST(test_work_of_a_pattern_is_bounded) {
    struct pretokenizer *pretokenizer = compile_known("(?:a|a)*b");
    struct cutter *cutter = cutter_new(pretokenizer);
    struct span piece;
    struct error error = {0};
    cutter_begin(cutter, SPAN_LITERAL("ccaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-b"));
    ck_assert_int_eq(cutter_take(cutter, &piece, 1, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_msg(strstr(error.message, "too much work"), "%s", error.message);
    cutter_free(cutter);
    pretokenizer_free(pretokenizer);
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
    tcase_add_loop_test(cases, test_random_text_is_cut_as_pcre2_cuts, 0, PRETOKENIZER_KNOWN);
    tcase_add_loop_test(cases, test_invalid_utf8_is_covered, 0, PRETOKENIZER_KNOWN);
    tcase_add_test(cases, test_runs_of_digits);
    tcase_add_test(cases, test_patterns_and_names);
    tcase_add_test(cases, test_pieces_of_other_patterns);
    tcase_add_loop_test(cases, test_own_patterns_cut_as_scanners, 0, PRETOKENIZER_KNOWN);
    tcase_add_loop_test(cases, test_processors_agree_on_starts, 0, PRETOKENIZER_KNOWN);
    tcase_add_test(cases, test_refused_patterns);
    tcase_add_test(cases, test_work_of_a_pattern_is_bounded);
    tcase_add_test(cases, test_tables_equal_pcre2_where_both_assign);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
