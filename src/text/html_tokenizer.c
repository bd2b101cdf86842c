/*
 * Cutting pages into tokens: a few searches of libc's for the next mark that matters, and loops over the few bytes of
 * names. Knows nothing of the tree, but for what its caller tells.
 */
#include "text/html_tokenizer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum { SPACE = 1, NAME_END = 2, VALUE_END = 4, LETTER = 8 };

static const unsigned char KINDS[256] = {
    ['\t'] = SPACE | NAME_END | VALUE_END,
    ['\n'] = SPACE | NAME_END | VALUE_END,
    ['\f'] = SPACE | NAME_END | VALUE_END,
    ['\r'] = SPACE | NAME_END | VALUE_END,
    [' '] = SPACE | NAME_END | VALUE_END,
    ['/'] = NAME_END,
    ['>'] = NAME_END | VALUE_END,
    ['a' ... 'z'] = LETTER,
    ['A' ... 'Z'] = LETTER,
};

static bool is(const char *at, unsigned kind) {
    return KINDS[(unsigned char)*at] & kind;
}

static struct span between(const char *start, const char *end) {
    return (struct span){start, (size_t)(end - start)};
}

void html_tokenizer_init(struct html_tokenizer *tokenizer, struct span page) {
    *tokenizer = (struct html_tokenizer){.at = page.data, .end = page.data + page.size};
}

void html_tokenizer_release(struct html_tokenizer *tokenizer) {
    free(tokenizer->token.attributes);
    *tokenizer = (struct html_tokenizer){0};
}

/* From `from` to the first mark, or to the end of the page. */
static const char *find(const struct html_tokenizer *tokenizer, const char *from, const char *mark, size_t size) {
    const char *found = memmem(from, (size_t)(tokenizer->end - from), mark, size);
    return found ? found : tokenizer->end;
}

static const char *find_byte(const struct html_tokenizer *tokenizer, const char *from, char byte) {
    const char *found = memchr(from, byte, (size_t)(tokenizer->end - from));
    return found ? found : tokenizer->end;
}

static bool starts_with(const struct html_tokenizer *tokenizer, const char *at, const char *text) {
    size_t size = strlen(text);
    return (size_t)(tokenizer->end - at) >= size && memcmp(at, text, size) == 0;
}

static const char *skip_spaces(const struct html_tokenizer *tokenizer, const char *at) {
    while (at < tokenizer->end && is(at, SPACE))
        at++;
    return at;
}

static const char *skip_name(const struct html_tokenizer *tokenizer, const char *at) {
    while (at < tokenizer->end && !is(at, NAME_END))
        at++;
    return at;
}

/* An attribute's value, behind its "=" and spaces. Where its closing quotation mark is missing, the page ends in it. */
static struct span take_value(struct html_tokenizer *tokenizer) {
    const char *start = tokenizer->at, *end = start;
    if (start < tokenizer->end && (*start == '"' || *start == '\'')) {
        end = find_byte(tokenizer, start + 1, *start);
        tokenizer->at = end < tokenizer->end ? end + 1 : end;
        return between(start + 1, end);
    }
    while (end < tokenizer->end && !is(end, VALUE_END))
        end++;
    tokenizer->at = end;
    return between(start, end);
}

static void take_attribute(struct html_tokenizer *tokenizer) {
    struct html_token *token = &tokenizer->token;
    const char *start = tokenizer->at, *end = start + 1; /* the first may be "=" */
    while (end < tokenizer->end && !is(end, NAME_END) && *end != '=')
        end++;
    struct span value = {end, 0};
    tokenizer->at = skip_spaces(tokenizer, end);
    if (tokenizer->at < tokenizer->end && *tokenizer->at == '=') {
        tokenizer->at = skip_spaces(tokenizer, tokenizer->at + 1);
        value = take_value(tokenizer);
    }
    if (token->type != HTML_START_TAG)
        return;
    if (token->attribute_count == tokenizer->attribute_capacity) {
        tokenizer->attribute_capacity = tokenizer->attribute_capacity ? tokenizer->attribute_capacity * 2 : 32;
        token->attributes = memory_resize(token->attributes, tokenizer->attribute_capacity, sizeof *token->attributes);
    }
    token->attributes[token->attribute_count].name = between(start, end);
    token->attributes[token->attribute_count++].value = value;
}

/* At a tag's name. False where the page ends within the tag, which is then nothing. */
static bool take_tag(struct html_tokenizer *tokenizer, enum html_token_type type) {
    struct html_token *token = &tokenizer->token;
    const char *start = tokenizer->at;
    tokenizer->at = skip_name(tokenizer, start);
    token->type = type;
    token->tag = between(start, tokenizer->at);
    token->name = html_name_find(token->tag);
    token->self_closing = false;
    token->attribute_count = 0;
    for (;;) {
        tokenizer->at = skip_spaces(tokenizer, tokenizer->at);
        if (tokenizer->at == tokenizer->end)
            return false;
        if (*tokenizer->at == '>') {
            tokenizer->at++;
            return true;
        }
        if (*tokenizer->at == '/') {
            tokenizer->at++;
            token->self_closing = tokenizer->at < tokenizer->end && *tokenizer->at == '>';
        } else {
            take_attribute(tokenizer);
        }
    }
}

