/*
 * The interpreter of rules. Owns what a thread needs for it: signals, matcher, the plan of rules for a language, and
 * the buffers of edits. Knows texts, not records.
 */
#include "clean/rule_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/space.h"
#include "text/utf8.h"

/* The rules for one scope and language, in order. */
struct plan {
    enum scope scope;
    struct bytes language;
    bool has_language;
    const struct rule **rules;
    size_t count;
};

/* Plans of so many scopes and languages are kept; then one after the other is made anew. */
#define PLANS_MAX 64

struct rule_run {
    const struct rules *rules;
    bool tidy;
    struct signals *signals, *line_signals;
    struct signals *looked_at;              /* one of these */
    struct matcher *matcher, *part_matcher; /* of the text, of other parts of the record */
    struct plan plans[PLANS_MAX];
    size_t plan_count, next_plan;
    uint64_t *hits; /* of each rule */
    bool has_hits;
    struct bytes buffers[2];
    size_t next; /* the buffer that the text is not in */
    struct verdict *verdicts;
    size_t verdict_count, verdict_capacity;
    bool observe;
    struct observation *observations;
    size_t observation_count, observation_capacity;
    /* the text at hand */
    const struct rule_subject *subject;
    struct span text;
    uint64_t text_hits;
    struct text_piece *pieces; /* of it that are left when lines are dropped */
    size_t piece_count, piece_capacity;
};

int rule_run_new(struct rule_run **run, const struct rules *rules, const struct text_classes *classes, bool tidy,
                 struct error *error) {
    struct signals *signals;
    *run = NULL;
    if (signals_new(&signals, classes, error))
        return -1;
    *run = memory_zeroed(1, sizeof **run);
    (*run)->rules = rules;
    (*run)->tidy = tidy;
    (*run)->signals = signals;
    (*run)->line_signals = signals_new_line(signals);
    (*run)->matcher = matcher_new();
    (*run)->part_matcher = matcher_new();
    (*run)->hits = memory_zeroed(rules->count + 1, sizeof *(*run)->hits);
    return 0;
}

void rule_run_free(struct rule_run *run) {
    if (!run)
        return;
    for (size_t i = 0; i < run->plan_count; i++) {
        bytes_release(&run->plans[i].language);
        free(run->plans[i].rules);
    }
    bytes_release(&run->buffers[0]);
    bytes_release(&run->buffers[1]);
    signals_free(run->line_signals);
    signals_free(run->signals);
    matcher_free(run->matcher);
    matcher_free(run->part_matcher);
    free(run->hits);
    free(run->verdicts);
    free(run->observations);
    free(run->pieces);
    free(run);
}

struct signals *rule_run_signals(struct rule_run *run) {
    return run->signals;
}

void rule_run_observe(struct rule_run *run, bool observe) {
    run->observe = observe;
    run->observation_count = 0;
}

const struct observation *rule_run_observations(const struct rule_run *run, size_t *count) {
    *count = run->observation_count;
    return run->observations;
}

static void add_observation(struct rule_run *run, struct observation observation) {
    if (run->observation_count == run->observation_capacity) {
        run->observation_capacity = run->observation_capacity ? 2 * run->observation_capacity : 64;
        run->observations = memory_resize(run->observations, run->observation_capacity, sizeof *run->observations);
    }
    run->observations[run->observation_count++] = observation;
}

uint64_t rule_run_hits(const struct rule_run *run, size_t rule) {
    return run->hits[rule];
}

bool rule_run_has_hits(const struct rule_run *run) {
    return run->has_hits;
}

void rule_run_clear_hits(struct rule_run *run) {
    memset(run->hits, 0, run->rules->count * sizeof *run->hits);
    run->has_hits = false;
}

static bool plan_is_for(const struct plan *plan, enum scope scope, struct span language) {
    return plan->scope == scope && plan->has_language == (language.data != NULL) &&
           plan->language.size == language.size &&
           (language.size == 0 || memcmp(plan->language.data, language.data, language.size) == 0);
}

static void plan_make(struct plan *plan, const struct rules *rules, enum scope scope, struct span language) {
    plan->rules = memory_resize(plan->rules, rules->count + 1, sizeof *plan->rules);
    plan->count = 0;
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = rules_effective(rules, i, scope, language);
        if (rule)
            plan->rules[plan->count++] = rule;
    }
    plan->scope = scope;
    bytes_clear(&plan->language);
    bytes_append_span(&plan->language, language);
    plan->has_language = language.data != NULL;
}

