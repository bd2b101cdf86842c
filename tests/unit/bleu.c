/* BLEU and chrF against sacreBLEU's own scores, and against values worked out by hand. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/lines.h"
#include "base/memory.h"
#include "eval/bleu.h"
#include "eval/chrf.h"
#include "suite.h"

#define CASES "build/corpora/conf_bleu/cases.jsonl"
#define TOLERANCE 1e-6

static void ck_tokens(enum tokenization tokenization, const char *text, const char *expected) {
    struct units units = {0};
    tokenize(tokenization, span_of(text), &units);
    ck_assert_str_eq(bytes_text(&units.text), expected);
    size_t words = 0;
    for (const char *at = expected; *at; words++) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    ck_assert_uint_eq(units.count, words);
    units_release(&units);
}

START_TEST(test_tokens) {
    ck_tokens(TOKENIZATION_13A, "  It's 3.14, \"ok\" (1-2)...  ", "It's 3.14 , \" ok \" ( 1 - 2 ) . . .");
    ck_tokens(TOKENIZATION_13A, "a&amp;lt;b &quot;&gt; <skipped>x", "a < b \" > x");
    ck_tokens(TOKENIZATION_13A, "1,000.5 and .5 x,y 5.", "1,000.5 and . 5 x , y 5 .");
    ck_tokens(TOKENIZATION_13A, "line-\nbreak\nnext", "linebreak next");
    ck_tokens(TOKENIZATION_13A, "na\xc3\xafve,\xe4\xbd\xa0\xe5\xa5\xbd.", "na\xc3\xafve , \xe4\xbd\xa0\xe5\xa5\xbd .");
    /* U+2014 and U+2019 count as Chinese there, U+20000 does not; entities stay. */
    ck_tokens(TOKENIZATION_ZH, "\xe4\xbd\xa0\xe5\xa5\xbd\xe3\x80\x82ok", "\xe4\xbd\xa0 \xe5\xa5\xbd \xe3\x80\x82 ok");
    ck_tokens(TOKENIZATION_ZH,
              "a\xe2\x80\x94"
              "b it\xe2\x80\x99s",
              "a \xe2\x80\x94 b it \xe2\x80\x99 s");
    ck_tokens(TOKENIZATION_ZH, "\xf0\xa0\x80\x80\xf0\xa0\x80\x81", "\xf0\xa0\x80\x80\xf0\xa0\x80\x81");
    ck_tokens(TOKENIZATION_ZH, "&lt;", "& lt ;");
    ck_tokens(TOKENIZATION_INTL, "\xe2\x80\x9cHi\xe2\x80\x9d, 5\xe2\x82\xac 3.5-x",
              "\xe2\x80\x9c Hi \xe2\x80\x9d , 5 \xe2\x82\xac 3.5 - x");
    ck_tokens(TOKENIZATION_CHAR, " a\xc3\xa9 b ", "a \xc3\xa9 b");
    ck_tokens(TOKENIZATION_NONE,
              "a,b \xe3\x80\x80 c\xc2\xa0"
              "d\x1f"
              "e",
              "a,b c d e");
    ck_tokens(TOKENIZATION_13A, "", "");
    ck_tokens(TOKENIZATION_13A, " \n ", "");
}
END_TEST

static struct bleu_score score_one(const char *hypothesis, const struct span *references, size_t count,
                                   enum bleu_smoothing smoothing, bool effective, struct bleu_sums *sums) {
    struct bleu_counter counter = {0};
    *sums = (struct bleu_sums){0};
    bleu_count(&counter, TOKENIZATION_NONE, span_of(hypothesis), references, count, sums);
    bleu_counter_release(&counter);
    return bleu_compute(sums, smoothing, effective);
}

