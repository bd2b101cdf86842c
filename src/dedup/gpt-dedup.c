/*
 * gpt-dedup: the first of every group of duplicates passes, the others are dropped. Workers fold texts and hash them;
 * the verdicts are made on one thread in input order, by the index.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/record.h"
#include "base/sort.h"
#include "base/stage.h"
#include "dedup/index.h"
#include "dedup/minhash.h"
#include "text/fold.h"

enum method { METHOD_EXACT, METHOD_MINHASH };
static const char *const method_names[] = {"exact", "minhash", NULL};

struct dedup {
    struct common_options common;
    int method;
    bool clusters;
    struct minhash_parameters parameters;
    struct minhash *minhash;
    struct index *index;
    struct sort *held;       /* with clusters: admitted lines by ordinal, until every cluster is known */
    struct bytes attachment; /* admit's own: an aligned copy */
};

/* Per-worker scratch. */
struct worker {
    struct fold fold;
    struct bytes text, line, attachment;
    uint32_t *minima;
    uint64_t *keys;
};

static void *worker_new(void *context) {
    const struct dedup *dedup = context;
    struct worker *worker = memory_zeroed(1, sizeof *worker);
    worker->minima = memory_zeroed(dedup->parameters.bands * dedup->parameters.rows, sizeof *worker->minima);
    worker->keys = memory_zeroed(dedup->parameters.bands, sizeof *worker->keys);
    return worker;
}

static void worker_free(void *state) {
    struct worker *worker = state;
    fold_release(&worker->fold);
    bytes_release(&worker->text);
    bytes_release(&worker->line);
    bytes_release(&worker->attachment);
    free(worker->minima);
    free(worker->keys);
    free(worker);
}

/* A dialogue's text is its turns, one after the other. */
static struct span compared_text(struct worker *worker, const struct record *record) {
    if (record->kind == RECORD_DOCUMENT)
        return record->field[FIELD_TEXT];
    bytes_clear(&worker->text);
    for (size_t i = 0; i < record->message_count; i++) {
        bytes_append_span(&worker->text, record->messages[i].content);
        bytes_append_byte(&worker->text, '\n');
    }
    return span_of_bytes(&worker->text);
}

/*
 * A post is compared within its own thread and as a whole only: "thanks" in two threads is no duplicate, and a thread
 * with holes is no thread. Whole dialogues are compared after gpt-pair has made them.
 */
static struct hash128 post_identity(struct worker *worker, const struct record *record) {
    static const enum record_field parts[] = {FIELD_THREAD, FIELD_AUTHOR, FIELD_ID, FIELD_TEXT};
    bytes_clear(&worker->text);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint64_t size = record->field[parts[i]].size;
        bytes_append(&worker->text, &size, sizeof size);
        bytes_append_span(&worker->text, record->field[parts[i]]);
    }
    return hash128(span_of_bytes(&worker->text));
}

static int process(void *context, void *state, struct record *record, struct stage_sink *sink, struct error *error) {
    const struct dedup *dedup = context;
    struct worker *worker = state;
    struct fingerprint fingerprint;
    memset(&fingerprint, 0, sizeof fingerprint);
    struct span thread = record->field[FIELD_THREAD];
    fingerprint.has_thread = thread.data != NULL;
    fingerprint.thread = fingerprint.has_thread ? hash64(thread, 0) : 0;
    if (fingerprint.has_thread && record->kind == RECORD_DOCUMENT) {
        fingerprint.identity = post_identity(worker, record);
    } else {
        struct span text = compared_text(worker, record);
        fingerprint.identity = hash128(text);
        if (dedup->method == METHOD_MINHASH) {
            fold_text(&worker->fold, text);
            if (worker->fold.count < 2 * dedup->parameters.ngram) /* "Room 12 is free": the number is what it says */
                fold_text_with_numbers(&worker->fold, text);
            if (minhash_keys(dedup->minhash, &worker->fold, worker->minima, worker->keys))
                fingerprint.key_count = (uint32_t)dedup->parameters.bands;
        }
    }
    bytes_clear(&worker->attachment);
    bytes_append(&worker->attachment, &fingerprint, sizeof fingerprint);
    bytes_append(&worker->attachment, worker->keys, fingerprint.key_count * sizeof *worker->keys);
    if (dedup->clusters) {
        bytes_clear(&worker->line);
        if (record_write(record, &worker->line, error))
            return -1;
        bytes_append_span(&worker->attachment, span_of_bytes(&worker->line));
    }
    stage_attach(sink, span_of_bytes(&worker->attachment));
    return stage_emit(sink, record, error);
}

