/*
 * Owns gpt-bpe train: workers count the pieces of every record, then merges are learned from the sums. Knows the
 * options and the files; counting under a budget is piece_source.c's affair, learning is learn.c's.
 */
#include "bpe/train.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/progress.h"
#include "base/stage.h"
#include "bpe/choose.h"
#include "bpe/learn.h"
#include "bpe/piece_count.h"
#include "bpe/piece_source.h"
#include "bpe/save.h"
#include "token/tokenizer.h"

struct train {
    struct common_options common;
    const char *output, *config;
    uint64_t vocabulary_size, minimum_count;
    struct option_list specials;
    const char *pretokenizer, *regex; /* how to cut; both NULL: cl100k */
    bool all_splits;
    double sample;               /* the share of the records to learn from */
    struct tokenizer *tokenizer; /* owned */
    struct piece_source *pieces; /* owned */
    struct bpe_files files;      /* opened before the work: what cannot be written to is told at once */
    struct progress *progress;   /* of the merging */
    uint32_t first_size;         /* of the vocabulary before any merge */
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
    worker->cutter = cutter_new(tokenizer_pretokenizer(worker->train->tokenizer));
    return worker;
}

static void worker_free(void *opaque) {
    struct counter_worker *worker = opaque;
    piece_source_take(worker->train->pieces, &worker->counts);
    cutter_free(worker->cutter);
    free(worker);
}

static int count_text(struct counter_worker *worker, struct span text, struct error *error) {
    struct span pieces[PIECE_RUN];
    long count;
    cutter_begin(worker->cutter, text);
    while ((count = cutter_take(worker->cutter, pieces, PIECE_RUN, error)) > 0)
        piece_counts_add_run(&worker->counts, pieces, (size_t)count, text.data + text.size);
    return count < 0 ? -1 : 0;
}

/* What is held out for evaluation must not shape the tokenizer. */
static bool is_held_out(const struct record *record) {
    struct span split = record->field[FIELD_SPLIT];
    return span_is(split, "val") || span_is(split, "test");
}

/* Mixed once more than gpt-split's hash of the same id and seed, whose lowest values are the records held out. */
static bool is_sampled(const struct train *train, const struct record *record) {
    struct span id = record->field[FIELD_ID].data ? record->field[FIELD_ID] : record->line;
    uint64_t hash = hash_mix(hash64(id, train->common.seed));
    return train->sample >= 1 || hash < (uint64_t)ldexp(train->sample, 64);
}

static int process(void *context, void *opaque, struct record *record, struct stage_sink *sink, struct error *error) {
    const struct train *train = context;
    struct counter_worker *worker = opaque;
    if (is_held_out(record) && !train->all_splits)
        return stage_drop(sink, record, "held-out", NAN, NAN, error);
    if (!is_sampled(train, record))
        return stage_drop(sink, record, "not-sampled", NAN, NAN, error);
    if (record->kind == RECORD_DOCUMENT && count_text(worker, record->field[FIELD_TEXT], error) != 0)
        return -1;
    for (size_t i = 0; i < record->message_count && record->kind == RECORD_DIALOGUE; i++)
        if (count_text(worker, record->messages[i].content, error) != 0)
            return -1;
    stage_write(sink, (struct span){"", 0}); /* counted as out, with no line of its own */
    return piece_source_check(train->pieces, &worker->counts, error);
}

/* A merge takes time by how often its pair occurs, which falls about as 1 / rank: the time taken grows as a logarithm.
 */
static void show_progress(void *context, uint32_t vocabulary_size) {
    struct train *train = context;
    uint32_t done = vocabulary_size - train->first_size, total = (uint32_t)train->vocabulary_size - train->first_size;
    progress_show_steps(train->progress, done, total, "merges", log1p(done) / log1p(total));
}

/* Learns the merges; *pieces gets the number of different pieces. */
static int learn(struct train *train, uint64_t *pieces, struct error *error) {
    const struct learn_options options = {.vocabulary_size = (uint32_t)train->vocabulary_size,
                                          .minimum_count = train->minimum_count,
                                          .threads = (unsigned)train->common.threads,
                                          .progress = show_progress,
                                          .progress_context = train};
    if (piece_source_finish(train->pieces, LEARN_BYTES_FOR_BYTE, error) != 0)
        return -1;
    *pieces = piece_source_count(train->pieces);
    uint64_t memory = piece_source_size(train->pieces) * LEARN_BYTES_FOR_BYTE;
    if (memory > train->common.memory)
        program_say(&train->common, "warning: learning may take %.1f MB, more than --memory; --sample takes less",
                    (double)memory / 1e6);
    train->progress = progress_new(&train->common);
    int result = learn_merges(train->tokenizer, train->pieces, &options, error);
    train->pieces = NULL;
    progress_free(train->progress);
    return result;
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    struct train *train = context;
    struct tokenizer *tokenizer = train->tokenizer;
    uint64_t pieces;
    if (learn(train, &pieces, error) != 0)
        return -1;
    tokenizer_build_end(tokenizer);
    stage_count(sink, "pieces", pieces);
    stage_count(sink, "merges", tokenizer_merge_count(tokenizer));
    stage_count(sink, "vocabulary", tokenizer_vocabulary_size(tokenizer));
    if (tokenizer_vocabulary_size(tokenizer) < train->vocabulary_size)
        program_say(&train->common, "warning: no pair occurs %llu times any more: the vocabulary is %u, not %llu",
                    (unsigned long long)train->minimum_count, tokenizer_vocabulary_size(tokenizer),
                    (unsigned long long)train->vocabulary_size);
    return bpe_files_save(&train->files, tokenizer, error);
}

