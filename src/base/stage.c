/*
 * Owns the run of a record stage: the files, the three callbacks of the pipeline, the order of everything. What a
 * record becomes is the program's affair; what it leaves behind is stage_sink's.
 *
 * A batch that holds a huge line is let through alone: the producer reads nothing more until it was consumed, and its
 * buffers are given back after it, the parser's and the program's worker included.
 */
#include "base/stage.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/lines.h"
#include "base/memory.h"
#include "base/pipeline.h"
#include "base/progress.h"
#include "base/stage_report.h"
#include "base/stage_sink.h"
#include "base/thread_runs.h"

/* A batch of more bytes than this holds one huge line. */
#define LARGE_SIZE ((size_t)8 << 20)

struct run {
    const struct stage *stage;
    struct line_reader *reader;   /* the producer's */
    struct record_parser *parser; /* the producer's; NULL without survey */
    struct stage_files files;     /* the consumer's, with all below it */
    struct stage_sink total;
    struct progress *progress;
    uint64_t lines;   /* the producer's: of all batches so far */
    bool gate_closed; /* the producer's: the last batch was large */
    sem_t gate;       /* posted when a large batch was consumed, or at a stop */
    atomic_bool stopped;
};

struct batch {
    struct line_batch lines;
    struct stage_sink sink;
    struct stage_mark *ends; /* where each record that admit may judge ends; one a line, NULL without admit */
    uint64_t *numbers;       /* its line number, 0 where it was dropped or bad */
    size_t end_count, end_capacity;
    uint64_t first;                   /* number of its first line in the whole input */
    uint64_t bytes_done, bytes_total; /* progress when the batch was read */
    bool large, failed;
    struct error error;
};

struct worker {
    struct record_parser *parser;
    struct bytes mended; /* the line at hand, where it was no record as it came */
    void *own;           /* the program's */
};

/* ---- workers ---- */

static void *worker_new(void *context, unsigned number) {
    (void)number;
    const struct run *run = context;
    struct worker *worker = memory_zeroed(1, sizeof *worker);
    worker->parser = record_parser_new();
    if (run->stage->worker_new)
        worker->own = run->stage->worker_new(run->stage->context);
    return worker;
}

static void worker_free(void *context, void *opaque) {
    const struct run *run = context;
    struct worker *worker = opaque;
    if (run->stage->worker_free)
        run->stage->worker_free(worker->own);
    record_parser_free(worker->parser);
    bytes_release(&worker->mended);
    free(worker);
}

/* Makes the worker as new, so that the memory of a huge record is given back. */
static void worker_renew(const struct run *run, struct worker *worker) {
    record_parser_free(worker->parser);
    worker->parser = record_parser_new();
    bytes_release(&worker->mended);
    if (run->stage->worker_new && run->stage->worker_free) {
        run->stage->worker_free(worker->own);
        worker->own = run->stage->worker_new(run->stage->context);
    }
}

/* Parses what the program makes of a line that is no record; the line's own error stays where that is none either. */
static int parse_mended(const struct run *run, struct worker *worker, struct stage_sink *sink, struct span line,
                        struct record *record) {
    struct error ignored;
    bytes_clear(&worker->mended);
    if (!run->stage->mend || !run->stage->mend(run->stage->context, line, &worker->mended, sink))
        return -1;
    return record_parse(worker->parser, span_of_bytes(&worker->mended), record, &ignored);
}

static int process_line(const struct run *run, struct worker *worker, struct stage_sink *sink, struct span line,
                        struct error *error) {
    struct record record;
    if (record_parse(worker->parser, line, &record, error) < 0 && parse_mended(run, worker, sink, line, &record) < 0)
        return -1;
    if (record.lone_surrogates)
        stage_count(sink, "lone-surrogates", record.lone_surrogates);
    return run->stage->process(run->stage->context, worker->own, &record, sink, error);
}

/* "FILE:LINE: byte N: REASON", bytes counted from 1 within the line. */
static void locate_error(struct error *error, const char *file, uint64_t number) {
    if (error->code == ERROR_DATA && error->position != ERROR_NO_POSITION)
        error_prefix(error, "byte %llu: ", (unsigned long long)error->position + 1);
    error_prefix(error, "%s:%llu: ", file, (unsigned long long)number);
}

