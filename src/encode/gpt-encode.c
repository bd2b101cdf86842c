/*
 * gpt-encode turns records into token shards, or into lines of ids. Workers encode; one ordered thread fills the
 * shards. It knows options and order; encoding is token's affair, files are shard's.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/stage.h"
#include "shard/reader.h"
#include "shard/writer.h"
#include "token/tokenizer.h"

struct encode {
    struct common_options common;
    const char *tokenizer_path, *directory;
    uint64_t shard_size;
    bool ids, plain, force, check;
    struct tokenizer *tokenizer;
    struct shard_writer *writer; /* NULL for --ids */
    struct token_ids document;   /* admit's copy of what it was handed */
};

/* ---- workers ---- */

struct worker {
    struct encoder *encoder;
    struct token_ids ids;
    struct bytes line;
};

static void *worker_new(void *context) {
    const struct encode *encode = context;
    struct worker *worker = memory_zeroed(1, sizeof(*worker));
    worker->encoder = encoder_new(encode->tokenizer);
    return worker;
}

static void worker_free(void *opaque) {
    struct worker *worker = opaque;
    encoder_free(worker->encoder);
    token_ids_release(&worker->ids);
    bytes_release(&worker->line);
    free(worker);
}

static int encode_plain(struct worker *worker, const struct record *record, struct error *error) {
    if (record->kind == RECORD_DOCUMENT)
        return encoder_append_text(worker->encoder, record->field[FIELD_TEXT], &worker->ids, error);
    int result = 0;
    for (size_t i = 0; i < record->message_count && result == 0; i++)
        result = encoder_append_text(worker->encoder, record->messages[i].content, &worker->ids, error);
    return result;
}

static void write_ids(struct worker *worker, const struct record *record, struct stage_sink *sink) {
    struct bytes *line = &worker->line;
    struct span id = record->field[FIELD_ID];
    bytes_clear(line);
    bytes_append_text(line, "{\"id\":");
    if (id.data)
        json_append_string(line, id);
    else
        bytes_append_text(line, "null");
    bytes_append_text(line, ",\"ids\":[");
    for (size_t i = 0; i < worker->ids.count; i++) {
        if (i > 0)
            bytes_append_byte(line, ',');
        json_append_integer(line, worker->ids.data[i]);
    }
    bytes_append_text(line, "]}\n");
    stage_write(sink, span_of_bytes(line));
}

/* What admit reads: the split as a byte, then the ids as they stand in memory. */
static void attach_document(const struct worker *worker, enum shard_split split, struct stage_sink *sink) {
    char byte = (char)split;
    stage_attach(sink, (struct span){&byte, 1});
    stage_attach(sink, (struct span){(const char *)worker->ids.data, worker->ids.count * sizeof(*worker->ids.data)});
    stage_write(sink, (struct span){"", 0}); /* counted as out, with no line of its own */
}

static int process(void *context, void *opaque, struct record *record, struct stage_sink *sink, struct error *error) {
    const struct encode *encode = context;
    struct worker *worker = opaque;
    enum shard_split split;
    struct span name = record->field[FIELD_SPLIT];
    if (!shard_split_parse(name, &split))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the split '%.*s' is none of train, val, test",
                         (int)(name.size < 40 ? name.size : 40), name.data);
    worker->ids.count = 0;
    int result = encode->plain ? encode_plain(worker, record, error)
                               : encoder_append_record(worker->encoder, record, &worker->ids, error);
    if (result != 0)
        return -1;
    stage_count(sink, "tokens", worker->ids.count);
    if (encode->ids)
        write_ids(worker, record, sink);
    else
        attach_document(worker, split, sink);
    return 0;
}

/* ---- the ordered thread ---- */

static int admit(void *context, struct span attachment, struct stage_sink *sink, struct error *error) {
    (void)sink;
    struct encode *encode = context;
    size_t count = (attachment.size - 1) / sizeof(uint32_t);
    encode->document.count = 0;
    memcpy(token_ids_reserve(&encode->document, count), attachment.data + 1, attachment.size - 1);
    enum shard_split split = (enum shard_split)attachment.data[0];
    return shard_writer_append(encode->writer, split, encode->document.data, count, error) != 0 ? -1 : 1;
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    (void)sink;
    struct encode *encode = context;
    struct shard_writer *writer = encode->writer;
    encode->writer = NULL;
    return writer ? shard_writer_close(writer, error) : 0;
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

/* The options together make sense, and what they name can be opened. */
static int prepare(struct encode *encode, struct error *error) {
    if (!encode->check && !encode->tokenizer_path)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--tokenizer is missing");
    if (!encode->check && !encode->ids && !encode->directory)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "either --output DIR or --ids is needed");
    if (encode->plain && !encode->ids)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "--plain goes with --ids: shards need the special tokens");
    if (encode->check && (encode->ids || encode->directory))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--check goes with neither --output nor --ids");
    if (encode->tokenizer_path && tokenizer_load(&encode->tokenizer, encode->tokenizer_path, error) != 0)
        return -1;
    if (!encode->check && !encode->plain && tokenizer_require_specials(encode->tokenizer, error) != 0)
        return error_prefix(error, "%s: ", encode->tokenizer_path);
    if (encode->ids)
        encode->common.output = encode->directory;
    return 0;
}

static int run(struct encode *encode, const struct program *program, char **paths, size_t count) {
    const struct shard_writer_options options = {.shard_size = encode->shard_size, .force = encode->force};
    const struct stage stage = {.program = program,
                                .options = &encode->common,
                                .paths = (const char *const *)paths,
                                .path_count = count,
                                .context = encode,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .process = process,
                                .admit = encode->ids ? NULL : admit,
                                .finish = finish};
    struct error error;
    if (prepare(encode, &error) != 0)
        return program_fail(&error);
    if (encode->check)
        return check_all(encode, paths, count, &error) != 0 ? program_fail(&error) : 0;
    if (!encode->ids && shard_writer_open(&encode->writer, encode->directory, encode->tokenizer, &options, &error) != 0)
        return program_fail(&error);
    int status = stage_run(&stage);
    shard_writer_abort(encode->writer);
    return status;
}

int main(int argc, char **argv) {
    struct encode encode = {.shard_size = SHARD_SIZE_DEFAULT};
    const struct option options[] = {
        {'t', "tokenizer", OPTION_TEXT, &encode.tokenizer_path, "FILE", "the tokenizer.json to encode with", 0, 0,
         NULL},
        {'o', "output", OPTION_TEXT, &encode.directory, "DIR", "write shards into DIR (with --ids: lines to this file)",
         0, 0, NULL},
        {0, "shard-size", OPTION_SIZE, &encode.shard_size, "SIZE",
         "begin a new shard rather than exceed SIZE of tokens", 1, 0, NULL},
        {0, "force", OPTION_FLAG, &encode.force, NULL, "replace a finished set of shards", 0, 0, NULL},
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
    token_ids_release(&encode.document);
    tokenizer_free(encode.tokenizer);
    return status;
}
