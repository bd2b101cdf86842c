/* text/wikitext.h: markup in, plain text out. */
#include "text/wikitext.h"
#include "suite.h"

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "text/wikitext_shown.h"

static const struct wikitext_wiki WIKI = {{"Fichier\nCatégorie\n", 19}, {"fr", 2}};

static void expect(const char *wikitext, const char *expected) {
    struct bytes out = {0};
    wikitext_append(span_of(wikitext), &WIKI, &out);
    ck_assert_msg(strcmp(bytes_text(&out), expected) == 0, "\"%s\" gives \"%s\", not \"%s\"", wikitext,
                  bytes_text(&out), expected);
    bytes_release(&out);
}

START_TEST(links) {
    expect("A [[cat]] and [[dog|two dogs]].", "A cat and two dogs.");
    expect("[[cat]]s [[Mercury (planet)|]] [[Help:Contents|]]", "cats Mercury Contents");
    expect("[[:Category:Birds]] [[:fr:Chat]]", "Category:Birds fr:Chat");
    expect("x[[Category:Birds]][[fr:Chat]][[zh-min-nan:Niau]]", "x");
    expect("[[Fichier:a.jpg|thumb|A [[bird]] of {{x}} [[prey]]]]Text", "Text");
    expect("[[Catégorie:Oiseaux]]Text", "Text");
    expect("[http://example.org/a?b a [[good]] site] [https://example.org]!", "a good site !");
    expect("[[broken", "broken");
    expect("stray]] and }} here", "stray and here");
    expect("array[0] = [1, 2]", "array[0] = [1, 2]");
}
END_TEST

START_TEST(templates) {
    expect("a{{b|c={{d|{{{e|}}}}}}}f", "af");
    expect("{{Infobox\n| name = x\n| text = [[a|b]] {{c}}\n}}\nText.", "Text.");
    expect("born {{convert|12|km}} from {{lang|fr|Lyon}}", "born 12 km from Lyon");
    expect("{{never closed\n| a = b\nText", "never closed\nText");
    expect("{{{1|default}}}x", "x");
    expect("A\n\n{| class=\"wikitable\"\n| never\n| closed\n\nText", "A\n\nText");
    expect("Paris ({{lang-fr|Paris}}; {{IPA|x}}; capital) is", "Paris (Paris; capital) is");
    expect("Paris ({{IPA|x}}; {{IPA|y}}, capital) is", "Paris (capital) is");
    expect("Luanda {{x}}; {{y}} ({{lang|pt|Angola}} {{x}}{{y}}), a {{x}}.", "Luanda; (Angola), a.");
    expect("'''Berlin''' [{{IPA|x}}] ist, [{{IPA|y}}], a [b] {{x}}", "Berlin ist, a [b]");
    expect("Köln ([{{IPA|x}}], kölsch {{lang|ksh|Kölle}}, [{{IPA|y}}]) {{x}} [ ]", "Köln (kölsch Kölle)");
    expect("{{M|5|k|m}} {{M|1285|u=km²}} {{unité|5|km|2}} {{Höhe|1234|DE-NHN}} {{lang|en|texte=a}}",
           "5 km 1285 km² 5 km^2 1234 m a");
    expect("{{transl|ar|ALA|Allāh}} {{transl|ja|jō}}", "Allāh jō");
    expect("{{x}}langue : le {{y}} ; fin", "langue : le ; fin");
    expect("Rome ({{IPA|x}}) , old", "Rome, old");
}
END_TEST

START_TEST(lines_that_begin_with_blanks_are_code) {
    expect("Type:\n int x;\n   x++; \n [[f]](x)\nThen", "Type:\nint x;\n  x++;\nf(x)\nThen");
    expect("One\n line by accident", "One line by accident");
    expect("a\n * b\n * c", "a\n\n- b\n- c");
}
END_TEST

