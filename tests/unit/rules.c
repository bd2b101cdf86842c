/* Rule files: what is refused, with its place; what rules do; checks. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clean/rule_run.h"
#include "suite.h"

static struct text_classes *classes;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(text_classes_new(&classes, &error), 0);
}

static void teardown(void) {
    text_classes_free(classes);
}

/* ---- what is refused ---- */

static void expect_error(const char *file, const char *message) {
    struct rules rules = {0};
    struct error error;
    ck_assert_msg(rules_parse(&rules, "f.rules", span_of(file), &error) == -1, "accepted: %s", file);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_msg(strstr(error.message, message) == error.message, "%s, not %s", error.message, message);
    rules_release(&rules);
}

START_TEST(errors) {
    expect_error("require a words > 1", "f.rules:1:1: this stands before the first section");
    expect_error("# åäö\n[nosuch]", "f.rules:2:2: unknown scope 'nosuch'");
    expect_error("[lang sv]", "f.rules:1:1: the first section must say its scope");
    expect_error("[page\n", "f.rules:1:6: page, turn, thread, answer, lang or ] should stand here");
    expect_error("[page lang swedish]", "f.rules:1:12: 'swedish' is no language tag");
    expect_error("[page lang sv_SE]", "f.rules:1:12: 'sv_SE' is no language tag");
    expect_error("[page lang sv lang nl]", "f.rules:1:15: a section has one language");
    expect_error("[page]\n\n  remove x /y/", "f.rules:3:3: unknown word 'remove'");
    expect_error("[page]\nrequire a wörds > 1", "f.rules:2:11: unknown signal 'wörds'");
    expect_error("[page]\nrequire å words > 1", "f.rules:2:9: a rule's name is");
    expect_error("[page]\nrequire a words 1", "f.rules:2:17: a comparison should stand here");
    expect_error("[page]\nrequire a words > many", "f.rules:2:19: a number should stand here");
    expect_error("[page]\nrequire a words > 1 2", "f.rules:2:21: the rule should end here");
    expect_error("[page]\ndrop a /åä(/", "f.rules:2:12: missing closing parenthesis");
    expect_error("[page]\ndrop a /x", "f.rules:2:8: this pattern is not closed");
    expect_error("[page]\ndrop a /x/q", "f.rules:2:9: unknown flag 'q'");
    expect_error("[page]\nstrip a /x/ nosuch", "f.rules:2:13: unknown check 'nosuch'");
    expect_error("[page]\nreplace a /x/ luhn", "f.rules:2:19: 'with' and the replacement");
    expect_error("[page]\nreplace a /x/ with x", "f.rules:2:20: a string in double quotes");
    expect_error("[page]\nreplace a /x/ with \"x", "f.rules:2:20: this string is not closed");
    expect_error("[page]\nreplace a /x/ with \"\\q\"", "f.rules:2:21: unknown escape");
    expect_error("[page]\nexample keep \"x\" * 0.5", "f.rules:2:19: a string is repeated a whole number");
    expect_error("[page]\nexample maybe \"x\"", "f.rules:2:9: an example is one of");
    expect_error("[page]\nrequire a words > 1\ndrop a words > 9",
                 "f.rules:3:6: there is a rule named 'a' already, at f.rules:2");
    expect_error("[page]\noff a", "f.rules:2:1: off stands in the section of a language");
    expect_error("[thread]\nstrip a /x/", "f.rules:2:1: scope thread has only drop and require");
    expect_error("[page]\nstop_words the", "f.rules:2:1: stop words stand in the section of a language");
    expect_error("[page]\ndrop a url words > 1", "f.rules:2:18: 'in' and the name of a list should stand here");
    expect_error("[page]\ndrop a url words in nosuch", "f.rules:2:21: there is no list 'nosuch' yet");
    expect_error("list a b\n[page]\ndrop a url word in a", "f.rules:3:12: unknown test 'word'");
    expect_error("list a b\n[page]\ndrop a domain in a", "f.rules:3:8: domain in a list are looked for in URLs");
    expect_error("list a b\n[page]\ndrop a count url domain in a > 1", "f.rules:3:18: only words are counted");
    expect_error("[page]\ndrop a share /x/ > 1", "f.rules:2:14: matches of a pattern are counted");
    expect_error("[page]\ndrop line a url /x/", "f.rules:2:1: lines are dropped for what is in them");
    expect_error("[page]\ninclude nosuch", "f.rules:2:9: there is no preset 'nosuch'");
    expect_error("list a \"/no/such/file\"", "f.rules:1:8: ");
    expect_error("[page]\ninclude \"/no/such/file\"", "f.rules:2:9: ");
    expect_error("[page lang xx]\nstop_words \"/no/such/file\"", "f.rules:2:12: ");
}
END_TEST

