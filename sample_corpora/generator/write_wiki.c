/* A MediaWiki export: articles with templates, references, tables and links, redirects, and talk pages. */
#include "formats.h"
#include "page.h"
#include "talk.h"

#define WIKI_TEXT ((uint64_t)66 << 10) /* a language edition */

static void append_siteinfo(const char *language, struct bytes *out) {
    bytes_append_format(
        out,
        "<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.10/\" version=\"0.10\" xml:lang=\"%s\">\n"
        "  <siteinfo>\n    <sitename>Northbay Wiki</sitename>\n    <dbname>%swiki</dbname>\n"
        "    <base>https://%s.wiki.northbay.example/Main_Page</base>\n    <generator>make_samples</generator>\n"
        "    <case>first-letter</case>\n    <namespaces>\n"
        "      <namespace key=\"0\" case=\"first-letter\" />\n"
        "      <namespace key=\"1\" case=\"first-letter\">Talk</namespace>\n"
        "      <namespace key=\"10\" case=\"first-letter\">Template</namespace>\n    </namespaces>\n  </siteinfo>\n",
        language, language, language);
}

/* One page; redirect is the title it leads to, or NULL. */
static void append_page(struct sample *sample, size_t number, int space, const struct bytes *title,
                        const struct bytes *redirect, const struct bytes *text, struct bytes *out) {
    struct bytes time = {0};
    sample_time(sample, &time);
    bytes_append_format(out, "  <page>\n    <title>%s", space ? "Talk:" : "");
    page_escape(span_of_bytes(title), out);
    bytes_append_format(out, "</title>\n    <ns>%d</ns>\n    <id>%zu</id>\n", space, number);
    if (redirect) {
        bytes_append_text(out, "    <redirect title=\"");
        page_escape(span_of_bytes(redirect), out);
        bytes_append_text(out, "\" />\n");
    }
    bytes_append_format(out,
                        "    <revision>\n      <id>%zu</id>\n      <timestamp>%s</timestamp>\n      <contributor>"
                        "<username>Editor%zu</username><id>%zu</id></contributor>\n      <model>wikitext</model>\n"
                        "      <format>text/x-wiki</format>\n      <text bytes=\"%zu\" xml:space=\"preserve\">",
                        number + 70000, bytes_text(&time), number % 9, number % 9, text->size);
    page_escape(span_of_bytes(text), out);
    bytes_append_text(out, "</text>\n    </revision>\n  </page>\n");
    bytes_release(&time);
}

/* The table that some articles have: the cities and what a delivery costs there. */
static void append_table(struct sample *sample, size_t language, struct bytes *out) {
    const struct section *cities = material_words(&sample->materials[language], "city");
    bytes_append_text(out, "{| class=\"wikitable\"\n! !! €\n");
    for (size_t i = 0; i < 4; i++) {
        bytes_append_text(out, "|-\n| ");
        bytes_append_span(out, cities->entries[i].text);
        bytes_append_format(out, " || %u\n", 5 + (unsigned)random_below(&sample->random, 9));
    }
    bytes_append_text(out, "|}\n\n");
}

static void append_wikitext(struct sample *sample, const struct article *article, struct bytes *out) {
    const struct material *material = &sample->materials[article->language];
    bytes_append_format(
        out, "{{Infobox | name = %.*s | year = %u}}\n'''%.*s'''<ref>{{cite web|title=Northbay|year=2024}}</ref>\n\n",
        (int)article->title.size, article->title.data, 1990 + article->values.day, (int)article->title.size,
        article->title.data);
    for (size_t i = 0; i < article->count; i++) {
        if (i > 0 && article->topics[i] != article->topics[i - 1]) {
            bytes_append_text(out, "== ");
            phrase_draw(material, &sample->random, &article->values, article->topics[i], '=', out);
            bytes_append_text(out, " ==\n");
        }
        bytes_append_span(out, span_of_bytes(&article->paragraphs[i]));
        bytes_append_text(out, i % 2 ? "<ref name=\"shop\" />\n\n" : "\n\n");
    }
    if (sample_chance(sample, 30))
        append_table(sample, article->language, out);
    bytes_append_text(out, "== ");
    bytes_append_span(out, material_words(material, "see_also")->entries[0].text);
    bytes_append_text(out, " ==\n* [[Northbay]]\n* [[");
    bytes_append_span(out, material_words(material, "city")->entries[article->values.city].text);
    bytes_append_text(out, "|");
    bytes_append_span(out, material_words(material, "city")->entries[article->values.city].text);
    bytes_append_text(out, "]]\n\n[[");
    bytes_append_span(out, material_words(material, "category")->entries[0].text);
    bytes_append_text(out, ":Northbay]]\n");
}

/* A talk page: signed comments, each answer indented by one colon more. */
static void append_talk_page(struct sample *sample, size_t language, struct talk *talk, struct bytes *out) {
    talk_compose_thread(sample, language, talk);
    bytes_append_text(out, "== ");
    bytes_append_span(out, span_of_bytes(&talk->turns[0]));
    bytes_append_text(out, " ==\n");
    for (size_t i = 0; i < talk->count; i++) {
        struct values values;
        values_draw(&values, &sample->materials[language], &sample->random);
        for (size_t depth = 0; depth < i; depth++)
            bytes_append_byte(out, ':');
        bytes_append_span(out, span_of_bytes(&talk->turns[i]));
        bytes_append_text(out, " --[[User:");
        if (i % 2)
            bytes_append_text(out, "Northbay");
        else
            sample_word(sample, language, "name", &talk->values, out);
        bytes_append_format(out, "]] %02u:%02u, %u March 2024 (UTC)\n", values.day % 24, values.tens % 60,
                            2 + (unsigned)i);
    }
}

int write_wiki(struct sample *sample, size_t language, struct bytes *out, struct error *error) {
    struct article article = {0};
    struct talk talk = {0};
    struct bytes text = {0}, title = {0}, other = {0};
    (void)error;
    append_siteinfo(LANGUAGES[language], out);
    for (size_t number = 10; sample_total(sample) < WIKI_TEXT; number += 3) {
        article_compose(sample, language, 4 + random_below(&sample->random, 3), &article);
        bytes_clear(&title);
        bytes_append_format(&title, "%.*s (%zu)", (int)article.title.size, article.title.data, number);
        bytes_clear(&text);
        append_wikitext(sample, &article, &text);
        append_page(sample, number, 0, &title, NULL, &text, out);
        if (sample_chance(sample, 12)) {
            bytes_clear(&other);
            bytes_append_format(&other, "%.*s", (int)article.title.size, article.title.data);
            bytes_clear(&text);
            bytes_append_format(&text, "#REDIRECT [[%.*s]]", (int)title.size, title.data);
            append_page(sample, number + 1, 0, &other, &title, &text, out);
        }
        if (sample_chance(sample, 40)) {
            bytes_clear(&text);
            append_talk_page(sample, language, &talk, &text);
            append_page(sample, number + 2, 1, &title, NULL, &text, out);
        }
    }
    bytes_append_text(out, "</mediawiki>\n");
    bytes_release(&text);
    bytes_release(&title);
    bytes_release(&other);
    article_release(&article);
    talk_release(&talk);
    return 0;
}
