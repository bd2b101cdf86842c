/*
 * How PCRE2's dialect differs from those of the libraries that share tokenizer.json with us. It knows nothing of
 * pieces, and of matching only that PCRE2 does it.
 */
#include "token/regex_dialect.h"

#include <string.h>

/* White_Space and the word characters of Unicode (UTS 18); PCRE2's \s has U+180E too, its \w other characters. */
#define SPACES \
    "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
#define WORDS "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}"

struct rewriting {
    struct span pattern;
    size_t at;
    bool in_class;
    struct bytes out;
};

static int refuse(const struct rewriting *rewriting, const char *why, struct error *error) {
    return error_set(error, ERROR_DATA, rewriting->at, "byte %zu of the pattern: %s", rewriting->at + 1, why);
}

/* A backslash with what follows it. */
static int rewrite_escape(struct rewriting *rewriting, struct error *error) {
    struct bytes *out = &rewriting->out;
    if (rewriting->at + 1 == rewriting->pattern.size)
        return refuse(rewriting, "ends in a backslash", error);
    char letter = rewriting->pattern.data[rewriting->at + 1];
    if (letter && strchr("hHRXKGQEZNvVC", letter))
        return refuse(rewriting, "this escape means other things to other libraries: spell it out", error);
    if (letter == 's' || letter == 'w') {
        const char *set = letter == 's' ? SPACES : WORDS;
        bytes_append_format(out, rewriting->in_class ? "%s" : "[%s]", set);
    } else if ((letter == 'S' || letter == 'W') && !rewriting->in_class) {
        bytes_append_format(out, "[^%s]", letter == 'S' ? SPACES : WORDS);
    } else {
        bytes_append(out, rewriting->pattern.data + rewriting->at, 2);
        if (letter == 'S')
            bytes_append_text(out, "\\x{180e}");
    }
    rewriting->at += 2;
    return 0;
}

/* `{m,n}+`: possessive in PCRE2 and tiktoken, a repeated group in Oniguruma. */
static bool is_possessive_interval(const struct rewriting *rewriting) {
    const struct span *pattern = &rewriting->pattern;
    size_t at = rewriting->at + 1;
    while (at < pattern->size && strchr("0123456789,", pattern->data[at]) && pattern->data[at])
        at++;
    return at > rewriting->at + 1 && at + 1 < pattern->size && pattern->data[at] == '}' && pattern->data[at + 1] == '+';
}

static int rewrite_one(struct rewriting *rewriting, struct error *error) {
    char c = rewriting->pattern.data[rewriting->at];
    if (c == '\\')
        return rewrite_escape(rewriting, error);
    if (rewriting->in_class) {
        if (c == '[')
            return refuse(rewriting, "a [ within a class means other things to other libraries: write \\[", error);
        if (c == '&' && rewriting->at + 1 < rewriting->pattern.size &&
            rewriting->pattern.data[rewriting->at + 1] == '&')
            return refuse(rewriting, "&& within a class means other things to other libraries", error);
        rewriting->in_class = c != ']';
    } else if (c == '[') {
        rewriting->in_class = true;
        bytes_append_byte(&rewriting->out, c);
        rewriting->at++;
        if (rewriting->at < rewriting->pattern.size && rewriting->pattern.data[rewriting->at] == '^') {
            bytes_append_byte(&rewriting->out, '^');
            rewriting->at++;
        }
        if (rewriting->at < rewriting->pattern.size && rewriting->pattern.data[rewriting->at] == ']')
            return refuse(rewriting, "a ] at the start of a class means other things to other libraries: write \\]",
                          error);
        return 0;
    } else if (c == '^' || c == '$') {
        return refuse(rewriting, "^ and $ mean other things to other libraries: write \\A or \\z", error);
    } else if (c == '{' && is_possessive_interval(rewriting)) {
        return refuse(rewriting, "{m,n}+ means other things to other libraries: write {m,n} or (?>X{m,n})", error);
    }
    bytes_append_byte(&rewriting->out, c);
    rewriting->at++;
    return 0;
}

int regex_dialect_rewrite(struct span pattern, struct bytes *out, struct error *error) {
    struct rewriting rewriting = {.pattern = pattern};
    int result = pattern.size ? 0 : error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the pattern is empty");
    while (result == 0 && rewriting.at < pattern.size)
        result = rewrite_one(&rewriting, error);
    bytes_append_span(out, span_of_bytes(&rewriting.out));
    bytes_release(&rewriting.out);
    return result;
}