static const struct plan *plan_of(struct rule_run *run, enum scope scope, struct span language) {
    for (size_t i = 0; i < run->plan_count; i++)
        if (plan_is_for(&run->plans[i], scope, language))
            return &run->plans[i];
    size_t place = run->plan_count < PLANS_MAX ? run->plan_count++ : run->next_plan++ % PLANS_MAX;
    plan_make(&run->plans[place], run->rules, scope, language);
    return &run->plans[place];
}

/* What is given with the text: signals_begin forgot it. */
static void set_given(struct rule_run *run) {
    signals_set(run->signals, SIGNAL_HITS, (double)run->text_hits);
    signals_set(run->signals, SIGNAL_LANG_SCORE, run->subject->lang_score);
    signals_set(run->signals, SIGNAL_SCORE, run->subject->score);
    signals_set(run->signals, SIGNAL_TURNS, run->subject->turns);
}

/* Points signals and matcher at the text. */
static void look_at_text(struct rule_run *run) {
    signals_begin(run->signals, run->text, run->subject->language, &run->rules->stop_words);
    set_given(run);
    run->looked_at = run->signals;
    matcher_begin(run->matcher, run->text);
}

/* ---- edits ---- */

static struct bytes *edit_begin(struct rule_run *run) {
    struct bytes *out = &run->buffers[run->next];
    bytes_clear(out);
    return out;
}

static struct span edit_span(const struct bytes *out) {
    return (struct span){out->data ? out->data : "", out->size};
}

/* Makes the buffer of edit_begin the text, and puts its white space in order; returns whether that changed it. */
static bool edit_end(struct rule_run *run, const struct rule *rule, uint64_t hits) {
    run->text = edit_span(&run->buffers[run->next]);
    run->next = 1 - run->next;
    struct bytes *out = edit_begin(run);
    bool tidied = run->tidy && space_tidy(run->text, out);
    if (tidied) {
        run->text = edit_span(out);
        run->next = 1 - run->next;
    }
    run->hits[rule - run->rules->items] += hits;
    run->has_hits = true;
    run->text_hits += hits;
    return tidied;
}

/* A hyphen and a name for what was found, where there is a key for names. */
static void append_pseudonym(const struct rule_run *run, struct span found, struct bytes *out) {
    if (!run->rules->pseudonyms)
        return;
    bytes_append_byte(out, '-');
    pseudonym_append(run->rules->pseudonyms, found, out);
}

/* Appends the replacement of what was found with its groups filled in. */
static void append_replacement(const struct rule_run *run, const struct rule *rule, struct span found,
                               struct bytes *out) {
    struct span with = span_of_bytes(&rule->replacement);
    for (size_t i = 0; i < with.size; i++) {
        char next = with.data[i] == '$' && i + 1 < with.size ? with.data[i + 1] : 0;
        if (next >= '0' && next <= '9')
            bytes_append_span(out, matcher_group(run->matcher, (size_t)(next - '0')));
        else if (next == '-')
            append_pseudonym(run, found, out);
        else
            bytes_append_byte(out, with.data[i]);
        i += next == '$' || next == '-' || (next >= '0' && next <= '9');
    }
}

/* The bytes of the match that all checks of the rule let pass; 0 where one refuses it. */
static size_t verified_size(const struct rule *rule, struct span match) {
    for (size_t i = 0; i < rule->verifier_count && match.size > 0; i++)
        match.size = rule->verifiers[i](match);
    return match.size;
}

/* Where the search goes on after a match: behind it, or behind the next character where it is empty. */
static size_t search_after(struct span text, size_t start, size_t size) {
    uint32_t code;
    if (size > 0 || start >= text.size)
        return start + (size > 0 ? size : 1);
    return start + utf8_decode_valid(text.data + start, &code);
}

