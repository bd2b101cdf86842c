/* Repairs: what each does, what none may touch, and that a repaired text needs no repair. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "clean/repair.h"
#include "suite.h"
#include "text/utf8.h"

static struct repair_tables *tables;
static struct repair repair;

static void setup(void) {
    struct error error;
    const struct repair_options options = {.form = NORMAL_FORM_C, .steps = REPAIR_ALL};
    ck_assert_int_eq(repair_tables_new(&tables, &options, &error), 0);
    repair = (struct repair){.tables = tables, .steps = REPAIR_ALL};
}

static void teardown(void) {
    repair_release(&repair);
    repair_tables_free(tables);
}

static void expect_span(unsigned steps, struct span from, struct span to) {
    struct span result;
    struct error error;
    repair.steps = steps;
    ck_assert_int_eq(repair_apply(&repair, from, &result, &error), 0);
    ck_assert_msg(result.size == to.size && memcmp(result.data, to.data, to.size) == 0,
                  "'%.*s' became '%.*s', not '%.*s'", (int)from.size, from.data, (int)result.size, result.data,
                  (int)to.size, to.data);
    ck_assert_int_eq(repair.changed != 0, !span_equal(from, to));
}

static void expect(unsigned steps, const char *from, const char *to) {
    expect_span(steps, span_of(from), span_of(to));
}

static void expect_all(const char *from, const char *to) {
    expect(REPAIR_ALL, from, to);
}

START_TEST(mojibake) {
    expect_all("fÃ¶r", "för");
    expect_all("Ã©tat, cafÃ©, Ã©", "état, café, é");
    expect_all("itâ€™s â€œquotedâ€\302\235 â€“ yesâ€¦", "it’s “quoted” – yes…");
    expect_all("itâ\302\200\302\231s", "it’s");
    expect_all("nÃƒÂ© Jim", "né Jim");
    expect_all("doesnÃƒÂ¢Ã¢â€šÂ¬Ã¢â€žÂ¢t", "doesn’t");
    expect_all("25Â°C, Â£50, Â©2010", "25°C, £50, ©2010");
    expect_all("HÃ”TEL ZURÃœCK", "HÔTEL ZURÜCK");
    expect_all("Ð±ÑŠÐ»Ð³ÐµÐ¼", "бългем");
    expect_all("æ—¥æœ¬èªž", "日本語");
    expect_all("ðŸ˜€ ðŸ’–", "😀 💖");
    expect_all("Táº¡i sao giÃ¡ háº¡t", "Tại sao giá hạt");
    expect_all("voilÃ  le travail", "voilà le travail");
    expect_all("jusqu'Ã  Nice", "jusqu'à Nice");
    expect_all("jusqu'Ã Nice", "jusqu'Ã Nice"); /* nothing certain in it */
    expect_all("DOS AÃ‘OS", "DOS AÑOS");
    expect_all("voilÃ  le cafÃ©", "voilà le café");
    expect_all("\302\223quoted\302\224 \302\226 it\302\222s", "“quoted” – it’s");
    expect(REPAIR_BIT(REPAIR_MOJIBAKE), "Р\302\230 doplĹ\302\210", "Р\302\230 doplň"); /* another code page */
    expect_all("it â€œendsâ€\uFFFD", "it “ends”");
    expect_all("ÃƒÅ tes-vous", "Êtes-vous");
    expect_all("PÃ¥ bordet. ÃŠtes-vous lÃ¥?", "På bordet. Êtes-vous lå?");
    expect_all("Ä°stanbul RÄ«ga", "İstanbul Rīga");
}
END_TEST

