/* Composes web pages and their frames. Knows HTML, not what carries it. */
#include "page.h"

#include <string.h>
#include <unicode/ucnv.h>

#include "damage.h"

enum { FAQ_ENTRIES = 8 };

void page_escape(struct span text, struct bytes *out) {
    for (size_t i = 0; i < text.size; i++)
        switch (text.data[i]) {
        case '&':
            bytes_append_text(out, "&amp;");
            break;
        case '<':
            bytes_append_text(out, "&lt;");
            break;
        case '>':
            bytes_append_text(out, "&gt;");
            break;
        case '"':
            bytes_append_text(out, "&quot;");
            break;
        default:
            bytes_append_byte(out, text.data[i]);
        }
}

/* <tag>text</tag> in the HTML, and the text as a line of its own. tag may have attributes. */
static void add_element(struct page *page, const char *tag, const struct bytes *text) {
    bytes_append_format(&page->main, "<%s>", tag);
    page_escape(span_of_bytes(text), &page->main);
    bytes_append_format(&page->main, "</%.*s>\n", (int)strcspn(tag, " "), tag);
    bytes_append_span(&page->text, span_of_bytes(text));
    bytes_append_byte(&page->text, '\n');
}

static void compose_article(struct sample *sample, struct page *page) {
    struct article *article = &page->article;
    struct bytes personal = {0};
    article_compose(sample, page->language, 4 + random_below(&sample->random, 3), article);
    bytes_append_span(&page->title, span_of_bytes(&article->title));
    bytes_append_text(&page->main, "<article>\n");
    add_element(page, "h1", &page->title);
    for (size_t i = 0; i < article->count; i++) {
        damage_some(sample, 25, &article->paragraphs[i]);
        add_element(page, "p", &article->paragraphs[i]);
    }
    if (sample_chance(sample, 25)) {
        sample_word(sample, page->language, "personal", &article->values, &personal);
        add_element(page, "p", &personal);
    }
    bytes_append_text(&page->main, "</article>\n");
    bytes_release(&personal);
}

static void compose_faq(struct sample *sample, struct page *page) {
    struct bytes question = {0}, answer = {0};
    struct values values;
    values_draw(&values, &sample->materials[page->language], &sample->random);
    sample_word(sample, page->language, "faq_title", &values, &page->title);
    add_element(page, "h1", &page->title);
    for (size_t i = 0; i < FAQ_ENTRIES; i++) {
        const struct section *intent = sample_intent(sample, page->language);
        bytes_clear(&question);
        bytes_clear(&answer);
        values_draw(&values, &sample->materials[page->language], &sample->random);
        sample_ask(sample, page->language, intent, &values, &question);
        phrase_draw(&sample->materials[page->language], &sample->random, &values, intent, '=', &answer);
        sample->text[page->language] += question.size + answer.size;
        add_element(page, "h3", &question);
        add_element(page, "p", &answer);
    }
    bytes_release(&question);
    bytes_release(&answer);
}

/* One post, marked up as phpBB does. */
static void add_post(struct sample *sample, struct page *page, size_t number, const struct bytes *text) {
    struct bytes *out = &page->main;
    const struct values *values = &page->talk.values;
    struct bytes author = {0}, time = {0};
    bytes_append_format(&time, "2024-%02zu-%02uT%02zu:%02u:00Z", values->month + 1, values->day, 8 + number,
                        values->tens % 60);
    if (number % 2)
        bytes_append_text(&author, "Northbay");
    else
        sample_word(sample, page->language, "name", values, &author);
    bytes_append_format(out, "<div id=\"p%zu\" class=\"post bg%zu\"><div class=\"inner\">\n<div class=\"postbody\">\n",
                        number + 101, number % 2 + 1);
    bytes_append_text(out, "<p class=\"author\"><strong><a class=\"username\" href=\"#\">");
    page_escape(span_of_bytes(&author), out);
    bytes_append_format(out, "</a></strong> <time datetime=\"%s\">%.10s</time></p>\n<div class=\"content\">",
                        bytes_text(&time), bytes_text(&time));
    page_escape(span_of_bytes(text), out);
    bytes_append_text(out, "</div>\n</div>\n<dl class=\"postprofile\"><dt>");
    page_escape(span_of_bytes(&author), out);
    bytes_append_format(out, "</dt><dd>%u</dd></dl>\n</div></div>\n", values->tens * 3);
    bytes_append_span(&page->text, span_of_bytes(text));
    bytes_append_byte(&page->text, '\n');
    bytes_release(&author);
    bytes_release(&time);
}

static void compose_thread(struct sample *sample, struct page *page) {
    struct bytes deleted = {0};
    talk_compose_thread(sample, page->language, &page->talk);
    bytes_append_span(&page->title, span_of_bytes(&page->talk.turns[0]));
    bytes_append_text(&page->main, "<div id=\"page-body\" class=\"viewtopic\">\n<h2 class=\"topic-title\">");
    page_escape(span_of_bytes(&page->title), &page->main);
    bytes_append_text(&page->main, "</h2>\n");
    for (size_t i = 0; i < page->talk.count; i++)
        add_post(sample, page, i, &page->talk.turns[i]);
    if (sample_chance(sample, 15)) {
        bytes_append_text(&deleted, "[deleted]");
        add_post(sample, page, page->talk.count, &deleted);
    }
    bytes_append_text(&page->main, "</div>\n");
    bytes_release(&deleted);
}

