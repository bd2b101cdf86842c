/*
 * The run: the pipeline around intake.c and the formats' converters, and everything that is said and counted. Knows no
 * format.
 */
#include "crawl/crawl.h"

#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/pipeline.h"
#include "base/progress.h"
#include "base/stats.h"
#include "crawl/intake.h"
#include "crawl/xml.h"
#include "text/html.h"

/* So many broken entries are told one by one; -v tells all. */
#define MESSAGES_MAX 20
/* Only one batch as large as this is in work at a time. */
#define LARGE_BATCH (8 << 20)
/* A worker's buffer that grew beyond this is given back. */
#define KEPT_MEMORY ((size_t)1 << 20)

struct run {
    const struct crawl *crawl;
    struct file_list files;
    struct intake *intake;
    struct output *output;
    struct progress *progress;
    uint64_t entries, documents, converted, skipped, broken, bytes_out; /* entries = converted + skipped + broken */
    struct counters reasons;                                            /* of skips */
    pthread_mutex_t lock;                                               /* guards the two below */
    pthread_cond_t small;                                               /* large became false, or stopped true */
    bool large, stopped;
};

static void *batch_new(void *context) {
    (void)context;
    return intake_batch_new();
}

static void batch_free(void *context, void *batch) {
    (void)context;
    intake_batch_free(batch);
}

static void *worker_new(void *context, unsigned worker) {
    (void)worker;
    const struct run *run = context;
    struct crawl_converter *converter = memory_zeroed(1, sizeof *converter);
    converter->options = run->crawl->options;
    converter->parser = record_parser_new();
    return converter;
}

static void worker_free(void *context, void *worker) {
    (void)context;
    struct crawl_converter *converter = worker;
    record_release(&converter->record);
    record_parser_free(converter->parser);
    html_page_release(&converter->page);
    xml_parser_free(converter->xml);
    bytes_release(&converter->utf8);
    bytes_release(&converter->text);
    bytes_release(&converter->scratch);
    free(converter);
}

static int produce(void *context, void *batch, struct error *error) {
    struct run *run = context;
    pthread_mutex_lock(&run->lock);
    while (run->large && !run->stopped)
        pthread_cond_wait(&run->small, &run->lock);
    bool stopped = run->stopped;
    pthread_mutex_unlock(&run->lock);
    if (stopped)
        return 0;
    int status = intake_fill(run->intake, batch, error);
    if (status > 0 && ((struct intake_batch *)batch)->size >= LARGE_BATCH) {
        pthread_mutex_lock(&run->lock);
        run->large = true;
        pthread_mutex_unlock(&run->lock);
    }
    return status;
}

/* Large buffers are not kept for every worker, since large batches come one at a time and to any of them. */
static void trim_converter(struct crawl_converter *converter, size_t entry_size) {
    struct bytes *buffers[] = {&converter->utf8, &converter->text, &converter->scratch, &converter->page.text};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
        if (buffers[i]->capacity > KEPT_MEMORY)
            bytes_release(buffers[i]);
    }
    /* Nor does the C library give back by itself what a large tree took in a thread's own arena. */
    if (entry_size >= LARGE_BATCH)
        malloc_trim(0);
}

static void work(void *context, void *worker, void *data) {
    (void)context;
    struct intake_batch *batch = data;
    struct crawl_converter *converter = worker;
    converter->out = &batch->out;
    for (size_t i = 0; i < batch->count; i++) {
        struct crawl_entry *entry = batch->entries[i];
        if (entry->outcome == CRAWL_CONVERTED)
            entry->format->convert(entry, converter);
        entry->out_end = batch->out.size;
        trim_converter(converter, entry->data.size);
    }
}

/* "FILE: byte N: reason". Errors of base/input name the file themselves. */
static void place_error(const struct crawl_entry *entry, struct error *error) {
    *error = entry->error;
    size_t length = strlen(entry->file);
    if (strncmp(error->message, entry->file, length) == 0 && error->message[length] == ':')
        return;
    uint64_t position = error->position == ERROR_NO_POSITION ? entry->position : error->position;
    error_prefix(error, "%s: byte %llu: ", entry->file, (unsigned long long)position);
}

static void say_broken(struct run *run, const struct crawl_entry *entry) {
    struct error error;
    if (run->broken > MESSAGES_MAX && !run->crawl->common->verbose)
        return;
    place_error(entry, &error);
    progress_clear(run->progress);
    program_say(run->crawl->common, "%s", error.message);
}

static void count_entry(struct run *run, const struct crawl_entry *entry) {
    run->entries++;
    run->documents += entry->documents;
    if (entry->outcome == CRAWL_CONVERTED) {
        run->converted++;
    } else if (entry->outcome == CRAWL_SKIPPED) {
        run->skipped++;
        counters_add(&run->reasons, entry->reason, 1);
    } else {
        run->broken++;
        say_broken(run, entry);
    }
}

static void leave_large(struct run *run, bool stopped) {
    pthread_mutex_lock(&run->lock);
    run->large = false;
    run->stopped = run->stopped || stopped;
    pthread_cond_signal(&run->small);
    pthread_mutex_unlock(&run->lock);
}

/* Counts the batch and tells how much of its output is to be written: all, or under --strict what comes before the
 * first broken entry. */
static int count_batch(struct run *run, const struct intake_batch *batch, size_t *size, struct error *error) {
    *size = batch->out.size;
    for (size_t i = 0; i < batch->count; i++) {
        const struct crawl_entry *entry = batch->entries[i];
        if (run->crawl->common->strict && entry->outcome == CRAWL_BROKEN) {
            *size = i ? batch->entries[i - 1]->out_end : 0;
            place_error(entry, error);
            return -1;
        }
        count_entry(run, entry);
    }
    return 0;
}