START_TEST(test_formula) {
    struct bleu_sums sums;
    /* Papineni's example: clipping gives 2/7, against the union of two references. */
    struct span the[] = {SPAN_LITERAL("the cat is on the mat"), SPAN_LITERAL("there is a cat on the mat")};
    struct bleu_score score = score_one("the the the the the the the", the, 2, BLEU_SMOOTHING_NONE, false, &sums);
    ck_assert_uint_eq(sums.matches[0], 2);
    ck_assert_uint_eq(sums.totals[0], 7);
    ck_assert_uint_eq(sums.reference_length, 7);
    ck_assert_double_eq(score.score, 0);
    /* Equal distances: the shorter reference's length. */
    struct span lengths[] = {SPAN_LITERAL("a b c d e f"), SPAN_LITERAL("a b c d")};
    score_one("a b c d e", lengths, 2, BLEU_SMOOTHING_NONE, false, &sums);
    ck_assert_uint_eq(sums.reference_length, 4);
    /* Orders 3 and 4 without a match: 1/2 and 1/4 of a match. */
    struct span swapped[] = {SPAN_LITERAL("a b x c d")};
    score = score_one("a b c d y", swapped, 1, BLEU_SMOOTHING_EXP, false, &sums);
    ck_assert_double_eq_tol(score.precisions[2], 100.0 / 6, 1e-12);
    ck_assert_double_eq_tol(score.precisions[3], 100.0 / 8, 1e-12);
    ck_assert_double_eq_tol(score.score, pow(80.0 * 50 * 100 / 6 * 100 / 8, 0.25), 1e-9);
    /* A perfect sentence of two words is 100 by effective order, 0 without. */
    struct span two[] = {SPAN_LITERAL("two words")};
    ck_assert_double_eq_tol(score_one("two words", two, 1, BLEU_SMOOTHING_EXP, true, &sums).score, 100, 1e-9);
    ck_assert_double_eq(score_one("two words", two, 1, BLEU_SMOOTHING_EXP, false, &sums).score, 0);
    ck_assert_double_eq(score_one("", two, 1, BLEU_SMOOTHING_EXP, true, &sums).score, 0);
    ck_assert_double_eq_tol(score_one("two", lengths, 1, BLEU_SMOOTHING_NONE, true, &sums).brevity, exp(-5), 1e-12);
}
END_TEST

static double chrf_one(const char *hypothesis, const char *reference, size_t word_order) {
    struct chrf_counter counter = {0};
    struct chrf_sums sums = {0};
    struct span span = span_of(reference);
    chrf_count(&counter, word_order, span_of(hypothesis), &span, 1, &sums);
    chrf_counter_release(&counter);
    return chrf_compute(&sums, word_order);
}

START_TEST(test_chrf) {
    ck_assert_double_eq_tol(chrf_one("the same", "the same", 0), 100, 1e-9);
    ck_assert_double_eq_tol(chrf_one("th e sa\tme", "the same", 0), 100, 1e-9); /* white space does not count */
    ck_assert_double_eq(chrf_one("abc", "xyz", 0), 0);
    ck_assert_double_eq(chrf_one("", "xyz", 0), 0);
    ck_assert_double_eq(chrf_one("xyz", "", 0), 0);
    /* Orders 1 and 2 only: precision (1/2 + 0)/2, recall the same. */
    ck_assert_double_eq_tol(chrf_one("ab", "ac", 0), 25, 1e-9);
    ck_assert_double_eq_tol(chrf_one("\"hi you there!", "\" hi you there !", 2), 100, 1e-9);
    ck_assert_double_lt(chrf_one("(hi)", "( hi )", 2), 100); /* one mark is cut off, the last */
}
END_TEST

/* ---- sacreBLEU's cases ---- */

static struct json_document *document;
static const struct json_value *member(const struct json_value *value, const char *name) {
    const struct json_value *found = json_member(value, name);
    ck_assert_msg(found != NULL, "no member %s", name);
    return found;
}

static int find_name(const char *const *names, struct span name) {
    for (int i = 0; names[i]; i++)
        if (span_is(name, names[i]))
            return i;
    return -1;
}

struct corpus {
    size_t count, reference_count;
    struct span *hypotheses, *references; /* references: [segment][reference] */
    struct bytes *lower;                  /* owned text of what is in lower case */
};

static struct span segment_text(struct corpus *corpus, size_t place, struct span text, bool lowercase) {
    struct error error;
    if (!lowercase)
        return text;
    ck_assert_int_eq(append_lower_case(text, &corpus->lower[place], &error), 0);
    return span_of_bytes(&corpus->lower[place]);
}

static struct corpus corpus_make(const struct json_value *json) {
    const struct json_value *hypotheses = member(json, "hyps"), *references = member(json, "refs");
    bool lowercase = json_boolean(json, "lowercase", false);
    struct corpus corpus = {.count = hypotheses->count, .reference_count = references->count};
    corpus.hypotheses = memory_zeroed(corpus.count, sizeof(struct span));
    corpus.references = memory_zeroed(corpus.count * references->count, sizeof(struct span));
    corpus.lower = memory_zeroed(corpus.count * (references->count + 1), sizeof(struct bytes));
    for (size_t i = 0; i < corpus.count; i++) {
        corpus.hypotheses[i] = segment_text(&corpus, i, hypotheses->items[i].string, lowercase);
        for (size_t r = 0; r < references->count; r++) {
            ck_assert_uint_eq(references->items[r].count, corpus.count);
            size_t place = i * references->count + r;
            corpus.references[place] =
                segment_text(&corpus, corpus.count + place, references->items[r].items[i].string, lowercase);
        }
    }
    return corpus;
}

static void corpus_release(struct corpus *corpus) {
    for (size_t i = 0; i < corpus->count * (corpus->reference_count + 1); i++)
        bytes_release(&corpus->lower[i]);
    free(corpus->lower);
    free(corpus->hypotheses);
    free(corpus->references);
}

