/*
 * The one place of this folder that knows PCRE2, and how its dialect differs from those of the libraries that share
 * tokenizer.json with us. It knows nothing of pieces.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "token/regex.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Backtracks of one match, and the JIT's stack: far more than a pattern needs that is meant to cut text. */
#define MATCH_LIMIT_BACKTRACKS 10000000U
#define JIT_STACK_SIZE ((size_t)16 << 20)

struct regex {
    pcre2_code *code;
};

struct regex_matcher {
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    pcre2_match_data *data;
};

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

static int compile(struct regex **regex, struct span pattern, struct error *error) {
    int code;
    PCRE2_SIZE offset;
    /* Invalid UTF-8 never matches, instead of being undefined: raw bytes are encoded too. */
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)pattern.data, pattern.size,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &offset, NULL);
    if (!compiled) {
        char message[160];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof message);
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s", message);
    }
    if (pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE) != 0) {
        pcre2_code_free(compiled);
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "PCRE2 has no JIT for this pattern");
    }
    *regex = memory_zeroed(1, sizeof **regex);
    (*regex)->code = compiled;
    return 0;
}

int regex_new(struct regex **regex, struct span pattern, struct error *error) {
    struct rewriting rewriting = {.pattern = pattern};
    int result = pattern.size ? 0 : error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the pattern is empty");
    *regex = NULL;
    while (result == 0 && rewriting.at < pattern.size)
        result = rewrite_one(&rewriting, error);
    if (result == 0)
        result = compile(regex, span_of_bytes(&rewriting.out), error);
    bytes_release(&rewriting.out);
    return result;
}

void regex_free(struct regex *regex) {
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    free(regex);
}

struct regex_matcher *regex_matcher_new(void) {
    struct regex_matcher *matcher = memory_zeroed(1, sizeof *matcher);
    matcher->context = pcre2_match_context_create(NULL);
    matcher->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_SIZE, NULL);
    matcher->data = pcre2_match_data_create(1, NULL);
    pcre2_set_match_limit(matcher->context, MATCH_LIMIT_BACKTRACKS);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return matcher;
}

void regex_matcher_free(struct regex_matcher *matcher) {
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_jit_stack_free(matcher->stack);
    pcre2_match_context_free(matcher->context);
    free(matcher);
}

int regex_find(const struct regex *regex, struct regex_matcher *matcher, struct span text, size_t from, size_t *start,
               size_t *end) {
    int found = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.size, from, 0, matcher->data, matcher->context);
    if (found == PCRE2_ERROR_NOMATCH)
        return 0;
    if (found < 0)
        return -1;
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(matcher->data);
    *start = offsets[0];
    *end = offsets[1] > offsets[0] ? offsets[1] : offsets[0];
    return 1;
}
