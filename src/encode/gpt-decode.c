/*
 * gpt-decode turns token shards, or lines of ids, back into records or text. It knows options and order; which special
 * tokens mean what is unpack's affair.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/lines.h"
#include "base/options.h"
#include "base/output.h"
#include "base/progress.h"
#include "encode/unpack.h"
#include "shard/reader.h"
#include "token/tokenizer.h"

/* Without --document: all of them. */
#define ALL_DOCUMENTS UINT64_MAX
/* Tokens of --tokens that are read at a time. */
#define TOKENS_AT_A_TIME 65536

enum split_choice { CHOICE_ALL, CHOICE_TRAIN, CHOICE_VAL, CHOICE_TEST };

struct decode {
    struct common_options common;
    const char *tokenizer_path, *document_text, *tokens_text;
    int split;
    uint64_t document, tokens_from, tokens_to; /* tokens_to: UINT64_MAX for the end */
    bool text, raw;
    struct tokenizer *tokenizer;
    struct output *output;
    struct progress *progress;
    struct unpacked unpacked;
    struct token_ids ids;
    struct bytes line, name;
    uint64_t documents, tokens;
};

/* The text of every turn as it is; nothing between or after documents but a newline each. */
static void append_text(struct decode *decode) {
    const struct record *record = &decode->unpacked.record;
    if (record->kind == RECORD_DOCUMENT) {
        bytes_append_span(&decode->line, record->field[FIELD_TEXT]);
        bytes_append_byte(&decode->line, '\n');
        return;
    }
    for (size_t i = 0; i < record->message_count; i++) {
        bytes_append_format(&decode->line, "%s: ", role_name(record->messages[i].role));
        bytes_append_span(&decode->line, record->messages[i].content);
        bytes_append_byte(&decode->line, '\n');
    }
}

/* Writes the document in decode->ids; id and split are absent where not known. */
static int write_document(struct decode *decode, struct span id, struct span split, struct error *error) {
    struct record *record = &decode->unpacked.record;
    bytes_clear(&decode->line);
    if (decode->raw) {
        if (tokenizer_decode(decode->tokenizer, decode->ids.data, decode->ids.count, &decode->line, error) != 0)
            return -1;
    } else if (unpack_document(&decode->unpacked, decode->tokenizer, decode->ids.data, decode->ids.count, error) != 0) {
        return -1;
    } else if (decode->text) {
        append_text(decode);
    } else {
        if (id.data)
            record_set_text(record, FIELD_ID, id);
        if (split.data)
            record_set_text(record, FIELD_SPLIT, split);
        if (record_write(record, &decode->line, error) != 0)
            return -1;
    }
    decode->documents++;
    decode->tokens += decode->ids.count;
    return output_write(decode->output, decode->line.data, decode->line.size, error);
}

/* ---- shards ---- */

static int decode_document(struct decode *decode, struct shard_cursor *cursor, enum shard_split split, uint64_t number,
                           struct error *error) {
    struct span split_name = span_of(shard_split_name(split));
    decode->ids.count = 0;
    if (shard_cursor_read(cursor, number, &decode->ids, error) != 0)
        return -1;
    bytes_clear(&decode->name);
    bytes_append_format(&decode->name, "%s-%" PRIu64, split_name.data, number);
    if (write_document(decode, span_of_bytes(&decode->name), split_name, error) != 0)
        return error_prefix(error, "document %" PRIu64 " of %s: ", number, split_name.data);
    return 0;
}

static int decode_split(struct decode *decode, const struct shard_set *set, enum shard_split split,
                        struct error *error) {
    uint64_t count = shard_set_documents(set, split);
    uint64_t first = decode->document == ALL_DOCUMENTS ? 0 : decode->document;
    if (decode->document != ALL_DOCUMENTS && first >= count)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--document: %s has %" PRIu64 " documents, from 0 on",
                         shard_split_name(split), count);
    uint64_t end = decode->document == ALL_DOCUMENTS ? count : first + 1;
    struct shard_cursor *cursor = shard_cursor_new(set, split);
    int result = 0;
    for (uint64_t number = first; number < end && result == 0; number++) {
        result = decode_document(decode, cursor, split, number, error);
        progress_show(decode->progress, decode->tokens * shard_set_token_width(set),
                      shard_set_tokens(set, split) * shard_set_token_width(set), shard_split_name(split));
    }
    shard_cursor_free(cursor);
    return result;
}

/* The bytes of a token, as its text where it is special and those are wanted. */
static int append_token(struct decode *decode, uint32_t id, struct error *error) {
    struct span token = tokenizer_token(decode->tokenizer, id);
    if (!token.data)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the id %u is no token of the tokenizer", id);
    if (!decode->raw || !tokenizer_is_special(decode->tokenizer, id))
        bytes_append_span(&decode->line, token);
    return 0;
}