/* Strips or replaces every match. Returns false where the bound on work was reached. */
static bool run_edit(struct rule_run *run, const struct rule *rule) {
    struct bytes *out = NULL;
    size_t from = 0, copied = 0;
    uint64_t hits = 0;
    enum match match;
    if (!matcher_may_find(run->matcher, rule->condition.pattern))
        return true;
    while ((match = matcher_find(run->matcher, rule->condition.pattern, from)) == MATCH_FOUND) {
        struct span whole = matcher_group(run->matcher, 0);
        size_t start = (size_t)(whole.data - run->text.data);
        size_t size = rule->verifier_count ? verified_size(rule, whole) : whole.size;
        if (size > 0 || (whole.size == 0 && rule->action == RULE_REPLACE)) {
            if (!out)
                out = edit_begin(run);
            bytes_append(out, run->text.data + copied, start - copied);
            append_replacement(run, rule, (struct span){whole.data, size}, out);
            copied = start + size;
            hits++;
        }
        from = search_after(run->text, start, size > 0 ? size : whole.size);
    }
    if (match == MATCH_LIMIT)
        return false;
    if (out) {
        bytes_append(out, run->text.data + copied, run->text.size - copied);
        edit_end(run, rule, hits);
        look_at_text(run);
    }
    return true;
}

/* ---- conditions ---- */

static bool compare(double value, enum comparison comparison, double threshold) {
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

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN, ANSWER_LIMIT };

/* What a condition found. */
struct finding {
    double value; /* that was compared; NAN where nothing was */
    size_t offset;
    struct span match; /* of a pattern; absent where there is none */
};

