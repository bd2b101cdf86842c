/*
 * Finding runs. A line is parsed only where it may be a post of the thread at hand: where it holds the thread's name.
 */
#include "base/thread_runs.h"

#include <string.h>

static struct span line_text(const struct line_batch *batch, size_t index) {
    return (struct span){batch->data.data + batch->lines[index].start, batch->lines[index].size};
}

static bool holds(struct span line, struct span text) {
    return memmem(line.data, line.size, text.data, text.size) != NULL;
}

/* Reads a line that is a post: of any thread (thread.data NULL) or of one. */
static bool read_post(struct record_parser *parser, struct span line, struct span thread, struct record *record) {
    struct error ignored;
    if (!holds(line, thread.data ? thread : span_of("\"thread\"")) ||
        record_parse(parser, line, record, &ignored) != 0 || record->kind != RECORD_DOCUMENT)
        return false;
    struct span found = record->field[FIELD_THREAD];
    return found.data && (!thread.data || span_equal(found, thread));
}

size_t thread_run_survey(struct record_parser *parser, const struct line_batch *batch, size_t start,
                         thread_run_visit *visit, void *context, void *worker) {
    struct record record;
    if (!read_post(parser, line_text(batch, start), (struct span){NULL, 0}, &record))
        return start + 1;
    struct bytes thread = {0};
    bytes_append_span(&thread, record.field[FIELD_THREAD]);
    visit(context, worker, &record, true);
    size_t end = start + 1;
    while (end < batch->count && thread.size > 0 &&
           read_post(parser, line_text(batch, end), span_of_bytes(&thread), &record)) {
        visit(context, worker, &record, false);
        end++;
    }
    bytes_release(&thread);
    return end;
}

size_t thread_run_last(struct record_parser *parser, const struct line_batch *batch) {
    struct record record;
    size_t start = batch->count;
    if (start <= 1 || !read_post(parser, line_text(batch, start - 1), (struct span){NULL, 0}, &record))
        return start;
    struct bytes thread = {0};
    bytes_append_span(&thread, record.field[FIELD_THREAD]);
    start--;
    while (start > 0 && thread.size > 0 &&
           read_post(parser, line_text(batch, start - 1), span_of_bytes(&thread), &record))
        start--;
    bytes_release(&thread);
    return start;
}
