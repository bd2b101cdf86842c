/*
 * Owns gpt-bpe train: workers count the pieces of every record, then merges are learned from the sums. Knows the
 * options and the files; learning is learn.c's affair.
 */
#include "bpe/train.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/stage.h"
#include "bpe/learn.h"
#include "bpe/piece_count.h"
#include "bpe/save.h"
#include "token/tokenizer.h"

struct train {
    struct common_options common;
    const char *output, *config;
    uint64_t vocabulary_size, minimum_count;
    const char *regex;
    int kind;
    struct pretokenizer *pretokenizer; /* given to the tokenizer in the end */
    bool all_splits;
    struct piece_counts counts; /* of the workers that ended; under the lock */
    pthread_mutex_t lock;
    struct progress *progress;
};

/* A worker's counts; given to the sum when it ends. */
struct counter_worker {
    struct train *train;
    struct cutter *cutter;
    struct piece_counts counts;
};

static void *worker_new(void *context) {
    struct counter_worker *worker = memory_zeroed(1, sizeof(*worker));
    worker->train = context;
    worker->cutter = cutter_new(worker->train->pretokenizer);
    return worker;
}

static void worker_free(void *opaque) {
    struct counter_worker *worker = opaque;
    pthread_mutex_lock(&worker->train->lock);
    if (worker->train->counts.count == 0) {
        struct piece_counts empty = worker->train->counts;
        worker->train->counts = worker->counts;
        worker->counts = empty;
    } else {
        piece_counts_merge(&worker->train->counts, &worker->counts);
    }
    pthread_mutex_unlock(&worker->train->lock);
    piece_counts_release(&worker->counts);
    cutter_free(worker->cutter);
    free(worker);
}

static int count_text(struct counter_worker *worker, struct span text, struct error *error) {
    struct span pieces[64];
    long count;
    cutter_begin(worker->cutter, text);
    while ((count = cutter_take(worker->cutter, pieces, 64, error)) > 0)
        for (long i = 0; i < count; i++)
            piece_counts_add(&worker->counts, pieces[i], 1);
    return count < 0 ? -1 : 0;
}

/* What is held out for evaluation must not shape the tokenizer. */
static bool is_held_out(const struct record *record) {
    struct span split = record->field[FIELD_SPLIT];
    return span_is(split, "val") || span_is(split, "test");
}

static int process(void *context, void *opaque, struct record *record, struct stage_sink *sink, struct error *error) {
    const struct train *train = context;
    struct counter_worker *worker = opaque;
    if (is_held_out(record) && !train->all_splits)
        return stage_drop(sink, record, "held-out", NAN, NAN, error);
    if (record->kind == RECORD_DOCUMENT && count_text(worker, record->field[FIELD_TEXT], error) != 0)
        return -1;
    for (size_t i = 0; i < record->message_count && record->kind == RECORD_DIALOGUE; i++)
        if (count_text(worker, record->messages[i].content, error) != 0)
            return -1;
    stage_write(sink, (struct span){"", 0}); /* counted as out, with no line of its own */
    return 0;
}

static void show_progress(void *context, uint32_t vocabulary_size) {
    struct train *train = context;
    progress_show(train->progress, vocabulary_size, train->vocabulary_size, "merging");
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    struct train *train = context;
    struct tokenizer *tokenizer = tokenizer_build_begin(train->pretokenizer);
    train->pretokenizer = NULL;
    const struct learn_options options = {.vocabulary_size = (uint32_t)train->vocabulary_size,
                                          .minimum_count = train->minimum_count,
                                          .progress = show_progress,
                                          .progress_context = train};
    int result = learn_merges(tokenizer, &train->counts, &options, error);
    progress_clear(train->progress);
    if (result == 0) {
        tokenizer_build_end(tokenizer);
        stage_count(sink, "pieces", train->counts.count);
        stage_count(sink, "merges", tokenizer_merge_count(tokenizer));
        stage_count(sink, "vocabulary", tokenizer_vocabulary_size(tokenizer));
        if (tokenizer_vocabulary_size(tokenizer) < train->vocabulary_size)
            program_say(&train->common, "warning: no pair occurs %llu times any more: the vocabulary is %u, not %llu",
                        (unsigned long long)train->minimum_count, tokenizer_vocabulary_size(tokenizer),
                        (unsigned long long)train->vocabulary_size);
        result = bpe_save(tokenizer, train->output, train->config, error);
    }
    tokenizer_free(tokenizer);
    return result;
}

static int choose_pretokenizer(struct train *train, struct error *error) {
    if (!train->regex) {
        train->pretokenizer = pretokenizer_new((enum pretokenizer_kind)train->kind);
    } else if (pretokenizer_compile(&train->pretokenizer, span_of(train->regex), error) != 0) {
        error->code = ERROR_USAGE;
        return error_prefix(error, "--regex: ");
    }
    return 0;
}

int bpe_train(int argc, char **argv) {
    struct train train = {
        .vocabulary_size = 8192, .minimum_count = 2, .kind = PRETOKENIZER_CL100K, .lock = PTHREAD_MUTEX_INITIALIZER};
    const struct option options[] = {
        {'V', "vocabulary", OPTION_COUNT, &train.vocabulary_size, "N",
         "tokens in all: special tokens, 256 bytes and merges", SPECIAL_COUNT + 256, TOKENIZER_VOCABULARY_MAX, NULL},
        {'o', "output", OPTION_TEXT, &train.output, "FILE", "write tokenizer.json to FILE, not to stdout", 0, 0, NULL},
        {0, "config", OPTION_TEXT, &train.config, "FILE",
         "write tokenizer_config.json to FILE (default: beside -o tokenizer.json)", 0, 0, NULL},
        {0, "pretokenizer", OPTION_CHOICE, &train.kind, "NAME", "how text is cut before merging", 0, 0,
         pretokenizer_names},
        {0, "regex", OPTION_TEXT, &train.regex, "PATTERN", "cut by this pattern instead", 0, 0, NULL},
        {0, "min-frequency", OPTION_COUNT, &train.minimum_count, "N", "merge no pair that occurs less often", 1, 0,
         NULL},
        {0, "all-splits", OPTION_FLAG, &train.all_splits, NULL, "learn from records marked val and test too", 0, 0,
         NULL},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-bpe train",
                                    .purpose = "Learn a byte-level BPE tokenizer from records.",
                                    .usage = "[OPTIONS] [FILE...]",
                                    .options = options,
                                    .common = COMMON_THREADS | COMMON_STATS | COMMON_REJECTS | COMMON_SKIP_BAD |
                                              COMMON_PROGRESS | COMMON_QUIET,
                                    .values = &train.common,
                                    .maximum_operands = SIZE_MAX};
    int first;
    options_parse(&program, argc, argv, &first);
    struct error error;
    if (choose_pretokenizer(&train, &error) != 0)
        return program_fail(&error);
    train.progress = progress_new(&train.common);
    const struct stage stage = {.program = &program,
                                .options = &train.common,
                                .paths = (const char *const *)argv + first,
                                .path_count = (size_t)(argc - first),
                                .context = &train,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .process = process,
                                .finish = finish};
    int status = stage_run(&stage);
    piece_counts_release(&train.counts);
    progress_free(train.progress);
    pretokenizer_free(train.pretokenizer);
    return status;
}