/* ---- what rules do ---- */

struct judged {
    struct bytes text; /* after edits */
    struct bytes rule; /* that dropped it; empty where it stays */
    double value, threshold;
    size_t offset;
    struct bytes match;
};

/* Of the texts that are judged; NULL for none. */
static const char *judged_url;

static struct judged judge(const char *file, const char *text, enum scope scope, const char *language) {
    struct rules rules = {0};
    struct rule_run *run;
    struct error error;
    struct judged judged = {.value = NAN, .threshold = NAN};
    struct verdict verdict;
    struct span result;
    struct rule_subject subject = {
        .scope = scope, .language = span_of(language), .url = span_of(judged_url), .score = 3, .turns = NAN};
    ck_assert_msg(rules_parse(&rules, "f.rules", span_of(file), &error) == 0, "%s", error.message);
    rules_finish(&rules);
    ck_assert_int_eq(rule_run_new(&run, &rules, classes, true, &error), 0);
    if (!rule_run_apply(run, span_of(text), &subject, &result, &verdict)) {
        bytes_append_text(&judged.rule, verdict.rule->name);
        judged.value = verdict.value;
        judged.threshold = verdict.threshold;
        judged.offset = verdict.offset;
        bytes_append_span(&judged.match, verdict.match);
    }
    bytes_append_span(&judged.text, result);
    rule_run_free(run);
    rules_release(&rules);
    return judged;
}

static void expect_text(const char *file, const char *from, const char *to) {
    struct judged judged = judge(file, from, SCOPE_PAGE, NULL);
    ck_assert_str_eq(bytes_text(&judged.rule), "");
    ck_assert_str_eq(bytes_text(&judged.text), to);
    bytes_release(&judged.text);
    bytes_release(&judged.rule);
    bytes_release(&judged.match);
}

static void expect_rule(const char *file, const char *text, enum scope scope, const char *language, const char *rule) {
    struct judged judged = judge(file, text, scope, language);
    ck_assert_msg(strcmp(bytes_text(&judged.rule), rule) == 0, "'%s' for '%.40s' in %s: '%s'", rule, text,
                  language ? language : "no language", bytes_text(&judged.rule));
    bytes_release(&judged.text);
    bytes_release(&judged.rule);
    bytes_release(&judged.match);
}

START_TEST(edits) {
    expect_text("[page]\nstrip a /\\[\\d+\\]/", "One[1] two[22] [x]", "One two [x]");
    expect_text("[page]\nreplace a /(\\w+)=(\\w+)/ with \"$2 is $1, $$5 $9\"", "a=b; c=d", "b is a, $5 ; d is c, $5");
    expect_text("[page]\nreplace a /(?=x)/ with \"-\"", "åxåx", "å-xå-x");
    expect_text("[page]\nreplace a /$/ with \"!\"", "åx", "åx!");
    expect_text("[page]\nstrip a /x*/", "axxb", "ab");
    expect_text("[page]\nstrip a /b\\s*$/m # not b\n", "a b\nc b \nd", "a\nc\nd");
    expect_text("[page]\ndrop line a /cookies/i\ndrop line b words < 2",
                "Keep this line\nUses Cookies\n\nlonely\nand this", "Keep this line\n\nand this");
    expect_text("[page]\nreplace a /x/ with \"\\u{1F600}\\t\\\"\\\\\"", "axb", "a😀\t\"\\b");
    expect_text("[page]\nreplace a \\\n  /x/ with \"y\" \\\n  \"z\" * 3", "x", "yzzz");
}
END_TEST

