/* Owns what records leave behind: lines, rejects, counters, and taking them back. It knows neither threads nor the
 * order of batches. */
#include "base/stage_sink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

#define DRAIN_SIZE ((size_t)1 << 20)

struct stage_mark stage_sink_mark(const struct stage_sink *sink) {
    return (struct stage_mark){.output = sink->output.size,
                               .rejects = sink->rejects.size,
                               .bad = sink->bad.size,
                               .attachments = sink->attachments.size,
                               .out = sink->out,
                               .drops = sink->drops};
}

void stage_sink_begin(struct stage_sink *sink) {
    sink->mark = stage_sink_mark(sink);
    sink->change_count = 0;
}

void stage_sink_undo(struct stage_sink *sink) {
    sink->output.size = sink->mark.output;
    sink->rejects.size = sink->mark.rejects;
    sink->attachments.size = sink->mark.attachments;
    sink->out = sink->mark.out;
    sink->drops = sink->mark.drops;
    for (size_t i = 0; i < sink->change_count; i++)
        sink->changes[i].counters->items[sink->changes[i].index].value -= sink->changes[i].value;
    sink->change_count = 0;
}

void stage_buffer_clear(struct bytes *bytes) {
    if (bytes->capacity > STAGE_KEEP_SIZE)
        bytes_release(bytes);
    bytes_clear(bytes);
}

void stage_sink_clear(struct stage_sink *sink) {
    stage_buffer_clear(&sink->output);
    stage_buffer_clear(&sink->rejects);
    stage_buffer_clear(&sink->bad);
    stage_buffer_clear(&sink->attachments);
    counters_clear(&sink->dropped);
    counters_clear(&sink->counts);
    counters_clear(&sink->tables);
    sink->in = sink->out = sink->drops = sink->bad_lines = 0;
    sink->change_count = 0;
}

void stage_sink_release(struct stage_sink *sink) {
    bytes_release(&sink->output);
    bytes_release(&sink->rejects);
    bytes_release(&sink->bad);
    bytes_release(&sink->attachments);
    record_parser_free(sink->parser);
    sink->parser = NULL;
    counters_release(&sink->dropped);
    counters_release(&sink->counts);
    counters_release(&sink->tables);
    free(sink->changes);
    sink->changes = NULL;
    sink->change_count = sink->change_capacity = 0;
}

void stage_sink_merge(struct stage_sink *total, const struct stage_sink *batch) {
    counters_merge(&total->dropped, &batch->dropped);
    counters_merge(&total->counts, &batch->counts);
    counters_merge(&total->tables, &batch->tables);
    total->in += batch->in;
    total->bad_lines += batch->bad_lines;
}

void stage_sink_put(struct stage_sink *total, struct output *file, struct span data) {
    if (!data.size || !file || total->failed)
        return;
    if (file == total->files->output)
        total->bytes_out += data.size;
    if (output_write(file, data.data, data.size, &total->error) < 0)
        total->failed = true;
}

static void drain_buffer(struct stage_sink *total, struct output *file, struct bytes *bytes) {
    stage_sink_put(total, file, span_of_bytes(bytes));
    stage_buffer_clear(bytes);
}

void stage_sink_drain(struct stage_sink *total) {
    drain_buffer(total, total->files->output, &total->output);
    drain_buffer(total, total->files->rejects, &total->rejects);
    drain_buffer(total, total->files->skip_bad, &total->bad);
}

/* A total sink holds no more than about DRAIN_SIZE, however much finish writes. */
static void drain_when_full(struct stage_sink *sink) {
    if (sink->files && sink->output.size + sink->rejects.size > DRAIN_SIZE)
        stage_sink_drain(sink);
}

/* Counts, and remembers how to take it back. */
static void count(struct stage_sink *sink, struct counters *counters, const char *name, uint64_t value) {
    size_t index = counters_add(counters, name, value);
    if (sink->files) /* the total sink takes nothing back */
        return;
    if (sink->change_count == sink->change_capacity) {
        sink->change_capacity = sink->change_capacity ? 2 * sink->change_capacity : 16;
        sink->changes = memory_resize(sink->changes, sink->change_capacity, sizeof *sink->changes);
    }
    sink->changes[sink->change_count++] = (struct stage_change){counters, index, value};
}

