/*
 * The elements of MediaWiki's export, versions 0.3 to 0.11: those of its head, and those of a page. Knows nothing of
 * wikitext and of records.
 */
#include "crawl/wiki_page.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define TITLE_MAX 4096

/* Fields of a packed site, each ended by a NUL. */
enum { SITE_ENCODING, SITE_BASE, SITE_LANG, SITE_FILES, SITE_USERS, SITE_SPACES, SITE_FIELDS };

static bool name_is(const char *name, const char *other) {
    return strcmp(name, other) == 0;
}

/* ---- the head ---- */

struct site_reader {
    struct bytes field[SITE_FIELDS];
    struct bytes number, name; /* of the space being read */
    struct bytes *sink;
};

static void site_start(void *context, const char *name, const struct xml_attributes *attributes, size_t depth) {
    struct site_reader *reader = context;
    reader->sink = NULL;
    if (depth == 0) {
        bytes_append_span(&reader->field[SITE_LANG], xml_attribute(attributes, "lang"));
    } else if (depth == 2 && name_is(name, "base")) {
        reader->sink = &reader->field[SITE_BASE];
    } else if (depth == 3 && name_is(name, "namespace")) {
        bytes_clear(&reader->number);
        bytes_append_span(&reader->number, xml_attribute(attributes, "key"));
        bytes_clear(&reader->name);
        reader->sink = &reader->name;
    }
}

static void site_text(void *context, struct span text) {
    struct site_reader *reader = context;
    if (reader->sink)
        bytes_append_span(reader->sink, text);
}

static void append_line(struct bytes *list, const struct bytes *line) {
    bytes_append_span(list, span_of_bytes(line));
    bytes_append_byte(list, '\n');
}

static void site_end(void *context, const char *name, size_t depth) {
    struct site_reader *reader = context;
    reader->sink = NULL;
    if (depth != 3 || !name_is(name, "namespace") || reader->name.size == 0)
        return;
    struct span number = span_of_bytes(&reader->number);
    if (span_is(number, "6") || span_is(number, "14"))
        append_line(&reader->field[SITE_FILES], &reader->name);
    if (span_is(number, "2") || span_is(number, "3") || span_is(number, "-1"))
        append_line(&reader->field[SITE_USERS], &reader->name);
    bytes_append_span(&reader->field[SITE_SPACES], number);
    bytes_append_byte(&reader->field[SITE_SPACES], ':');
    append_line(&reader->field[SITE_SPACES], &reader->name);
}

/* What an XML declaration says of the encoding; absent where that is UTF-8 or a part of it, or UTF-16, which was
 * recoded before. */
static struct span declared_encoding(struct span declaration) {
    static const char *const plain[] = {"utf-8", "us-ascii", "utf-16", "utf-16le", "utf-16be"};
    const char *at = declaration.size ? memmem(declaration.data, declaration.size, "encoding", 8) : NULL;
    const char *end = declaration.data + declaration.size;
    while (at && at < end && *at != '"' && *at != '\'')
        at++;
    const char *stop = at && at < end ? memchr(at + 1, *at, (size_t)(end - at) - 1) : NULL;
    if (!stop)
        return (struct span){NULL, 0};
    struct span name = {at + 1, (size_t)(stop - at) - 1};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (name.size == strlen(plain[i]) && strncasecmp(name.data, plain[i], name.size) == 0)
            return (struct span){NULL, 0};
    }
    return name;
}

bool wiki_site_read(struct xml_parser *parser, struct span head, struct bytes *packed, struct error *damage) {
    static const struct xml_handlers handlers = {site_start, site_text, site_end};
    struct site_reader reader = {.sink = NULL};
    struct bytes document = {0}, *encoding = &reader.field[SITE_ENCODING];
    /* Without the declaration, so that pages, which have none, are read as the head is. */
    const char *close = head.size ? memmem(head.data, head.size, "?>", 2) : NULL;
    size_t declaration = close ? (size_t)(close - head.data) + 2 : 0;
    bytes_append_span(encoding, declared_encoding((struct span){head.data, declaration}));
    bytes_append(&document, head.data + declaration, head.size - declaration);
    bytes_append_text(&document, "</mediawiki>");
    bool sound = xml_parse(parser, span_of_bytes(&document), encoding->size > 0 ? bytes_text(encoding) : NULL,
                           &handlers, &reader, damage);
    if (!sound)
        damage->position += declaration;
    for (size_t i = 0; i < SITE_FIELDS; i++) {
        /* XML has no NUL. */
        bytes_append_span(packed, span_of_bytes(&reader.field[i]));
        bytes_append_byte(packed, '\0');
        bytes_release(&reader.field[i]);
    }
    bytes_release(&reader.number);
    bytes_release(&reader.name);
    bytes_release(&document);
    return sound;
}

