/*
 * gpt-split marks every record train, val or test. With fractions each record is decided alone; with counts the records
 * wait in a quota until the last was seen. It knows the options and the order of these steps; hashes are partition's
 * affair, waiting is quota's.
 */
#include <math.h>
#include <stdatomic.h>

#include "base/options.h"
#include "base/stage.h"
#include "split/partition.h"
#include "split/quota.h"

enum only { ONLY_ALL, ONLY_TRAIN, ONLY_VAL, ONLY_TEST };

struct split {
    struct common_options common;
    const char *val_text, *test_text;
    struct amount val, test;
    int key, only;
    struct partition partition;
    struct quota *quota;                    /* NULL where fractions decide */
    atomic_uint_fast64_t parts[PART_COUNT]; /* records of each */
};

/* ---- one record ---- */

static int write_part(struct split *split, struct record *record, uint64_t hash, struct stage_sink *sink,
                      struct error *error) {
    enum part part = partition_find(&split->partition, hash);
    if (split->only != ONLY_ALL && part != (enum part)(split->only - ONLY_TRAIN)) {
        if (stage_drop(sink, record, "split", NAN, NAN, error) < 0)
            return -1;
    } else {
        record_set_text(record, FIELD_SPLIT, span_of(part_name(part)));
        if (stage_emit(sink, record, error) < 0)
            return -1;
    }
    stage_count(sink, part_name(part), 1);
    atomic_fetch_add_explicit(&split->parts[part], 1, memory_order_relaxed);
    return 0;
}

static int process(void *context, void *worker, struct record *record, struct stage_sink *sink, struct error *error) {
    (void)worker;
    struct split *split = context;
    uint64_t hash;
    if (partition_hash(record, (enum key_choice)split->key, split->common.seed, &hash, error) < 0)
        return -1;
    if (!split->quota)
        return write_part(split, record, hash, sink, error);
    stage_attach(sink, (struct span){(const char *)&hash, sizeof hash});
    stage_attach(sink, record->line);
    return 0;
}

/* With counts: what process attached, in input order. */
static int admit(void *context, struct span attachment, struct stage_sink *sink, struct error *error) {
    (void)sink;
    struct split *split = context;
    return quota_add(split->quota, attachment, error) < 0 ? -1 : 1;
}

/* ---- the end ---- */

static int write_waiting(struct split *split, struct stage_sink *sink, struct error *error) {
    struct record_parser *parser = record_parser_new();
    struct record record;
    struct span line;
    uint64_t hash;
    int got = quota_finish(split->quota, &split->test, &split->val, &split->partition, error) < 0 ? -1 : 1;
    while (got > 0 && (got = quota_next(split->quota, &hash, &line, error)) > 0)
        if (record_parse(parser, line, &record, error) < 0 || write_part(split, &record, hash, sink, error) < 0)
            got = -1;
    record_parser_free(parser);
    return got;
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    struct split *split = context;
    if (split->quota && write_waiting(split, sink, error) < 0)
        return -1;
    const struct amount *amounts[PART_COUNT] = {[PART_VAL] = &split->val, [PART_TEST] = &split->test};
    for (enum part part = PART_VAL; part < PART_COUNT; part++)
        if (!amount_is_none(amounts[part]) && atomic_load(&split->parts[part]) == 0)
            return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s came out empty: ask for a larger share",
                             part_name(part));
    return 0;
}

/* ---- the command line ---- */

static int check_amounts(struct split *split, struct error *error) {
    if (amount_parse(split->val_text, &split->val) < 0)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--val: '%s' is neither a fraction below 1 nor a count",
                         split->val_text);
    if (amount_parse(split->test_text, &split->test) < 0)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "--test: '%s' is neither a fraction below 1 nor a count", split->test_text);
    if (split->val.fraction + split->test.fraction >= 1)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--val and --test leave nothing for train");
    if ((split->only == ONLY_VAL && amount_is_none(&split->val)) ||
        (split->only == ONLY_TEST && amount_is_none(&split->test)))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--only %s needs --%s",
                         split->only == ONLY_VAL ? "val" : "test", split->only == ONLY_VAL ? "val" : "test");
    return 0;
}

int main(int argc, char **argv) {
    static const char *const keys[] = {"auto", "cluster", "thread", "id", NULL};
    static const char *const only[] = {"all", "train", "val", "test", NULL};
    struct split split = {0};
    const struct option options[] = {
        {0, "val", OPTION_TEXT, &split.val_text, "F|N", "for validation: a fraction, or a number of records", 0, 0,
         NULL},
        {0, "test", OPTION_TEXT, &split.test_text, "F|N", "for testing: a fraction, or a number of records", 0, 0,
         NULL},
        {0, "key", OPTION_CHOICE, &split.key, "FIELD", "records with an equal FIELD go together", 0, 0, keys},
        {0, "only", OPTION_CHOICE, &split.only, "PART", "write only this part", 0, 0, only},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-split",
                                    .purpose = "Mark each record as train, val or test.",
                                    .usage = "[OPTIONS] [FILE...]",
                                    .options = options,
                                    .common = COMMON_STAGE | COMMON_SEED | COMMON_MEMORY,
                                    .values = &split.common,
                                    .maximum_operands = SIZE_MAX};
    int first;
    options_parse(&program, argc, argv, &first);
    struct error error;
    if (check_amounts(&split, &error) < 0)
        return program_fail(&error);
    split.partition.test_end = partition_end(0, split.test.fraction);
    split.partition.val_end = partition_end(split.partition.test_end, split.val.fraction);
    if (split.val.count || split.test.count)
        split.quota = quota_new(split.common.memory);
    const struct stage stage = {.program = &program,
                                .options = &split.common,
                                .paths = (const char *const *)argv + first,
                                .path_count = (size_t)(argc - first),
                                .context = &split,
                                .process = process,
                                .admit = split.quota ? admit : NULL,
                                .finish = finish};
    int status = stage_run(&stage);
    quota_free(split.quota);
    return status;
}