START_TEST(conditions) {
    expect_rule("[page]\nrequire a words >= 3", "one two", SCOPE_PAGE, NULL, "a");
    expect_rule("[page]\nrequire a words >= 3", "one two three", SCOPE_PAGE, NULL, "");
    expect_rule("[page]\nrequire a words >= 3", "one two", SCOPE_TURN, NULL, "");
    expect_rule("[page turn]\nrequire a words >= 3", "one two", SCOPE_TURN, NULL, "a");
    expect_rule("[page]\ndrop a words != 2\ndrop b words == 2", "one two", SCOPE_PAGE, NULL, "b");
    expect_rule("[page]\ndrop a words < 2.5\n", "one two", SCOPE_PAGE, NULL, "a");
    expect_rule("[page]\ndrop a /å.ö/s", "å\nö", SCOPE_PAGE, NULL, "a");
    expect_rule("[page]\nrequire a /^x/m", "y\nx", SCOPE_PAGE, NULL, "");
    expect_rule("[page]\ndrop a count /å/ > 2", "å å", SCOPE_PAGE, NULL, "");
    expect_rule("[page]\ndrop a count /å/ > 2", "å å å", SCOPE_PAGE, NULL, "a");
    expect_rule("[page]\ndrop a count /(?=å)/ > 2", "å å å", SCOPE_PAGE, NULL, "a");
    expect_rule("[page]\ndrop a score < 4", "x", SCOPE_PAGE, NULL, "a");
    expect_rule("[page]\ndrop a turns < 4\nrequire b turns > 4", "x", SCOPE_PAGE, NULL, ""); /* unknown */
    expect_rule("[page]\nstrip a /x/\ndrop b hits >= 2", "x y", SCOPE_PAGE, NULL, "");
    expect_rule("[page]\nstrip a /x/\ndrop b hits >= 2", "x y x", SCOPE_PAGE, NULL, "b");
    struct judged judged = judge("[page]\nrequire short chars <= 3", "four", SCOPE_PAGE, NULL);
    ck_assert_double_eq(judged.value, 4);
    ck_assert_double_eq(judged.threshold, 3);
    bytes_release(&judged.text);
    bytes_release(&judged.rule);
    bytes_release(&judged.match);
}
END_TEST

START_TEST(languages) {
    const char *file = "[page]\nrequire size chars >= 5\nrequire long chars < 50\n[lang zh]\nrequire size chars >= 2\n"
                       "[lang zh-TW]\nrequire size chars >= 3\noff long\n[lang sv]\ndrop only-sv /x/";
    expect_rule(file, "abcd", SCOPE_PAGE, NULL, "size");
    expect_rule(file, "abcd", SCOPE_PAGE, "en", "size");
    expect_rule(file, "ab", SCOPE_PAGE, "zh", "");
    expect_rule(file, "ab", SCOPE_PAGE, "zh-Hans", "");
    expect_rule(file, "ab", SCOPE_PAGE, "zhx", "size");
    expect_rule(file, "ab", SCOPE_PAGE, "zh-TW", "size");
    expect_rule(file, "abc", SCOPE_PAGE, "ZH-tw", "");
    expect_rule(file, "abcxy", SCOPE_PAGE, "en", "");
    expect_rule(file, "abcxy", SCOPE_PAGE, "sv", "only-sv");
    expect_rule(file, "0123456789012345678901234567890123456789012345678901", SCOPE_PAGE, "zh-TW", "");
    expect_rule(file, "0123456789012345678901234567890123456789012345678901", SCOPE_PAGE, "zh", "long");
}
END_TEST