static void keep_end(struct batch *batch, uint64_t number, bool judged) {
    if (batch->end_count == batch->end_capacity) {
        batch->end_capacity = batch->end_capacity ? 2 * batch->end_capacity : 1024;
        batch->ends = memory_resize(batch->ends, batch->end_capacity, sizeof *batch->ends);
        batch->numbers = memory_resize(batch->numbers, batch->end_capacity, sizeof *batch->numbers);
    }
    batch->ends[batch->end_count] = stage_sink_mark(&batch->sink);
    batch->numbers[batch->end_count++] = judged ? number : 0;
}

static void work(void *context, void *opaque_worker, void *opaque_batch) {
    struct run *run = context;
    struct worker *worker = opaque_worker;
    struct batch *batch = opaque_batch;
    struct stage_sink *sink = &batch->sink;
    const bool skip_bad = run->files.skip_bad != NULL;
    size_t surveyed = 0; /* lines */
    for (size_t i = 0; i < batch->lines.count && !batch->failed; i++) {
        const struct line *line = &batch->lines.lines[i];
        struct span text = {batch->lines.data.data + line->start, line->size};
        struct error error = {.position = ERROR_NO_POSITION};
        if (run->stage->survey && i == surveyed)
            surveyed = thread_run_survey(worker->parser, &batch->lines, i, run->stage->survey, run->stage->context,
                                         worker->own);
        stage_sink_begin(sink);
        sink->number = batch->first + i;
        sink->in++;
        bool bad = process_line(run, worker, sink, text, &error) < 0;
        if (bad) {
            stage_sink_undo(sink);
            if (skip_bad && error.code == ERROR_DATA) {
                bytes_append_span(&sink->bad, text);
                bytes_append_byte(&sink->bad, '\n');
                sink->bad_lines++;
            } else {
                sink->in--;
                locate_error(&error, batch->lines.file, line->number);
                batch->error = error;
                batch->failed = true;
            }
        }
        if (run->stage->admit && !batch->failed)
            keep_end(batch, line->number, !bad && sink->drops == sink->mark.drops);
    }
    if (batch->large)
        worker_renew(run, worker);
}

/* ---- batches ---- */

static void *batch_new(void *context) {
    const struct run *run = context;
    struct batch *batch = memory_zeroed(1, sizeof *batch);
    batch->sink.wants_rejects = run->files.rejects != NULL;
    batch->sink.wants_stats = run->files.stats != NULL;
    return batch;
}

static void batch_free(void *context, void *opaque) {
    (void)context;
    struct batch *batch = opaque;
    line_batch_release(&batch->lines);
    stage_sink_release(&batch->sink);
    free(batch->ends);
    free(batch->numbers);
    free(batch);
}

static int produce(void *context, void *opaque, struct error *error) {
    struct run *run = context;
    struct batch *batch = opaque;
    if (run->gate_closed) {
        while (sem_wait(&run->gate) < 0 && errno == EINTR)
            ;
        run->gate_closed = false;
        if (atomic_load(&run->stopped))
            return 0;
    }
    stage_sink_clear(&batch->sink);
    batch->end_count = 0;
    batch->failed = false;
    int made = line_reader_next(run->reader, &batch->lines, error);
    if (made > 0 && run->parser)
        line_reader_return(run->reader, &batch->lines, thread_run_last(run->parser, &batch->lines));
    line_reader_progress(run->reader, &batch->bytes_done, &batch->bytes_total);
    batch->first = run->lines;
    run->lines += made > 0 ? batch->lines.count : 0;
    batch->large = made > 0 && batch->lines.data.size > LARGE_SIZE;
    run->gate_closed = batch->large;
    return made;
}

/* ---- the consumer ---- */

static struct span buffer_part(const struct bytes *bytes, size_t from, size_t to) {
    return (struct span){span_of_bytes(bytes).data + from, to - from};
}

