/*
 * The prescan of the HTML Standard (section "determining the character encoding"). Knows the syntax of tags and
 * attributes as far as the prescan has it, and nothing of elements but <meta> and <html>.
 */
#include "text/charset_markup.h"

#include <string.h>
#include <strings.h>

#define MARKUP_WINDOW ((size_t)16 << 10)

struct scan {
    const char *at, *end;
};

struct attribute {
    struct span name, value;
};

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\f' || byte == '\r';
}

static bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool span_is_word(struct span span, const char *word) {
    return span.size == strlen(word) && strncasecmp(span.data, word, span.size) == 0;
}

static bool starts_with(const struct scan *scan, const char *word) {
    size_t length = strlen(word);
    return (size_t)(scan->end - scan->at) >= length && strncasecmp(scan->at, word, length) == 0;
}

static void skip_space(struct scan *scan) {
    while (scan->at < scan->end && is_space(*scan->at))
        scan->at++;
}

static struct span read_value(struct scan *scan) {
    skip_space(scan);
    if (scan->at < scan->end && (*scan->at == '"' || *scan->at == '\'')) {
        char quote = *scan->at++;
        const char *start = scan->at;
        const char *stop = memchr(start, quote, (size_t)(scan->end - start));
        scan->at = stop ? stop + 1 : scan->end;
        return stop ? (struct span){start, (size_t)(stop - start)} : (struct span){NULL, 0};
    }
    const char *start = scan->at;
    while (scan->at < scan->end && !is_space(*scan->at) && *scan->at != '>')
        scan->at++;
    return (struct span){start, (size_t)(scan->at - start)};
}

/* "Get an attribute"; false at the end of the tag or of the bytes. */
static bool read_attribute(struct scan *scan, struct attribute *attribute) {
    while (scan->at < scan->end && (is_space(*scan->at) || *scan->at == '/'))
        scan->at++;
    if (scan->at == scan->end || *scan->at == '>')
        return false;
    const char *start = scan->at;
    while (scan->at < scan->end && !is_space(*scan->at) && *scan->at != '/' && *scan->at != '>' &&
           (*scan->at != '=' || scan->at == start))
        scan->at++;
    attribute->name = (struct span){start, (size_t)(scan->at - start)};
    attribute->value = (struct span){"", 0};
    skip_space(scan);
    if (scan->at < scan->end && *scan->at == '=') {
        scan->at++;
        attribute->value = read_value(scan);
    }
    return scan->at < scan->end;
}

/* "Extracting a character encoding from a meta element": the label after charset= in a content attribute. */
static struct span label_of_content(struct span content) {
    struct scan scan = {content.data, content.data + content.size};
    while (scan.at < scan.end) {
        if (!starts_with(&scan, "charset")) {
            scan.at++;
            continue;
        }
        scan.at += strlen("charset");
        skip_space(&scan);
        if (scan.at == scan.end || *scan.at != '=')
            continue;
        scan.at++;
        skip_space(&scan);
        if (scan.at < scan.end && (*scan.at == '"' || *scan.at == '\''))
            return read_value(&scan);
        const char *start = scan.at;
        while (scan.at < scan.end && !is_space(*scan.at) && *scan.at != ';')
            scan.at++;
        return (struct span){start, (size_t)(scan.at - start)};
    }
    return (struct span){NULL, 0};
}

/* Bytes in which a declaration could be read are not UTF-16, and nobody means x-user-defined. Quotes, which are borne
 * with in headers, are a sign of a broken tag here. */
static bool take_label(struct span label, struct charset *charset) {
    if (!label.data || memchr(label.data, '"', label.size) || memchr(label.data, '\'', label.size) ||
        !charset_of_label(label, charset))
        return false;
    if (strncmp(charset->name, "UTF-16", 6) == 0 || strncmp(charset->name, "UTF-32", 6) == 0)
        return charset_of_label(SPAN_LITERAL("utf-8"), charset);
    if (strcmp(charset->name, "x-user-defined") == 0)
        return charset_of_label(SPAN_LITERAL("windows-1252"), charset);
    return true;
}

static bool is_first(const struct attribute *attribute, const char *name, bool *seen) {
    if (*seen || !span_is_word(attribute->name, name))
        return false;
    return *seen = true;
}

