/*
 * Signals and verdicts in words and JSON.
 */
#include "clean/explain.h"

#include <math.h>

#include "base/json.h"

static void append_member(struct bytes *out, const char *separator, const char *name, double value) {
    bytes_append_text(out, separator);
    json_append_string(out, span_of(name));
    bytes_append_byte(out, ':');
    json_append_number(out, value);
}

static void append_verdict(struct bytes *out, const struct verdict *verdict) {
    bytes_append_text(out, "{\"rule\":");
    json_append_string(out, span_of(verdict->rule->name));
    if (!isnan(verdict->value)) {
        append_member(out, ",", "value", verdict->value);
        append_member(out, ",", "threshold", verdict->threshold);
    }
    if (verdict->limit)
        bytes_append_text(out, ",\"limit\":true");
    bytes_append_byte(out, '}');
}

void explain_text(struct rule_run *run, struct span text, const struct rule_subject *subject, struct span *result,
                  struct bytes *out) {
    size_t count;
    const struct verdict *verdicts = rule_run_explain(run, text, subject, result, &count);
    bytes_append_format(out, "{\"scope\":\"%s\",\"signals\":{", scope_name(subject->scope));
    append_member(out, "", signal_name(0), signals_get(rule_run_signals(run), 0)); /* always has a value */
    for (enum signal signal = 1; signal < SIGNAL_COUNT; signal++) {
        double value = signals_get(rule_run_signals(run), signal);
        if (!isnan(value))
            append_member(out, ",", signal_name(signal), value);
    }
    bytes_append_text(out, "},\"verdicts\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            bytes_append_byte(out, ',');
        append_verdict(out, &verdicts[i]);
    }
    bytes_append_text(out, "]}");
}

void explain_list_signals(struct bytes *out) {
    for (enum signal signal = 0; signal < SIGNAL_COUNT; signal++)
        bytes_append_format(out, "%-20s %s\n", signal_name(signal), signal_description(signal));
}