static void check_chrf(const struct corpus *corpus, const struct json_value *json, const char *name) {
    size_t word_order = span_is(json_string(json, "metric"), "chrf2++") ? 2 : 0;
    struct chrf_counter counter = {0};
    struct chrf_sums sums = {0};
    for (size_t i = 0; i < corpus->count; i++)
        chrf_count(&counter, word_order, corpus->hypotheses[i], corpus->references + i * corpus->reference_count,
                   corpus->reference_count, &sums);
    double score = chrf_compute(&sums, word_order), expected = json_number(json, "score", NAN);
    ck_assert_msg(fabs(score - expected) <= TOLERANCE, "%s: %.9f, expected %.9f", name, score, expected);
    chrf_counter_release(&counter);
}

static void check_sentences(const struct corpus *corpus, const struct json_value *json, const char *name) {
    const struct json_value *scores = member(json, "scores");
    struct bleu_counter counter = {0};
    ck_assert_uint_eq(scores->count, corpus->count);
    for (size_t i = 0; i < corpus->count; i++) {
        struct bleu_sums sums = {0};
        bleu_count(&counter, TOKENIZATION_13A, corpus->hypotheses[i], corpus->references + i * corpus->reference_count,
                   corpus->reference_count, &sums);
        double score = bleu_compute(&sums, BLEU_SMOOTHING_EXP, true).score, expected = scores->items[i].number;
        ck_assert_msg(fabs(score - expected) <= TOLERANCE, "%s %zu: %.9f, expected %.9f", name, i, score, expected);
    }
    bleu_counter_release(&counter);
}

static void check_bleu(const struct corpus *corpus, const struct json_value *json, const char *name) {
    int tokenization = find_name(tokenization_names, json_string(json, "tokenize"));
    int smoothing = find_name(bleu_smoothing_names, json_string(json, "smooth"));
    ck_assert_msg(tokenization >= 0 && smoothing >= 0, "%s: unknown tokenization or smoothing", name);
    struct bleu_counter counter = {0};
    struct bleu_sums sums = {0};
    for (size_t i = 0; i < corpus->count; i++)
        bleu_count(&counter, (enum tokenization)tokenization, corpus->hypotheses[i],
                   corpus->references + i * corpus->reference_count, corpus->reference_count, &sums);
    struct bleu_score score = bleu_compute(&sums, (enum bleu_smoothing)smoothing, false);
    double expected = json_number(json, "bleu", NAN);
    ck_assert_msg(fabs(score.score - expected) <= TOLERANCE, "%s: %.9f, expected %.9f", name, score.score, expected);
    for (size_t n = 0; n < BLEU_ORDER; n++)
        ck_assert_msg(fabs(score.precisions[n] - member(json, "precisions")->items[n].number) <= TOLERANCE,
                      "%s: precision %zu is %.9f", name, n + 1, score.precisions[n]);
    ck_assert_double_eq_tol(score.brevity, json_number(json, "bp", NAN), TOLERANCE);
    ck_assert_int_eq((int64_t)sums.hypothesis_length, json_integer(json, "sys_len", -1));
    ck_assert_int_eq((int64_t)sums.reference_length, json_integer(json, "ref_len", -1));
    bleu_counter_release(&counter);
}

START_TEST(test_sacrebleu) {
    struct line_reader *reader = line_reader_new((const char *const[]){CASES}, 1, (size_t)64 << 20);
    struct line_batch batch = {0};
    struct error error;
    size_t cases = 0;
    while (line_reader_next(reader, &batch, &error) == 1) {
        for (size_t i = 0; i < batch.count; i++, cases++) {
            struct span line = {batch.data.data + batch.lines[i].start, batch.lines[i].size};
            ck_assert_int_eq(json_parse(&document, line, &error), 0);
            const struct json_value *json = json_root(document);
            struct corpus corpus = corpus_make(json);
            struct span metric = json_string(json, "metric");
            char *name = memory_copy(json_string(json, "name").data, json_string(json, "name").size);
            if (!metric.data)
                check_bleu(&corpus, json, name);
            else if (span_is(metric, "sentence-bleu"))
                check_sentences(&corpus, json, name);
            else
                check_chrf(&corpus, json, name);
            free(name);
            corpus_release(&corpus);
            json_free(document);
        }
    }
    ck_assert_uint_gt(cases, 0);
    printf("%zu cases of sacreBLEU\n", cases);
    line_batch_release(&batch);
    line_reader_free(reader);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("bleu");
    TCase *tests = tcase_create("bleu");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_tokens);
    tcase_add_test(tests, test_formula);
    tcase_add_test(tests, test_chrf);
    if (access(CASES, R_OK) == 0)
        tcase_add_test(tests, test_sacrebleu);
    else
        puts("skipped: sacreBLEU's scores, " CASES " is absent");
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
