/*
 * The interpreter of rules: the plan of rules for a language, and running it over a text. Knows texts, not records;
 * what each kind of rule does is the affair of rule_edits.c, rule_answers.c and rule_lines.c.
 */
#include "clean/rule_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/rule_run_state.h"

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
    (*run)->done = memory_zeroed(rules->count + 1, sizeof *(*run)->done);
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
    free(run->done);
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

static bool condition_equal(const struct condition *a, const struct condition *b) {
    if (a->kind != b->kind || a->measure != b->measure || a->part != b->part || a->comparison != b->comparison ||
        a->threshold != b->threshold)
        return false;
    if (a->kind == CONDITION_PATTERN)
        return pattern_equal(a->pattern, b->pattern);
    return a->kind == CONDITION_LIST ? a->list == b->list && a->use == b->use : a->signal == b->signal;
}

/*
 * Presets share rules: an earlier rule that does what this one does. Only for rules of which a second run on the same
 * text, or the same lines, finds nothing new, and that compare no number, which statistics would miss.
 */
static size_t find_twin(const struct plan *plan, const struct rule *rule) {
    bool line = rule->action == RULE_DROP_LINE;
    bool pattern = (rule->action == RULE_DROP || rule->action == RULE_REQUIRE) &&
                   rule->condition.kind == CONDITION_PATTERN && rule->condition.measure == MEASURE_ANY;
    for (size_t i = 0; i < plan->count && (line || pattern); i++)
        if (plan->rules[i].rule->action == rule->action &&
            condition_equal(&plan->rules[i].rule->condition, &rule->condition))
            return i;
    return SIZE_MAX;
}

static void plan_make(struct plan *plan, const struct rules *rules, enum scope scope, struct span language) {
    plan->rules = memory_resize(plan->rules, rules->count + 1, sizeof *plan->rules);
    plan->count = 0;
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *rule = rules_effective(rules, i, scope, language);
        if (rule) {
            plan->rules[plan->count] = (struct planned_rule){rule, find_twin(plan, rule)};
            plan->count++;
        }
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

void rule_run_set_given(struct rule_run *run) {
    signals_set(run->signals, SIGNAL_HITS, (double)run->text_hits);
    signals_set(run->signals, SIGNAL_LANG_SCORE, run->subject->lang_score);
    signals_set(run->signals, SIGNAL_LANG_CHANGE, run->subject->lang_change);
    signals_set(run->signals, SIGNAL_SCORE, run->subject->score);
    signals_set(run->signals, SIGNAL_TURNS, run->subject->turns);
}

void rule_run_look_at_text(struct rule_run *run) {
    signals_begin(run->signals, run->text, run->subject->language, &run->rules->stop_words);
    rule_run_set_given(run);
    run->looked_at = run->signals;
    matcher_begin(run->matcher, run->text);
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
        limit = !rule_edit_run(run, rule);
    } else if (rule->action == RULE_DROP_LINE) {
        limit = !rule_lines_run(run, rule);
    } else if (!run->subject->edits_only) {
        enum answer answer = rule_answer(run, run->text, &rule->condition, &finding);
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

/* How many changes there were so far of what the rule looks at. */
static size_t changes_for(const struct rule_run *run, const struct rule *rule) {
    return rule->action == RULE_DROP_LINE ? run->line_changes : run->changes;
}

static void run_rules(struct rule_run *run, struct span text, const struct rule_subject *subject, bool go_on) {
    const struct plan *plan = plan_of(run, subject->scope, subject->language);
    run->subject = subject;
    run->text = text;
    run->text_hits = 0;
    run->verdict_count = 0;
    run->changes = run->line_changes = 0;
    rule_run_look_at_text(run);
    for (size_t i = 0; i < plan->count && (go_on || run->verdict_count == 0); i++) {
        const struct planned_rule *planned = &plan->rules[i];
        bool known = !go_on && planned->twin != SIZE_MAX && run->done[planned->twin] == changes_for(run, planned->rule);
        if (!known)
            run_rule(run, planned->rule);
        run->done[i] = changes_for(run, planned->rule);
    }
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