/* Lets admit judge one record, whose results in the batch lie between two marks. */
static int admit_record(struct run *run, struct batch *batch, size_t index, struct error *error) {
    static const struct stage_mark zero;
    const struct stage_mark *from = index ? &batch->ends[index - 1] : &zero, *to = &batch->ends[index];
    struct stage_sink *total = &run->total;
    bytes_append_span(&total->rejects, buffer_part(&batch->sink.rejects, from->rejects, to->rejects));
    bytes_append_span(&total->bad, buffer_part(&batch->sink.bad, from->bad, to->bad));
    total->drops += to->drops - from->drops;
    if (!batch->numbers[index])
        return 0;
    total->admitted = buffer_part(&batch->sink.output, from->output, to->output);
    struct span attachment = buffer_part(&batch->sink.attachments, from->attachments, to->attachments);
    int verdict = run->stage->admit(run->stage->context, attachment, total, error);
    if (verdict < 0) {
        locate_error(error, batch->lines.file, batch->numbers[index]);
        return -1;
    }
    if (verdict) {
        bytes_append_span(&total->output, total->admitted);
        total->out += to->out - from->out;
    }
    return 0;
}

static int consume_admitted(struct run *run, struct batch *batch, struct error *error) {
    int result = 0;
    for (size_t i = 0; i < batch->end_count && result == 0; i++)
        result = admit_record(run, batch, i, error);
    stage_sink_drain(&run->total);
    return result;
}

static void consume_whole(struct run *run, const struct batch *batch) {
    const struct stage_sink *sink = &batch->sink;
    stage_sink_put(&run->total, run->files.output, span_of_bytes(&sink->output));
    stage_sink_put(&run->total, run->files.rejects, span_of_bytes(&sink->rejects));
    stage_sink_put(&run->total, run->files.skip_bad, span_of_bytes(&sink->bad));
    run->total.out += sink->out;
    run->total.drops += sink->drops;
}

static int consume_batch(struct run *run, struct batch *batch, struct error *error) {
    int result = 0;
    stage_sink_merge(&run->total, &batch->sink);
    if (run->stage->admit)
        result = consume_admitted(run, batch, error);
    else
        consume_whole(run, batch);
    if (result == 0 && run->total.failed) {
        *error = run->total.error;
        return -1;
    }
    if (result == 0 && batch->failed) {
        *error = batch->error;
        return -1;
    }
    return result;
}

static int consume(void *context, void *opaque, struct error *error) {
    struct run *run = context;
    struct batch *batch = opaque;
    int result = consume_batch(run, batch, error);
    if (batch->large) {
        line_batch_release(&batch->lines);
        stage_sink_clear(&batch->sink);
    }
    if (result)
        atomic_store(&run->stopped, true);
    if (batch->large || result)
        sem_post(&run->gate);
    char what[64];
    snprintf(what, sizeof what, "%llu records", (unsigned long long)run->total.in);
    progress_show(run->progress, batch->bytes_done, batch->bytes_total, what);
    return result;
}

static bool assist(void *context) {
    const struct run *run = context;
    return run->stage->assist(run->stage->context);
}

/* ---- files ---- */

/* Two outputs that go to one place would mix their lines, or one would replace the other. */
static int check_apart(struct run *run, struct error *error) {
    static const char *const labels[] = {"--output", "--rejects", "--skip-bad", "--stats"};
    const struct common_options *options = run->stage->options;
    const char *names[] = {options->output, options->rejects, options->skip_bad, options->stats};
    const struct output *files[] = {run->files.output, run->files.rejects, run->files.skip_bad, run->files.stats};
    for (size_t i = 0; i < 4; i++) {
        bool to_stdout = !names[i] || strcmp(names[i], "-") == 0 || strcmp(names[i], "/dev/stdout") == 0;
        for (size_t j = 0; j < i && files[i]; j++) {
            bool both = !names[j] || strcmp(names[j], "-") == 0 || strcmp(names[j], "/dev/stdout") == 0;
            if (files[j] && ((to_stdout && both) || output_is_same(files[i], files[j])))
                return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s and %s would both write to %s", labels[j],
                                 labels[i], to_stdout ? "stdout" : names[i]);
        }
    }
    return 0;
}

static int open_files(struct run *run, struct error *error) {
    const struct common_options *options = run->stage->options;
    if (output_open(&run->files.output, options->output, error) < 0)
        return -1;
    if (options->rejects && output_open(&run->files.rejects, options->rejects, error) < 0)
        return -1;
    if (options->skip_bad && output_open(&run->files.skip_bad, options->skip_bad, error) < 0)
        return -1;
    if (options->stats && output_open(&run->files.stats, options->stats, error) < 0)
        return -1;
    return check_apart(run, error);
}

