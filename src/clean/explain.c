/*
 * Signals and verdicts in words and JSON.
 */
#include "clean/explain.h"

#include <math.h>

#include "base/json.h"
#include "text/utf8.h"

static void append_member(struct bytes *out, const char *separator, const char *name, double value) {
    bytes_append_text(out, separator);
    json_append_string(out, span_of(name));
    bytes_append_byte(out, ':');
    json_append_number(out, value);
}

/* Longer matches are cut. */
#define MATCH_SHOWN 200

void explain_details(const struct verdict *verdict, size_t message, struct bytes *out) {
    if (message != SIZE_MAX)
        bytes_append_format(out, ",\"message\":%zu", message);
    if (verdict->limit)
        bytes_append_text(out, ",\"limit\":true");
    if (!verdict->match.data)
        return;
    struct span match = verdict->match;
    if (match.size > MATCH_SHOWN)
        match.size = utf8_previous(match.data, MATCH_SHOWN);
    bytes_append_format(out, ",\"offset\":%zu,\"match\":", verdict->offset);
    json_append_string(out, match);
}

static void append_verdict(struct bytes *out, const struct verdict *verdict) {
    bytes_append_text(out, "{\"rule\":");
    json_append_string(out, span_of(verdict->rule->name));
    if (!isnan(verdict->value)) {
        append_member(out, ",", "value", verdict->value);
        append_member(out, ",", "threshold", verdict->threshold);
    }
    explain_details(verdict, SIZE_MAX, out);
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
