/*
 * The lexical part of rule files. Knows positions and tokens, not what they mean.
 */
#include "clean/rule_lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

#define STRING_MAX ((size_t)1 << 20)

size_t rule_lexer_line(const struct rule_lexer *lexer, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += lexer->text.data[i] == '\n';
    return line;
}

int rule_lexer_fail(struct rule_lexer *lexer, size_t at, const char *format, ...) {
    char message[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t start = at;
    while (start > 0 && lexer->text.data[start - 1] != '\n')
        start--;
    size_t column = utf8_length((struct span){lexer->text.data + start, at - start}) + 1;
    return error_set(lexer->error, ERROR_DATA, at, "%s:%zu:%zu: %s", lexer->file, rule_lexer_line(lexer, at), column,
                     message);
}

static char byte_at(const struct rule_lexer *lexer, size_t at) {
    return at < lexer->text.size ? lexer->text.data[at] : '\n';
}

bool rule_lexer_at_end(struct rule_lexer *lexer) {
    for (;;) {
        char c = byte_at(lexer, lexer->at);
        if (lexer->at >= lexer->text.size || c == '\n' || c == '#')
            return true;
        if (c == '\\' && byte_at(lexer, lexer->at + 1) == '\n')
            lexer->at += 2;
        else if (c == ' ' || c == '\t' || c == '\r')
            lexer->at++;
        else
            return false;
    }
}

bool rule_lexer_next_line(struct rule_lexer *lexer) {
    while (rule_lexer_at_end(lexer)) {
        while (byte_at(lexer, lexer->at) != '\n')
            lexer->at++;
        if (lexer->at >= lexer->text.size)
            return false;
        lexer->at++;
    }
    return true;
}

int rule_lexer_expect_end(struct rule_lexer *lexer) {
    if (rule_lexer_at_end(lexer))
        return 0;
    return rule_lexer_fail(lexer, lexer->at, "the rule should end here");
}

char rule_lexer_peek(struct rule_lexer *lexer) {
    return rule_lexer_at_end(lexer) ? 0 : lexer->text.data[lexer->at];
}

bool rule_lexer_take(struct rule_lexer *lexer, char c) {
    if (rule_lexer_peek(lexer) != c)
        return false;
    lexer->at++;
    return true;
}

static bool is_word_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '\'' || (signed char)c < 0;
}

struct span rule_lexer_peek_word(struct rule_lexer *lexer) {
    if (rule_lexer_at_end(lexer))
        return (struct span){lexer->text.data + lexer->at, 0};
    size_t end = lexer->at;
    while (end < lexer->text.size && is_word_byte(lexer->text.data[end]))
        end++;
    return (struct span){lexer->text.data + lexer->at, end - lexer->at};
}

int rule_lexer_word(struct rule_lexer *lexer, const char *what, struct span *word) {
    *word = rule_lexer_peek_word(lexer);
    if (word->size == 0)
        return rule_lexer_fail(lexer, lexer->at, "%s should stand here", what);
    lexer->at += word->size;
    return 0;
}

bool rule_lexer_take_word(struct rule_lexer *lexer, const char *word) {
    struct span next = rule_lexer_peek_word(lexer);
    if (!span_is(next, word))
        return false;
    lexer->at += next.size;
    return true;
}

bool rule_lexer_is_followed_by(struct rule_lexer *lexer, const char *word) {
    size_t start = lexer->at;
    lexer->at += rule_lexer_peek_word(lexer).size;
    bool follows = span_is(rule_lexer_peek_word(lexer), word);
    lexer->at = start;
    return follows;
}