START_TEST(url_lists) {
    const char *file = "list domains bad.org b.example\nlist words One two\nlist letters badword\nlist pages bad.org\n"
                       "[page]\ndrop domain url domain in domains\ndrop words kinds url words in words >= 2\n"
                       "drop letters url letters in letters\ndrop pattern url /x{3}/\n";
    static const struct {
        const char *url, *rule;
    } cases[] = {
        {NULL, ""},
        {"", ""},
        {"https://bad.org", "domain"},
        {"https://a.BAD.org:80/x", "domain"},
        {"//me@www.b.example./x", "domain"},
        {"https://notbad.org/bad.org", ""},
        {"https://example.org/bad.org", ""},
        {"https://example.org/one/one", ""},
        {"https://example.org/ONE-two", "words"},
        {"https://example.org/onetwo", ""},
        {"https://example.org/Bad-Word", "letters"},
        {"https://example.org/xxx", "pattern"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        judged_url = cases[i].url;
        expect_rule(file, "text", SCOPE_PAGE, NULL, cases[i].rule);
    }
    file = "list pages bad.org\n[page]\ndrop address url address in pages";
    judged_url = "HTTP://www.bad.org/";
    expect_rule(file, "text", SCOPE_PAGE, NULL, "address");
    judged_url = "http://bad.org/x";
    expect_rule(file, "text", SCOPE_PAGE, NULL, "");
    judged_url = NULL;
}
END_TEST

START_TEST(text_lists) {
    const char *lists = "list some the Åre 好\n[page]\n";
    struct bytes file = {0};
    static const struct {
        const char *rule, *text;
        bool dropped;
    } cases[] = {
        {"drop a words in some", "THE cat", true},
        {"drop a words in some", "other thesis", false},
        {"drop a words in some", "i åre nu", true},
        {"drop a words in some", "你好 好", true},
        {"drop a count words in some > 2", "the the", false},
        {"drop a count words in some > 2", "the the THE", true},
        {"drop a kinds words in some > 1", "the the", false},
        {"drop a kinds words in some > 1", "the åre", true},
        {"drop a share words in some >= 0.5", "the cat", true},
        {"drop a share words in some > 0.5", "the cat", false},
        {"drop a share words in some >= 0", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes_clear(&file);
        bytes_append_format(&file, "%s%s", lists, cases[i].rule);
        expect_rule(bytes_text(&file), cases[i].text, SCOPE_PAGE, NULL, cases[i].dropped ? "a" : "");
    }
    bytes_release(&file);
}
END_TEST

/* An answer is a turn as well; a turn is no answer. */
START_TEST(answers) {
    const char *file = "[answer]\ndrop a /x/\n[turn]\ndrop t /y/";
    expect_rule(file, "x", SCOPE_TURN, NULL, "");
    expect_rule(file, "x", SCOPE_TURN | SCOPE_ANSWER, NULL, "a");
    expect_rule(file, "y", SCOPE_TURN | SCOPE_ANSWER, NULL, "t");
    expect_rule(file, "x", SCOPE_PAGE, NULL, "");
}
END_TEST

START_TEST(offsets) {
    struct judged judged = judge("[page]\nstrip s /åå/\ndrop a /b+/", "åååbbc", SCOPE_PAGE, NULL);
    ck_assert_uint_eq(judged.offset, 2); /* in what the strip left, in bytes */
    ck_assert_str_eq(bytes_text(&judged.match), "bb");
    bytes_release(&judged.text);
    bytes_release(&judged.rule);
    bytes_release(&judged.match);
}
END_TEST

/* Rules on lines, signals and patterns before and behind one another: what was found of the text must follow. */
START_TEST(lines_then_signals) {
    const char *file =
        "[page]\ndrop line short words < 3\ndrop line x /xy/\ndrop long words != 7\ndrop dup dup_lines > 0\n"
        "require last /z\\z/\n";
    expect_text(file, "one\n\ntwo three four\n\nfive\n\nxy a b\n\nsix seven eight z\nsix\n",
                "two three four\n\nsix seven eight z");
    expect_text("[page]\ndrop line long max_unit_length > 5\n", "abcde fghij\nabcdef\nab-c, e", "abcde fghij\nab-c, e");
}
END_TEST

/* What cannot match is turned away, what can is not: texts long enough for a look, with the match at their end. */
START_TEST(prefilters) {
    static const struct {
        const char *pattern, *text;
        bool found;
    } cases[] = {
        {"/needle/", "needle", true},     {"/needle/i", "NEEDLE", true},      {"/sink/i", "\u017Fin\u212A", true},
        {"/needle|pin/", "pin", true},    {"/needle|pi?n/", "pn", true},      {"/nee(dle)?/", "nee", true},
        {"/needles?/", "needle", true},   {"/needles*x/", "needlex", true},   {"/needles{0,2}x/", "needlex", true},
        {"/need[l]e/", "needle", true},   {"/need.e/", "needle", true},       {"/need\\x6ce/", "needle", true},
        {"/(?i)needle/", "NEEDLE", true}, {"/\\bneedle\\b/", "needle", true}, {"/n\\.e\\.e/", "n.e.e", true},
        {"/åäö/i", "ÅÄÖ", true},          {"/pe{2}r/", "peer", true},         {"/pe{2}r/", "per", false},
        {"/a[]x]bcd/", "a]bcd", true},    {"/[[:alpha:]]bcd/", "abcd", true}, {"/x(?=needle)/", "xneedle", true},
        {"/needle #/", "needle", false},
    };
    struct bytes file = {0}, text = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bytes_clear(&file);
        bytes_clear(&text);
        bytes_append_format(&file, "[page]\ndrop a %s\n", cases[i].pattern);
        for (size_t line = 0; line < 40; line++)
            bytes_append_text(&text, "qqq www\n");
        bytes_append_text(&text, cases[i].text);
        struct judged judged = judge(bytes_text(&file), bytes_text(&text), SCOPE_PAGE, NULL);
        ck_assert_msg((judged.rule.size > 0) == cases[i].found, "%s in %s", cases[i].pattern, cases[i].text);
        bytes_release(&judged.text);
        bytes_release(&judged.rule);
        bytes_release(&judged.match);
    }
    bytes_release(&file);
    bytes_release(&text);
}
END_TEST

/* A pattern that would backtrack for ages stops at its bound, and the rule answers for it. */
START_TEST(match_limit) {
    char text[4097];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    expect_rule("[page]\ndrop slow /(a+)+(a+)+[bc]/", text, SCOPE_PAGE, NULL, "slow");
    expect_rule("[page]\nstrip slow /(a+)+(a+)+[bc]/", text, SCOPE_PAGE, NULL, "slow");
    expect_rule("[page]\ndrop line slow /(a+)+(a+)+[bc]/", text, SCOPE_PAGE, NULL, "slow");
}
END_TEST

START_TEST(verifiers) {
    static const struct {
        const char *name, *text;
        size_t size;
    } cases[] = {
        {"luhn", "4111 1111 1111 1111", 19},
        {"luhn", "4111111111111112", 0},
        {"luhn", "000000000000", 0},
        {"luhn", "79927398713", 0}, /* right, but too short for a card */
        {"iban", "GB82 WEST 1234 5698 7654 32", 27},
        {"iban", "GB82WEST12345698765432 AND", 22},
        {"iban", "GB82WEST12345698765431", 0},
        {"iban", "XX82WEST12345698765432", 0},
        {"ipv4", "255.255.255.255", 15},
        {"ipv4", "256.1.1.1", 0},
        {"ipv4", "1.02.3.4", 0},
        {"ipv6", "2001:db8::1", 11},
        {"ipv6", "12:30:45", 0},
        {"routable", "8.8.8.8", 7},
        {"routable", "10.0.0.1", 0},
        {"routable", "172.31.0.1", 0},
        {"routable", "172.32.0.1", 10},
        {"routable", "100.64.1.1", 0},
        {"routable", "239.1.1.1", 0},
        {"routable", "2a00::1", 7},
        {"routable", "fe80::1", 0},
        {"routable", "2001:db8::1", 0},
        {"phone", "+46 8 123 456 78", 16},
        {"phone", "+1 212 555 0123", 15},
        {"phone", "+28 1234 5678", 0},
        {"phone", "+46 123", 0},
        {"phone", "+46 1234 5678 9012 34567", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        verifier *check = verifier_find(span_of(cases[i].name));
        ck_assert_ptr_nonnull(check);
        size_t size = check(span_of(cases[i].text));
        ck_assert_msg(size == cases[i].size, "%s of %s: %zu", cases[i].name, cases[i].text, size);
    }
    ck_assert_ptr_null(verifier_find(span_of("nosuch")));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rules");
    TCase *cases = tcase_create("rules");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, errors);
    tcase_add_test(cases, edits);
    tcase_add_test(cases, conditions);
    tcase_add_test(cases, languages);
    tcase_add_test(cases, url_lists);
    tcase_add_test(cases, text_lists);
    tcase_add_test(cases, answers);
    tcase_add_test(cases, offsets);
    tcase_add_test(cases, lines_then_signals);
    tcase_add_test(cases, prefilters);
    tcase_add_test(cases, match_limit);
    tcase_add_test(cases, verifiers);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