static int consume(void *context, void *data, struct error *error) {
    struct run *run = context;
    struct intake_batch *batch = data;
    size_t size;
    int status = count_batch(run, batch, &size, error);
    run->bytes_out += size;
    struct error write_error;
    if (output_write(run->output, batch->out.data, size, &write_error) < 0) {
        *error = write_error;
        status = -1;
    }
    if (batch->size >= LARGE_BATCH || status < 0) {
        intake_batch_clear(batch);
        leave_large(run, status < 0);
    }
    char what[64];
    snprintf(what, sizeof what, "%llu documents", (unsigned long long)run->documents);
    progress_show(run->progress, intake_raw_bytes(run->intake), run->files.size, what);
    return status;
}

static int run_pipeline(struct run *run, struct error *error) {
    uint64_t threads = run->crawl->common->threads;
    struct pipeline pipeline = {.workers = threads ? (unsigned)threads : 1,
                                .context = run,
                                .batch_new = batch_new,
                                .batch_free = batch_free,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .produce = produce,
                                .work = work,
                                .consume = consume};
    return pipeline_run(&pipeline, error);
}

/* As schemas/stats.schema.json has it: entries in, broken ones bad, skips by reason dropped. */
static int save_stats(const struct run *run, struct error *error) {
    struct bytes json = {0};
    bytes_append_format(
        &json, "{\"bad\":%llu,\"bytes_in\":%llu,\"bytes_out\":%llu,\"counts\":{\"converted\":%llu},\"dropped\":",
        (unsigned long long)run->broken, (unsigned long long)intake_bytes(run->intake),
        (unsigned long long)run->bytes_out, (unsigned long long)run->converted);
    counters_append_json(&run->reasons, &json);
    bytes_append_format(&json, ",\"in\":%llu,\"out\":%llu,\"program\":\"gpt-crawl\",\"version\":\"" GPT_VERSION "\"}\n",
                        (unsigned long long)run->entries, (unsigned long long)run->documents);
    int status = output_save(run->crawl->common->stats, span_of_bytes(&json), error);
    bytes_release(&json);
    return status;
}

static int by_frequency(const void *a, const void *b) {
    const struct counter *left = a, *right = b;
    if (left->value != right->value)
        return left->value < right->value ? 1 : -1;
    return strcmp(left->name, right->name);
}

static void say_summary(struct run *run) {
    const struct common_options *common = run->crawl->common;
    if (run->broken > MESSAGES_MAX && !common->verbose)
        program_say(common, "%llu more broken entries (-v tells them all)",
                    (unsigned long long)(run->broken - MESSAGES_MAX));
    struct bytes text = {0};
    bytes_append_format(&text, "%llu entries, %llu documents, %llu skipped", (unsigned long long)run->entries,
                        (unsigned long long)run->documents, (unsigned long long)run->skipped);
    if (run->reasons.count > 0)
        qsort(run->reasons.items, run->reasons.count, sizeof *run->reasons.items, by_frequency);
    for (size_t i = 0; i < run->reasons.count; i++)
        bytes_append_format(&text, "%s%s %llu", i ? ", " : " (", run->reasons.items[i].name,
                            (unsigned long long)run->reasons.items[i].value);
    double seconds = progress_seconds(run->progress);
    double rate = (double)intake_bytes(run->intake) / 1e6 / (seconds > 1e-4 ? seconds : 1e-4);
    bytes_append_format(&text, "%s, %llu broken, %.*f MB/s, %.1f s", run->reasons.count ? ")" : "",
                        (unsigned long long)run->broken, rate < 10, rate, seconds);
    program_say(common, "%s", bytes_text(&text));
    bytes_release(&text);
}

static int run_all(struct run *run, struct error *error) {
    if (file_list_fill(&run->files, run->crawl->operands, run->crawl->operand_count, error) < 0)
        return -1;
    run->intake = intake_new(&run->files, run->crawl->format, run->crawl->options);
    if (output_open(&run->output, run->crawl->common->output, error) < 0)
        return -1;
    if (run_pipeline(run, error) < 0) {
        /* What came before the error is whole; on stdout and devices it has been written. */
        output_flush(run->output, NULL);
        output_abort(run->output);
        return -1;
    }
    progress_clear(run->progress);
    if (output_close(run->output, error) < 0)
        return -1;
    return run->crawl->common->stats ? save_stats(run, error) : 0;
}

int crawl_run(const struct crawl *crawl) {
    /* Buffers of a batch come and go all the time: unmapped, each would be faulted in again. */
    mallopt(M_MMAP_THRESHOLD, LARGE_BATCH / 2);
    mallopt(M_TRIM_THRESHOLD, 8 * LARGE_BATCH);
    struct run run = {.crawl = crawl};
    struct error error = {.position = ERROR_NO_POSITION};
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.small, NULL);
    xml_initialize();
    run.progress = progress_new(crawl->common);
    int status = run_all(&run, &error);
    progress_clear(run.progress);
    if (status == 0) {
        say_summary(&run);
        status = run.broken > 0 && run.broken == run.entries ? 65 : 0;
    } else {
        status = program_fail(&error);
    }
    intake_free(run.intake);
    file_list_release(&run.files);
    counters_release(&run.reasons);
    progress_free(run.progress);
    pthread_cond_destroy(&run.small);
    pthread_mutex_destroy(&run.lock);
    return status;
}
