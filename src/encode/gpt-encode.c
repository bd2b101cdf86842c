/*
 * gpt-encode turns records into token shards, into flat files of tokens, or into lines of ids. Workers encode; one
 * ordered thread writes. It knows options and order; encoding is token's affair, files are sink's.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/options.h"
#include "base/stage.h"
#include "encode/raw.h"
#include "encode/sink.h"
#include "shard/reader.h"
#include "token/tokenizer.h"

struct encode {
    struct common_options common;
    const char *tokenizer_path, *directory;
    uint64_t shard_size;
    int format; /* enum encode_format */
    bool ids, plain, force, resume, raw, check;
    struct tokenizer *tokenizer;
    struct token_sink sink; /* empty for --ids */
};

/* ---- workers ---- */

struct worker {
    struct encoder *encoder; /* made with the first record, so that each worker makes its own at the same time */
    struct token_ids ids;
    struct bytes line; /* of ids */
};

static void *worker_new(void *context) {
    (void)context;
    return memory_zeroed(1, sizeof(struct worker));
}

static void worker_free(void *opaque) {
    struct worker *worker = opaque;
    encoder_free(worker->encoder);
    token_ids_release(&worker->ids);
    bytes_release(&worker->line);
    free(worker);
}

static int encode_record(const struct encode *encode, struct worker *worker, const struct record *record,
                         struct error *error) {
    if (!worker->encoder)
        worker->encoder = encoder_new(encode->tokenizer);
    return encode->plain ? encoder_append_contents(worker->encoder, record, &worker->ids, error)
                         : encoder_append_record(worker->encoder, record, &worker->ids, error);
}

/* What admit reads, with the ids behind it as they stand in memory: attachments are whole ids long, so that all ids lie
 * aligned. */
struct attachment {
    struct shard_source source;
    enum shard_split split;
};
_Static_assert(sizeof(struct attachment) % sizeof(uint32_t) == 0, "ids behind an attachment are aligned");

static int process(void *context, void *opaque, struct record *record, struct stage_sink *sink, struct error *error) {
    const struct encode *encode = context;
    struct worker *worker = opaque;
    struct attachment attachment = {.source = {stage_record_number(sink), hash64(record->line, 0)}};
    struct span name = record->field[FIELD_SPLIT];
    if (!shard_split_parse(name, &attachment.split))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the split '%.*s' is none of train, val, test",
                         (int)(name.size < 40 ? name.size : 40), name.data);
    worker->ids.count = 0;
    if (!token_sink_holds(&encode->sink, attachment.split, attachment.source.record) &&
        encode_record(encode, worker, record, error) != 0)
        return -1;
    stage_count(sink, "tokens", worker->ids.count);
    if (encode->ids) {
        bytes_clear(&worker->line);
        ids_line_append(&worker->line, record->field[FIELD_ID], worker->ids.data, worker->ids.count);
        stage_write(sink, span_of_bytes(&worker->line));
        return 0;
    }
    stage_attach(sink, (struct span){(const char *)&attachment, sizeof attachment});
    stage_attach(sink, (struct span){(const char *)worker->ids.data, worker->ids.count * sizeof(*worker->ids.data)});
    stage_write(sink, (struct span){"", 0}); /* counted as out, with no line of its own */
    return 0;
}

/* ---- the ordered thread ---- */

static int admit(void *context, struct span attached, struct stage_sink *sink, struct error *error) {
    (void)sink;
    struct encode *encode = context;
    struct attachment attachment;
    memcpy(&attachment, attached.data, sizeof attachment);
    const uint32_t *ids = (const uint32_t *)(const void *)(attached.data + sizeof attachment);
    size_t count = (attached.size - sizeof attachment) / sizeof *ids;
    int result = token_sink_append(&encode->sink, attachment.split, attachment.source, ids, count, error);
    return result == 0 ? 1 : -1;
}

static bool assist(void *context) {
    const struct encode *encode = context;
    return token_sink_assist(&encode->sink);
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    struct encode *encode = context;
    if (encode->sink.shards)
        stage_count(sink, "tokens", shard_writer_kept_tokens(encode->sink.shards));
    return token_sink_close(&encode->sink, error);
}

