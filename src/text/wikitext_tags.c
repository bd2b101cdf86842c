/*
 * HTML's tags and entities within a page.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/html_entities.h"
#include "text/utf8.h"
#include "text/wikitext_markup.h"

/* Elements whose content is not the page's text. */
static const char *const DROPPED[] = {"ref",          "references", "gallery",      "timeline",       "score",
                                      "imagemap",     "graph",      "mapframe",     "maplink",        "hiero",
                                      "templatedata", "inputbox",   "categorytree", "templatestyles", "style",
                                      "script",       "indicator",  "includeonly",  "section"};
#define DROPPED_COUNT (sizeof DROPPED / sizeof DROPPED[0])
_Static_assert(DROPPED_COUNT <= WIKI_TAGS_MAX, "a flag for each element");

static bool is_name(struct span name, const char *other) {
    return name.size == strlen(other) && strncasecmp(name.data, other, name.size) == 0;
}

static size_t find_closing_tag(struct span text, size_t from, const char *name) {
    size_t length = strlen(name);
    for (size_t at = from; at + length + 3 <= text.size; at++) {
        const char *found = memchr(text.data + at, '<', text.size - at);
        if (!found)
            break;
        at = (size_t)(found - text.data);
        if (at + length + 3 <= text.size && found[1] == '/' && strncasecmp(found + 2, name, length) == 0 &&
            !isalnum((unsigned char)found[2 + length])) {
            const char *end = memchr(found, '>', text.size - at);
            return end ? (size_t)(end - text.data) + 1 : text.size;
        }
    }
    return 0;
}

/* What is dropped leaves its mark, but for references, which stand outside of sentences. */
static void write_dropped(struct wiki_markup *markup, struct span name) {
    if (strncasecmp(name.data, "ref", 3) != 0)
        bytes_append_byte(markup->out, WIKI_DROPPED);
}

/* "10<sup>−6</sup>" must not become "10−6": digits and signs have superscripts of their own. Returns where to go on, or
 * 0 where it is another text. at: behind the tag. */
static size_t write_superscript(struct wiki_markup *markup, size_t at) {
    static const struct {
        const char *text, *raised;
    } marks[] = {{"0", "⁰"}, {"1", "¹"}, {"2", "²"}, {"3", "³"}, {"4", "⁴"}, {"5", "⁵"},       {"6", "⁶"}, {"7", "⁷"},
                 {"8", "⁸"}, {"9", "⁹"}, {"+", "⁺"}, {"-", "⁻"}, {"−", "⁻"}, {"&minus;", "⁻"}, {"–", "⁻"}, {"n", "ⁿ"}};
    static const char close[] = "</sup>";
    struct span rest = {markup->text.data + at, markup->text.size - at};
    const char *end = memmem(rest.data, rest.size < 40 ? rest.size : 40, close, sizeof close - 1);
    size_t size = end ? (size_t)(end - rest.data) : 0, start = markup->out->size;
    for (size_t i = 0; i < size;) {
        size_t mark = 0, count = sizeof marks / sizeof marks[0];
        while (mark < count && strncmp(rest.data + i, marks[mark].text, strlen(marks[mark].text)) != 0)
            mark++;
        if (mark == count) {
            markup->out->size = start;
            return 0;
        }
        bytes_append_text(markup->out, marks[mark].raised);
        i += strlen(marks[mark].text);
    }
    return size > 0 ? at + size + sizeof close - 1 : 0;
}

void wiki_break_append(const struct wiki_markup *markup, struct bytes *out) {
    if (markup->table_end == 0)
        bytes_append_byte(out, WIKI_BREAK);
    bytes_append_byte(out, markup->table_end > 0 ? ' ' : '\n');
}

/* Handles "<…": returns where to go on, or 0 where it is no tag. */
size_t wiki_tag_write(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    size_t from = at + 1;
    bool closing = from < text.size && text.data[from] == '/';
    from += closing;
    size_t end = from;
    while (end < text.size && (isalnum((unsigned char)text.data[end])))
        end++;
    struct span name = {text.data + from, end - from};
    if (name.size == 0 || name.size > 24 || !isalpha((unsigned char)name.data[0]))
        return 0;
    /* Attributes may hold a quoted ">", but no other tag. */
    size_t stop = end;
    while (stop < text.size && text.data[stop] != '>' && text.data[stop] != '<' && stop - at < 2000)
        stop++;
    if (stop == text.size || text.data[stop] != '>')
        return 0;
    bool empty = text.data[stop - 1] == '/';
    for (size_t i = 0; i < DROPPED_COUNT && !closing && !empty; i++) {
        if (tolower((unsigned char)name.data[0]) != DROPPED[i][0] || !is_name(name, DROPPED[i]))
            continue;
        size_t past = markup->never_closed[i] ? 0 : find_closing_tag(text, stop + 1, DROPPED[i]);
        markup->never_closed[i] = past == 0;
        write_dropped(markup, name);
        return past ? past : stop + 1;
    }
    static const char *const lines[] = {"br", "p",  "div",   "li",   "tr",         "ul",     "ol", "dl",
                                        "dd", "dt", "table", "poem", "blockquote", "center", "hr"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (is_name(name, lines[i]))
            wiki_break_append(markup, markup->out);
    }
    /* A line feed behind it ends no other line. */
    if (is_name(name, "br") && markup->table_end == 0 && stop + 1 < text.size && text.data[stop + 1] == '\n')
        stop++;
    if (!closing && (is_name(name, "td") || is_name(name, "th")))
        bytes_append_byte(markup->out, WIKI_CELL);
    size_t past = !closing && is_name(name, "sup") ? write_superscript(markup, stop + 1) : 0;
    return past ? past : stop + 1;
}

static void append_character(struct bytes *out, unsigned code) {
    if (code == 0xA0 || code == 0x2009 || code == 0x202F || code == 0x2002 || code == 0x2003) {
        bytes_append_byte(out, ' ');
        return;
    }
    if (code < ' ' && code != '\n')
        return;
    char utf8[4];
    size_t size = utf8_encode(code, utf8);
    wiki_literal_append_text(out, (struct span){utf8, size});
}

/* "&nbsp;", "&#8211;", "&#x2013;": returns where to go on, or 0 where it is no entity. */
size_t wiki_entity_write(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    char name[16];
    size_t size = 0;
    while (at + 1 + size < text.size && size < sizeof name - 1 &&
           (isalnum((unsigned char)text.data[at + 1 + size]) || text.data[at + 1 + size] == '#')) {
        name[size] = text.data[at + 1 + size];
        size++;
    }
    name[size] = '\0';
    if (size == 0 || at + 1 + size >= text.size || text.data[at + 1 + size] != ';')
        return 0;
    unsigned long code = 0;
    if (name[0] == '#') {
        char *end;
        bool hex = name[1] == 'x' || name[1] == 'X';
        code = strtoul(name + 1 + hex, &end, hex ? 16 : 10);
        if (*end != '\0' || end == name + 1 + hex || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
            return 0;
    } else {
        const struct html_entity *entity = html_entity_find(span_of(name));
        if (!entity || entity->codes[1])
            return 0;
        code = entity->codes[0];
    }
    append_character(markup->out, (unsigned)code);
    return at + size + 2;
}
