/*
 * The one place that knows PCRE2 among the rules. Before a match is tried, the bytes and trigrams that occur in the
 * text at all are held against those that a match must begin with or contain: most patterns of rules are turned away by
 * that.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "clean/pattern.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/pattern_literals.h"

/* Backtracks of one match; JIT's stack. A rule whose match takes more is a fault of the rule, and says so with its
 * rejects. */
#define MATCH_LIMIT_BACKTRACKS 1000000U
#define JIT_STACK_SIZE ((size_t)1 << 20)
#define GROUPS_MAX 16
/* In a shorter text a match is tried as fast as a look is taken. */
#define FILTER_MIN 128

struct pattern {
    pcre2_code *code;
    bool has_first_bytes; /* a match begins with one of these bytes */
    uint8_t first_bytes[32];
    bool has_needed_byte; /* a match contains this byte */
    uint8_t needed_byte;
    struct pattern_literals literals;
};

struct matcher {
    struct span text;
    bool has_bytes, has_trigrams; /* what follows is of this text, or of one that held it */
    uint8_t bytes[32];            /* set of those that the text contains */
    struct trigram_set trigrams;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    pcre2_match_data *data;
    int groups; /* of the last match */
};

static int options_read(struct span flags, uint32_t *options, struct error *error) {
    *options = PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C;
    for (size_t i = 0; i < flags.size; i++) {
        switch (flags.data[i]) {
        case 'i':
            *options |= PCRE2_CASELESS;
            break;
        case 'm':
            *options |= PCRE2_MULTILINE;
            break;
        case 's':
            *options |= PCRE2_DOTALL;
            break;
        case 'x':
            *options |= PCRE2_EXTENDED;
            break;
        default:
            return error_set(error, ERROR_DATA, 0, "unknown flag '%c' of a pattern: there are i, m, s and x",
                             flags.data[i]);
        }
    }
    return 0;
}

static void find_filters(struct pattern *pattern, bool case_counts) {
    const uint8_t *bitmap = NULL;
    uint32_t type = 0, unit = 0, minimum = 0;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_FIRSTBITMAP, &bitmap);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_MINLENGTH, &minimum);
    if (bitmap && minimum > 0) {
        memcpy(pattern->first_bytes, bitmap, 32);
        pattern->has_first_bytes = true;
    }
    pcre2_pattern_info(pattern->code, PCRE2_INFO_LASTCODETYPE, &type);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_LASTCODEUNIT, &unit);
    bool letter = (unit | 0x20) >= 'a' && (unit | 0x20) <= 'z';
    if (type == 1 && (case_counts || (unit < 0x80 && !letter))) {
        pattern->needed_byte = (uint8_t)unit;
        pattern->has_needed_byte = true;
    }
}

int pattern_new(struct pattern **pattern, struct span source, struct span flags, struct error *error) {
    uint32_t options;
    int code;
    PCRE2_SIZE offset;
    *pattern = NULL;
    if (options_read(flags, &options, error))
        return -1;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)source.data, source.size, options & ~PCRE2_NO_UTF_CHECK, &code, &offset, NULL);
    if (!compiled) {
        char message[160];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof message);
        return error_set(error, ERROR_DATA, offset, "%s", message);
    }
    if (pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE) != 0) {
        pcre2_code_free(compiled);
        return error_set(error, ERROR_SYSTEM, 0, "PCRE2 has no JIT for this pattern");
    }
    *pattern = memory_zeroed(1, sizeof **pattern);
    (*pattern)->code = compiled;
    /* Options may be set inside: (?i). */
    bool case_counts = !(options & PCRE2_CASELESS) && !(source.size >= 2 && memmem(source.data, source.size, "(?", 2));
    find_filters(*pattern, case_counts);
    if (!(options & PCRE2_EXTENDED))
        pattern_literals_find(&(*pattern)->literals, source, (options & PCRE2_CASELESS) != 0);
    return 0;
}

void pattern_free(struct pattern *pattern) {
    if (!pattern)
        return;
    pcre2_code_free(pattern->code);
    free(pattern);
}

struct matcher *matcher_new(void) {
    struct matcher *matcher = memory_zeroed(1, sizeof *matcher);
    matcher->context = pcre2_match_context_create(NULL);
    matcher->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_SIZE, NULL);
    matcher->data = pcre2_match_data_create(GROUPS_MAX, NULL);
    pcre2_set_match_limit(matcher->context, MATCH_LIMIT_BACKTRACKS);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return matcher;
}

void matcher_free(struct matcher *matcher) {
    if (!matcher)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_jit_stack_free(matcher->stack);
    pcre2_match_context_free(matcher->context);
    free(matcher);
}

void matcher_begin(struct matcher *matcher, struct span text) {
    matcher->text = text;
    matcher->has_bytes = matcher->has_trigrams = false;
}

void matcher_begin_part(struct matcher *matcher, struct span text) {
    matcher->text = text;
}

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

static bool has_bytes(struct matcher *matcher, const struct pattern *pattern) {
    if (!matcher->has_bytes)
        find_bytes(matcher);
    if (pattern->has_needed_byte && !(matcher->bytes[pattern->needed_byte / 8] >> (pattern->needed_byte % 8) & 1))
        return false;
    if (!pattern->has_first_bytes)
        return true;
    for (size_t i = 0; i < sizeof matcher->bytes; i++)
        if (matcher->bytes[i] & pattern->first_bytes[i])
            return true;
    return false;
}

bool matcher_may_find(struct matcher *matcher, const struct pattern *pattern) {
    if (matcher->text.size < FILTER_MIN)
        return true;
    if (pattern->literals.count > 0) {
        if (!matcher->has_trigrams)
            trigram_set_fill(&matcher->trigrams, matcher->text);
        matcher->has_trigrams = true;
        return pattern_literals_may_occur(&pattern->literals, &matcher->trigrams);
    }
    return (!pattern->has_needed_byte && !pattern->has_first_bytes) || has_bytes(matcher, pattern);
}

enum match matcher_find(struct matcher *matcher, const struct pattern *pattern, size_t from) {
    if (from > matcher->text.size)
        return MATCH_NONE;
    /* An empty text may have no address, which PCRE2 refuses. */
    const char *data = matcher->text.data ? matcher->text.data : "";
    matcher->groups = pcre2_match(pattern->code, (PCRE2_SPTR)data, matcher->text.size, from, PCRE2_NO_UTF_CHECK,
                                  matcher->data, matcher->context);
    if (matcher->groups == PCRE2_ERROR_NOMATCH)
        return MATCH_NONE;
    if (matcher->groups < 0)
        return MATCH_LIMIT;
    if (matcher->groups == 0)
        matcher->groups = GROUPS_MAX;
    return MATCH_FOUND;
}

struct span matcher_group(const struct matcher *matcher, size_t group) {
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(matcher->data);
    if (group >= (size_t)matcher->groups || offsets[2 * group] == PCRE2_UNSET)
        return (struct span){NULL, 0};
    /* \K in a lookahead can put the start behind the end; then nothing is matched. */
    size_t start = offsets[2 * group], end = offsets[2 * group + 1];
    return (struct span){matcher->text.data + start, end > start ? end - start : 0};
}
