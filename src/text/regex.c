/*
 * The one place that knows PCRE2. An expression is compiled twice. The plain form runs where what it can do at most is
 * known to be little: the text's length, times how far one try may reach, times PCRE2's own limit, which its JIT
 * counts anew for each place where a match may begin and does not count for each character. Everything else runs in
 * the counted form, in which PCRE2 calls back before every item of the expression. Which form runs depends on the
 * expression and the text alone.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/regex.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define JIT_STACK_SIZE ((size_t)16 << 20)

/* Steps that the plain form may take: so many, and so many a byte of the text. A step is a character compared. */
#define PLAIN_STEPS 1073741824.0 /* of a whole text; parts of one have none to begin with */
#define PLAIN_STEPS_A_BYTE 4096.0
/* Below this limit the plain form would nearly always end in vain. */
#define PLAIN_LIMIT_MIN 8.0
#define PLAIN_LIMIT_MAX 1000000.0

/* Work of the counted form: an item and a character that is gone over cost so much. */
#define ITEM_COST 16
#define COUNTED_WORK ((uint64_t)1 << 28)
#define COUNTED_WORK_A_BYTE 1024

/* What the callback returns to end a match: a code that PCRE2 hands on. */
#define TOO_MUCH PCRE2_ERROR_MATCHLIMIT

struct regex {
    pcre2_code *plain, *counted;
    uint32_t match_options;
    size_t reach;       /* steps that PCRE2 takes at most without counting one; 0: no bound is known */
    uint64_t item_cost; /* of an item in the counted form */
    bool refers_back;   /* to what a group matched: an item may compare as much */
};

struct regex_matcher {
    struct span text;
    bool whole;       /* the text is not a part of one */
    size_t total;     /* size of the text, or of that of which it is a part */
    uint64_t work;    /* of the counted form over the text so far */
    bool refers_back; /* of the expression at hand */
    uint64_t item_cost;
    size_t last_place; /* where the last item began */
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    pcre2_match_data *data;
    int groups; /* of the last match */
};

/* ---- reading an expression ---- */

struct bounds {
    size_t most, count; /* the largest number of a repetition, how many there are */
    bool unbounded;     /* a repetition without an end, a recursion, or a reference back */
    bool refers_back;
};

/* Reads digits; large numbers stay large. */
static size_t number_at(struct span source, size_t *at) {
    size_t number = 0;
    for (; *at < source.size && source.data[*at] >= '0' && source.data[*at] <= '9'; (*at)++)
        if (number < 1000000)
            number = 10 * number + (size_t)(source.data[*at] - '0');
    return number;
}

/* Takes any number in braces for a repetition: {2}, {2,5}, {2,}. */
static void read_braces(struct span source, size_t at, struct bounds *bounds) {
    size_t start = at, number = number_at(source, &at);
    bool comma = at < source.size && source.data[at] == ',';
    at += comma;
    size_t digits = at, limit = number_at(source, &at);
    bounds->unbounded |= at > start && comma && at == digits;
    bounds->count++;
    bounds->most = number > bounds->most ? number : bounds->most;
    bounds->most = limit > bounds->most ? limit : bounds->most;
}

/*
 * Looks for what repeats. It sees more than there is, in classes, comments and quotations: then the counted form runs
 * where the plain one might. The possessive + of {2,5}+ and the like is the exception, since it is so common.
 */
static struct bounds read_bounds(struct span source) {
    struct bounds bounds = {.most = 1, .count = 1};
    bool in_class = false;
    for (size_t i = 0; i < source.size; i++) {
        char c = source.data[i], next = i + 1 < source.size ? source.data[i + 1] : '\0',
             last = i ? source.data[i - 1] : '\0';
        if (c == '\\') {
            bool back = (next >= '1' && next <= '9') || next == 'g' || next == 'k';
            bounds.refers_back |= back && !in_class;
            bounds.unbounded |= (back && !in_class) || next == 'X' || next == 'Q' || next == 'E';
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            i += next == '^';
            i += i + 1 < source.size && source.data[i + 1] == ']';
        } else if (c == '*' || (c == '+' && !(i > 1 && (last == '}' || last == '?') && source.data[i - 2] != '\\'))) {
            bounds.unbounded = true;
        } else if (c == '{') {
            read_braces(source, i + 1, &bounds);
        } else if (c == '(' && next == '?' && i + 2 < source.size && strchr("R&P+-0123456789(", source.data[i + 2])) {
            bounds.unbounded = true; /* recursion, a named group, a condition, or an option switched off */
            bounds.refers_back |= source.data[i + 2] == 'P';
        }
    }
    return bounds;
}