START_TEST(shown_templates) {
    expect("{{nowrap|a [[b|c]] {{lang|fr|''d''}}}} e", "a c d e");
    expect("{{Nihongo|'''Aikido'''|合気道|lead=yes}} is", "Aikido (合気道) is");
    expect("{{lang|1=fr|2=mot}} {{abbr|a{{x}}b|title}}", "mot ab");
    expect("{{ping|Bob|Eve}}: yes", "@Bob, @Eve: yes");
    expect("1990{{ndash}}1995 {{formatnum:1234}}", "1990–1995 1234");
    expect("le {{s|XX|e}} {{date|1|''mai''|2000}} {{convert|[[a]]|km}}", "le XXe siècle 1 mai 2000 a km");
    expect("用-{zh-hans:软件; zh-hant:軟體}-和-{A|zh-cn:内存;zh-tw:記憶體}-。-{T|zh:x}-", "用软件和内存。");
    expect("a-{b", "a-{b");
    /* A smile is no debris, for nothing was left out. */
    expect("good :) ( :", "good :) ( :");
}
END_TEST

/* Patterns are found by bisection. */
START_TEST(names_of_templates_are_sorted) {
    for (size_t i = 1; i < WIKI_SHOWN_COUNT; i++)
        ck_assert_msg(span_compare(span_of(WIKI_SHOWN[i - 1].name), span_of(WIKI_SHOWN[i].name)) < 0,
                      "\"%s\" stands before \"%s\"", WIKI_SHOWN[i - 1].name, WIKI_SHOWN[i].name);
    ck_assert_str_eq(wiki_shown_find(SPAN_LITERAL("noping")), "<1>");
    ck_assert_str_eq(wiki_shown_find(SPAN_LITERAL("lang-de-at")), "<1>");
    ck_assert_ptr_null(wiki_shown_find(SPAN_LITERAL("infobox")));
}
END_TEST

START_TEST(names_of_templates) {
    expect("{{ Small caps |a}} {{SMALL_CAPS|b}} {{Цитата|в}} {{ цитата | г }}", "a b\nв\n\nг");
    expect("{{lc:ABC}} {{formatnum: 12 |R}} {{lc}}", "ABC 12");
    expect("au {{XXe siècle}}, le {{1er mai}}, Otton {{Ier}}, 3{{e}}, {{2nd}}",
           "au XXe siècle, le 1er mai, Otton Ier, 3e, 2nd");
    expect("{{s-|XXI}}, {{s|Ier|}} {{s|II|e}}, {{-s|V}}", "XXIe, Ier IIe siècle, Ve siècle av. J.-C.");
}
END_TEST

START_TEST(arguments_of_templates) {
    expect("{{nihongo|'''a'''||c [[d]]}}{{nihongo|a|b}}", "a (c d)a (b)");
    expect("{{lang|2=b=c|de}} {{lang|de|1=x|y}} {{lang|de|}}.", "b=c y.");
    expect("{{hlist|a|[[b|c]]||d=e|{{lang|de|f}}}}", "a, c, f");
    expect("{{circa|1500}} {{circa}} {{as of|2009|lc=y}} {{bc}}", "c. 1500 c. As of 2009 BC");
    expect("{{quote|text=A ''b''\n* c\n|author=[[D]]}}x", "A b\n\n- c\n\n— D\nx");
    expect("{{quote|source=[[D]]|text=A}}", "A\n— D");
    expect("* {{cite book|last=A|first=B|title=''C'' [[d]]|year=2000}}", "- C d, B A, 2000");
    expect("{{literatur|Autor=A|Titel=B|Jahr=2000}}; {{книга|автор=В|заглавие=Б}}", "B, A, 2000; Б, В");
    expect("{{lang|de|{{nowrap|a {{lang|fr|b}}}}}}{{nowrap|c}}", "a bc");
    expect("{{nowrap|a [[b|c}} d", "a b d");
    expect("{|class=wikitable\n|{{ubl|a|b [[c]]}}||{{quote|d}}\n|}", "a b c | d");
    expect("{{val|1.5|0.2|e=6|u=m}} {{unité|5|km}}", "1.5±0.2 ×10^6 m 5 km");
}
END_TEST