static bool read_meta(struct scan *scan, struct charset *charset) {
    struct attribute attribute;
    struct span label = {NULL, 0};
    bool seen_equiv = false, seen_content = false, seen_charset = false;
    bool got_pragma = false, need_pragma = false;
    while (read_attribute(scan, &attribute)) {
        if (is_first(&attribute, "http-equiv", &seen_equiv)) {
            got_pragma = span_is_word(attribute.value, "content-type");
        } else if (is_first(&attribute, "content", &seen_content) && !label.data) {
            label = label_of_content(attribute.value);
            need_pragma = label.data != NULL;
        } else if (is_first(&attribute, "charset", &seen_charset)) {
            label = attribute.value;
            need_pragma = false;
        }
    }
    /* A tag that the bytes end in declares nothing. */
    return scan->at < scan->end && (got_pragma || !need_pragma) && take_label(label, charset);
}

static void read_html(struct scan *scan, struct span *language) {
    struct attribute attribute;
    while (read_attribute(scan, &attribute)) {
        if (span_is_word(attribute.name, "lang") || span_is_word(attribute.name, "xml:lang"))
            *language = attribute.value;
    }
}

static void skip_comment(struct scan *scan) {
    /* "<!-->" is a whole comment. */
    const char *stop = memmem(scan->at + 2, (size_t)(scan->end - scan->at) - 2, "-->", 3);
    scan->at = stop ? stop + 3 : scan->end;
}

static void skip_to_close(struct scan *scan) {
    const char *stop = memchr(scan->at, '>', (size_t)(scan->end - scan->at));
    scan->at = stop ? stop + 1 : scan->end;
}

static void skip_tag(struct scan *scan) {
    struct attribute attribute;
    while (scan->at < scan->end && !is_space(*scan->at) && *scan->at != '>')
        scan->at++;
    while (read_attribute(scan, &attribute))
        ;
    scan->at += scan->at < scan->end;
}

/* Whether the tag of that name starts here; then `scan` stands behind the name. */
static bool enter_tag(struct scan *scan, const char *open) {
    size_t length = strlen(open);
    if (!starts_with(scan, open) || (size_t)(scan->end - scan->at) == length ||
        (!is_space(scan->at[length]) && scan->at[length] != '/'))
        return false;
    scan->at += length;
    return true;
}

static bool read_declaration(struct scan scan, struct charset *charset) {
    const char *close = memchr(scan.at, '>', (size_t)(scan.end - scan.at));
    if (!close)
        return false;
    for (scan.end = close; scan.at < scan.end; scan.at++) {
        if (!starts_with(&scan, "encoding"))
            continue;
        scan.at += strlen("encoding");
        skip_space(&scan);
        if (scan.at == scan.end || *scan.at != '=')
            return false;
        scan.at++;
        skip_space(&scan);
        if (scan.at == scan.end || (*scan.at != '"' && *scan.at != '\''))
            return false;
        return take_label(read_value(&scan), charset);
    }
    return false;
}

bool charset_of_markup(struct span page, struct charset *charset, struct span *language) {
    struct span ignored;
    struct scan scan = {page.data, page.data + (page.size < MARKUP_WINDOW ? page.size : MARKUP_WINDOW)};
    struct charset declaration;
    language = language ? language : &ignored;
    *language = (struct span){NULL, 0};
    bool declared = page.size > 0 && starts_with(&scan, "<?xml") && read_declaration(scan, &declaration);
    while (scan.at < scan.end && (scan.at = memchr(scan.at, '<', (size_t)(scan.end - scan.at)))) {
        if (starts_with(&scan, "<!--"))
            skip_comment(&scan);
        else if (enter_tag(&scan, "<meta")) {
            if (read_meta(&scan, charset))
                return true;
        } else if (enter_tag(&scan, "<html"))
            read_html(&scan, language);
        else if (scan.end - scan.at > 1 &&
                 (is_letter(scan.at[1]) || (scan.end - scan.at > 2 && scan.at[1] == '/' && is_letter(scan.at[2]))))
            skip_tag(&scan);
        else if (scan.end - scan.at > 1 && (scan.at[1] == '!' || scan.at[1] == '/' || scan.at[1] == '?'))
            skip_to_close(&scan);
        else
            scan.at++;
    }
    if (declared)
        *charset = declaration;
    return declared;
}
