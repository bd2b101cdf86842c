/*
 * The answers that rules ask for: signals, patterns and lists, of a text, a line or another part of the record.
 */
#include <math.h>

#include "clean/rule_run_state.h"
#include "text/utf8.h"

size_t rule_search_after(struct span text, size_t start, size_t size) {
    uint32_t code;
    if (size > 0 || start >= text.size)
        return start + (size > 0 ? size : 1);
    return start + utf8_decode_valid(text.data + start, &code);
}

bool rule_compare(double value, enum comparison comparison, double threshold) {
    switch (comparison) {
    case LESS:
        return value < threshold;
    case LESS_EQUAL:
        return value <= threshold;
    case GREATER:
        return value > threshold;
    case GREATER_EQUAL:
        return value >= threshold;
    case EQUAL:
        return value == threshold;
    default:
        return value != threshold;
    }
}

static enum answer compare_answer(const struct condition *condition, double value, struct finding *finding) {
    finding->value = value;
    if (isnan(value))
        return ANSWER_UNKNOWN;
    return rule_compare(value, condition->comparison, condition->threshold) ? ANSWER_YES : ANSWER_NO;
}

/* The part of the record that a condition looks at, where it is not the text. */
static struct span part_of(const struct rule_run *run, const struct condition *condition, struct span text) {
    return condition->part == PART_URL ? run->subject->url : condition->part == PART_TITLE ? run->subject->title : text;
}

static enum answer pattern_answer(struct rule_run *run, struct span text, const struct condition *condition,
                                  struct finding *finding) {
    struct matcher *matcher = condition->part == PART_TEXT ? run->matcher : run->part_matcher;
    if (condition->part != PART_TEXT)
        matcher_begin(matcher, text);
    bool may = (run->looked_at == run->line_signals && matcher == run->matcher) ||
               matcher_may_find(matcher, condition->pattern);
    enum match match = may ? matcher_find(matcher, condition->pattern, 0) : MATCH_NONE;
    if (match == MATCH_FOUND) {
        finding->match = matcher_group(matcher, 0);
        finding->offset = (size_t)(finding->match.data - text.data);
    }
    if (match == MATCH_LIMIT)
        return ANSWER_LIMIT;
    if (condition->measure == MEASURE_ANY)
        return match == MATCH_FOUND ? ANSWER_YES : ANSWER_NO;
    double count = 0;
    while (match == MATCH_FOUND) {
        struct span whole = matcher_group(matcher, 0);
        count++;
        size_t next = rule_search_after(text, (size_t)(whole.data - text.data), whole.size);
        match = matcher_find(matcher, condition->pattern, next);
    }
    return match == MATCH_LIMIT ? ANSWER_LIMIT : compare_answer(condition, count, finding);
}

static enum answer list_answer(struct rule_run *run, struct span text, const struct condition *condition,
                               struct finding *finding) {
    const struct rule_list *list = &run->rules->lists.items[condition->list];
    struct listed listed = {.words = 1};
    if (condition->use == LIST_DOMAIN)
        listed.count = rule_list_has_domain(list, text);
    else if (condition->use == LIST_ADDRESS)
        listed.count = rule_list_has_address(list, text);
    else if (condition->use == LIST_LETTERS)
        listed.count = rule_list_has_letters(list, text);
    else
        listed =
            condition->part == PART_URL ? rule_list_count_words(list, text) : signals_count_words(run->looked_at, list);
    switch (condition->measure) {
    case MEASURE_COUNT:
        return compare_answer(condition, (double)listed.count, finding);
    case MEASURE_KINDS:
        return compare_answer(condition, (double)listed.kinds, finding);
    case MEASURE_SHARE:
        return compare_answer(condition, listed.words ? (double)listed.count / (double)listed.words : NAN, finding);
    default:
        return listed.count > 0 ? ANSWER_YES : ANSWER_NO;
    }
}

enum answer rule_answer(struct rule_run *run, struct span text, const struct condition *condition,
                        struct finding *finding) {
    *finding = (struct finding){.value = NAN};
    struct span part = part_of(run, condition, text);
    if (!part.data && condition->part != PART_TEXT)
        return ANSWER_UNKNOWN;
    if (condition->kind == CONDITION_PATTERN)
        return pattern_answer(run, part, condition, finding);
    if (condition->kind == CONDITION_LIST)
        return list_answer(run, part, condition, finding);
    return compare_answer(condition, signals_get(run->looked_at, condition->signal), finding);
}