/* The range --tokens of the split, whatever documents it cuts. */
static int decode_tokens(struct decode *decode, const struct shard_set *set, enum shard_split split,
                         struct error *error) {
    uint64_t count = shard_set_tokens(set, split), end = decode->tokens_to == UINT64_MAX ? count : decode->tokens_to;
    if (end > count || decode->tokens_from > end)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--tokens: %s has %" PRIu64 " tokens, from 0 on",
                         shard_split_name(split), count);
    struct shard_cursor *cursor = shard_cursor_new(set, split);
    uint32_t *ids = token_ids_reserve(&decode->ids, TOKENS_AT_A_TIME);
    int result = 0;
    for (uint64_t at = decode->tokens_from; at < end && result == 0;) {
        size_t taken = end - at < TOKENS_AT_A_TIME ? (size_t)(end - at) : TOKENS_AT_A_TIME;
        result = shard_cursor_read_tokens(cursor, at, taken, ids, error);
        bytes_clear(&decode->line);
        for (size_t i = 0; i < taken && result == 0; i++)
            result = append_token(decode, ids[i], error);
        if (result == 0)
            result = output_write(decode->output, decode->line.data, decode->line.size, error);
        at += taken;
        decode->tokens += taken;
    }
    shard_cursor_free(cursor);
    return result;
}

static int decode_shards(struct decode *decode, const char *directory, struct error *error) {
    struct shard_set *set;
    if (shard_set_open(&set, directory, error) != 0)
        return -1;
    int result = shard_set_require_tokenizer(set, decode->tokenizer, error);
    enum shard_split split =
        decode->split == CHOICE_ALL ? SPLIT_TRAIN : (enum shard_split)(decode->split - CHOICE_TRAIN);
    if (result == 0 && decode->tokens_text) {
        result = decode_tokens(decode, set, split, error);
    } else if (result == 0 && decode->document != ALL_DOCUMENTS) {
        result = decode_split(decode, set, split, error);
    } else {
        for (int each = 0; each < SPLIT_COUNT && result == 0; each++)
            if (decode->split == CHOICE_ALL || decode->split - CHOICE_TRAIN == each)
                result = decode_split(decode, set, (enum shard_split)each, error);
    }
    shard_set_free(set);
    return result;
}

/* ---- lines of ids ---- */

static int read_ids(struct decode *decode, const struct json_value *root, struct error *error) {
    const struct json_value *ids = json_member(root, "ids");
    if (!ids || ids->type != JSON_ARRAY)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no list \"ids\"");
    decode->ids.count = 0;
    for (size_t i = 0; i < ids->count; i++) {
        const struct json_value *id = &ids->items[i];
        if (id->type != JSON_NUMBER || !id->is_integer || id->integer < 0 || id->integer >= UINT32_MAX)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "\"ids\" holds something that is no id, at %zu", i);
        token_ids_append(&decode->ids, (uint32_t)id->integer);
    }
    return 0;
}

static int decode_line(struct decode *decode, struct span line, struct error *error) {
    struct json_document *document;
    if (json_parse(&document, line, error) != 0) {
        if (error->position != ERROR_NO_POSITION)
            error_prefix(error, "byte %" PRIu64 ": ", error->position + 1);
        return -1;
    }
    const struct json_value *root = json_root(document);
    int result = read_ids(decode, root, error);
    if (result == 0)
        result = write_document(decode, json_string(root, "id"), (struct span){NULL, 0}, error);
    json_free(document);
    return result;
}

static int decode_lines(struct decode *decode, char **paths, size_t count, struct error *error) {
    struct line_reader *reader = line_reader_new((const char *const *)paths, count, RECORD_LINE_MAX);
    struct line_batch batch = {0};
    int got, result = 0;
    while (result == 0 && (got = line_reader_next(reader, &batch, error)) != 0) {
        if (got < 0)
            result = -1;
        for (size_t i = 0; i < batch.count && result == 0; i++) {
            const struct line *line = &batch.lines[i];
            result = decode_line(decode, (struct span){batch.data.data + line->start, line->size}, error);
            if (result != 0 && error->code == ERROR_DATA)
                error_prefix(error, "%s:%" PRIu64 ": ", batch.file, line->number);
        }
        uint64_t done, total;
        line_reader_progress(reader, &done, &total);
        progress_show(decode->progress, done, total, "lines of ids");
    }
    line_batch_release(&batch);
    line_reader_free(reader);
    return result;
}

/* ---- the command line ---- */

/* Counts the directories among the operands; an operand that is nothing at all is named before what it might be. */
static int count_directories(char **paths, size_t count, size_t *directories, struct error *error) {
    *directories = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (strcmp(paths[i], "-") == 0)
            continue;
        if (stat(paths[i], &status) != 0)
            return error_set_system(error, "cannot open %s", paths[i]);
        *directories += S_ISDIR(status.st_mode);
    }
    return 0;
}

