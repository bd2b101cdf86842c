/*
 * The first pass over a page: comments go, and what stands in <nowiki>, <pre>, <syntaxhighlight>, <source> and <math>
 * is made literal, so that no later pass takes it for markup.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "text/wikitext_markup.h"
#include "text/wikitext_scan.h"

enum literal_kind {
    LITERAL_TEXT,
    LITERAL_PREFORMATTED, /* its lines and their white space are kept */
    LITERAL_CODE,         /* the same, and entities are text in it */
    LITERAL_FORMULA,
    LITERAL_POEM /* is markup, but for its line feeds */
};

static const struct literal_element {
    const char *name;
    enum literal_kind kind;
} ELEMENTS[] = {{"nowiki", LITERAL_TEXT}, {"pre", LITERAL_PREFORMATTED}, {"syntaxhighlight", LITERAL_CODE},
                {"source", LITERAL_CODE}, {"math", LITERAL_FORMULA},     {"chem", LITERAL_FORMULA},
                {"ce", LITERAL_FORMULA},  {"poem", LITERAL_POEM}};
#define ELEMENT_COUNT (sizeof ELEMENTS / sizeof ELEMENTS[0])

/* The size of an entity at the text's beginning, 0 where there is none. */
static size_t entity_size(struct span text) {
    size_t size = 1;
    while (size < text.size && size < 12 && (isalnum((unsigned char)text.data[size]) || text.data[size] == '#'))
        size++;
    return size > 1 && size < text.size && text.data[size] == ';' ? size + 1 : 0;
}

static void append_literal(struct bytes *out, struct span text, bool entities) {
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        size_t entity = byte == '&' && entities ? entity_size((struct span){text.data + i, text.size - i}) : 0;
        if (entity > 0) {
            bytes_append(out, text.data + i, entity);
            i += entity - 1;
            continue;
        }
        if (byte && strchr("[]{}'<>=*#:;|!_-&", byte))
            bytes_append_byte(out, WIKI_LITERAL);
        if ((unsigned char)byte > WIKI_BREAK || byte == '\0')
            bytes_append_byte(out, byte);
    }
}

void wiki_literal_append_text(struct bytes *out, struct span text) {
    append_literal(out, text, false);
}

static void append_verbatim(struct bytes *out, struct span text, bool entities) {
    while (text.size > 0 && text.data[text.size - 1] == '\n')
        text.size--;
    while (text.size > 0 && text.data[0] == '\n') {
        text.data++;
        text.size--;
    }
    /* What stands on one line goes on within its paragraph. */
    bool lines = memchr(text.data, '\n', text.size) != NULL;
    for (size_t at = 0; at < text.size;) {
        const char *stop = memchr(text.data + at, '\n', text.size - at);
        size_t end = stop ? (size_t)(stop - text.data) : text.size;
        if (lines) {
            bytes_append_byte(out, '\n');
            bytes_append_byte(out, WIKI_VERBATIM);
        }
        append_literal(out, (struct span){text.data + at, end - at}, entities);
        at = end + 1;
    }
    if (lines)
        bytes_append_byte(out, '\n');
}

/* TeX, on one line. Where it has commands, dollar signs tell that it is TeX. */
static void append_formula(struct bytes *out, struct span tex) {
    static const char style[] = "\\displaystyle";
    tex = wiki_trimmed(tex);
    if (tex.size >= sizeof style && memcmp(tex.data, style, sizeof style - 1) == 0)
        tex = wiki_trimmed((struct span){tex.data + sizeof style - 1, tex.size - sizeof style + 1});
    bool commands = false;
    for (size_t i = 0; i < tex.size && !commands; i++)
        commands = tex.data[i] && strchr("\\{}^_&", tex.data[i]);
    if (commands)
        bytes_append_byte(out, '$');
    for (size_t at = 0; at < tex.size;) {
        const char *stop = memchr(tex.data + at, '\n', tex.size - at);
        size_t end = stop ? (size_t)(stop - tex.data) : tex.size;
        append_literal(out, (struct span){tex.data + at, end - at}, !commands);
        if (stop)
            bytes_append_byte(out, ' ');
        at = end + 1;
    }
    if (commands)
        bytes_append_byte(out, '$');
}

