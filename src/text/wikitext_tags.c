/*
 * HTML's tags and entities within a page.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>

#include "text/wikitext_markup.h"

/* Elements whose content is not the page's text. */
static const char *const DROPPED[] = {"ref",          "references",     "math",  "chem",         "ce",
                                      "gallery",      "timeline",       "score", "imagemap",     "graph",
                                      "mapframe",     "maplink",        "hiero", "templatedata", "inputbox",
                                      "categorytree", "templatestyles", "style", "script",       "indicator",
                                      "includeonly",  "section"};
#define DROPPED_COUNT (sizeof DROPPED / sizeof DROPPED[0])
_Static_assert(DROPPED_COUNT <= WIKI_TAGS_MAX, "a flag for each element");

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

/* Of what is dropped a formula without commands ("x", "a + b = c") is text; other elements leave their mark, but for
 * references, which stand outside of sentences. element: content and closing tag. */
static void write_dropped(struct wiki_markup *markup, struct span name, struct span element) {
    if (strncasecmp(name.data, "ref", 3) == 0)
        return;
    const char *close = element.size > 0 ? memrchr(element.data, '<', element.size) : NULL;
    struct span content = {element.data, close ? (size_t)(close - element.data) : 0};
    bool plain = content.size > 0 && content.size < 80 && name.size == 4 && strncasecmp(name.data, "math", 4) == 0;
    for (size_t i = 0; plain && i < content.size; i++)
        plain = !strchr("\\{}[]|<&\n", content.data[i]);
    if (plain)
        wiki_literal_append_text(markup->out, content);
    else
        bytes_append_byte(markup->out, WIKI_DROPPED);
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
        if (tolower((unsigned char)name.data[0]) != DROPPED[i][0] || name.size != strlen(DROPPED[i]) ||
            strncasecmp(name.data, DROPPED[i], name.size) != 0)
            continue;
        size_t past = markup->never_closed[i] ? 0 : find_closing_tag(text, stop + 1, DROPPED[i]);
        markup->never_closed[i] = past == 0;
        write_dropped(markup, name, (struct span){text.data + stop + 1, past ? past - stop - 1 : 0});
        return past ? past : stop + 1;
    }
    static const char *const lines[] = {"br", "p",  "div",   "li",   "tr",         "ul",     "ol", "dl",
                                        "dd", "dt", "table", "poem", "blockquote", "center", "hr"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (name.size == strlen(lines[i]) && strncasecmp(name.data, lines[i], name.size) == 0)
            bytes_append_byte(markup->out, markup->table_end > at ? ' ' : '\n');
    }
    if (!closing && name.size == 2 && (strncasecmp(name.data, "td", 2) == 0 || strncasecmp(name.data, "th", 2) == 0))
        bytes_append_byte(markup->out, WIKI_CELL);
    return stop + 1;
}

static void append_character(struct bytes *out, unsigned code) {
    if (code == 0xA0 || code == 0x2009 || code == 0x202F || code == 0x2002 || code == 0x2003) {
        bytes_append_byte(out, ' ');
        return;
    }
    if (code < ' ' && code != '\n')
        return;
    char utf8[4];
    size_t size = 0;
    if (code < 0x80) {
        utf8[size++] = (char)code;
    } else if (code < 0x800) {
        utf8[size++] = (char)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        utf8[size++] = (char)(0xE0 | code >> 12);
        utf8[size++] = (char)(0x80 | (code >> 6 & 0x3F));
    } else {
        utf8[size++] = (char)(0xF0 | code >> 18);
        utf8[size++] = (char)(0x80 | (code >> 12 & 0x3F));
        utf8[size++] = (char)(0x80 | (code >> 6 & 0x3F));
    }
    if (code >= 0x80)
        utf8[size++] = (char)(0x80 | (code & 0x3F));
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
        const htmlEntityDesc *entity = htmlEntityLookup((const xmlChar *)name);
        if (!entity)
            return 0;
        code = entity->value;
    }
    append_character(markup->out, (unsigned)code);
    return at + size + 2;
}