START_TEST(measures) {
    expect("{{convert|1300|mi|km}} {{convert|122|cm|in|0|abbr=on}} {{convert|3|C}}", "1300 mi 122 cm 3 °C");
    expect("{{convert|5|to|10|km|0}} {{convert|2|x|3|x|4|m}} {{convert|6|ft|2|in}}",
           "5 to 10 km 2 × 3 × 4 m 6 ft 2 in");
    expect("{{convert|8|km2|1}} {{convert|{{formatnum:5}}|ft|m}} {{convert}}", "8 km² 5 ft");
    expect("{{frac|2}} {{frac|1|3}} {{frac|5|1|4}}", "1/2 1/3 5 1/4");
    expect("at {{coord|39|11|19|N|120|6|32|W|type:city}} or {{coord|57.18|N|5|W}} or {{coord|1.5|-2.5}}"
           "{{coord|1|2|display=title}}.",
           "at 39°11′19″N 120°6′32″W or 57.18°N 5°W or 1.5°, -2.5°.");
}
END_TEST

START_TEST(formulas) {
    expect("<math>\\displaystyle \\frac{a}{b_{c}}\n+ d</math> and <math>x < y</math>",
           "$\\frac{a}{b_{c}} + d$ and x < y");
    expect("{{quote|<math>a_{b_{c}}</math> d}} e", "$a_{b_{c}}$ d\ne");
    expect("<chem>H2O</chem> 10<sup>&minus;6</sup> m<sup>2</sup> 1<sup>er</sup> CO<sub>2</sub>", "H2O 10⁻⁶ m² 1er CO2");
}
END_TEST

START_TEST(countries) {
    expect("* {{TR}} {{NED}}\n* {{XX}} {{ABC}} {{tr}}", "- Turquie Pays-Bas");
    expect("* {{flagicon|x}} – [[Paris]]\n* {{x}}, a - b", "- Paris\n- a - b");
}
END_TEST

START_TEST(lists) {
    expect("# a\n# {{x}}\n# b\n## c\n#: d\n# e\nf\n# g", "1. a\n2. b\n  1. c\n  d\n3. e\n\nf\n\n1. g");
    expect("* {{x}}\n** a\n*** b\n* c\n:* d", "- a\n  - b\n- c\n  - d");
}
END_TEST

START_TEST(comparison_tables) {
    expect("{| class=\"wikitable sortable\"\n|+ Capitals\n! Land !! City\n|-\n| style=\"x\" | [[France]] || "
           "{{flagicon|x}} "
           "Paris\n"
           "|- class=y\n| Italy\n| rowspan=2 | Rome<br>Roma\n* old\n|}\nafter",
           "Capitals\nLand | City\nFrance | Paris\nItaly | Rome Roma old\nafter");
    expect("{| class=wikitable\n| a\n|\n{| class=wikitable\n| in\n|}\n|}x", "a\nx");
    expect("{| class=wikitable\n| [[A|b]] || 1 | 2\n|-\n| \n|}", "b | 1 | 2");
    expect("{| class=wikitable\n| a || colspan=\"2\" {{x}} || |b |\n|}", "a | | b");
    expect("{| class=wikitable\n!\n! b !! c\n|-\n| 1 || || || 4 ||\n|-\n| ||\n|}", "| b | c\n1 | | | 4");
    expect("{| class=infobox\n| a\n|}x", "x");
    expect("<table><tr><td>a</td><td>b</td></tr></table>", "a | b");
}
END_TEST