/* ---- expressions ---- */

static pcre2_code *compile(struct span source, uint32_t options, struct error *error) {
    int code;
    PCRE2_SIZE offset;
    const char *data = source.data ? source.data : "";
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)data, source.size, options, &code, &offset, NULL);
    if (!compiled) {
        char message[160];
        pcre2_get_error_message(code, (PCRE2_UCHAR *)message, sizeof message);
        error_set(error, ERROR_DATA, offset, "%s", message);
    } else if (pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE) != 0) {
        pcre2_code_free(compiled);
        compiled = NULL;
        error_set(error, ERROR_SYSTEM, 0, "PCRE2 has no JIT for this pattern");
    }
    return compiled;
}

int regex_new(struct regex **regex, struct span source, unsigned options, struct error *error) {
    static const uint32_t theirs[] = {PCRE2_CASELESS, PCRE2_MULTILINE, PCRE2_DOTALL, PCRE2_EXTENDED,
                                      PCRE2_MATCH_INVALID_UTF};
    uint32_t flags = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, behind = 0;
    struct bounds bounds = read_bounds(source);
    *regex = NULL;
    for (size_t i = 0; i < sizeof theirs / sizeof theirs[0]; i++)
        flags |= options >> i & 1 ? theirs[i] : 0;
    struct regex made = {.plain = compile(source, flags, error),
                         .match_options = options & REGEX_ANY_BYTES ? 0 : PCRE2_NO_UTF_CHECK,
                         .refers_back = bounds.refers_back};
    if (!made.plain)
        return -1;
    made.counted = compile(source, flags | PCRE2_AUTO_CALLOUT, error);
    if (!made.counted) {
        pcre2_code_free(made.plain);
        return -1;
    }
    /* An item may repeat so often before it fails, or step back so far, and try all of a long class. */
    pcre2_pattern_info(made.plain, PCRE2_INFO_MAXLOOKBEHIND, &behind);
    size_t most = bounds.most > behind ? bounds.most : behind;
    made.reach = bounds.unbounded ? 0 : bounds.count * most + source.size / 8;
    made.item_cost = ITEM_COST + most / 4 + source.size / 64;
    *regex = memory_allocate(sizeof **regex);
    **regex = made;
    return 0;
}

void regex_free(struct regex *regex) {
    if (!regex)
        return;
    pcre2_code_free(regex->plain);
    pcre2_code_free(regex->counted);
    free(regex);
}

void regex_append_unicode_version(struct bytes *out) {
    char version[24] = "";
    pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, version);
    bytes_append_text(out, version);
}

void regex_find_facts(const struct regex *regex, struct regex_facts *facts) {
    const uint8_t *bitmap = NULL;
    uint32_t type = 0, unit = 0, minimum = 0;
    *facts = (struct regex_facts){.needed_byte = -1};
    pcre2_pattern_info(regex->plain, PCRE2_INFO_FIRSTBITMAP, &bitmap);
    pcre2_pattern_info(regex->plain, PCRE2_INFO_MINLENGTH, &minimum);
    if (bitmap && minimum > 0) {
        memcpy(facts->first_bytes, bitmap, sizeof facts->first_bytes);
        facts->has_first_bytes = true;
    }
    pcre2_pattern_info(regex->plain, PCRE2_INFO_LASTCODETYPE, &type);
    if (type == 1) {
        pcre2_pattern_info(regex->plain, PCRE2_INFO_LASTCODEUNIT, &unit);
    } else {
        pcre2_pattern_info(regex->plain, PCRE2_INFO_FIRSTCODETYPE, &type);
        pcre2_pattern_info(regex->plain, PCRE2_INFO_FIRSTCODEUNIT, &unit);
    }
    if (type == 1)
        facts->needed_byte = (int)unit;
}

/* ---- matching ---- */

