/*
 * What of a page libxml2 gets to see. Most of a page's bytes are scripts, styles and attributes that nothing here asks
 * for, and libxml2 goes through them character by character; here they are passed over with memchr. Divides the page
 * into tags as libxml2's HTML parser does (not as HTML5 does), so that what is left gives the same tree; knows what
 * must never reach libxml2: characters that end its input, and tags on which its work would grow with their square.
 */
#include "text/html_tree.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_SIZE 100 /* where libxml2 cuts names */

struct reducer {
    const char *at, *end;
    const char *page; /* its start */
    struct bytes *out;
    uint64_t end_tags;
};

/* A start tag on its way through. */
struct tag {
    struct span name;
    size_t attributes;
    bool closed; /* ends in "/>" */
    bool bare;   /* the last attribute kept has no quotation marks */
    bool keep_content;
};

static bool is_blank(char character) {
    return (unsigned char)character <= ' ' || character == 0x7F;
}

static bool is_name_start(char character) {
    return isalpha((unsigned char)character) || character == '_' || character == ':' || character == '.';
}

static bool is_name_byte(char character) {
    return isalnum((unsigned char)character) || character == '_' || character == ':' || character == '.' ||
           character == '-';
}

static void skip_blanks(struct reducer *reducer) {
    while (reducer->at < reducer->end && is_blank(*reducer->at))
        reducer->at++;
}

static struct span take_name(struct reducer *reducer) {
    const char *start = reducer->at;
    while (reducer->at < reducer->end && reducer->at - start < NAME_MAX_SIZE && is_name_byte(*reducer->at))
        reducer->at++;
    return (struct span){start, (size_t)(reducer->at - start)};
}

/* Goes to after the mark, or to the end. */
static void pass_until(struct reducer *reducer, char mark) {
    const char *found = memchr(reducer->at, mark, (size_t)(reducer->end - reducer->at));
    reducer->at = found ? found + 1 : reducer->end;
}

/* An attribute's value, after its "=", with its quotation marks. */
static struct span take_value(struct reducer *reducer, bool *bare) {
    const char *start = reducer->at;
    *bare = true;
    if (start < reducer->end && (*start == '"' || *start == '\'')) {
        *bare = false;
        reducer->at++;
        pass_until(reducer, *start);
    } else {
        while (reducer->at < reducer->end && *reducer->at != '>' && !is_blank(*reducer->at))
            reducer->at++;
    }
    return (struct span){start, (size_t)(reducer->at - start)};
}

/* Everything that the modules of text/html ask for with html_tree_attribute is named here. */
static bool is_wanted(struct span tag, struct span attribute) {
    static const char *const everywhere[] = {"class",       "id",       "role",     "itemprop", "style", "hidden",
                                             "aria-hidden", "datetime", "property", "rel",      "lang",  "xml:lang"};
    static const char *const of_links[] = {"href"};
    static const char *const of_statements[] = {"content", "name", "http-equiv"};
    static const char *const of_scripts[] = {"type"};
    const struct {
        const char *tag;
        const char *const *names;
        size_t count;
    } others[] = {{"a", of_links, 1}, {"link", of_links, 1}, {"meta", of_statements, 3}, {"script", of_scripts, 1}};
    for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++) {
        if (html_is(attribute, everywhere[i]))
            return true;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (!html_is(tag, others[i].tag))
            continue;
        for (size_t k = 0; k < others[i].count; k++) {
            if (html_is(attribute, others[i].names[k]))
                return true;
        }
    }
    return false;
}

/* At something that may be an attribute. */
static void reduce_attribute(struct reducer *reducer, struct tag *tag) {
    tag->attributes++;
    if (!is_name_start(*reducer->at)) {
        while (reducer->at < reducer->end && !is_blank(*reducer->at) && *reducer->at != '>' &&
               !(*reducer->at == '/' && reducer->at + 1 < reducer->end && reducer->at[1] == '>'))
            reducer->at++;
        return;
    }
    struct span name = take_name(reducer), value = {NULL, 0};
    bool bare = true;
    const char *after_name = reducer->at;
    skip_blanks(reducer);
    if (reducer->at < reducer->end && *reducer->at == '=') {
        reducer->at++;
        skip_blanks(reducer);
        value = take_value(reducer, &bare);
    } else {
        reducer->at = after_name;
    }
    if (!is_wanted(tag->name, name))
        return;
    bytes_append_byte(reducer->out, ' ');
    bytes_append_span(reducer->out, name);
    if (value.data) {
        bytes_append_byte(reducer->out, '=');
        bytes_append_span(reducer->out, value);
    }
    tag->bare = bare;
    tag->keep_content |= html_is(name, "type") && html_contains(value, "ld+json");
}

