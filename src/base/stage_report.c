/* Owns the two forms in which a run's counters are shown. */
#include "base/stage_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

static void append_count(struct bytes *out, const char *key, uint64_t value) {
    bytes_append_format(out, "\"%s\":%llu,", key, (unsigned long long)value);
}

void stage_report_stats(const struct stage_sink *total, const char *program, uint64_t bytes_in, struct bytes *out) {
    bytes_append_byte(out, '{');
    append_count(out, "bad", total->bad_lines);
    append_count(out, "bytes_in", bytes_in);
    append_count(out, "bytes_out", total->bytes_out);
    bytes_append_text(out, "\"counts\":");
    counters_append_json(&total->counts, out);
    bytes_append_text(out, ",\"dropped\":");
    counters_append_json(&total->dropped, out);
    bytes_append_byte(out, ',');
    append_count(out, "in", total->in);
    append_count(out, "out", total->out);
    bytes_append_text(out, "\"program\":");
    json_append_string(out, span_of(program));
    bytes_append_text(out, ",\"version\":\"" GPT_VERSION "\"}\n");
}

/* Most frequent first; equal ones by name. */
static int compare_frequency(const void *a, const void *b) {
    const struct counter *left = a, *right = b;
    if (left->value != right->value)
        return left->value < right->value ? 1 : -1;
    return strcmp(left->name, right->name);
}

static void append_rules(const struct counters *dropped, struct bytes *out) {
    struct counter *sorted = memory_allocate(dropped->count * sizeof *sorted);
    memcpy(sorted, dropped->items, dropped->count * sizeof *sorted);
    qsort(sorted, dropped->count, sizeof *sorted, compare_frequency);
    const char *before = " (";
    for (size_t i = 0; i < dropped->count && sorted[i].value; i++, before = ", ")
        bytes_append_format(out, "%s%s %llu", before, sorted[i].name, (unsigned long long)sorted[i].value);
    if (*before == ',')
        bytes_append_byte(out, ')');
    free(sorted);
}

void stage_report_summary(const struct stage_sink *total, uint64_t bytes_in, double seconds, struct bytes *out) {
    bytes_append_format(out, "%llu in, %llu out, %llu dropped", (unsigned long long)total->in,
                        (unsigned long long)total->out, (unsigned long long)total->drops);
    if (total->dropped.count)
        append_rules(&total->dropped, out);
    if (total->bad_lines)
        bytes_append_format(out, ", %llu bad", (unsigned long long)total->bad_lines);
    for (size_t i = 0; i < total->counts.count; i++)
        bytes_append_format(out, ", %s %llu", total->counts.items[i].name,
                            (unsigned long long)total->counts.items[i].value);
    double rate = (double)bytes_in / 1e6 / (seconds > 1e-4 ? seconds : 1e-4);
    bytes_append_format(out, rate < 10 ? ", %.1f MB/s, %.1f s" : ", %.0f MB/s, %.1f s", rate, seconds);
}