/* ---- commands ---- */

static int check_shards(const struct encode *encode, const char *directory, struct error *error) {
    struct shard_set *set;
    if (shard_set_check(directory, error) != 0 || shard_set_open(&set, directory, error) != 0)
        return -1;
    int result = encode->tokenizer ? shard_set_require_tokenizer(set, encode->tokenizer, error) : 0;
    uint64_t documents = 0, tokens = 0;
    for (int split = 0; split < SPLIT_COUNT; split++) {
        documents += shard_set_documents(set, (enum shard_split)split);
        tokens += shard_set_tokens(set, (enum shard_split)split);
    }
    if (result == 0)
        program_say(&encode->common, "%s: sound: %zu shards, %" PRIu64 " documents, %" PRIu64 " tokens", directory,
                    shard_set_count(set), documents, tokens);
    shard_set_free(set);
    return result;
}

static int check_all(const struct encode *encode, char **directories, size_t count, struct error *error) {
    if (count == 0)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--check needs a directory of shards");
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = check_shards(encode, directories[i], error);
    return result;
}

/* The options together make sense. */
static int check_options(const struct encode *encode, struct error *error) {
    const char *wrong = NULL;
    if (!encode->check && !encode->tokenizer_path)
        wrong = "--tokenizer is missing";
    else if (!encode->check && !encode->ids && !encode->directory)
        wrong = "either --output DIR or --ids is needed";
    else if (!encode->ids && encode->directory && strcmp(encode->directory, "-") == 0)
        wrong = "--output is a directory: only --ids writes to stdout";
    else if (encode->plain && !encode->ids)
        wrong = "--plain goes with --ids: shards need the special tokens";
    else if (encode->check && (encode->directory || encode->ids || encode->raw || encode->format != ENCODE_SHARDS ||
                               encode->force || encode->resume || encode->common.stats || encode->common.skip_bad))
        wrong = "--check only reads: of the options about encoding it takes --tokenizer alone";
    else if (encode->ids && (encode->resume || encode->force || encode->format != ENCODE_SHARDS))
        wrong = "--ids goes with none of --format, --force and --resume";
    else if (encode->resume && (encode->force || encode->format != ENCODE_SHARDS))
        wrong = "--resume goes with neither --force nor another --format than shards";
    else if (encode->raw && (encode->common.stats || encode->common.skip_bad))
        wrong = "--raw goes with neither --stats nor --skip-bad";
    return wrong ? error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s", wrong) : 0;
}

static int prepare(struct encode *encode, struct error *error) {
    if (check_options(encode, error) != 0)
        return -1;
    if (encode->tokenizer_path && tokenizer_load(&encode->tokenizer, encode->tokenizer_path, error) != 0)
        return -1;
    if (!encode->check && !encode->plain && tokenizer_require_specials(encode->tokenizer, error) != 0)
        return error_prefix(error, "%s: ", encode->tokenizer_path);
    if (encode->ids)
        encode->common.output = encode->directory;
    return 0;
}

/* Whether a run that is to be resumed came to its end: 1, 0, or -1 where it had another tokenizer. */
static int is_complete(const struct encode *encode, struct error *error) {
    struct shard_set *set;
    if (!encode->resume || shard_set_open(&set, encode->directory, error) != 0)
        return 0; /* unfinished, or what opening it for writing refuses with the reason */
    int result = shard_set_require_tokenizer(set, encode->tokenizer, error) != 0 ? -1 : 1;
    shard_set_free(set);
    return result;
}

static int run_raw(struct encode *encode, char **paths, size_t count, struct error *error) {
    struct output *output = NULL;
    if (encode->ids && output_open(&output, encode->common.output, error) != 0)
        return -1;
    const struct raw_job job = {.common = &encode->common,
                                .tokenizer = encode->tokenizer,
                                .sink = encode->ids ? NULL : &encode->sink,
                                .output = output,
                                .plain = encode->plain};
    int result = raw_encode(&job, paths, count, error);
    if (result == 0)
        return output ? output_close(output, error) : token_sink_close(&encode->sink, error);
    output_abort(output);
    return result;
}