/* From after a tag's "<" to after its ">". */
static int reduce_tag(struct reducer *reducer, struct tag *tag, struct error *error) {
    const char *start = reducer->at;
    *tag = (struct tag){.name = take_name(reducer)};
    bytes_append_byte(reducer->out, '<');
    bytes_append_span(reducer->out, tag->name);
    for (;;) {
        skip_blanks(reducer);
        if (reducer->at == reducer->end)
            return 0;
        if (*reducer->at == '>')
            break;
        tag->closed = *reducer->at == '/' && reducer->at + 1 < reducer->end && reducer->at[1] == '>';
        if (tag->closed)
            break;
        reduce_attribute(reducer, tag);
        if (tag->attributes > HTML_ATTRIBUTES_MAX)
            return error_set(error, ERROR_DATA, (uint64_t)(start - 1 - reducer->page),
                             "the page is beyond the limits: a tag with %zu attributes", tag->attributes);
    }
    /* A slash right after a value without quotation marks would become part of it. */
    if (tag->closed)
        bytes_append_text(reducer->out, tag->bare ? " />" : "/>");
    else
        bytes_append_byte(reducer->out, '>');
    reducer->at += tag->closed ? 2 : 1;
    return 0;
}

/* Scripts and styles end at their own end tag only, which stays. */
static void reduce_raw_text(struct reducer *reducer, const struct tag *tag) {
    const char *start = reducer->at;
    for (;;) {
        const char *found = memmem(reducer->at, (size_t)(reducer->end - reducer->at), "</", 2);
        reducer->at = found ? found : reducer->end;
        if (!found)
            break;
        size_t left = (size_t)(reducer->end - found) - 2;
        if (left > tag->name.size && strncasecmp(found + 2, tag->name.data, tag->name.size) == 0 &&
            !is_name_byte(found[2 + tag->name.size]))
            break;
        reducer->at += 2;
    }
    if (tag->keep_content)
        bytes_append(reducer->out, start, (size_t)(reducer->at - start));
}

/* At "<!--": to after the comment, of which nothing stays. */
static void pass_comment(struct reducer *reducer) {
    reducer->at += 4;
    size_t left = (size_t)(reducer->end - reducer->at);
    if (left >= 1 && *reducer->at == '>') {
        reducer->at += 1;
        return;
    }
    if (left >= 2 && memcmp(reducer->at, "->", 2) == 0) {
        reducer->at += 2;
        return;
    }
    for (; (reducer->at = memmem(reducer->at, left, "--", 2)); reducer->at++) {
        left = (size_t)(reducer->end - reducer->at);
        size_t size = left >= 3 && reducer->at[2] == '>' ? 3 : left >= 4 && memcmp(reducer->at, "--!>", 4) == 0 ? 4 : 0;
        if (size) {
            reducer->at += size;
            return;
        }
        left--;
    }
    reducer->at = reducer->end;
}

/* At a "<". */
static int reduce_markup(struct reducer *reducer, struct error *error) {
    const char *start = reducer->at;
    size_t left = (size_t)(reducer->end - start);
    if (left >= 2 && is_name_start(start[1]) && start[1] != '.') {
        struct tag tag;
        reducer->at++;
        if (reduce_tag(reducer, &tag, error) < 0)
            return -1;
        if (!tag.closed && (html_is(tag.name, "script") || html_is(tag.name, "style")))
            reduce_raw_text(reducer, &tag);
        return 0;
    }
    if (left >= 4 && memcmp(start, "<!--", 4) == 0) {
        pass_comment(reducer);
        return 0;
    }
    bool end_tag = left >= 2 && start[1] == '/';
    reducer->end_tags += end_tag;
    /* What else begins like this ends at the first ">", whatever is between. */
    if (left >= 3 && (start[1] == '!' || start[1] == '?' || (end_tag && is_name_start(start[2]))))
        pass_until(reducer, '>');
    else
        reducer->at++;
    bytes_append(reducer->out, start, (size_t)(reducer->at - start));
    return 0;
}

/* Characters that end libxml2's input. */
static void blank_controls(struct bytes *text) {
    for (size_t i = 0; i < text->size; i++) {
        char character = text->data[i];
        if ((is_blank(character) && character != '\n' && character != '\t' && character != '\r'))
            text->data[i] = ' ';
    }
}

int html_reduce(struct span page, struct bytes *out, uint64_t *end_tags, struct error *error) {
    struct reducer reducer = {.at = page.data, .end = page.data + page.size, .page = page.data, .out = out};
    bytes_reserve(out, page.size);
    while (reducer.at < reducer.end) {
        const char *markup = memchr(reducer.at, '<', (size_t)(reducer.end - reducer.at));
        if (!markup)
            markup = reducer.end;
        bytes_append(out, reducer.at, (size_t)(markup - reducer.at));
        reducer.at = markup;
        if (markup < reducer.end && reduce_markup(&reducer, error) < 0)
            return -1;
    }
    *end_tags = reducer.end_tags;
    blank_controls(out);
    return 0;
}