/* ---- what a program calls ---- */

int stage_emit(struct stage_sink *sink, const struct record *record, struct error *error) {
    if (record_write(record, &sink->output, error) < 0)
        return -1;
    sink->out++;
    drain_when_full(sink);
    return 0;
}

void stage_write(struct stage_sink *sink, struct span line) {
    bytes_append_span(&sink->output, line);
    sink->out++;
    drain_when_full(sink);
}

static void append_reason(struct bytes *json, const struct stage_reason *reason) {
    bytes_append_text(json, "{\"rule\":");
    json_append_string(json, span_of(reason->rule));
    if (!isnan(reason->value)) {
        bytes_append_text(json, ",\"value\":");
        json_append_number(json, reason->value);
    }
    if (!isnan(reason->threshold)) {
        bytes_append_text(json, ",\"threshold\":");
        json_append_number(json, reason->threshold);
    }
    bytes_append_span(json, reason->details);
    bytes_append_byte(json, '}');
}

int stage_drop_for(struct stage_sink *sink, const struct record *record, const struct stage_reason *reason,
                   struct error *error) {
    if (sink->wants_rejects) {
        struct bytes json = {0};
        append_reason(&json, reason);
        int result = record_write_with(record, "reject", span_of_bytes(&json), &sink->rejects, error);
        bytes_release(&json);
        if (result < 0)
            return -1;
    }
    count(sink, &sink->dropped, reason->rule, 1);
    sink->drops++;
    drain_when_full(sink);
    return 0;
}

int stage_drop(struct stage_sink *sink, const struct record *record, const char *rule, double value, double threshold,
               struct error *error) {
    const struct stage_reason reason = {.rule = rule, .value = value, .threshold = threshold};
    return stage_drop_for(sink, record, &reason, error);
}

/* Writes a line that process emitted to the rejects. */
static int reject_line(struct stage_sink *sink, struct span line, struct span reason, struct error *error) {
    if (!sink->parser)
        sink->parser = record_parser_new();
    struct record record;
    if (record_parse(sink->parser, line, &record, error) != 0)
        return -1;
    return record_write_with(&record, "reject", reason, &sink->rejects, error);
}

int stage_drop_admitted(struct stage_sink *sink, const char *rule, double value, double threshold,
                        struct error *error) {
    count(sink, &sink->dropped, rule, 1);
    sink->drops++;
    if (!sink->wants_rejects)
        return 0;
    struct bytes reason = {0};
    append_reason(&reason, &(struct stage_reason){.rule = rule, .value = value, .threshold = threshold});
    int result = 0;
    for (struct span rest = sink->admitted; rest.size > 0 && result == 0;) {
        size_t size = (size_t)((const char *)memchr(rest.data, '\n', rest.size) - rest.data);
        result = reject_line(sink, (struct span){rest.data, size}, span_of_bytes(&reason), error);
        rest = (struct span){rest.data + size + 1, rest.size - size - 1};
    }
    bytes_release(&reason);
    return result;
}

void stage_count(struct stage_sink *sink, const char *name, uint64_t value) {
    count(sink, &sink->counts, name, value);
}

void stage_tally(struct stage_sink *sink, const char *table, struct span row, const char *column, uint64_t value) {
    if (!sink->wants_stats)
        return;
    struct bytes name = {0};
    bytes_append_text(&name, table);
    bytes_append_byte(&name, COUNTERS_SEPARATOR);
    bytes_append_span(&name, row);
    bytes_append_byte(&name, COUNTERS_SEPARATOR);
    bytes_append_text(&name, column);
    count(sink, &sink->tables, bytes_text(&name), value);
    bytes_release(&name);
}

void stage_attach(struct stage_sink *sink, struct span data) {
    bytes_append_span(&sink->attachments, data);
}

bool stage_wants_stats(const struct stage_sink *sink) {
    return sink->wants_stats;
}

uint64_t stage_record_number(const struct stage_sink *sink) {
    return sink->number;
}

bool stage_wants_rejects(const struct stage_sink *sink) {
    return sink->wants_rejects;
}