static enum answer compare_answer(const struct condition *condition, double value, struct finding *finding) {
    finding->value = value;
    if (isnan(value))
        return ANSWER_UNKNOWN;
    return compare(value, condition->comparison, condition->threshold) ? ANSWER_YES : ANSWER_NO;
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
    bool may = run->looked_at == run->line_signals || matcher_may_find(matcher, condition->pattern);
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
        size_t next = search_after(text, (size_t)(whole.data - text.data), whole.size);
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

/* Answers a condition on what run looks at: its text or a line of it. */
static enum answer condition_answer(struct rule_run *run, struct span text, const struct condition *condition,
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

/* ---- lines ---- */

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

/* True where more than `most` bytes in a row are not blank. Looks at few of them: where a blank is near the end of a
 * stretch, what lies before it is of no interest. */
static bool has_long_run(struct span text, double most) {
    if (!(most >= 1))
        return true;
    if (most >= (double)text.size)
        return false;
    size_t stretch = (size_t)most, start = 0; /* behind a blank */
    while (start + stretch < text.size) {
        size_t at = start + stretch;
        while (at > start && !is_blank(text.data[at]))
            at--;
        if (at == start && !is_blank(text.data[at]))
            return true;
        start = at + 1;
    }
    return false;
}

/* False where the whole text tells that no line can be dropped. */
static bool may_drop_lines(struct rule_run *run, const struct condition *condition) {
    double value;
    if (condition->kind == CONDITION_PATTERN)
        return matcher_may_find(run->matcher, condition->pattern) || condition->measure != MEASURE_ANY;
    if (condition->kind != CONDITION_SIGNAL || !signal_is_maximum(condition->signal))
        return true;
    bool above = condition->comparison == GREATER || condition->comparison == GREATER_EQUAL;
    if (above && condition->signal != SIGNAL_MAX_WORD_RUN && !has_long_run(run->text, condition->threshold - 1))
        return false;
    value = signals_get(run->signals, condition->signal);
    return !above || isnan(value) || compare(value, condition->comparison, condition->threshold);
}

/* Keeps a part of the text, with what was kept last where it joins. Blank lines that come to stand in a row, or first,
 * are left out where white space is to be put in order. */
static void keep_piece(struct rule_run *run, size_t start, size_t size, struct bytes *out) {
    struct text_piece *last = run->piece_count ? &run->pieces[run->piece_count - 1] : NULL;
    bool blank = run->text.data[start] == '\n';
    bool after_blank = out->size == 0 || (out->size > 1 && out->data[out->size - 2] == '\n');
    bool joins = last && last->start + last->size == start;
    if (run->tidy && blank && after_blank && !joins)
        return;
    bytes_append(out, run->text.data + start, size);
    if (joins) {
        last->size += size;
        return;
    }
    if (run->piece_count == run->piece_capacity) {
        run->piece_capacity = run->piece_capacity ? 2 * run->piece_capacity : 64;
        run->pieces = memory_resize(run->pieces, run->piece_capacity, sizeof *run->pieces);
    }
    run->pieces[run->piece_count++] = (struct text_piece){start, size, out->size - size};
}

/* Makes what was kept the text. */
static void end_lines(struct rule_run *run, const struct rule *rule, uint64_t dropped, struct bytes *out) {
    while (run->tidy && out->size > 0 && out->data[out->size - 1] == '\n')
        out->size--;
    if (edit_end(run, rule, dropped)) {
        look_at_text(run);
        return;
    }
    signals_keep_words(run->signals, run->pieces, run->piece_count, run->text);
    set_given(run);
    matcher_begin_part(run->matcher, run->text);
}

/* Returns false where the bound on work was reached. */
static bool run_drop_lines(struct rule_run *run, const struct rule *rule) {
    struct span text = run->text;
    uint64_t dropped = 0;
    enum answer answer = ANSWER_NO;
    if (!may_drop_lines(run, &rule->condition))
        return true;
    struct bytes *out = edit_begin(run);
    run->piece_count = 0;
    run->looked_at = run->line_signals;
    signals_begin_lines(run->line_signals);
    for (size_t start = 0; start < text.size && answer != ANSWER_LIMIT;) {
        const char *newline = memchr(text.data + start, '\n', text.size - start);
        struct span line = {text.data + start, newline ? (size_t)(newline - text.data) - start : text.size - start};
        struct finding finding;
        answer = ANSWER_NO;
        if (line.size > 0) {
            signals_begin_line(run->line_signals, line);
            matcher_begin_part(run->matcher, line);
            answer = condition_answer(run, line, &rule->condition, &finding);
        }
        if (answer != ANSWER_YES)
            keep_piece(run, start, line.size + (newline != NULL), out);
        dropped += answer == ANSWER_YES;
        start += line.size + 1;
    }
    run->looked_at = run->signals;
    matcher_begin_part(run->matcher, text);
    if (answer != ANSWER_LIMIT && dropped > 0)
        end_lines(run, rule, dropped, out);
    return answer != ANSWER_LIMIT;
}

/* ---- one rule, one text ---- */

static void add_verdict(struct rule_run *run, struct verdict verdict) {
    if (run->verdict_count == run->verdict_capacity) {
        run->verdict_capacity = run->verdict_capacity ? 2 * run->verdict_capacity : 8;
        run->verdicts = memory_resize(run->verdicts, run->verdict_capacity, sizeof *run->verdicts);
    }
    run->verdicts[run->verdict_count++] = verdict;
}

/* Applies a rule; adds a verdict where it drops the text. */
static void run_rule(struct rule_run *run, const struct rule *rule) {
    struct finding finding = {.value = NAN};
    bool limit = false, dropped = false;
    if (rule->action == RULE_STRIP || rule->action == RULE_REPLACE) {
        limit = !run_edit(run, rule);
    } else if (rule->action == RULE_DROP_LINE) {
        limit = !run_drop_lines(run, rule);
    } else if (!run->subject->edits_only) {
        enum answer answer = condition_answer(run, run->text, &rule->condition, &finding);
        limit = answer == ANSWER_LIMIT;
        if (run->observe && !isnan(finding.value))
            add_observation(run, (struct observation){rule, finding.value});
        dropped = answer == (rule->action == RULE_DROP ? ANSWER_YES : ANSWER_NO);
    }
    if (limit)
        add_verdict(run, (struct verdict){.rule = rule, .value = NAN, .threshold = NAN, .limit = true});
    else if (dropped)
        add_verdict(run, (struct verdict){.rule = rule,
                                          .value = finding.value,
                                          .threshold = isnan(finding.value) ? NAN : rule->condition.threshold,
                                          .offset = finding.offset,
                                          .match = finding.match});
}

static void run_rules(struct rule_run *run, struct span text, const struct rule_subject *subject, bool go_on) {
    const struct plan *plan = plan_of(run, subject->scope, subject->language);
    run->subject = subject;
    run->text = text;
    run->text_hits = 0;
    run->verdict_count = 0;
    look_at_text(run);
    for (size_t i = 0; i < plan->count && (go_on || run->verdict_count == 0); i++)
        run_rule(run, plan->rules[i]);
}

bool rule_run_apply(struct rule_run *run, struct span text, const struct rule_subject *subject, struct span *result,
                    struct verdict *verdict) {
    run_rules(run, text, subject, false);
    *result = run->text;
    if (run->verdict_count == 0)
        return true;
    *verdict = run->verdicts[0];
    return false;
}

const struct verdict *rule_run_explain(struct rule_run *run, struct span text, const struct rule_subject *subject,
                                       struct span *result, size_t *count) {
    run_rules(run, text, subject, true);
    *result = run->text;
    *count = run->verdict_count;
    return run->verdicts;
}
