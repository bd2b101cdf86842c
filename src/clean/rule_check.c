/*
 * The test runner of rule files.
 */
#include "clean/rule_check.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "clean/rule_run.h"

/* Runs an example in one scope; appends why it fails. True where it passes. */
static bool check_one(struct rule_run *run, const struct rule_example *example, enum scope scope,
                      struct bytes *report) {
    struct rule_subject subject = {.scope = scope == SCOPE_ANSWER ? SCOPE_TURN | SCOPE_ANSWER : scope,
                                   .language = span_of(example->language),
                                   .lang_score = NAN,
                                   .lang_change = NAN,
                                   .score = NAN,
                                   .turns = NAN};
    if (example->url.size > 0)
        subject.url = span_of_bytes(&example->url);
    struct span result;
    struct verdict verdict = {0};
    bool kept = rule_run_apply(run, span_of_bytes(&example->text), &subject, &result, &verdict);
    size_t start = report->size;
    bytes_append_format(report, "%s: in scope %s ", example->place, scope_name(scope));
    if (kept && example->kind == EXAMPLE_DROP) {
        bytes_append_format(report, "it is kept\n");
        return false;
    }
    if (!kept && example->kind != EXAMPLE_DROP) {
        bytes_append_format(report, "it is dropped by %s (%s)", verdict.rule->name, verdict.rule->place);
        if (!isnan(verdict.value))
            bytes_append_format(report, ": %s is %g",
                                verdict.rule->condition.kind == CONDITION_SIGNAL
                                    ? signal_name(verdict.rule->condition.signal)
                                    : "what it counts",
                                verdict.value);
        bytes_append_byte(report, '\n');
        return false;
    }
    if (!kept && example->rule && strcmp(example->rule, verdict.rule->name) != 0) {
        bytes_append_format(report, "it is dropped by %s, not by %s\n", verdict.rule->name, example->rule);
        return false;
    }
    struct span wanted = span_of_bytes(example->kind == EXAMPLE_CHANGE ? &example->result : &example->text);
    if (kept && (result.size != wanted.size || (result.size && memcmp(result.data, wanted.data, result.size) != 0))) {
        bytes_append_text(report, "it becomes ");
        json_append_string(report, result);
        bytes_append_byte(report, '\n');
        return false;
    }
    report->size = start;
    return true;
}

int rules_check(const struct rules *rules, struct bytes *report, size_t *passed, size_t *failed, struct error *error) {
    struct text_classes *classes;
    struct rule_run *run;
    *passed = *failed = 0;
    if (text_classes_new(&classes, error))
        return -1;
    if (rule_run_new(&run, rules, classes, true, error)) {
        text_classes_free(classes);
        return -1;
    }
    for (size_t i = 0; i < rules->example_count; i++) {
        bool passes = true;
        for (enum scope scope = SCOPE_PAGE; scope <= SCOPE_ANSWER && passes; scope = (enum scope)(2 * (int)scope))
            if (rules->examples[i].scopes & scope)
                passes = check_one(run, &rules->examples[i], scope, report);
        *passed += passes;
        *failed += !passes;
    }
    rule_run_free(run);
    text_classes_free(classes);
    return 0;
}