/* Reads the escape after a backslash at lexer->at - 1. */
static int escape_read(struct rule_lexer *lexer, struct bytes *out) {
    size_t start = lexer->at - 1;
    char c = byte_at(lexer, lexer->at++);
    if (c == '\n') /* the string goes on in the next line */
        return 0;
    if (c == 'n' || c == 't' || c == '"' || c == '\\') {
        bytes_append_byte(out, c == 'n' ? '\n' : c == 't' ? '\t' : c);
        return 0;
    }
    if (c != 'u' || byte_at(lexer, lexer->at) != '{')
        return rule_lexer_fail(lexer, start, "unknown escape: there are \\n \\t \\\" \\\\ and \\u{HEX}");
    uint32_t code = 0;
    size_t digits = 0;
    for (lexer->at++; byte_at(lexer, lexer->at) != '}'; lexer->at++, digits++) {
        const char *hex = "0123456789abcdef", *found = strchr(hex, byte_at(lexer, lexer->at) | 0x20);
        if (!found || !*found || digits == 6)
            return rule_lexer_fail(lexer, lexer->at, "a code point is one to six hexadecimal digits in braces");
        code = code * 16 + (uint32_t)(found - hex);
    }
    lexer->at++;
    if (digits == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return rule_lexer_fail(lexer, start, "there is no such code point");
    utf8_append(out, code);
    return 0;
}

static int literal_read(struct rule_lexer *lexer, struct bytes *out) {
    size_t start = lexer->at++;
    for (;;) {
        char c = byte_at(lexer, lexer->at);
        if (c == '\n')
            return rule_lexer_fail(lexer, start, "this string is not closed on its line");
        lexer->at++;
        if (c == '"')
            return 0;
        if (c != '\\')
            bytes_append_byte(out, c);
        else if (escape_read(lexer, out))
            return -1;
    }
}

/* "* N" after a literal: repeats what was appended since `from`. */
static int repeat_read(struct rule_lexer *lexer, size_t from, struct bytes *out) {
    double times;
    size_t start = lexer->at, size = out->size - from;
    if (rule_lexer_number(lexer, &times))
        return -1;
    if (!(times >= 1 && times <= 1e6) || times != (double)(size_t)times || size * (size_t)times > STRING_MAX)
        return rule_lexer_fail(lexer, start, "a string is repeated a whole number of times, to 1 MiB at most");
    bytes_reserve(out, size * (size_t)times);
    for (size_t i = 1; i < (size_t)times; i++)
        bytes_append(out, out->data + from, size);
    return 0;
}

int rule_lexer_string(struct rule_lexer *lexer, struct bytes *out) {
    if (rule_lexer_peek(lexer) != '"')
        return rule_lexer_fail(lexer, lexer->at, "a string in double quotes should stand here");
    while (rule_lexer_peek(lexer) == '"') {
        size_t from = out->size;
        if (literal_read(lexer, out) || (rule_lexer_take(lexer, '*') && repeat_read(lexer, from, out)))
            return -1;
    }
    return 0;
}

int rule_lexer_pattern(struct rule_lexer *lexer, struct span *source, struct span *flags) {
    if (rule_lexer_peek(lexer) != '/')
        return rule_lexer_fail(lexer, lexer->at, "a pattern between slashes should stand here");
    size_t start = lexer->at++;
    while (byte_at(lexer, lexer->at) != '/') {
        if (byte_at(lexer, lexer->at) == '\\' && byte_at(lexer, lexer->at + 1) != '\n')
            lexer->at++;
        if (byte_at(lexer, lexer->at) == '\n')
            return rule_lexer_fail(lexer, start, "this pattern is not closed on its line");
        lexer->at++;
    }
    *source = (struct span){lexer->text.data + start + 1, lexer->at - start - 1};
    size_t end = ++lexer->at;
    while (byte_at(lexer, end) >= 'a' && byte_at(lexer, end) <= 'z')
        end++;
    *flags = (struct span){lexer->text.data + lexer->at, end - lexer->at};
    lexer->at = end;
    return 0;
}

int rule_lexer_number(struct rule_lexer *lexer, double *number) {
    char copy[32], *end;
    struct span word = rule_lexer_peek_word(lexer);
    size_t size = word.size < sizeof copy ? word.size : 0;
    memcpy(copy, word.data, size);
    copy[size] = 0;
    *number = strtod(copy, &end); /* no locale is ever set, so the point is a point */
    bool plain = strspn(copy, "0123456789.-") == size;
    if (size == 0 || *end || !plain)
        return rule_lexer_fail(lexer, lexer->at, "a number should stand here");
    lexer->at += size;
    return 0;
}
