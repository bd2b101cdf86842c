/*
 * Markup within the text: comments, brackets of all kinds, tags, quotes, entities. Brackets are matched once over the
 * whole page, so nesting costs nothing and what is never closed takes nothing with it. Knows nothing of headings and
 * lists.
 */
#include "text/wikitext_markup.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/HTMLparser.h>

#include "base/memory.h"

/* Looking further for the end of an external link's label would cost the square of the page. */
#define EXTERNAL_LABEL_MAX 2000

/* Elements whose content is not the page's text. */
static const char *const DROPPED[] = {
    "ref",      "references",   "math",           "chem",     "ce",      "gallery",   "timeline",
    "score",    "imagemap",     "graph",          "mapframe", "maplink", "hiero",     "templatedata",
    "inputbox", "categorytree", "templatestyles", "style",    "script",  "indicator", "includeonly"};
/* File and Category in English and in wikis that are often read under a header that is not their own. */
#define DROPPED_SPACES                                                                                                 \
    "file\nimage\nmedia\ncategory\ndatei\nbild\nkategorie\nfichier\ncatégorie\narchivo\nimagen\ncategoría\n"         \
    "categoria\nimmagine\nbestand\nafbeelding\ncategorie\nfil\nkategori\nplik\ngrafika\nkategoria\nficheiro\nimagem\n" \
    "файл\nизображение\nкатегория\nфайл\nкатегорія\nファイル\n画像\nカテゴリ\n文件\n檔案\n分类\n分類\nملف\nتصنيف"

#define DROPPED_COUNT (sizeof DROPPED / sizeof DROPPED[0])

struct markup {
    struct bytes text; /* the page without comments */
    struct wiki_brackets brackets;
    struct span local_names;
    struct bytes *out;
    size_t *closes; /* places of brackets that close what is being written, innermost last */
    unsigned char *close_sizes;
    size_t close_count, close_capacity;
    size_t apostrophe; /* where on the line being written a run of three quotes is an apostrophe and italics; or
                          WIKI_UNMATCHED */
    bool never_closed[DROPPED_COUNT]; /* no closing tag in the rest of the page: not looked for again */
};

/* ---- comments and nowiki ---- */

static void append_literal(struct bytes *out, const char *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (strchr("[]{}'<>=*#:;|!_-&", data[i]) && data[i])
            bytes_append_byte(out, WIKI_LITERAL);
        bytes_append_byte(out, data[i]);
    }
}

static void strip_comments(struct markup *markup, struct span in) {
    const char *at = in.data, *end = in.data + in.size;
    while (at < end) {
        if (*at == '<' && end - at >= 4 && memcmp(at, "<!--", 4) == 0) {
            const char *close = memmem(at + 4, (size_t)(end - at - 4), "-->", 3);
            at = close ? close + 3 : end;
        } else if (*at == '<' && end - at >= 8 && strncasecmp(at, "<nowiki>", 8) == 0) {
            const char *close = memmem(at + 8, (size_t)(end - at - 8), "</nowiki>", 9);
            const char *stop = close ? close : end;
            append_literal(&markup->text, at + 8, (size_t)(stop - at - 8));
            at = close ? close + 9 : end;
        } else {
            if (*at != WIKI_LITERAL)
                bytes_append_byte(&markup->text, *at);
            at++;
        }
    }
}

/* ---- writing ---- */

/* The bracket at this place closes something that is being written: it will be passed over. */
static void expect_close(struct markup *markup, size_t place, size_t size) {
    if (markup->close_count == markup->close_capacity) {
        markup->close_capacity = markup->close_capacity ? markup->close_capacity * 2 : 16;
        markup->closes = memory_resize(markup->closes, markup->close_capacity, sizeof *markup->closes);
        markup->close_sizes = memory_resize(markup->close_sizes, markup->close_capacity, sizeof *markup->close_sizes);
    }
    markup->closes[markup->close_count] = place;
    markup->close_sizes[markup->close_count++] = (unsigned char)size;
}

/* True, with how much to pass over, where an expected bracket stands here. Brackets jumped over with what they were in
 * are forgotten. */