/* At "<!--": to behind the comment. */
static void pass_comment(struct html_tokenizer *tokenizer) {
    const char *at = tokenizer->at + 4;
    if (starts_with(tokenizer, at, ">") || starts_with(tokenizer, at, "->")) {
        tokenizer->at = at + (*at == '-') + 1;
        return;
    }
    for (; (at = find(tokenizer, at, "--", 2)) < tokenizer->end; at++) {
        size_t size = starts_with(tokenizer, at, "-->") ? 3 : starts_with(tokenizer, at, "--!>") ? 4 : 0;
        if (size) {
            tokenizer->at = at + size;
            return;
        }
    }
    tokenizer->at = tokenizer->end;
}

/* At "<![CDATA[": its text, which may be empty. */
static void take_cdata(struct html_tokenizer *tokenizer) {
    const char *start = tokenizer->at + 9, *end = find(tokenizer, start, "]]>", 3);
    tokenizer->token.type = HTML_TEXT;
    tokenizer->token.text = between(start, end);
    tokenizer->token.literal = true;
    tokenizer->at = end < tokenizer->end ? end + 3 : end;
}

/* At a "<" that begins no tag. False where it is text. */
static bool pass_markup(struct html_tokenizer *tokenizer) {
    if (starts_with(tokenizer, tokenizer->at, "<!--")) {
        pass_comment(tokenizer);
        return true;
    }
    const char *mark = tokenizer->at + 1;
    if (mark == tokenizer->end || (*mark != '!' && *mark != '?' && *mark != '/') ||
        (*mark == '/' && mark + 1 == tokenizer->end))
        return false;
    const char *end = find_byte(tokenizer, mark + 1, '>');
    tokenizer->at = end < tokenizer->end ? end + 1 : end;
    return true;
}

static void take_text(struct html_tokenizer *tokenizer) {
    const char *start = tokenizer->at;
    tokenizer->at = find_byte(tokenizer, start + 1, '<');
    tokenizer->token.type = HTML_TEXT;
    tokenizer->token.text = between(start, tokenizer->at);
    tokenizer->token.literal = false;
}

enum html_token_type html_tokenizer_next(struct html_tokenizer *tokenizer) {
    while (tokenizer->at < tokenizer->end) {
        const char *at = tokenizer->at;
        size_t left = (size_t)(tokenizer->end - at);
        if (*at == '<' && left > 1 && is(at + 1, LETTER)) {
            tokenizer->at = at + 1;
            if (take_tag(tokenizer, HTML_START_TAG))
                return HTML_START_TAG;
        } else if (*at == '<' && left > 2 && at[1] == '/' && is(at + 2, LETTER)) {
            tokenizer->at = at + 2;
            if (take_tag(tokenizer, HTML_END_TAG))
                return HTML_END_TAG;
        } else if (*at == '<' && tokenizer->foreign && starts_with(tokenizer, at, "<![CDATA[")) {
            take_cdata(tokenizer);
            if (tokenizer->token.text.size)
                return HTML_TEXT;
        } else if (*at != '<' || !pass_markup(tokenizer)) {
            take_text(tokenizer);
            return HTML_TEXT;
        }
    }
    return tokenizer->token.type = HTML_END_OF_PAGE;
}

/* Whether the tag's name stands at `at` and ends there. */
static bool is_name(const struct html_tokenizer *tokenizer, const char *at, struct span tag) {
    return (size_t)(tokenizer->end - at) > tag.size && strncasecmp(at, tag.data, tag.size) == 0 &&
           is(at + tag.size, NAME_END);
}

struct span html_tokenizer_take_raw(struct html_tokenizer *tokenizer, struct span tag) {
    const char *start = tokenizer->at;
    bool script = html_name_find(tag) == HTML_SCRIPT;
    const char *comment = NULL; /* behind the "<!" of an open one */
    bool nested = false;        /* a start tag of its own in the comment: the next end tag is that one's */
    const char *at = find_byte(tokenizer, start, '<');
    for (; at < tokenizer->end; at = find_byte(tokenizer, at + 1, '<')) {
        if (comment && memmem(comment, (size_t)(at - comment), "-->", 3)) {
            comment = NULL;
            nested = false;
        }
        if (at + 1 < tokenizer->end && at[1] == '/' && is_name(tokenizer, at + 2, tag)) {
            if (!nested)
                break;
            nested = false;
        } else if (script && !comment && starts_with(tokenizer, at, "<!--")) {
            comment = at + 2;
        } else if (comment) {
            nested |= is_name(tokenizer, at + 1, tag);
            comment = at; /* no end of it reaches across a "<" */
        }
    }
    tokenizer->at = at;
    return between(start, at);
}