static int hold_line(struct dedup *dedup, uint64_t ordinal, struct span line, struct error *error) {
    unsigned char key[8];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)(ordinal >> (56 - 8 * i));
    return sort_add(dedup->held, (struct span){(const char *)key, sizeof key}, line, error);
}

static int admit(void *context, struct span attachment, struct stage_sink *sink, struct error *error) {
    struct dedup *dedup = context;
    struct fingerprint fingerprint;
    bytes_clear(&dedup->attachment);
    bytes_append_span(&dedup->attachment, attachment);
    memcpy(&fingerprint, dedup->attachment.data, sizeof fingerprint);
    const uint64_t *keys = (const uint64_t *)(const void *)(dedup->attachment.data + sizeof fingerprint);
    size_t line = sizeof fingerprint + fingerprint.key_count * sizeof *keys;
    uint64_t ordinal = index_count(dedup->index), first;
    enum index_verdict verdict = index_add(dedup->index, &fingerprint, keys, &first);
    if (verdict != INDEX_FIRST) {
        const char *rule = verdict == INDEX_EXACT_DUPLICATE ? "exact-duplicate" : "near-duplicate";
        return stage_drop_admitted(sink, rule, (double)(first + 1), NAN, error);
    }
    if (!dedup->clusters)
        return 1;
    if (hold_line(dedup, ordinal, (struct span){attachment.data + line, attachment.size - line}, error))
        return -1;
    return 0;
}

/* With clusters: every line again, in order, now that its component is known. */
static int write_clusters(void *context, struct stage_sink *sink, struct error *error) {
    struct dedup *dedup = context;
    if (!dedup->clusters)
        return 0;
    if (sort_finish(dedup->held, error))
        return -1;
    struct record_parser *parser = record_parser_new();
    struct bytes out = {0};
    struct span key, line;
    int status;
    while ((status = sort_next(dedup->held, &key, &line, error)) == 1) {
        uint64_t ordinal = 0;
        for (size_t i = 0; i < key.size; i++)
            ordinal = ordinal << 8 | (unsigned char)key.data[i];
        struct record record;
        line.size--; /* its newline */
        if ((status = record_parse(parser, line, &record, error)) != 0)
            break;
        char cluster[HASH128_HEX_SIZE + 1];
        hash128_hex(index_cluster(dedup->index, ordinal), cluster);
        record_set_text(&record, FIELD_CLUSTER, span_of(cluster));
        bytes_clear(&out);
        if ((status = record_write(&record, &out, error)) != 0)
            break;
        stage_write(sink, span_of_bytes(&out));
    }
    bytes_release(&out);
    record_parser_free(parser);
    return status;
}

int main(int argc, char **argv) {
    struct dedup dedup = {.method = METHOD_MINHASH, .parameters = {.ngram = 5, .bands = 14, .rows = 8}};
    const struct option options[] = {
        {'m', "method", OPTION_CHOICE, &dedup.method, "METHOD", "exact: equal texts; minhash: near-duplicates too", 0,
         0, method_names},
        {0, "ngram", OPTION_COUNT, &dedup.parameters.ngram, "N", "words (characters of Chinese, Thai, ...) a shingle",
         1, 100, NULL},
        {0, "bands", OPTION_COUNT, &dedup.parameters.bands, "N", "bands of the MinHash signature", 1, 256, NULL},
        {0, "rows", OPTION_COUNT, &dedup.parameters.rows, "N", "rows a band; more rows are stricter", 1, 16, NULL},
        {0, "cluster", OPTION_FLAG, &dedup.clusters, NULL,
         "mark what passes with its component of near-duplicates and threads", 0, 0, NULL},
        OPTION_END,
    };
    const struct program program = {
        .name = "gpt-dedup",
        .purpose = "Pass the first of every group of duplicate records and drop the others.",
        .usage = "[OPTIONS] [FILE...]",
        .options = options,
        .common = COMMON_STAGE | COMMON_SEED | COMMON_MEMORY,
        .values = &dedup.common,
        .maximum_operands = SIZE_MAX,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    dedup.parameters.seed = dedup.common.seed;
    dedup.minhash = minhash_new(&dedup.parameters);
    dedup.index = index_new(dedup.parameters.bands, dedup.clusters);
    if (dedup.clusters)
        dedup.held = sort_new(dedup.common.memory);
    const struct stage stage = {
        .program = &program,
        .options = &dedup.common,
        .paths = (const char *const *)argv + first,
        .path_count = (size_t)(argc - first),
        .context = &dedup,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .process = process,
        .admit = admit,
        .finish = write_clusters,
    };
    int status = stage_run(&stage);
    sort_free(dedup.held);
    index_free(dedup.index);
    minhash_free(dedup.minhash);
    bytes_release(&dedup.attachment);
    return status;
}