static int run(struct encode *encode, const struct program *program, char **paths, size_t count) {
    const struct shard_writer_options options = {.shard_size = encode->shard_size,
                                                 .force = encode->force,
                                                 .resume = encode->resume,
                                                 .threads = (unsigned)encode->common.threads,
                                                 .assisted = !encode->raw};
    const struct stage stage = {.program = program,
                                .options = &encode->common,
                                .paths = (const char *const *)paths,
                                .path_count = count,
                                .context = encode,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .process = process,
                                .admit = encode->ids ? NULL : admit,
                                .assist = encode->ids ? NULL : assist,
                                .finish = finish};
    struct error error;
    if (prepare(encode, &error) != 0)
        return program_fail(&error);
    if (encode->check)
        return check_all(encode, paths, count, &error) != 0 ? program_fail(&error) : 0;
    int complete = is_complete(encode, &error);
    if (complete > 0)
        program_say(&encode->common, "%s is finished", encode->directory);
    if (complete != 0)
        return complete > 0 ? 0 : program_fail(&error);
    if (!encode->ids && token_sink_open(&encode->sink, encode->directory, (enum encode_format)encode->format,
                                        encode->tokenizer, &options, &error) != 0)
        return program_fail(&error);
    int status = 0;
    if (!encode->raw)
        status = stage_run(&stage);
    else if (run_raw(encode, paths, count, &error) != 0)
        status = program_fail(&error);
    token_sink_abort(&encode->sink);
    return status;
}

int main(int argc, char **argv) {
    static const char *const formats[] = {"shards", "bin", "llmc", "npy", NULL};
    struct encode encode = {.shard_size = SHARD_SIZE_DEFAULT};
    const struct option options[] = {
        {'t', "tokenizer", OPTION_TEXT, &encode.tokenizer_path, "FILE", "the tokenizer.json to encode with", 0, 0,
         NULL},
        {'o', "output", OPTION_TEXT, &encode.directory, "DIR", "write shards into DIR (with --ids: lines to this file)",
         0, 0, NULL},
        {0, "shard-size", OPTION_SIZE, &encode.shard_size, "SIZE",
         "begin a new shard rather than exceed SIZE of tokens", 1, 0, NULL},
        {0, "format", OPTION_CHOICE, &encode.format, "NAME", "what to write: shards, or files for other trainers", 0, 0,
         formats},
        {0, "force", OPTION_FLAG, &encode.force, NULL, "replace what is finished in DIR", 0, 0, NULL},
        {0, "resume", OPTION_FLAG, &encode.resume, NULL, "keep the finished shards of a run that was cut off", 0, 0,
         NULL},
        {0, "raw", OPTION_FLAG, &encode.raw, NULL, "take each FILE as one document, byte for byte", 0, 0, NULL},
        {0, "ids", OPTION_FLAG, &encode.ids, NULL, "write lines {\"id\",\"ids\"} instead of shards", 0, 0, NULL},
        {0, "plain", OPTION_FLAG, &encode.plain, NULL, "with --ids: the text alone, no special tokens", 0, 0, NULL},
        {0, "check", OPTION_FLAG, &encode.check, NULL, "verify every byte of the shards in the directories given", 0, 0,
         NULL},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-encode",
                                    .purpose = "Turn records into token shards.",
                                    .usage = "[OPTIONS] [FILE...]",
                                    .options = options,
                                    .common = COMMON_THREADS | COMMON_STATS | COMMON_SKIP_BAD | COMMON_PROGRESS |
                                              COMMON_QUIET,
                                    .values = &encode.common,
                                    .maximum_operands = SIZE_MAX};
    int first;
    options_parse(&program, argc, argv, &first);
    int status = run(&encode, &program, argv + first, (size_t)(argc - first));
    tokenizer_free(encode.tokenizer);
    return status;
}
