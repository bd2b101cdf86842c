/* The survey: what it finds, and that its vectors find what its plain form finds, in every character and every place.
 */
#include <check.h>
#include <stdlib.h>

#include "base/random.h"
#include "clean/survey.h"
#include "suite.h"
#include "text/utf8.h"

static struct normalizer *normalizer;
static struct codepages *pages;
static struct survey *survey;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(normalizer_new(&normalizer, NORMAL_FORM_C, &error), 0);
    ck_assert_int_eq(codepages_new(&pages, &error), 0);
    survey = survey_new(normalizer, pages, FINDING_ALL);
}

static void teardown(void) {
    survey_free(survey);
    codepages_free(pages);
    normalizer_free(normalizer);
}

static void expect(const char *text, unsigned found) {
    struct bytes longer = {0};
    ck_assert_uint_eq(survey_text(survey, span_of(text)), found);
    for (size_t before = 0; before < 70; before += 7) { /* at every place of a block */
        bytes_clear(&longer);
        for (size_t i = 0; i < before; i++)
            bytes_append_text(&longer, "x");
        bytes_append_text(&longer, text);
        bytes_append_text(&longer, " followed by forty characters and a stop.");
        ck_assert_msg(survey_text(survey, span_of_bytes(&longer)) == found, "'%s' at %zu: %x", text, before,
                      survey_text(survey, span_of_bytes(&longer)));
    }
    bytes_release(&longer);
}

START_TEST(findings) {
    expect("Quiet text, plain.", 0);
    expect("AT&T", FINDING_AMPERSAND);
    expect("a\001b", FINDING_CONTROL);
    expect("a\tb\n\nc", 0);
    expect("a \nb", FINDING_SPACE);
    expect("a\n\n\nb", FINDING_SPACE);
    expect("a\u3000b", FINDING_SPACE);
    expect("a\u00ADb", FINDING_CONTROL);
    expect("e\u0301", FINDING_UNNORMALIZED);
    expect("x\uFFFDx", FINDING_REPLACEMENT);
    expect("汉字，假名かな 한국어 Ελληνικά русский åäö “quoted” – yes… 😀 Ｗ", 0);
    expect("fÃ¶r", FINDING_MOJIBAKE);
    expect("voilÃ  le", FINDING_MOJIBAKE);
    expect("вЂ™", FINDING_MOJIBAKE);
    expect("ё, її, é, É, « été »", 0);
}
END_TEST

static void compare(struct span text) {
    unsigned fast = survey_text(survey, text), plain = survey_text_plain(survey, text);
    ck_assert_msg(fast == plain, "%x, not %x: %.*s", fast, plain, (int)text.size, text.data);
}

/* Every character, behind and before others, across the edges of blocks. */
START_TEST(every_character) {
    struct bytes text = {0};
    for (uint32_t code = 1; code < 0x110000; code++) {
        if (code >= 0xD800 && code < 0xE000)
            continue;
        bytes_clear(&text);
        for (size_t i = 0; i < 28 + code % 9; i++)
            bytes_append_byte(&text, 'x');
        utf8_append(&text, code);
        bytes_append_text(&text, code % 2 ? "字" : "é");
        utf8_append(&text, code);
        bytes_append_text(&text, "and what follows it in the block.");
        compare(span_of_bytes(&text));
    }
    bytes_release(&text);
}
END_TEST

START_TEST(random_texts) {
    static const char *const pieces[] = {"a",      " ",          "\n",
                                         "\t",     "字",         "é",
                                         "Ã",      "©",          "\u0301",
                                         "\u0327", "か",         "\u3000",
                                         "ё",      "Р",          "\uFFFD",
                                         "&",      "한",         "ﷺ",
                                         "😀",      "\U000E0100", "plain words here",
                                         "“",      "\u200B",     "汉字汉字汉字汉字",
                                         "ü",      "\302\205",   "ส",
                                         "ี"};
    struct random random;
    struct bytes text = {0};
    random_seed(&random, 11);
    for (size_t round = 0; round < 300000; round++) {
        bytes_clear(&text);
        size_t count = 1 + random_below(&random, 40);
        for (size_t i = 0; i < count; i++)
            bytes_append_text(&text, pieces[random_below(&random, sizeof pieces / sizeof *pieces)]);
        compare(span_of_bytes(&text));
    }
    bytes_release(&text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("survey");
    TCase *cases = tcase_create("survey");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, findings);
    tcase_add_test(cases, every_character);
    tcase_add_test(cases, random_texts);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