static void append_poem(struct bytes *out, struct span text) {
    if (out->size > 0 && out->data[out->size - 1] == '\n')
        out->size--;
    bytes_append_text(out, "<br>");
    text = wiki_trimmed(text);
    for (size_t at = 0; at < text.size;) {
        const char *stop = memchr(text.data + at, '\n', text.size - at);
        size_t end = stop ? (size_t)(stop - text.data) : text.size;
        wiki_literal_append((struct span){text.data + at, end - at}, out);
        bytes_append_text(out, "<br>");
        at = end + 1;
    }
}

static void append_content(struct bytes *out, enum literal_kind kind, struct span content) {
    if (kind == LITERAL_TEXT)
        append_literal(out, content, true);
    else if (kind == LITERAL_FORMULA)
        append_formula(out, content);
    else if (kind == LITERAL_POEM)
        append_poem(out, content);
    else
        append_verbatim(out, content, kind == LITERAL_PREFORMATTED);
}

static const char *find_end_tag(const char *at, const char *end, const char *name) {
    size_t size = strlen(name);
    while ((at = memmem(at, (size_t)(end - at), "</", 2)) != NULL) {
        if ((size_t)(end - at) > size + 2 && strncasecmp(at + 2, name, size) == 0 && at[size + 2] == '>')
            return at;
        at += 2;
    }
    return NULL;
}

/* At "<": the end of a literal element, which was written; NULL where none begins here. */
static const char *write_element(const char *at, const char *end, struct bytes *out, bool never_closed[ELEMENT_COUNT]) {
    for (size_t i = 0; i < ELEMENT_COUNT; i++) {
        const struct literal_element *element = &ELEMENTS[i];
        size_t size = strlen(element->name);
        if (never_closed[i] || (size_t)(end - at) < size + 2 || strncasecmp(at + 1, element->name, size) != 0 ||
            (!isspace((unsigned char)at[size + 1]) && at[size + 1] != '>'))
            continue;
        const char *from = at + size + 1;
        while (from < end && *from != '>' && *from != '<')
            from++;
        if (from == end || *from != '>' || from[-1] == '/')
            return NULL;
        const char *close = find_end_tag(from + 1, end, element->name);
        if (!close) {
            never_closed[i] = true;
            return NULL;
        }
        append_content(out, element->kind, (struct span){from + 1, (size_t)(close - from - 1)});
        return close + size + 3;
    }
    return NULL;
}

void wiki_literal_append(struct span page, struct bytes *out) {
    static const bool special[256] = {['<'] = true,       [WIKI_LITERAL] = true,  [WIKI_DROPPED] = true,
                                      [WIKI_CELL] = true, [WIKI_VERBATIM] = true, [WIKI_BREAK] = true};
    bool never_closed[ELEMENT_COUNT] = {false};
    const char *at = page.data, *end = page.data + page.size;
    while (at < end) {
        const char *from = at;
        for (size_t step = WIKI_SCAN_STEP; step == WIKI_SCAN_STEP && (size_t)(end - at) >= step; at += step) {
            uint64_t word = wiki_scan_load(at);
            step = wiki_scan_first(wiki_scan_equal(word, '<') | wiki_scan_below(word, WIKI_BREAK + 1));
        }
        while (at < end && !special[(unsigned char)*at])
            at++;
        bytes_append(out, from, (size_t)(at - from));
        if (at == end)
            break;
        if (*at != '<') {
            at++;
            continue;
        }
        if (end - at >= 4 && memcmp(at, "<!--", 4) == 0) {
            const char *close = memmem(at + 4, (size_t)(end - at - 4), "-->", 3);
            at = close ? close + 3 : end;
            /* A line with nothing but a comment is no line. */
            if (at < end && *at == '\n' && out->size > 0 && out->data[out->size - 1] == '\n')
                at++;
            continue;
        }
        const char *past = write_element(at, end, out, never_closed);
        if (!past)
            bytes_append_byte(out, *at);
        at = past ? past : at + 1;
    }
}