/* Good text of any language stays, byte for byte. */
START_TEST(untouched) {
    static const char *const texts[] = {
        "Plain ASCII, with  spaces\tand tabs\n\n    indented\n",
        "Det här är en helt vanlig svensk mening på åäö.",
        "L’été à Besançon, “très” cher : 12 € l’œuvre…",
        "PARCE QUE SUR LEURS PLAQUES IL Y MARQUÉ…",
        "Join ZZAJÉ’s Official Fan List",
        "Charlotte Brontë…”",
        "AMANHû e IRMÃ”, SÃO PAULO, MAÇÃ…",
        "VOCÊ… QUEM É¿ 4288×… 10 Å—",
        "Úžasný kéž” Straße“ groß… ÖBB® Ä“",
        "There are a lot of Ã’s in text",
        "MISUTÂ AJIKKO",
        "Tiếng Việt: giá hạt sầu riêng",
        "如果你想去北京，请告诉我。",
        "これは日本語のテキストです。",
        "สวัสดีครับ ผมชื่อสมชาย",
        "ខ្ញុំ\u200Bចង់\u200Bទៅ",
        "می\u200Cخواهم کتاب\u200Cها را بخوانم",
        "क्\u200Dष क्\u200Cष",
        ("👩\u200D💻 👨\u200D👩\u200D👧\u200D👦 🏳\uFE0F\u200D🌈 ❤\uFE0F 1\uFE0F\u20E3 👍🏽 "
         "🤷🏽\u200D♀\uFE0F"),
        "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F",
        "שָׁלוֹם עולם",
        "葛\U000E0100城市",
        "AT&T & co; R&D; &nosuch; & amp; &#xD800;",
        "<p>&eacute;</p> is markup",
        "ÿþ ï ô",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t size = strlen(texts[i]);
        while (size > 0 && texts[i][size - 1] == '\n')
            size--;
        struct span text = {texts[i], size};
        expect_span(REPAIR_ALL, text, text);
    }
}
END_TEST

START_TEST(entities) {
    unsigned step = REPAIR_BIT(REPAIR_ENTITIES);
    expect(step, "&eacute;t&eacute; &amp; &lt;b&gt;", "été & <b>");
    expect(step, "&#233; &#xE9; &#8217; &#128514; &apos;", "é é ’ 😂 '");
    expect(step, "&#146; &#150;", "’ –");
    expect(step, "&amp;amp;eacute; &amp;#233;", "é é");
    expect(step, "&#38;#38;eacute;", "é");
    expect(step, "&amp;amp; x &amp;", "& x &");
    expect(step, "&eacute &; &#; &#x; &#0; &#1114112; &#99999999999; &thetasymx;",
           "&eacute &; &#; &#x; &#0; &#1114112; &#99999999999; &thetasymx;");
    expect(step, "a?b=1&copy=2&lt", "a?b=1&copy=2&lt");
    expect(step, "&lt;b&gt;&amp;eacute;", "<b>é");
    expect(step, "&lt;b&gt;&#38;eacute;", "<b>&eacute;"); /* now it is markup */
    expect(step, "a < b &amp; c", "a < b & c");
}
END_TEST

START_TEST(controls) {
    unsigned step = REPAIR_BIT(REPAIR_CONTROLS);
    expect_span(step, SPAN_LITERAL("a\0b\001c\x1F\x7F\td\ne"), SPAN_LITERAL("abc\td\ne"));
    expect(step, "x\302\200y\302\237z", "xyz");
    expect(step, "so\u00ADft ze\u200Bro \uFEFFbom \u2060j", "soft zero bom j");
    expect(step, "\u202Ertl\u202C \u200Emark\u200F \u2066i\u2069 \u061C", "rtl mark i ");
    expect(step, "\uFFF9a\uFFFBb\uFFFC \uFDD0\uFFFE\U0001FFFF!", "ab !");
    expect(step, "la\u200Dtin la\u200Ctin", "latin latin");
    expect(step, "a\uFE0Fb \uFE0F", "ab ");
    expect(step, "tag\U000E0041\U000E0042 \U0001F3F4\U000E0067 open", "tag \U0001F3F4 open");
    expect(step, "می\u200C\u200Cخواهم", "می\u200Cخواهم");
    expect(step, "keep \uFFFD and \u00A0", "keep \uFFFD and \u00A0");
    expect(step, "private \uE000\uF8FF\U000F0000\U0010FFFD use", "private  use");
    expect(step, "ᠠ\u180Eᠠ x\u180Ey", "ᠠ\u180Eᠠ xy");
}
END_TEST

START_TEST(space) {
    unsigned step = REPAIR_BIT(REPAIR_SPACE);
    expect(step, "a\r\nb\rc\302\205d\u2028e\u2029f\vg\fh", "a\nb\nc\nd\ne\nf\ng\nh");
    expect(step, "a\u00A0b\u2009c\u202Fd\u3000e", "a b c d e");
    expect(step, "a  \t\nb \n\n\n \nc", "a\nb\n\nc");
    expect(step, "\n\n  a\n\n", "  a");
    expect(step, "a\n\nb", "a\n\nb");
    expect(step, "if x:\n\treturn  1", "if x:\n\treturn  1");
    expect(step, " \n\t\n", "");
    expect(step, "", "");
    expect(step, "end\u00A0\u3000", "end");
}
END_TEST