START_TEST(code) {
    expect("a\n<pre>\nif (x) {\n    [[y]] &lt;\n}\n</pre>\nb", "a\n\nif (x) {\n    [[y]] <\n}\n\nb");
    expect("<syntaxhighlight lang=\"c\">\nint a = '''1''' &amp; 2;\nint b;\n</syntaxhighlight>",
           "int a = '''1''' &amp; 2;\nint b;");
    expect("use <code>''x'' = 1</code> or <source lang=c>a[[0]]</source>", "use x = 1 or a[[0]]");
    expect("where <math>x</math> is <math>\\frac{1}{2}</math>, and", "where x is $\\frac{1}{2}$, and");
    expect("[[Lêer:a.jpg|thumb|links|A b]] c [[Wikipedia:A|b]]", "c b");
}
END_TEST

START_TEST(tables_and_tags) {
    expect("a\n{| class=x\n! b\n|-\n| c {{d}}\n|}\ne", "a\n\ne");
    expect("{|\n|\n{|\n| inner\n|}\n|}\nx", "x");
    expect("a<ref name=\"x\">b</ref>c<ref name=x />d<REF>e</Ref>", "acd");
    expect("x <math>a<b</math> y<br/>z", "x a<b y\nz");
    expect("a<!-- b {{ -->c", "ac");
    expect("a<!-- never closed", "a");
    expect("1 < 2 and 3 > 2", "1 < 2 and 3 > 2");
    expect("<nowiki>[[not a link]] ''x''</nowiki>", "[[not a link]] ''x''");
    expect("<div class=\"a>b\">c</div>", "b\">c");
    expect("<ref>never closed. Text", "never closed. Text");
    expect("__NOTOC__a __init__ b", "a __init__ b");
}
END_TEST

START_TEST(quotes_and_entities) {
    expect("''it'' '''bold''' '''''both''''' it's", "it bold both it's");
    expect("l'''Historia'' et", "l'Historia et");
    expect("l''''ami'''", "l'ami");
    expect("a&nbsp;b &amp; &lt;i&gt; &#8211; &#x4F60; &bogus; &", "a b & <i> – 你 &bogus; &");
    expect("&#xD800;&#0;", "&#xD800;");
}
END_TEST

START_TEST(lines) {
    expect("Intro.\n== One ==\nText one.\n=== Empty ===\n== Two ==\n* a\n** b\n# c\nAfter.",
           "Intro.\n\nOne\n\nText one.\n\nTwo\n\n- a\n  - b\n1. c\n\nAfter.");
    expect("== Only ==\n{{x}}\n", "");
    expect("a\nb\n\n\nc", "a b\n\nc");
    expect("a<br>\nb<br/>c\n:d\ne", "a\nb\nc\nd\ne");
    expect("words of a line  with  two blanks\there, {{x}}  and there ",
           "words of a line with two blanks here, and there");
    expect("日本\n東京\nTokyo", "日本東京 Tokyo");
    expect("x\n<poem>\na\nb\n\n''c''\n</poem>y", "x\na\nb\n\nc\ny");
    expect(": indented\n;term\n----\nx", "indented\nterm\nx");
    expect("= = =", "");
    expect("ベルリン（{{x}}、伯林）は", "ベルリン（伯林）は");
    expect("", "");
}
END_TEST

START_TEST(redirects) {
    ck_assert(wikitext_is_redirect(SPAN_LITERAL("#REDIRECT [[A]]")));
    ck_assert(wikitext_is_redirect(SPAN_LITERAL(" #redirection:[[A]]")));
    ck_assert(wikitext_is_redirect(SPAN_LITERAL("#重定向 [[A]]")));
    ck_assert(!wikitext_is_redirect(SPAN_LITERAL("# [[A]] is first")));
    ck_assert(!wikitext_is_redirect(SPAN_LITERAL("#")));
    ck_assert(!wikitext_is_redirect(SPAN_LITERAL("")));
}
END_TEST