/* The longest text of a group so far, which a reference back may compare with. */
static size_t longest_group(const pcre2_callout_block *block) {
    size_t longest = 0;
    for (size_t group = 1; group < block->capture_top; group++) {
        PCRE2_SIZE start = block->offset_vector[2 * group], end = block->offset_vector[2 * group + 1];
        if (start != PCRE2_UNSET && end > start && end - start > longest)
            longest = end - start;
    }
    return longest;
}

/* Before an item: charges it, and what was gone over since the last one. */
static int count_item(pcre2_callout_block *block, void *data) {
    struct regex_matcher *matcher = data;
    size_t place = block->current_position;
    matcher->work += matcher->item_cost;
    matcher->work += place > matcher->last_place ? place - matcher->last_place : 0;
    matcher->last_place = place;
    if (matcher->refers_back)
        matcher->work += longest_group(block);
    return matcher->work > COUNTED_WORK + COUNTED_WORK_A_BYTE * (uint64_t)matcher->total ? TOO_MUCH : 0;
}

struct regex_matcher *regex_matcher_new(void) {
    struct regex_matcher *matcher = memory_zeroed(1, sizeof *matcher);
    matcher->context = pcre2_match_context_create(NULL);
    matcher->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_SIZE, NULL);
    matcher->data = pcre2_match_data_create(REGEX_GROUPS_MAX, NULL);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    pcre2_set_callout(matcher->context, count_item, matcher);
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

void regex_begin(struct regex_matcher *matcher, struct span text) {
    matcher->text = text;
    matcher->whole = true;
    matcher->total = text.size;
    matcher->work = 0;
}

void regex_begin_part(struct regex_matcher *matcher, struct span text) {
    matcher->text = text;
    matcher->whole = false;
}

/* The limit for each place where a match may begin, with which the plain form stays within its steps; 0: it may not
 * run. */
static uint32_t plain_limit(const struct regex_matcher *matcher, const struct regex *regex) {
    double size = (double)matcher->text.size + 1, reach = regex->reach ? (double)regex->reach : size;
    double steps = PLAIN_STEPS_A_BYTE * size + (matcher->whole ? PLAIN_STEPS : 0);
    double limit = steps / (size * (reach < size ? reach : size));
    return limit < PLAIN_LIMIT_MIN ? 0 : (uint32_t)(limit < PLAIN_LIMIT_MAX ? limit : PLAIN_LIMIT_MAX);
}

static int match(struct regex_matcher *matcher, const struct regex *regex, const pcre2_code *code, size_t from,
                 uint32_t limit) {
    /* An empty text may have no address, which PCRE2 refuses. */
    const char *data = matcher->text.data ? matcher->text.data : "";
    pcre2_set_match_limit(matcher->context, limit);
    return pcre2_match(code, (PCRE2_SPTR)data, matcher->text.size, from, regex->match_options, matcher->data,
                       matcher->context);
}

enum match regex_find(struct regex_matcher *matcher, const struct regex *regex, size_t from) {
    if (from > matcher->text.size)
        return MATCH_NONE;
    uint32_t limit = plain_limit(matcher, regex);
    int found = limit ? match(matcher, regex, regex->plain, from, limit) : TOO_MUCH;
    if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
        matcher->item_cost = regex->item_cost;
        matcher->refers_back = regex->refers_back;
        matcher->last_place = from;
        found = match(matcher, regex, regex->counted, from, UINT32_MAX);
    }
    if (found == PCRE2_ERROR_NOMATCH)
        return MATCH_NONE;
    if (found < 0)
        return MATCH_LIMIT;
    matcher->groups = found == 0 ? REGEX_GROUPS_MAX : found;
    return MATCH_FOUND;
}

struct span regex_group(const struct regex_matcher *matcher, size_t group) {
    const PCRE2_SIZE *offsets = pcre2_get_ovector_pointer(matcher->data);
    if (group >= (size_t)matcher->groups || offsets[2 * group] == PCRE2_UNSET)
        return (struct span){NULL, 0};
    /* \K in a lookahead can put the start behind the end; then nothing is matched. */
    size_t start = offsets[2 * group], end = offsets[2 * group + 1];
    return (struct span){matcher->text.data + start, end > start ? end - start : 0};
}