/* Begins the tokenizer of the options. */
static int begin(struct train *train, struct error *error) {
    struct pretokenizer *pretokenizer;
    if (bpe_choose_pretokenizer(&pretokenizer, train->pretokenizer, train->regex, error) != 0)
        return -1;
    if (!pretokenizer)
        pretokenizer = pretokenizer_new(PRETOKENIZER_CL100K);
    if (tokenizer_build_begin_special(&train->tokenizer, pretokenizer, train->specials.items, train->specials.count,
                                      error) != 0)
        return error_prefix(error, "--special: ");
    train->first_size = tokenizer_vocabulary_size(train->tokenizer);
    if (train->vocabulary_size < train->first_size)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "--vocabulary: special tokens and bytes alone are %u tokens", train->first_size);
    return bpe_files_open(&train->files, train->output, train->config, error);
}

static int run(struct train *train, const struct program *program, const char *const *paths, size_t count) {
    struct error error;
    if (begin(train, &error) != 0)
        return program_fail(&error);
    train->pieces = piece_source_new(train->common.memory, (unsigned)train->common.threads);
    const struct stage stage = {.program = program,
                                .options = &train->common,
                                .paths = paths,
                                .path_count = count,
                                .context = train,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .process = process,
                                .finish = finish};
    return stage_run(&stage);
}

int bpe_train(int argc, char **argv) {
    struct train train = {.vocabulary_size = 8192, .minimum_count = 2, .sample = 1};
    const struct option options[] = {
        {'V', "vocabulary", OPTION_COUNT, &train.vocabulary_size, "N",
         "tokens in all: special tokens, 256 bytes and merges", SPECIAL_COUNT + 256, TOKENIZER_VOCABULARY_MAX, NULL},
        {'o', "output", OPTION_TEXT, &train.output, "FILE", "write tokenizer.json to FILE, not to stdout", 0, 0, NULL},
        {0, "config", OPTION_TEXT, &train.config, "FILE",
         "write tokenizer_config.json to FILE (default: beside -o tokenizer.json)", 0, 0, NULL},
        {0, "pretokenizer", OPTION_TEXT, &train.pretokenizer, "NAME",
         "how text is cut before merging: gpt2, cl100k, digits2, o200k (default: cl100k)", 0, 0, NULL},
        {0, "regex", OPTION_TEXT, &train.regex, "PATTERN", "cut by this pattern instead", 0, 0, NULL},
        {0, "special", OPTION_LIST, &train.specials, "TEXT", "one more special token, after those of dialogues", 0, 0,
         NULL},
        {0, "min-frequency", OPTION_COUNT, &train.minimum_count, "N", "merge no pair that occurs less often", 1, 0,
         NULL},
        {0, "sample", OPTION_NUMBER, &train.sample, "SHARE", "learn from this share of the records, by their ids", 1e-9,
         1, NULL},
        {0, "all-splits", OPTION_FLAG, &train.all_splits, NULL, "learn from records marked val and test too", 0, 0,
         NULL},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-bpe train",
                                    .purpose = "Learn a byte-level BPE tokenizer from records.",
                                    .usage = "[OPTIONS] [FILE...]",
                                    .options = options,
                                    .common = COMMON_THREADS | COMMON_MEMORY | COMMON_SEED | COMMON_STATS |
                                              COMMON_REJECTS | COMMON_SKIP_BAD | COMMON_PROGRESS | COMMON_QUIET,
                                    .values = &train.common,
                                    .maximum_operands = SIZE_MAX};
    int first;
    options_parse(&program, argc, argv, &first);
    int status = run(&train, &program, (const char *const *)argv + first, (size_t)(argc - first));
    bpe_files_abort(&train.files);
    tokenizer_free(train.tokenizer);
    piece_source_free(train.pieces);
    options_release(&train.specials);
    return status;
}
