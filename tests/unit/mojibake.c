/* Mojibake: the cases that others collected, by file, and code pages one by one. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "clean/mojibake.h"
#include "suite.h"
#include "text/utf8.h"

#define CASES "build/corpora/conf_text/ftfy/tests/test-cases/"

static struct codepages *pages;

static void setup(void) {
    struct error error;
    ck_assert_int_eq(codepages_new(&pages, &error), 0);
}

static void teardown(void) {
    codepages_free(pages);
}

static bool repairs_to(struct span from, struct span to) {
    struct bytes out = {0};
    bool changed = mojibake_repair(pages, from, &out);
    bool equal = span_equal(changed ? span_of_bytes(&out) : from, to);
    bytes_release(&out);
    return equal;
}

static void expect(const char *from, const char *to) {
    struct bytes out = {0};
    bool changed = mojibake_repair(pages, span_of(from), &out);
    ck_assert_msg(span_equal(changed ? span_of_bytes(&out) : span_of(from), span_of(to)), "'%s' became '%s', not '%s'",
                  from, bytes_text(&out), to);
    bytes_release(&out);
}

/* Of the cases with a sound answer at least 95 % come out as asked. */
START_TEST(collected_cases) {
    static const char *const files[] = {"in-the-wild.json", "synthetic.json", "language-names.json", "negative.json"};
    size_t cases = 0, right = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct json_document *document;
        struct error error;
        char path[128];
        snprintf(path, sizeof path, CASES "%s", files[i]);
        if (json_load(&document, path, 1 << 20, &error)) {
            printf("skipped: %s\n", error.message);
            return;
        }
        const struct json_value *list = json_root(document);
        for (size_t at = 0; at < list->count; at++) {
            struct span to = json_string(&list->items[at], "fixed-encoding");
            struct span fixed = json_string(&list->items[at], "fixed");
            struct span from = json_string(&list->items[at], "original");
            right += repairs_to(from, to.data ? to : fixed) || repairs_to(from, fixed);
            cases++;
        }
        json_free(document);
    }
    printf("%zu of %zu collected cases\n", right, cases);
    ck_assert_uint_gt(cases, 150);
    ck_assert_uint_ge(right * 100, cases * 95);
}
END_TEST

START_TEST(code_pages) {
    expect("d√©cor, haven‚Äôt, Espa√±ola, B≈ìuf", "décor, haven’t, Española, Bœuf"); /* MacRoman */
    expect("Tiß║┐ng Viß╗çt", "Tiếng Việt");                                          /* IBM PC */
    expect("РґРѕСЂРѕРіРµ", "дороге");                                                /* Windows-1251 */
    expect("ItвЂ™s, cafГ©", "It’s, café");
    expect("PĹ™Ă\302\255mĂ˝ vstup", "Přímý vstup");                        /* Windows-1250 */
    expect("konkrÄ“tus investÄ«ciju", "konkrētus investīciju");            /* Windows-1257 */
    expect("t‚Äö√†√∂¬¨¬©l‚Äö√†√∂¬¨¬©charger", "télécharger");              /* three times over */
    expect("Hi \303\255\302\240\302\275\303\255\302\270\302\215", "Hi 😍"); /* CESU-8 */
    expect("Ð ÑƒÑ\uFFFDÑ\uFFFDÐºÐ¸Ð¹", "Ру\uFFFD\uFFFDкий");               /* lossy */
    expect("com atenÃ§Ã£o Ã s crianÃ§as", "com atenção às crianças");
}
END_TEST

/* A line is judged by itself; what stands beside it is left alone. */
START_TEST(lines) {
    expect("Ŝi ĉiam √ π\nLiĂ¨ge de l'HĂ´pital\nGut √ß", "Ŝi ĉiam √ π\nLiège de l'Hôpital\nGut √ß");
    expect("été\nâ€œcafÃ©â€\302\235\nÉ…", "été\n“café”\nÉ…");
}
END_TEST

START_TEST(good_text) {
    static const char *const texts[] = {
        "(-1/2)! = √π, 2√π, i√π",
        "начальник УЖКГіБ ТМР",
        "├┤a┼┐a┼┐a┼┐a┼┐a",
        "╔══╗\n║éé║\n╚══╝",
        "MARQUÉ… PARLÉ… É…",
        "4 Å², 5 Å³ and 6 Å²",
        "NICIODATĂ\u00A0",
        "TRANSFORMATORIŲ™",
        "Ō¬o",
        "( o¬ô )",
        "SELKÄ\u00A0EDELLÄ\u00A0MAAHAN",
        "C O N C L U S Ã O",
        "‚Ägypten‘ und ‚Öl‘",
        "Ђорђе и вЂ",
        "її Її є’",
        "Δ≤Ω ∑√ ≈ 3",
        "µm ΩΩ µ±",
        "l'“Été” «Été» „Äpfel“ “Örebro”",
        "Привет, «Мир»… С…",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect(texts[i], texts[i]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("mojibake");
    TCase *cases = tcase_create("mojibake");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, collected_cases);
    tcase_add_test(cases, code_pages);
    tcase_add_test(cases, lines);
    tcase_add_test(cases, good_text);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