/* A page that repeats a few lines: the rules against repetition must find it. Its text is not counted. */
static void compose_spam(struct sample *sample, struct page *page) {
    struct bytes line = {0};
    struct values values;
    values_draw(&values, &sample->materials[page->language], &sample->random);
    sample_word(sample, page->language, "spam", &values, &page->title);
    bytes_append_text(&page->main, "<article>\n");
    add_element(page, "h1", &page->title);
    for (size_t i = 0; i < 40; i++) {
        bytes_clear(&line);
        sample_word(sample, page->language, "spam", &values, &line);
        add_element(page, "p", &line);
    }
    bytes_append_text(&page->main, "</article>\n");
    bytes_release(&line);
}

void page_compose(struct sample *sample, size_t language, enum page_kind kind, size_t number, struct page *page) {
    static void (*const compose[PAGE_KIND_COUNT])(struct sample *, struct page *) = {compose_article, compose_faq,
                                                                                     compose_thread, compose_spam};
    static const char *const folders[PAGE_KIND_COUNT] = {"blog", "help", "forum/viewtopic", "offers"};
    page->language = language;
    bytes_clear(&page->url);
    bytes_clear(&page->title);
    bytes_clear(&page->main);
    bytes_clear(&page->text);
    bytes_append_format(&page->url, "https://%s.northbay.example/%s/%zu", LANGUAGES[language], folders[kind], number);
    compose[kind](sample, page);
}

void page_release(struct page *page) {
    bytes_release(&page->url);
    bytes_release(&page->title);
    bytes_release(&page->main);
    bytes_release(&page->text);
    article_release(&page->article);
    talk_release(&page->talk);
}

/* <li> elements of a section's entries, shown as they stand. */
static void append_links(const struct section *section, struct bytes *out) {
    for (size_t i = 0; i < section->count; i++) {
        bytes_append_text(out, "<li><a href=\"#\">");
        page_escape(section->entries[i].text, out);
        bytes_append_text(out, "</a></li>");
    }
}

static void append_word(const struct material *material, const char *name, const char *before, const char *after,
                        struct bytes *out) {
    bytes_append_text(out, before);
    page_escape(material_words(material, name)->entries[0].text, out);
    bytes_append_text(out, after);
}

void page_html(struct sample *sample, const struct page *page, const char *charset, struct bytes *out) {
    const struct material *material = &sample->materials[page->language];
    bytes_append_format(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n", LANGUAGES[page->language]);
    if (charset)
        bytes_append_format(out, "<meta charset=\"%s\">\n", charset);
    bytes_append_text(out, "<title>");
    page_escape(span_of_bytes(&page->title), out);
    bytes_append_text(out,
                      " - Northbay</title>\n<style>body { font: 16px sans-serif } nav li { display: inline }</style>\n"
                      "<script>window.dataLayer = [{\"page\": \"view\"}];</script>\n</head>\n<body>\n");
    bytes_append_text(out, "<header><nav class=\"menu\"><ul>");
    append_links(material_words(material, "menu"), out);
    bytes_append_text(out, "</ul></nav></header>\n");
    append_word(material, "cookie", "<div id=\"cookie-banner\" class=\"cookie-consent\">", "</div>\n", out);
    bytes_append_text(out, "<main>\n");
    bytes_append_span(out, span_of_bytes(&page->main));
    bytes_append_text(out, "</main>\n<aside class=\"sidebar\"><ul>");
    append_links(material_words(material, "sidebar"), out);
    append_word(material, "newsletter_box", "</ul><form class=\"newsletter\"><p>",
                "</p><input type=\"email\"></form></aside>\n", out);
    append_word(material, "footer", "<footer><p>", "</p></footer>\n</body>\n</html>\n", out);
}

static void append_lines(const struct section *section, struct bytes *out) {
    for (size_t i = 0; i < section->count; i++) {
        bytes_append_span(out, section->entries[i].text);
        bytes_append_byte(out, '\n');
    }
}

void page_plain(struct sample *sample, const struct page *page, struct bytes *out) {
    static const char *const after[] = {"sidebar", "newsletter_box", "footer"};
    const struct material *material = &sample->materials[page->language];
    append_lines(material_words(material, "menu"), out);
    append_lines(material_words(material, "cookie"), out);
    bytes_append_span(out, span_of_bytes(&page->text));
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        append_lines(material_words(material, after[i]), out);
}

int page_encode(struct span text, const char *charset, struct bytes *out, struct error *error) {
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = (int32_t)text.size + 16;
    int32_t size =
        ucnv_convert(charset, "UTF-8", bytes_reserve(out, (size_t)room), room, text.data, (int32_t)text.size, &status);
    if (U_FAILURE(status))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s: %s", charset, u_errorName(status));
    out->size += (size_t)size;
    return 0;
}