static int close_file(struct output **file, struct error *error) {
    struct output *closing = *file;
    *file = NULL;
    return closing ? output_close(closing, error) : 0;
}

/* The main output is committed last: where it stands, everything stands. */
static int close_files(struct stage_files *files, struct error *error) {
    if (close_file(&files->rejects, error) < 0 || close_file(&files->skip_bad, error) < 0 ||
        close_file(&files->stats, error) < 0)
        return -1;
    return close_file(&files->output, error);
}

/*
 * After an error named files stay as they were, but records that went to stdout, a FIFO or a device before the error
 * are delivered: output_flush hands them over, output_abort removes the temporary of a named file.
 */
static void abandon_files(struct stage_files *files) {
    struct output *all[] = {files->output, files->rejects, files->skip_bad, files->stats};
    for (size_t i = 0; i < 4; i++) {
        if (all[i])
            output_flush(all[i], NULL);
        output_abort(all[i]);
    }
}

/* ---- the run ---- */

static int run_pipeline(struct run *run, struct error *error) {
    const struct stage *stage = run->stage;
    struct pipeline pipeline = {.workers = (unsigned)stage->options->threads,
                                .context = run,
                                .batch_new = batch_new,
                                .batch_free = batch_free,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .produce = produce,
                                .work = work,
                                .consume = consume,
                                .assist = stage->assist ? assist : NULL};
    if (pipeline.workers == 0)
        pipeline.workers = 1;
    if (pipeline_run(&pipeline, error) < 0)
        return -1;
    if (stage->finish && stage->finish(stage->context, &run->total, error) < 0)
        return -1;
    stage_sink_drain(&run->total);
    if (run->total.failed) {
        *error = run->total.error;
        return -1;
    }
    return 0;
}

static int write_stats(struct run *run, struct error *error) {
    if (!run->files.stats)
        return 0;
    struct bytes json = {0};
    stage_report_stats(&run->total, run->stage->program->name, line_reader_bytes(run->reader), &json);
    int result = output_write(run->files.stats, json.data, json.size, error);
    bytes_release(&json);
    return result;
}

static void say_summary(struct run *run) {
    struct bytes text = {0};
    uint64_t bytes_in = line_reader_bytes(run->reader);
    stage_report_summary(&run->total, bytes_in, progress_seconds(run->progress), &text);
    program_say(run->stage->options, "%s", bytes_text(&text));
    bytes_release(&text);
    struct rusage usage;
    if (run->stage->options->verbose && getrusage(RUSAGE_SELF, &usage) == 0)
        program_say(run->stage->options, "%llu bytes in, %llu bytes out, %llu threads, peak memory %.1f MB",
                    (unsigned long long)bytes_in, (unsigned long long)run->total.bytes_out,
                    (unsigned long long)run->stage->options->threads, (double)usage.ru_maxrss / 1e3);
}

int stage_run(const struct stage *stage) {
    struct error error = {.position = ERROR_NO_POSITION};
    struct run run = {.stage = stage};
    run.total.files = &run.files;
    sem_init(&run.gate, 0, 0);
    run.progress = progress_new(stage->options);
    run.reader = line_reader_new(stage->paths, stage->path_count, RECORD_LINE_MAX);
    run.parser = stage->survey ? record_parser_new() : NULL;
    int result = open_files(&run, &error);
    if (result == 0) {
        run.total.wants_rejects = run.files.rejects != NULL;
        run.total.wants_stats = run.files.stats != NULL;
        result = run_pipeline(&run, &error);
    }
    progress_clear(run.progress);
    if (result == 0)
        result = write_stats(&run, &error);
    if (result == 0)
        result = close_files(&run.files, &error);
    if (result == 0)
        say_summary(&run);
    else
        abandon_files(&run.files);
    int status = result == 0 ? 0 : program_fail(&error);
    record_parser_free(run.parser);
    line_reader_free(run.reader);
    progress_free(run.progress);
    stage_sink_release(&run.total);
    sem_destroy(&run.gate);
    return status;
}