START_TEST(other_steps) {
    expect(REPAIR_BIT(REPAIR_UTF8), "a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFD", "a\uFFFDb\uFFFDc\uFFFD");
    expect(REPAIR_BIT(REPAIR_NORMALIZE), "e\u0301", "é");
    expect(0, "fÃ¶r &amp; \r\n e\u0301", "fÃ¶r &amp; \r\n e\u0301");
    expect(REPAIR_BIT(REPAIR_SPACE), "fÃ¶r &amp; ", "fÃ¶r &amp;");
    /* What one step makes, another repairs. */
    expect_all("&eac\u00ADute; &#8203;x A\u0303©n", "é x én");
    expect_all("f&Atilde;&para;r", "för");
}
END_TEST

/* Pieces that steps look for, and that together make what others look for. */
static const char *const pieces[] = {
    "a",      "Z",      " ",      "\n",     "\r",     "\t",       "&",          "amp;",       "#38;",       "eacute;",
    "&lt;",   "b>",     "<",      "é",      "\u0301", "\u0303",   "\u0327",     "\u1100",     "\u1161",     "Ã",
    "Â",      "â",      "€",      "™",      "©",      "\302\200", "\302\205",   "\302\222",   "\u00AD",     "\u00A0",
    "\u200B", "\u200D", "\u200C", "\uFE0F", "\u3000", "\u2028",   "ð",          "Ÿ",          "˜",          "👩",
    "💻",      "♀",      "می",     "ส",      "ี",       "\uFFFD",   "\uFEFF",     "Ð",          "±",          "ƒ",
    "\001",   "…",      "’",      "Å",      "¶",      "我",       "\U000E0067", "\U0001F3F4", "\U000E007F", "ß",
    "ü",      ";",      "\u037E", "x",
};

START_TEST(idempotence) {
    struct random random;
    struct bytes text = {0}, once = {0};
    struct span result;
    struct error error;
    random_seed(&random, 7);
    for (size_t round = 0; round < 200000; round++) {
        bytes_clear(&text);
        size_t count = 1 + random_below(&random, 14);
        for (size_t i = 0; i < count; i++)
            bytes_append_text(&text, pieces[random_below(&random, sizeof pieces / sizeof pieces[0])]);
        repair.steps = round % 4 ? REPAIR_ALL : (unsigned)random_below(&random, REPAIR_ALL + 1);
        ck_assert_int_eq(repair_apply(&repair, span_of_bytes(&text), &result, &error), 0);
        ck_assert_uint_eq(utf8_valid_prefix(result), result.size);
        bytes_clear(&once);
        bytes_append_span(&once, result);
        ck_assert_int_eq(repair_apply(&repair, span_of_bytes(&once), &result, &error), 0);
        ck_assert_msg(repair.changed == 0, "'%s' became '%s', then '%.*s'", bytes_text(&text), bytes_text(&once),
                      (int)result.size, result.data);
    }
    bytes_release(&text);
    bytes_release(&once);
}
END_TEST

/* Hostile text takes time in proportion to its size; the test's time limit would tell otherwise. */
START_TEST(hostile_sizes) {
    static const char *const repeated[] = {"amp;",  "Ã©", "Ãƒ",     "Ð±",   "\u0301", "\n ", "\u200D",
                                           "&#38;", "â€", "\uFFFD", "É…\n", "fÃ¶r\n", "Ã\n"};
    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        struct bytes text = {0};
        struct span result;
        struct error error;
        bytes_append_text(&text, i == 0 ? "&" : "x");
        while (text.size < 2000000)
            bytes_append_text(&text, repeated[i]);
        repair.steps = REPAIR_ALL;
        ck_assert_int_eq(repair_apply(&repair, span_of_bytes(&text), &result, &error), 0);
        bytes_release(&text);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("repair");
    TCase *cases = tcase_create("repair");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, mojibake);
    tcase_add_test(cases, untouched);
    tcase_add_test(cases, entities);
    tcase_add_test(cases, controls);
    tcase_add_test(cases, space);
    tcase_add_test(cases, other_steps);
    tcase_add_test(cases, idempotence);
    tcase_add_test(cases, hostile_sizes);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
