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
    if (total->tables.count > 0) {
        bytes_append_text(out, ",\"tables\":");
        counters_append_tables(&total->tables, out);
    }
    bytes_append_text(out, ",\"version\":\"" GPT_VERSION "\"}\n");
}

/* Most frequent first; equal ones by name. */
static int compare_frequency(const void *a, const void *b) {
    const struct counter *left = a, *right = b;
    if (left->value != right->value)
        return left->value < right->value ? 1 : -1;
    return strcmp(left->name, right->name);
}

static int compare_name(const void *a, const void *b) {
    const struct counter *left = a, *right = b;
    return strcmp(left->name, right->name);
}

/* "NAME N, NAME N" of the counters that are not 0, with `first` before the first; returns whether there was any. */
static bool append_sorted(const struct counters *counters, int (*compare)(const void *, const void *),
                          const char *first, struct bytes *out) {
    if (!counters->count)
        return false;
    struct counter *sorted = memory_allocate(counters->count * sizeof *sorted);
    memcpy(sorted, counters->items, counters->count * sizeof *sorted);
    qsort(sorted, counters->count, sizeof *sorted, compare);
    bool any = false;
    for (size_t i = 0; i < counters->count; i++) {
        if (!sorted[i].value)
            continue;
        bytes_append_format(out, "%s%s %llu", any ? ", " : first, sorted[i].name, (unsigned long long)sorted[i].value);
        any = true;
    }
    free(sorted);
    return any;
}

void stage_report_summary(const struct stage_sink *total, uint64_t bytes_in, double seconds, struct bytes *out) {
    bytes_append_format(out, "%llu in, %llu out, %llu dropped", (unsigned long long)total->in,
                        (unsigned long long)total->out, (unsigned long long)total->drops);
    if (append_sorted(&total->dropped, compare_frequency, " (", out))
        bytes_append_byte(out, ')');
    if (total->bad_lines)
        bytes_append_format(out, ", %llu bad", (unsigned long long)total->bad_lines);
    append_sorted(&total->counts, compare_name, ", ", out);
    double rate = (double)bytes_in / 1e6 / (seconds > 1e-4 ? seconds : 1e-4);
    bytes_append_format(out, rate < 10 ? ", %.1f MB/s, %.1f s" : ", %.0f MB/s, %.1f s", rate, seconds);
}