struct wiki_site wiki_site_unpack(struct span packed) {
    struct span field[SITE_FIELDS] = {{NULL, 0}};
    for (size_t i = 0, at = 0; i < SITE_FIELDS && at < packed.size; i++) {
        const char *stop = memchr(packed.data + at, '\0', packed.size - at);
        size_t end = stop ? (size_t)(stop - packed.data) : packed.size;
        field[i] = (struct span){packed.data + at, end - at};
        at = end + 1;
    }
    return (struct wiki_site){field[SITE_ENCODING], field[SITE_BASE],  field[SITE_LANG],
                              field[SITE_FILES],    field[SITE_USERS], field[SITE_SPACES]};
}

/* ---- pages ---- */

struct page_reader {
    struct xml_parser *parser;
    const struct wiki_site *site;
    wiki_wants *wants;
    void *context;
    struct wiki_page *page;
    struct bytes *sink; /* where the current element's characters go; NULL: nowhere */
};

bool wiki_space_is_talk(struct span space) {
    return space.size > 0 && space.data[0] != '-' && (space.data[space.size - 1] - '0') % 2 == 1;
}

/* A dump of version 0.5 or before has no <ns>: the title's prefix tells. */
static void find_space(const struct wiki_site *site, struct wiki_page *page) {
    struct span title = span_of_bytes(&page->title), spaces = site->spaces;
    const char *colon = memchr(title.data, ':', title.size);
    for (size_t at = 0; colon && at < spaces.size;) {
        const char *stop = memchr(spaces.data + at, '\n', spaces.size - at);
        size_t end = stop ? (size_t)(stop - spaces.data) : spaces.size;
        const char *divider = memchr(spaces.data + at, ':', end - at);
        struct span name = {divider + 1, (size_t)(spaces.data + end - divider) - 1};
        if (span_equal(name, (struct span){title.data, (size_t)(colon - title.data)})) {
            bytes_append(&page->space, spaces.data + at, (size_t)(divider - spaces.data) - at);
            return;
        }
        at = end + 1;
    }
    bytes_append_byte(&page->space, '0');
}

static void page_start(void *context, const char *name, const struct xml_attributes *attributes, size_t depth) {
    struct page_reader *reader = context;
    struct wiki_page *page = reader->page;
    reader->sink = NULL;
    if (depth == 1 && name_is(name, "revision")) {
        if (page->space.size == 0)
            find_space(reader->site, page);
        if (!reader->wants(reader->context, span_of_bytes(&page->space)))
            xml_parser_stop(reader->parser);
    } else if (depth == 1 && name_is(name, "redirect")) {
        page->redirect = true;
        bytes_clear(&page->target);
        bytes_append_span(&page->target, xml_attribute(attributes, "title"));
    } else if (depth == 1) {
        reader->sink = name_is(name, "title") ? &page->title
                       : name_is(name, "ns")  ? &page->space
                       : name_is(name, "id")  ? &page->page_id
                                              : NULL;
    } else if (depth == 2) {
        reader->sink = name_is(name, "text")        ? &page->text
                       : name_is(name, "timestamp") ? &page->time
                       : name_is(name, "model")     ? &page->model
                       : name_is(name, "id")        ? &page->revision_id
                                                    : NULL;
    }
}

static void page_text(void *context, struct span text) {
    struct page_reader *reader = context;
    if (!reader->sink)
        return;
    if (reader->sink == &reader->page->text || reader->sink->size + text.size <= TITLE_MAX)
        bytes_append_span(reader->sink, text);
    else
        reader->page->title_too_long = true;
}

static void page_end(void *context, const char *name, size_t depth) {
    (void)name;
    (void)depth;
    ((struct page_reader *)context)->sink = NULL;
}

bool wiki_page_read(struct xml_parser *parser, struct span xml, const struct wiki_site *site, wiki_wants *wants,
                    void *context, struct wiki_page *page, struct error *damage) {
    static const struct xml_handlers handlers = {page_start, page_text, page_end};
    struct page_reader reader = {.parser = parser, .site = site, .wants = wants, .context = context, .page = page};
    bytes_reserve(&page->text, xml.size);
    bool sound =
        xml_parse(parser, xml, site->encoding.size > 0 ? site->encoding.data : NULL, &handlers, &reader, damage);
    if (page->space.size == 0)
        find_space(site, page);
    return sound;
}

void wiki_page_release(struct wiki_page *page) {
    struct bytes *buffers[] = {&page->title, &page->space, &page->page_id, &page->revision_id,
                               &page->time,  &page->model, &page->target,  &page->text};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        bytes_release(buffers[i]);
}
