/*
 * What of a page libxml2 gets to see. Most of a page's bytes are scripts, styles and attributes that nothing here asks
 * for, and libxml2 goes through them character by character; here they are passed over with memchr. Divides the page
 * into tags as libxml2's HTML parser does (not as HTML5 does), so that what is left gives the same tree; knows what
 * must never reach libxml2: characters that end its input, and tags on which its work would grow with their square.
 */
#include "text/html_tree.h"

#include <string.h>
#include <strings.h>

#define NAME_MAX_SIZE 100 /* where libxml2 cuts names */

struct reducer {
    const char *at, *end;
    const char *page; /* its start */
    struct bytes *out;
    uint64_t end_tags;
    bool code; /* an element that keeps white space has begun: from here on it stays */
};

/* A start tag on its way through. */
struct tag {
    struct span name;
    size_t attributes;
    bool closed; /* ends in "/>" */
    bool bare;   /* the last attribute kept has no quotation marks */
    bool keep_content;
};

/* Whatever the page means by a control character, libxml2 gets a space for it. */
static bool is_blank(char character) {
    return (unsigned char)character <= ' ' || character == 0x7F;
}

static bool is_letter(char character) {
    return (unsigned char)((character | 0x20) - 'a') < 26;
}

static bool is_name_start(char character) {
    return is_letter(character) || character == '_' || character == ':' || character == '.';
}

static bool is_name_byte(char character) {
    return is_name_start(character) || (unsigned char)(character - '0') < 10 || character == '-';
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

/* Everything that the modules of text/html ask for with html_tree_attribute is named here; tag: of this element only.
 */
static const struct wanted {
    struct span name;
    const char *tag;
} WANTED[] = {
    {{"class", 5}, NULL},        {{"id", 2}, NULL},       {{"role", 4}, NULL},          {{"itemprop", 8}, NULL},
    {{"itemtype", 8}, NULL},     {{"style", 5}, NULL},    {{"hidden", 6}, NULL},        {{"datetime", 8}, NULL},
    {{"aria-hidden", 11}, NULL}, {{"property", 8}, NULL}, {{"rel", 3}, NULL},           {{"lang", 4}, NULL},
    {{"xml:lang", 8}, NULL},     {{"href", 4}, "a"},      {{"href", 4}, "link"},        {{"content", 7}, "meta"},
    {{"name", 4}, "meta"},       {{"type", 4}, "script"}, {{"http-equiv", 10}, "meta"},
};

static bool is_wanted(struct span tag, struct span attribute) {
    for (size_t i = 0; i < sizeof WANTED / sizeof WANTED[0]; i++) {
        const struct wanted *wanted = &WANTED[i];
        /* Most names differ in size or first letter. */
        if (wanted->name.size == attribute.size && *wanted->name.data == (*attribute.data | 0x20) &&
            html_is(attribute, wanted->name.data) && (!wanted->tag || html_is(tag, wanted->tag)))
            return true;
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

/* Text up to end: runs of white space become their first character. */
static void reduce_text(struct reducer *reducer, const char *end) {
    const char *from = reducer->at;
    size_t size = (size_t)(end - from);
    char *to = bytes_reserve(reducer->out, size);
    reducer->at = end;
    if (reducer->code) {
        memcpy(to, from, size);
        reducer->out->size += size;
        return;
    }
    char *start = to;
    for (bool blank = false; from < end; from++) {
        if (blank && is_blank(*from))
            continue;
        blank = is_blank(*from);
        *to++ = *from;
    }
    reducer->out->size += (size_t)(to - start);
}

static bool keeps_white_space(struct span tag) {
    return html_is(tag, "pre") || html_is(tag, "listing") || html_is(tag, "xmp") || html_is(tag, "plaintext");
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
        reducer->code = reducer->code || keeps_white_space(tag.name);
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
        reduce_text(&reducer, markup);
        if (markup < reducer.end && reduce_markup(&reducer, error) < 0)
            return -1;
    }
    *end_tags = reducer.end_tags;
    blank_controls(out);
    return 0;
}
