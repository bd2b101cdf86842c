/*
 * What a text must hold for a pattern to match, and what is known of the text at hand. Matching itself is the affair of
 * text/regex.c.
 */
#include "clean/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/pattern_literals.h"

/* In a shorter text a match is tried as fast as a look is taken. */
#define FILTER_MIN 128

struct pattern {
    struct regex *regex;
    struct bytes source;
    unsigned options;
    struct regex_facts facts;
    struct pattern_literals literals;
};

struct matcher {
    struct regex_matcher *regex;
    struct span text;                     /* the whole text, where a line is looked at too */
    struct span line;                     /* absent: the text is looked at */
    bool has_bytes;                       /* what follows is of this text, or of one that held it */
    uint8_t bytes[32];                    /* set of those that the text contains */
    enum { UNKNOWN, ODD, PLAIN } letters; /* see literals_have_odd_case */
    const struct pattern *pattern;        /* that was looked for last in this text */
    size_t next[LITERALS_MAX]; /* where each literal of it stands next in the text, when lines are looked at */
};

static int options_read(struct span flags, unsigned *options, struct error *error) {
    static const char letters[] = "imsx";
    static const enum regex_option meanings[] = {REGEX_CASELESS, REGEX_MULTILINE, REGEX_DOTALL, REGEX_EXTENDED};
    *options = 0;
    for (size_t i = 0; i < flags.size; i++) {
        const char *letter = flags.data[i] ? strchr(letters, flags.data[i]) : NULL;
        if (!letter)
            return error_set(error, ERROR_DATA, 0, "unknown flag '%c' of a pattern: there are i, m, s and x",
                             flags.data[i]);
        *options |= meanings[letter - letters];
    }
    return 0;
}

/* Without case a letter may be another, and options may be set inside: (?i). */
static void check_needed_byte(struct pattern *pattern, struct span source) {
    int byte = pattern->facts.needed_byte;
    bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
    bool caseless =
        (pattern->options & REGEX_CASELESS) || (source.size >= 2 && memmem(source.data, source.size, "(?", 2));
    if (caseless && (byte >= 0x80 || letter))
        pattern->facts.needed_byte = -1;
}

int pattern_new(struct pattern **pattern, struct span source, struct span flags, struct error *error) {
    unsigned options;
    struct regex *regex;
    *pattern = NULL;
    if (options_read(flags, &options, error) || regex_new(&regex, source, options, error))
        return -1;
    *pattern = memory_zeroed(1, sizeof **pattern);
    (*pattern)->regex = regex;
    (*pattern)->options = options;
    bytes_append_span(&(*pattern)->source, source);
    regex_find_facts(regex, &(*pattern)->facts);
    check_needed_byte(*pattern, source);
    if (!(options & REGEX_EXTENDED))
        pattern_literals_find(&(*pattern)->literals, source, (options & REGEX_CASELESS) != 0);
    return 0;
}

void pattern_free(struct pattern *pattern) {
    if (!pattern)
        return;
    regex_free(pattern->regex);
    bytes_release(&pattern->source);
    free(pattern);
}

bool pattern_equal(const struct pattern *a, const struct pattern *b) {
    return a->options == b->options && span_equal(span_of_bytes(&a->source), span_of_bytes(&b->source));
}

struct matcher *matcher_new(void) {
    struct matcher *matcher = memory_zeroed(1, sizeof *matcher);
    matcher->regex = regex_matcher_new();
    return matcher;
}

void matcher_free(struct matcher *matcher) {
    if (!matcher)
        return;
    regex_matcher_free(matcher->regex);
    free(matcher);
}

void matcher_begin(struct matcher *matcher, struct span text) {
    matcher_begin_rest(matcher, text);
    matcher->has_bytes = false;
    matcher->letters = UNKNOWN;
}

void matcher_begin_rest(struct matcher *matcher, struct span text) {
    matcher->text = text;
    matcher->line = (struct span){NULL, 0};
    matcher->pattern = NULL;
}

/* ---- turning texts away ---- */

static void find_bytes(struct matcher *matcher) {
    bool present[256] = {false};
    for (size_t i = 0; i < matcher->text.size; i++)
        present[(unsigned char)matcher->text.data[i]] = true;
    memset(matcher->bytes, 0, sizeof matcher->bytes);
    for (size_t byte = 0; byte < 256; byte++)
        if (present[byte])
            matcher->bytes[byte / 8] |= (uint8_t)(1U << (byte % 8));
    matcher->has_bytes = true;
}

static bool has_first_byte(struct matcher *matcher, const struct pattern *pattern) {
    if (!pattern->facts.has_first_bytes)
        return true;
    if (!matcher->has_bytes)
        find_bytes(matcher);
    for (size_t i = 0; i < sizeof matcher->bytes; i++)
        if (matcher->bytes[i] & pattern->facts.first_bytes[i])
            return true;
    return false;
}

/* False where the literals say nothing of this text. */
static bool literals_tell(struct matcher *matcher, const struct pattern *pattern) {
    if (pattern->literals.count == 0)
        return false;
    if (pattern->literals.caseless && matcher->letters == UNKNOWN)
        matcher->letters = literals_have_odd_case(matcher->text) ? ODD : PLAIN;
    return !pattern->literals.caseless || matcher->letters == PLAIN;
}

bool matcher_may_find(struct matcher *matcher, const struct pattern *pattern) {
    struct span text = matcher->text;
    int needed = pattern->facts.needed_byte;
    if (text.size < FILTER_MIN)
        return true;
    if (needed >= 0 && !memchr(text.data, needed, text.size))
        return false;
    if (!literals_tell(matcher, pattern))
        return has_first_byte(matcher, pattern);
    for (size_t i = 0; i < pattern->literals.count; i++)
        if (literal_search(&pattern->literals, i, text, 0) < text.size)
            return true;
    return false;
}

void matcher_begin_lines(struct matcher *matcher, const struct pattern *pattern) {
    matcher->pattern = NULL; /* its work begins anew */
    for (size_t i = 0; i < pattern->literals.count; i++)
        matcher->next[i] =
            literals_tell(matcher, pattern) ? literal_search(&pattern->literals, i, matcher->text, 0) : 0;
    regex_begin(matcher->regex, matcher->text);
    matcher->pattern = pattern;
}

bool matcher_begin_line(struct matcher *matcher, struct span line) {
    const struct pattern_literals *literals = &matcher->pattern->literals;
    size_t start = (size_t)(line.data - matcher->text.data), end = start + line.size;
    matcher->line = line;
    regex_begin_part(matcher->regex, line);
    if (!literals_tell(matcher, matcher->pattern))
        return true;
    for (size_t i = 0; i < literals->count; i++) {
        if (matcher->next[i] < start)
            matcher->next[i] = literal_search(literals, i, matcher->text, start);
        if (matcher->next[i] + literals->items[i].size <= end)
            return true;
    }
    return false;
}

/* ---- matching ---- */

enum match matcher_find(struct matcher *matcher, const struct pattern *pattern, size_t from) {
    if (pattern != matcher->pattern) {
        regex_begin(matcher->regex, matcher->text);
        matcher->pattern = pattern;
    }
    return regex_find(matcher->regex, pattern->regex, from);
}

struct span matcher_group(const struct matcher *matcher, size_t group) {
    return regex_group(matcher->regex, group);
}