static int decode_operands(struct decode *decode, char **paths, size_t count, struct error *error) {
    size_t directories;
    if (count_directories(paths, count, &directories, error) != 0)
        return -1;
    if (directories > 0 && directories < count)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "give directories of shards or files of ids, not both");
    if (directories == 0 && (decode->split != CHOICE_ALL || decode->document != ALL_DOCUMENTS || decode->tokens_text))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "--split, --document and --tokens need a directory of shards");
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(paths[i]);
        if (size > strlen(SHARD_SUFFIX) && strcmp(paths[i] + size - strlen(SHARD_SUFFIX), SHARD_SUFFIX) == 0)
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s is a shard: give the directory of its set",
                             paths[i]);
    }
    if (directories == 0)
        return decode_lines(decode, paths, count, error);
    for (size_t i = 0; i < count; i++)
        if (decode_shards(decode, paths[i], error) != 0)
            return -1;
    return 0;
}

/* Reads the number that text begins with; false where there is none below UINT64_MAX. *end is set behind it. */
static bool read_number(const char *text, uint64_t *number, const char **end) {
    size_t digits = strspn(text, "0123456789");
    errno = 0;
    *number = strtoull(text, NULL, 10);
    *end = text + digits;
    return digits > 0 && errno == 0 && *number != UINT64_MAX;
}

static int read_document_number(struct decode *decode, struct error *error) {
    const char *text = decode->document_text, *end;
    if (text && (!read_number(text, &decode->document, &end) || *end))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--document: '%s' is not a whole number", text);
    return 0;
}

/* A:B, either of which may be left out. */
static int read_token_range(struct decode *decode, struct error *error) {
    const char *text = decode->tokens_text, *at = text;
    decode->tokens_to = UINT64_MAX;
    if (!text)
        return 0;
    bool good = *at == ':' || read_number(at, &decode->tokens_from, &at);
    good = good && *at++ == ':';
    if (good && *at)
        good = read_number(at, &decode->tokens_to, &at) && !*at;
    if (!good || decode->tokens_from > decode->tokens_to)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--tokens: '%s' is not a range FROM:TO", text);
    return 0;
}

static int check_options(struct decode *decode, struct error *error) {
    if (!decode->tokenizer_path)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--tokenizer is missing");
    if (decode->raw && decode->text)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "give --raw or --text, not both");
    if (decode->tokens_text && (decode->document_text || decode->text))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--tokens goes with neither --document nor --text");
    return read_document_number(decode, error) != 0 || read_token_range(decode, error) != 0 ? -1 : 0;
}

static int run(struct decode *decode, char **paths, size_t count, struct error *error) {
    if (check_options(decode, error) != 0 || tokenizer_load(&decode->tokenizer, decode->tokenizer_path, error) != 0 ||
        output_open(&decode->output, decode->common.output, error) != 0)
        return -1;
    decode->progress = progress_new(&decode->common);
    int result = decode_operands(decode, paths, count, error);
    progress_clear(decode->progress);
    if (result == 0) {
        result = output_close(decode->output, error);
    } else {
        output_flush(decode->output, NULL); /* what was decoded before the error goes to a pipe */
        output_abort(decode->output);
    }
    if (result == 0)
        program_say(&decode->common, "%" PRIu64 " documents, %" PRIu64 " tokens, %.1f s", decode->documents,
                    decode->tokens, progress_seconds(decode->progress));
    progress_free(decode->progress);
    return result;
}

int main(int argc, char **argv) {
    static const char *const splits[] = {"all", "train", "val", "test", NULL};
    struct decode decode = {.document = ALL_DOCUMENTS};
    const struct option options[] = {
        {'t', "tokenizer", OPTION_TEXT, &decode.tokenizer_path, "FILE", "the tokenizer.json the ids were made with", 0,
         0, NULL},
        {0, "split", OPTION_CHOICE, &decode.split, "NAME", "decode the documents of this split", 0, 0, splits},
        {0, "document", OPTION_TEXT, &decode.document_text, "N", "decode document N (from 0) of the split, or of train",
         0, 0, NULL},
        {0, "tokens", OPTION_TEXT, &decode.tokens_text, "FROM:TO",
         "write the text of these tokens (from 0) of the split, or of train", 0, 0, NULL},
        {0, "text", OPTION_FLAG, &decode.text, NULL, "write text, not records", 0, 0, NULL},
        {0, "raw", OPTION_FLAG, &decode.raw, NULL, "write the tokens' bytes and nothing else", 0, 0, NULL},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-decode",
                                    .purpose = "Turn token shards, or lines of ids, back into records.",
                                    .usage = "[OPTIONS] [DIR...|FILE...]",
                                    .options = options,
                                    .common = COMMON_OUTPUT | COMMON_PROGRESS | COMMON_QUIET,
                                    .values = &decode.common,
                                    .maximum_operands = SIZE_MAX};
    int first;
    struct error error;
    options_parse(&program, argc, argv, &first);
    int status = run(&decode, argv + first, (size_t)(argc - first), &error) != 0 ? program_fail(&error) : 0;
    tokenizer_free(decode.tokenizer);
    unpacked_release(&decode.unpacked);
    token_ids_release(&decode.ids);
    bytes_release(&decode.line);
    bytes_release(&decode.name);
    return status;
}