static bool take_close(struct markup *markup, size_t place, size_t *size) {
    while (markup->close_count > 0 && markup->closes[markup->close_count - 1] < place)
        markup->close_count--;
    if (markup->close_count == 0 || markup->closes[markup->close_count - 1] != place)
        return false;
    *size = markup->close_sizes[--markup->close_count];
    return true;
}

static bool name_in_list(struct span name, struct span list) {
    for (size_t at = 0; at < list.size;) {
        const char *stop = memchr(list.data + at, '\n', list.size - at);
        size_t length = (stop ? (size_t)(stop - list.data) : list.size) - at;
        if (length == name.size && strncasecmp(list.data + at, name.data, length) == 0)
            return true;
        at += length + 1;
    }
    return false;
}

static struct span trimmed(struct span text) {
    while (text.size && isspace((unsigned char)text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size && isspace((unsigned char)text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Prefixes of links to the same page in another language: "de:", "zh-min-nan:", "simple:". */
static bool is_language_prefix(struct span prefix) {
    if (span_is(prefix, "simple") || prefix.size < 2 || prefix.size > 12)
        return span_is(prefix, "simple");
    size_t first = 0;
    for (size_t i = 0; i < prefix.size; i++) {
        if (prefix.data[i] == '-')
            continue;
        if (prefix.data[i] < 'a' || prefix.data[i] > 'z')
            return false;
        first += i == first;
    }
    return first == 2 || first == 3;
}

/* Files, categories and links to other languages show nothing in the text. */
static bool is_dropped_link(const struct markup *markup, struct span target) {
    const char *colon = target.size ? memchr(target.data, ':', target.size) : NULL;
    if (!colon || colon == target.data)
        return false;
    struct span prefix = trimmed((struct span){target.data, (size_t)(colon - target.data)});
    return name_in_list(prefix, SPAN_LITERAL(DROPPED_SPACES)) || name_in_list(prefix, markup->local_names) ||
           is_language_prefix(prefix);
}

/* "[[Mercury (planet)|]]" shows "Mercury", "[[Help:Contents|]]" shows "Contents". */
static struct span pipe_trick(struct span target) {
    const char *colon = memchr(target.data, ':', target.size);
    if (colon) {
        target.size -= (size_t)(colon + 1 - target.data);
        target.data = colon + 1;
    }
    const char *paren = memrchr(target.data, '(', target.size);
    if (paren && target.size && target.data[target.size - 1] == ')')
        target.size = (size_t)(paren - target.data);
    return trimmed(target);
}

/* Handles the link that opens at `at`; returns where to go on. */
static size_t write_link(struct markup *markup, const struct wiki_bracket *pair) {
    struct span text = span_of_bytes(&markup->text);
    size_t from = pair->open + 2;
    size_t end = from;
    /* A target has no brackets in it; looking beyond them would make nested links cost their square. */
    while (end < pair->close && !strchr("|\n[{", text.data[end]))
        end++;
    struct span target = trimmed((struct span){text.data + from, end - from});
    if (is_dropped_link(markup, target))
        return pair->close + 2;
    if (end < pair->close && text.data[end] == '|') {
        if (end + 1 == pair->close) {
            bytes_append_span(markup->out, pipe_trick(target));
            return pair->close + 2;
        }
        from = end + 1;
    } else if (from < pair->close && text.data[from] == ':') {
        from++;
    }
    expect_close(markup, pair->close, 2);
    return from;
}

/* Templates whose text is one of their arguments, or two of them side by side: {{lang|fr|mot}}, {{convert|12|km}}. */
static const struct shown_template {
    const char *name;
    unsigned first, last; /* positional arguments, from 1 */
} SHOWN[] = {{"lang", 2, 2},    {"langue", 2, 2},  {"nowrap", 1, 1},    {"nobr", 1, 1},  {"small", 1, 1},
             {"abbr", 1, 1},    {"tooltip", 1, 1}, {"convert", 1, 2},   {"cvt", 1, 2},   {"unité", 1, 2},
             {"unit", 1, 2},    {"nombre", 1, 2},  {"formatnum", 1, 1}, {"date-", 1, 1}, {"date", 1, 3},
             {"nihongo", 1, 1}, {"lien", 1, 1}};

static const struct shown_template *find_shown(struct span name) {
    for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
        if (name.size == strlen(SHOWN[i].name) && strncasecmp(name.data, SHOWN[i].name, name.size) == 0)
            return &SHOWN[i];
    }
    return NULL;
}

/* Appends what a template shows, where that is known and simple; anything with brackets of its own is not. */
static void append_shown(struct markup *markup, struct span inside) {
    const char *bar = memchr(inside.data, '|', inside.size < 32 ? inside.size : 32);
    const struct shown_template *shown =
        bar ? find_shown(trimmed((struct span){inside.data, (size_t)(bar - inside.data)})) : NULL;
    if (!shown || memchr(inside.data, '[', inside.size) || memchr(inside.data, '{', inside.size))
        return;
    unsigned position = 0;
    for (size_t at = (size_t)(bar - inside.data) + 1, end; at <= inside.size; at = end + 1) {
        const char *stop = memchr(inside.data + at, '|', inside.size - at);
        end = stop ? (size_t)(stop - inside.data) : inside.size;
        struct span argument = trimmed((struct span){inside.data + at, end - at});
        if (memchr(argument.data, '=', argument.size))
            continue;
        position++;
        if (position < shown->first || position > shown->last || argument.size == 0)
            continue;
        if (position > shown->first)
            bytes_append_byte(markup->out, ' ');
        bytes_append_span(markup->out, argument);
    }
}

static size_t write_template(struct markup *markup, const struct wiki_bracket *pair) {
    size_t size = wiki_bracket_size(pair->kind);
    if (pair->kind == WIKI_TEMPLATE)
        append_shown(markup, (struct span){markup->text.data + pair->open + 2, pair->close - pair->open - 2});
    return pair->close + size;
}

/* "[https://example.org a label]" → "a label"; one without a label is dropped. 0 where this is no such link. */
static size_t write_external_link(struct markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    static const char *const schemes[] = {"http://", "https://", "ftp://", "mailto:", "news:", "irc://", "//"};
    size_t from = at + 1;
    bool known = false;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0] && !known; i++)
        known = text.size - from >= strlen(schemes[i]) &&
                strncasecmp(text.data + from, schemes[i], strlen(schemes[i])) == 0;
    if (!known)
        return 0;
    size_t label = from;
    while (label < text.size && !strchr(" \t\n]", text.data[label]))
        label++;
    size_t close = label;
    size_t limit = text.size - label < EXTERNAL_LABEL_MAX ? text.size : label + EXTERNAL_LABEL_MAX;
    for (unsigned depth = 0; close < limit && text.data[close] != '\n' && !(depth == 0 && text.data[close] == ']');
         close++) {
        if (text.data[close] == '[')
            depth++;
        else if (text.data[close] == ']')
            depth--;
    }
    if (close == limit || text.data[close] != ']')
        return label;
    if (label == close)
        return close + 1;
    expect_close(markup, close, 1);
    return label + 1;
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

/* Handles "<…": returns where to go on, or 0 where it is no tag. */
static size_t write_tag(struct markup *markup, size_t at) {
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
        if (name.size != strlen(DROPPED[i]) || strncasecmp(name.data, DROPPED[i], name.size) != 0)
            continue;
        size_t past = markup->never_closed[i] ? 0 : find_closing_tag(text, stop + 1, DROPPED[i]);
        markup->never_closed[i] = past == 0;
        return past ? past : stop + 1;
    }
    static const char *const lines[] = {"br", "p",  "div",   "li",   "tr",         "ul",     "ol", "dl",
                                        "dd", "dt", "table", "poem", "blockquote", "center", "hr"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (name.size == strlen(lines[i]) && strncasecmp(name.data, lines[i], name.size) == 0)
            bytes_append_byte(markup->out, '\n');
    }
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
    append_literal(out, utf8, size);
}

/* "&nbsp;", "&#8211;", "&#x2013;": returns where to go on, or 0 where it is no entity. */
static size_t write_entity(struct markup *markup, size_t at) {
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

/* "__NOTOC__" and its like. */
static size_t skip_magic_word(struct span text, size_t at) {
    size_t end = at + 2;
    while (end < text.size && isupper((unsigned char)text.data[end]))
        end++;
    return end > at + 3 && end + 1 < text.size && text.data[end] == '_' && text.data[end + 1] == '_' ? end + 2 : 0;
}

/*
 * Where neither bold nor italics are balanced on a line, MediaWiki takes one run of three quotes for an apostrophe
 * before italics ("l''''été"): the first after a word of one letter, else the first after a longer word. WIKI_UNMATCHED
 * where all is balanced.
 */
static size_t find_apostrophe(struct span text, size_t line) {
    size_t bold = 0, italics = 0, after_letter = WIKI_UNMATCHED, after_word = WIKI_UNMATCHED;
    for (size_t i = line; i < text.size && text.data[i] != '\n';) {
        size_t run = text.data[i] == '\'' ? wiki_run(text, i, '\'') : 0;
        if (run == 3 || run == 4) {
            size_t start = i + run - 3;
            bool word = start > line && text.data[start - 1] != ' ';
            bool letter = word && (start - line < 2 || text.data[start - 2] == ' ');
            after_letter = letter && after_letter == WIKI_UNMATCHED ? start : after_letter;
            after_word = word && after_word == WIKI_UNMATCHED ? start : after_word;
        }
        bold += run == 3 || run >= 4;
        italics += run == 2 || run >= 5;
        i += run ? run : 1;
    }
    if (bold % 2 == 0 || italics % 2 == 0)
        return WIKI_UNMATCHED;
    return after_letter != WIKI_UNMATCHED ? after_letter : after_word;
}

/* Bold and italics are runs of two, three or five quotes; of four, one is text. */
static size_t skip_quotes(struct markup *markup, size_t at) {
    size_t run = wiki_run(span_of_bytes(&markup->text), at, '\'');
    if (run == 1 || run == 4 || run > 5 || (run == 3 && at == markup->apostrophe))
        bytes_append_byte(markup->out, '\'');
    return at + run;
}

/* Writes what stands at `at`, or passes over it; returns where to go on. */
static size_t write_at(struct markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    size_t size, next = 0;
    if (take_close(markup, at, &size))
        return at + size;
    char byte = text.data[at];
    if (byte == WIKI_LITERAL && at + 1 < text.size) {
        bytes_append(markup->out, text.data + at, 2);
        return at + 2;
    }
    if (byte == '{' || byte == '[') {
        const struct wiki_bracket *pair = wiki_brackets_at(&markup->brackets, at);
        if (pair && pair->close == WIKI_UNMATCHED)
            return at + wiki_bracket_size(pair->kind);
        if (pair && pair->kind == WIKI_LINK)
            return write_link(markup, pair);
        if (pair && pair->kind == WIKI_TABLE) {
            bytes_append_byte(markup->out, '\n');
            return pair->close + 2;
        }
        if (pair)
            return write_template(markup, pair);
        next = byte == '[' ? write_external_link(markup, at) : 0;
    } else if ((byte == '}' || byte == ']') && at + 1 < text.size && text.data[at + 1] == byte) {
        next = at + 2;
    } else if (byte == '<') {
        next = write_tag(markup, at);
    } else if (byte == '&') {
        next = write_entity(markup, at);
    } else if (byte == '\'') {
        next = skip_quotes(markup, at);
    } else if (byte == '_' && at + 1 < text.size && text.data[at + 1] == '_') {
        next = skip_magic_word(text, at);
    }
    if (next)
        return next;
    bytes_append_byte(markup->out, byte);
    return at + 1;
}

void wikitext_strip_markup(struct span wikitext, struct span local_names, struct bytes *out) {
    struct markup markup = {.local_names = local_names, .out = out};
    strip_comments(&markup, wikitext);
    wiki_brackets_match(&markup.brackets, span_of_bytes(&markup.text));
    size_t line = 0; /* end of the line that markup.apostrophe is for */
    for (size_t at = 0; at < markup.text.size;) {
        if (at >= line) {
            const char *stop = memchr(markup.text.data + at, '\n', markup.text.size - at);
            markup.apostrophe = find_apostrophe(span_of_bytes(&markup.text), at);
            line = stop ? (size_t)(stop - markup.text.data) + 1 : markup.text.size;
        }
        at = write_at(&markup, at);
    }
    bytes_release(&markup.text);
    wiki_brackets_release(&markup.brackets);
    free(markup.closes);
    free(markup.close_sizes);
}
