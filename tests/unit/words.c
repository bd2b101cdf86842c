/* Words and sentences of several languages. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

#include "base/input.h"
#include "base/random.h"
#include "suite.h"
#include "text/sentences.h"
#include "text/utf8.h"
#include "text/words.h"

static struct text_classes *classes;
static struct word_finder *finder;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(text_classes_new(&classes, &error), 0);
    ck_assert_int_eq(word_finder_new(&finder, classes, &error), 0);
}

static void teardown(void) {
    word_finder_free(finder);
    text_classes_free(classes);
}

/* Tokens joined by bars, those that are no words in brackets. */
static void expect_words(const char *text, const char *expected) {
    struct word_list list = {0};
    struct bytes shown = {0};
    word_finder_append(finder, span_of(text), &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct word *word = &list.items[i];
        bytes_append_text(&shown, i > 0 ? "|" : "");
        bytes_append_text(&shown, word->symbol ? "[" : "");
        bytes_append(&shown, text + word->start, word->size);
        bytes_append_text(&shown, word->symbol ? "]" : "");
    }
    ck_assert_str_eq(bytes_text(&shown), expected);
    bytes_release(&shown);
    word_list_release(&list);
}

START_TEST(words) {
    expect_words("", "");
    expect_words(" \n\t", "");
    expect_words("Don't stop, it's 3.14!", "Don't|stop|[,]|it's|3.14|[!]");
    expect_words("L’été à l'U.S. Army.", "L’été|à|l'U.S|[.]|Army|[.]");
    expect_words("1,000.5 a,b x_1 well-known", "1,000.5|a|[,]|b|x_1|well|[-]|known");
    expect_words("... ### ?! ''", "[...]|[###]|[?]|[!]|['']");
    expect_words("e\u0301te\u0301", "e\u0301te\u0301");
    expect_words("我们今天去北京。", "我们|今天|去|北京|[。]");
    expect_words("iPhone手机很好，3个", "iPhone|手机|很好|[，]|3|个");
    expect_words("สวัสดีครับ ok", "สวัสดี|ครับ|ok");
    expect_words("Привет, мир", "Привет|[,]|мир");
    expect_words("كتاب\u200Cها", "كتاب\u200Cها");
    expect_words("👍👍 👩‍💻", "[👍👍]|[👩‍]|[💻]");
}
END_TEST

START_TEST(word_measures) {
    struct word_list list = {0};
    word_finder_append(finder, SPAN_LITERAL("åäö 42 北京"), &list);
    ck_assert_uint_eq(list.count, 3);
    ck_assert_uint_eq(list.items[0].length, 3);
    ck_assert_uint_eq(list.items[0].size, 6);
    ck_assert(list.items[0].alphabetic && !list.items[1].alphabetic && list.items[2].alphabetic);
    ck_assert_uint_eq(list.items[2].length, 2);
    word_list_release(&list);
}
END_TEST

/* Runs without spaces are cut in pieces on the way to ICU: nothing may be lost or doubled there. */
START_TEST(long_dictionary_run) {
    struct word_list list = {0};
    struct bytes text = {0};
    size_t at = 0;
    for (size_t i = 0; i < 20000; i++)
        bytes_append_text(&text, "我们今天");
    word_finder_append(finder, span_of_bytes(&text), &list);
    for (size_t i = 0; i < list.count; i++) {
        ck_assert_uint_eq(list.items[i].start, at);
        at += list.items[i].size;
    }
    ck_assert_uint_eq(at, text.size);
    ck_assert_uint_lt(list.count, 40100);
    word_list_release(&list);
    bytes_release(&text);
}
END_TEST