/* Openings and closings by the hundred thousand must not take more than linear time; Check's limit is four seconds. */
START_TEST(hostile_pages_take_linear_time) {
    static const char *const pieces[][2] = {
        {"{{", ""},
        {"[[", ""},
        {"<ref>", ""},
        {"<ref ", ""},
        {"{{{", ""},
        {"[http://x ", ""},
        {"''", ""},
        {"&x", ""},
        {"{{a|", "}}"},
        {"[[a", "]]"},
        {"[[a|", "]]"},
        {"}}", ""},
        {"<!-", ""},
        {"\n{|", "\n|}"},
        {"(;", ""},
        {"<nowiki>", ""},
        {": ", "{|"},
        {"{{lang|", "}}"},
        {"-{", ""},
        {"<pre>", ""},
        {"{{ping|", "}}"},
        {"{|wikitable\n|", "\n|}"},
        {"<math>", "</math>"},
        {"[[a:b|c|", "]]"},
        {"{{nihongo|a|", "}}"},
        {"{{cite book|title=", "}}"},
        {"{{quote|\n", "}}"},
        {"{{hlist|a|b|", "|c}}"},
        {"{{a|", ""},
        {"<sup>", ""},
        {"<poem>\n", "</poem>"},
        {"\n#", "#"},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct bytes page = {0}, out = {0};
        for (size_t count = 0; count < 60000; count++)
            bytes_append_text(&page, pieces[i][0]);
        for (size_t count = 0; count < 60000; count++)
            bytes_append_text(&page, pieces[i][1]);
        wikitext_append(span_of_bytes(&page), &(struct wikitext_wiki){0}, &out);
        bytes_release(&page);
        bytes_release(&out);
    }
}
END_TEST

/* How often mark stands in text. */
static size_t count_marks(const struct bytes *text, const char *mark) {
    size_t count = 0, at = 0;
    const char *found;
    while ((found = text->size > at ? memmem(text->data + at, text->size - at, mark, strlen(mark)) : NULL)) {
        at = (size_t)(found - text->data) + 1;
        count++;
    }
    return count;
}

/* Real articles leave next to no markup in their text. */
START_TEST(articles_leave_no_markup) {
    static const char *const marks[] = {"{{", "}}", "[[", "]]", "'''", "<ref", "</ref", "__NO", "\x01", "\x02", "\x03"};
    glob_t files = {0};
    if (glob("build/corpora/mediawiki/wtf-cache/tests/cache/*.txt", 0, NULL, &files) != 0)
        puts("skipped: build/corpora/mediawiki is absent");
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct bytes page = {0}, out = {0};
        struct error error;
        ck_assert_int_eq(input_load(files.gl_pathv[i], 1 << 20, &page, &error), 0);
        /* One is escaped twice: its tags are text. */
        bool escaped = count_marks(&page, "&lt;ref") > 0;
        wikitext_append(span_of_bytes(&page), &(struct wikitext_wiki){0}, &out);
        for (size_t mark = 0; mark < sizeof marks / sizeof marks[0] && !escaped; mark++)
            ck_assert_msg(count_marks(&out, marks[mark]) == 0, "%s leaves \"%s\"", files.gl_pathv[i], marks[mark]);
        bytes_release(&page);
        bytes_release(&out);
    }
    globfree(&files);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("wikitext");
    TCase *tests = tcase_create("wikitext");
    tcase_add_test(tests, links);
    tcase_add_test(tests, templates);
    tcase_add_test(tests, lines_that_begin_with_blanks_are_code);
    tcase_add_test(tests, shown_templates);
    tcase_add_test(tests, names_of_templates_are_sorted);
    tcase_add_test(tests, names_of_templates);
    tcase_add_test(tests, arguments_of_templates);
    tcase_add_test(tests, measures);
    tcase_add_test(tests, formulas);
    tcase_add_test(tests, countries);
    tcase_add_test(tests, lists);
    tcase_add_test(tests, comparison_tables);
    tcase_add_test(tests, code);
    tcase_add_test(tests, tables_and_tags);
    tcase_add_test(tests, quotes_and_entities);
    tcase_add_test(tests, lines);
    tcase_add_test(tests, redirects);
    tcase_add_test(tests, articles_leave_no_markup);
    tcase_add_test(tests, hostile_pages_take_linear_time);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
