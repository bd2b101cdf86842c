/*
 * What must be known about a page's bytes before libxml2 sees them: characters that end its input, and tags on which
 * its work would grow with their square. A scan that understands quotes, comments and scripts, and nothing else of
 * HTML.
 */
#include "text/html_tree.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_control(char character) {
    unsigned char byte = (unsigned char)character;
    return (byte < ' ' && byte != '\n' && byte != '\t' && byte != '\r') || byte == 0x7F;
}

struct span html_guard_clean(struct span page, struct bytes *copy) {
    size_t clean = 0;
    while (clean < page.size && !is_control(page.data[clean]))
        clean++;
    if (clean == page.size)
        return page;
    char *to = bytes_reserve(copy, page.size);
    for (size_t i = 0; i < page.size; i++)
        to[i] = is_control(page.data[i]) ? ' ' : page.data[i];
    copy->size += page.size;
    return span_of_bytes(copy);
}

/* Passes a tag from after its name to after its ">"; counts attributes. */
static size_t pass_tag(struct span page, size_t at, size_t *attributes) {
    *attributes = 0;
    while (at < page.size && page.data[at] != '>') {
        if (isspace((unsigned char)page.data[at]) || page.data[at] == '/') {
            at++;
            continue;
        }
        ++*attributes;
        while (at < page.size && page.data[at] != '>' && page.data[at] != '=' && page.data[at] != '/' &&
               !isspace((unsigned char)page.data[at]))
            at++;
        while (at < page.size && isspace((unsigned char)page.data[at]))
            at++;
        if (at == page.size || page.data[at] != '=')
            continue;
        at++;
        while (at < page.size && isspace((unsigned char)page.data[at]))
            at++;
        char quote = at < page.size ? page.data[at] : '\0';
        if (quote == '"' || quote == '\'') {
            const char *close = memchr(page.data + at + 1, quote, page.size - at - 1);
            at = close ? (size_t)(close - page.data) + 1 : page.size;
        } else {
            while (at < page.size && page.data[at] != '>' && !isspace((unsigned char)page.data[at]))
                at++;
        }
    }
    return at < page.size ? at + 1 : at;
}

/* The place after `mark`, or the end. */
static size_t pass_until(struct span page, size_t at, const char *mark) {
    const char *found = memmem(page.data + at, page.size - at, mark, strlen(mark));
    return found ? (size_t)(found - page.data) + strlen(mark) : page.size;
}

/* Scripts and styles end at their own end tag only. */
static size_t pass_raw_text(struct span page, size_t at, const char *name) {
    while (at < page.size) {
        const char *found = memmem(page.data + at, page.size - at, "</", 2);
        if (!found)
            return page.size;
        at = (size_t)(found - page.data);
        if (page.size - at >= strlen(name) + 2 && strncasecmp(found + 2, name, strlen(name)) == 0)
            return at;
        at += 2;
    }
    return at;
}

int html_guard_check(struct span page, uint64_t *end_tags, struct error *error) {
    *end_tags = 0;
    for (size_t at = 0; at < page.size;) {
        const char *open = memchr(page.data + at, '<', page.size - at);
        if (!open)
            return 0;
        size_t start = at = (size_t)(open - page.data) + 1;
        if (at < page.size && page.data[at] == '/') {
            ++*end_tags;
            continue;
        }
        if (page.size - at >= 3 && memcmp(page.data + at, "!--", 3) == 0) {
            at = pass_until(page, at + 3, "-->");
            continue;
        }
        if (at == page.size || !isalpha((unsigned char)page.data[at]))
            continue;
        while (at < page.size && isalnum((unsigned char)page.data[at]))
            at++;
        struct span name = {page.data + start, at - start};
        size_t attributes;
        at = pass_tag(page, at, &attributes);
        if (attributes > HTML_ATTRIBUTES_MAX)
            return error_set(error, ERROR_DATA, start - 1, "the page is beyond the limits: a tag with %zu attributes",
                             attributes);
        if (html_is(name, "script"))
            at = pass_raw_text(page, at, "script");
        else if (html_is(name, "style"))
            at = pass_raw_text(page, at, "style");
    }
    return 0;
}