START_TEST(sentences) {
    static const struct {
        const char *line;
        size_t count;
        bool ended;
    } cases[] = {
        {"", 0, false},
        {"No end", 1, false},
        {"One. Two! Three?", 3, true},
        {"He said \"No.\" Then he left.", 2, true},
        {"It costs 3.50 kr. per kilo.", 1, true},
        {"Wait... what?! Yes", 2, false},
        {"今天很好。我们去吗？好！", 3, true},
        {"Hej då, sa han”", 1, true},
        {"Ends with a blank. ", 1, true},
        {"!!!", 1, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span line = span_of(cases[i].line);
        ck_assert_msg(sentences_count(classes, line) == cases[i].count, "%s: %zu", cases[i].line,
                      sentences_count(classes, line));
        ck_assert_msg(sentence_is_ended(classes, line) == cases[i].ended, "%s", cases[i].line);
    }
}
END_TEST

/* ---- against ICU ---- */

#define SENTENCES "build/corpora/langid"

struct breaks {
    UBreakIterator *words, *sentences;
};

static void breaks_init(struct breaks *breaks) {
    UErrorCode status = U_ZERO_ERROR;
    breaks->words = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
    breaks->sentences = ubrk_open(UBRK_SENTENCE, "", NULL, 0, &status);
    ck_assert(U_SUCCESS(status));
}

static void breaks_release(struct breaks *breaks) {
    ubrk_close(breaks->words);
    ubrk_close(breaks->sentences);
}

/* Appends "START-END" of every segment that counts: words for word breaks, those with a visible character for
 * sentences. */
static void append_segments(UBreakIterator *iterator, struct span text, bool by_word, struct bytes *out,
                            size_t *count) {
    UErrorCode status = U_ZERO_ERROR;
    UText source = UTEXT_INITIALIZER;
    utext_openUTF8(&source, text.data, (int64_t)text.size, &status);
    ubrk_setUText(iterator, &source, &status);
    ck_assert(U_SUCCESS(status));
    int32_t from = ubrk_first(iterator);
    for (int32_t to = ubrk_next(iterator); to != UBRK_DONE; from = to, to = ubrk_next(iterator)) {
        bool counts = false;
        for (int32_t i = from; i < to && !counts;) {
            uint32_t code;
            i += (int32_t)utf8_decode_valid(text.data + i, &code);
            uint8_t class = classes->word_break[code];
            if (by_word)
                counts = classes->of[code] & TEXT_DICTIONARY || class == WORD_BREAK_HANGUL ||
                         (class >= WORD_BREAK_LETTER && class <= WORD_BREAK_NUMERIC);
            else
                counts = !(classes->of[code] & TEXT_SPACE) && classes->sentence_break[code] != SENTENCE_BREAK_EXTEND;
        }
        if (counts)
            bytes_append_format(out, "%d-%d ", from, to);
        *count += counts;
    }
    utext_close(&source);
}

/* Words and sentences of one line must be ICU's. Tells how long the line is, 0 where words differ. */
static bool same_words(struct breaks *breaks, struct span line, struct bytes *wanted, struct bytes *found) {
    struct word_list list = {0};
    size_t unused = 0;
    bytes_clear(wanted);
    bytes_clear(found);
    append_segments(breaks->words, line, true, wanted, &unused);
    word_finder_append(finder, line, &list);
    for (size_t i = 0; i < list.count; i++)
        if (!list.items[i].symbol)
            bytes_append_format(found, "%zu-%zu ", list.items[i].start, list.items[i].start + list.items[i].size);
    word_list_release(&list);
    return strcmp(bytes_text(wanted), bytes_text(found)) == 0;
}

static void expect_same(struct breaks *breaks, struct span line) {
    struct bytes wanted = {0}, found = {0}, segments = {0};
    size_t count = 0;
    ck_assert_msg(same_words(breaks, line, &wanted, &found), "words of \"%.*s\": %s, ICU %s", (int)line.size, line.data,
                  bytes_text(&found), bytes_text(&wanted));
    append_segments(breaks->sentences, line, false, &segments, &count);
    ck_assert_msg(sentences_count(classes, line) == count, "sentences of \"%.*s\": %zu, ICU %zu", (int)line.size,
                  line.data, sentences_count(classes, line), count);
    bytes_release(&wanted);
    bytes_release(&found);
    bytes_release(&segments);
}

/* Characters of every class that the rules know, in any order. */
START_TEST(random_lines) {
    static const char *const pieces[] = {
        "a",      "B", "word",   "7",      "42",     "_",      "\u00E9", "\u0416", "\u0301", "\u00AD", "\u05D0",
        "\u0627", "'", "\u2019", ".",      "..",     "\u2026", ",",      ";",      ":",      "\u00B7", "\"",
        "\u201D", "(", ")",      "!",      "?",      "-",      "\u2014", " ",      "  ",     "\u00A0", "\t",
        "#",      "$", "\u3002", "\uFF01", "\u0964", "\u02B0", "\u0E33", "\u4E00", "\u00BD", "\u2167",
    };
    struct breaks breaks;
    struct random random;
    breaks_init(&breaks);
    random_seed(&random, 20261128);
    for (size_t round = 0; round < 100000; round++) {
        struct bytes line = {0};
        for (uint64_t left = 1 + random_below(&random, 12); left > 0; left--) {
            const char *piece = pieces[random_below(&random, sizeof pieces / sizeof pieces[0])];
            if (strcmp(piece, "\u0E33") != 0) /* Thai beside Latin letters: see words.h */
                bytes_append_text(&line, piece);
        }
        if (line.size > 0)
            expect_same(&breaks, span_of_bytes(&line));
        bytes_release(&line);
    }
    breaks_release(&breaks);
}
END_TEST

/* Han and kana in any order: common words, rare characters, katakana of any length. */
START_TEST(random_dictionary_runs) {
    static const char *const pieces[] = {"的",
                                         "了",
                                         "中华人民共和国",
                                         "我们",
                                         "北京大学",
                                         "生物",
                                         "学",
                                         "々",
                                         "は",
                                         "です",
                                         "ありがとう",
                                         "ア",
                                         "コンピューター",
                                         "ー",
                                         "東京",
                                         "特許",
                                         "許可",
                                         "局",
                                         "龘",
                                         "䶮",
                                         "一",
                                         "二十",
                                         "゛"};
    struct breaks breaks;
    struct random random;
    breaks_init(&breaks);
    random_seed(&random, 20261129);
    for (size_t round = 0; round < 50000; round++) {
        struct bytes line = {0};
        for (uint64_t left = 1 + random_below(&random, 16); left > 0; left--) {
            bytes_append_text(&line, pieces[random_below(&random, sizeof pieces / sizeof pieces[0] - 1)]);
            if (random_below(&random, 2)) /* any common ideograph or kana */
                utf8_append(&line, random_below(&random, 4) ? 0x4E00 + (uint32_t)random_below(&random, 0x5200)
                                                            : 0x30A1 + (uint32_t)random_below(&random, 0x5A));
        }
        struct bytes wanted = {0}, found = {0};
        ck_assert_msg(same_words(&breaks, span_of_bytes(&line), &wanted, &found), "%s: %s, ICU %s", bytes_text(&line),
                      bytes_text(&found), bytes_text(&wanted));
        bytes_release(&wanted);
        bytes_release(&found);
        bytes_release(&line);
    }
    breaks_release(&breaks);
}
END_TEST

/* What words.h tells apart from ICU: @, and scripts without spaces beside others or full stops. */
static bool is_told_apart(const char *path, struct span line) {
    for (size_t i = 0; i < line.size; i++) {
        unsigned char c = (unsigned char)line.data[i];
        if (c == '@' ||
            (strstr(path, "/th.txt") && (c == '.' || (c < 0x80 && classes->of[c] & (TEXT_LETTER | TEXT_DIGIT)))))
            return true;
    }
    return false;
}

/* A thousand sentences in each of 75 languages. */
START_TEST(real_lines) {
    struct breaks breaks;
    DIR *folder = opendir(SENTENCES);
    size_t lines = 0, different = 0;
    if (!folder)
        return;
    breaks_init(&breaks);
    struct bytes wanted = {0}, found = {0};
    closedir(folder);
    FILE *list = popen("find " SENTENCES " -name '*.txt' | sort", "r");
    char path[4096];
    while (fgets(path, sizeof path, list)) {
        struct bytes content = {0};
        struct error error;
        path[strcspn(path, "\n")] = 0;
        ck_assert_int_eq(input_load(path, SIZE_MAX, &content, &error), 0);
        for (struct span rest = span_of_bytes(&content); rest.size > 0;) {
            const char *newline = memchr(rest.data, '\n', rest.size);
            struct span line = {rest.data, newline ? (size_t)(newline - rest.data) : rest.size};
            size_t taken = line.size + (newline != NULL);
            rest = (struct span){rest.data + taken, rest.size - taken};
            if (utf8_valid_prefix(line) < line.size || is_told_apart(path, line))
                continue;
            lines++;
            size_t count = 0;
            bytes_clear(&wanted);
            append_segments(breaks.sentences, line, false, &wanted, &count);
            ck_assert_msg(sentences_count(classes, line) == count, "%s: %.*s: %s", path, (int)line.size, line.data,
                          bytes_text(&wanted));
            if (!same_words(&breaks, line, &wanted, &found) && different++ < 20)
                fprintf(stderr, "%s: %.*s\n  %s\n  %s\n", path, (int)line.size, line.data, bytes_text(&wanted),
                        bytes_text(&found));
        }
        bytes_release(&content);
    }
    pclose(list);
    bytes_release(&wanted);
    bytes_release(&found);
    breaks_release(&breaks);
    ck_assert_uint_gt(lines, 1000);
    ck_assert_uint_eq(different, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("words");
    TCase *cases = tcase_create("words");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, words);
    tcase_add_test(cases, word_measures);
    tcase_add_test(cases, long_dictionary_run);
    tcase_add_test(cases, sentences);
    tcase_add_test(cases, random_lines);
    tcase_add_test(cases, random_dictionary_runs);
    tcase_add_test(cases, real_lines);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
