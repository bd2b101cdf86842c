/* Owns gpt-bpe show: figures of a tokenizer, and of how it cuts given records. Knows nothing of how tokenizers are
 * made. */
#include "bpe/show.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/output.h"
#include "base/stage.h"
#include "text/utf8.h"
#include "token/tokenizer.h"
#include "token/unicode_tables.h"

struct show {
    struct common_options common;
    uint64_t longest;
    struct tokenizer *tokenizer;
    atomic_uint_fast64_t bytes, characters, pieces, tokens; /* of the records */
};

static int compare_longest(const void *a, const void *b, void *context) {
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    size_t left_size = tokenizer_token(context, left).size, right_size = tokenizer_token(context, right).size;
    if (left_size != right_size)
        return left_size > right_size ? -1 : 1;
    return left < right ? -1 : 1;
}

/* A token as a JSON string; a part of a character as its bytes in hexadecimal. */
static void append_token(struct bytes *out, struct span token) {
    if (utf8_valid_prefix(token) == token.size) {
        json_append_string(out, token);
        return;
    }
    for (size_t i = 0; i < token.size; i++)
        bytes_append_format(out, "%s%02x", i ? " " : "", (unsigned char)token.data[i]);
}

static void append_tokens(const struct show *show, struct bytes *out) {
    const struct tokenizer *tokenizer = show->tokenizer;
    uint32_t size = tokenizer_vocabulary_size(tokenizer), *ids = memory_allocate(size * sizeof(*ids)), count = 0;
    uint64_t total = 0;
    for (uint32_t id = 0; id < size; id++) {
        struct span token = tokenizer_token(tokenizer, id);
        if (token.data && !tokenizer_is_special(tokenizer, id)) {
            ids[count++] = id;
            total += token.size;
        }
    }
    bytes_append_format(out, "bytes per token: %.3f\n", (double)total / (double)count);
    qsort_r(ids, count, sizeof(*ids), compare_longest, (void *)(uintptr_t)tokenizer);
    bytes_append_text(out, "longest tokens:\n");
    for (uint32_t i = 0; i < count && i < show->longest; i++) {
        bytes_append_format(out, "%8u ", ids[i]);
        append_token(out, tokenizer_token(tokenizer, ids[i]));
        bytes_append_byte(out, '\n');
    }
    free(ids);
}

static void append_description(const struct show *show, struct bytes *out) {
    const struct tokenizer *tokenizer = show->tokenizer;
    char digest[HASH128_HEX_SIZE + 1];
    hash128_hex(tokenizer_digest(tokenizer), digest);
    bytes_append_format(out,
                        "vocabulary: %u\nmerges: %zu\npretokenizer: %s (Unicode %s)\ndigest: %s\nspecial tokens:\n",
                        tokenizer_vocabulary_size(tokenizer), tokenizer_merge_count(tokenizer),
                        pretokenizer_name(tokenizer_pretokenizer(tokenizer)), unicode_version, digest);
    for (uint32_t id = 0; id < tokenizer_vocabulary_size(tokenizer); id++) {
        if (tokenizer_is_special(tokenizer, id)) {
            struct span text = tokenizer_token(tokenizer, id);
            bytes_append_format(out, "%8u %.*s\n", id, (int)text.size, text.data);
        }
    }
    append_tokens(show, out);
}

static void append_fertility(struct show *show, struct bytes *out) {
    uint64_t bytes = show->bytes, characters = show->characters, pieces = show->pieces, tokens = show->tokens;
    bytes_append_format(out,
                        "text: %" PRIu64 " bytes, %" PRIu64 " characters, %" PRIu64 " pieces, %" PRIu64 " tokens\n",
                        bytes, characters, pieces, tokens);
    if (tokens > 0 && pieces > 0)
        bytes_append_format(out, "text: %.3f bytes per token, %.3f characters per token, %.3f tokens per piece\n",
                            (double)bytes / (double)tokens, (double)characters / (double)tokens,
                            (double)tokens / (double)pieces);
}

/* ---- records ---- */

struct show_worker {
    struct encoder *encoder;
    struct cutter *cutter;
    struct token_ids ids;
};

static void *worker_new(void *context) {
    const struct show *show = context;
    struct show_worker *worker = memory_zeroed(1, sizeof(*worker));
    worker->encoder = encoder_new(show->tokenizer);
    worker->cutter = cutter_new(tokenizer_pretokenizer(show->tokenizer));
    return worker;
}

static void worker_free(void *opaque) {
    struct show_worker *worker = opaque;
    encoder_free(worker->encoder);
    cutter_free(worker->cutter);
    token_ids_release(&worker->ids);
    free(worker);
}

static int count_text(struct show *show, struct show_worker *worker, struct span text, struct error *error) {
    uint64_t pieces = 0;
    struct span cut[64];
    long count;
    cutter_begin(worker->cutter, text);
    while ((count = cutter_take(worker->cutter, cut, 64, error)) > 0)
        pieces += (uint64_t)count;
    worker->ids.count = 0;
    if (count < 0 || encoder_append_text(worker->encoder, text, &worker->ids, error) != 0)
        return -1;
    atomic_fetch_add(&show->bytes, text.size);
    atomic_fetch_add(&show->characters, utf8_length(text));
    atomic_fetch_add(&show->pieces, pieces);
    atomic_fetch_add(&show->tokens, worker->ids.count);
    return 0;
}

static int process(void *context, void *worker, struct record *record, struct stage_sink *sink, struct error *error) {
    int result = 0;
    if (record->kind == RECORD_DOCUMENT)
        result = count_text(context, worker, record->field[FIELD_TEXT], error);
    for (size_t i = 0; i < record->message_count && record->kind == RECORD_DIALOGUE && result == 0; i++)
        result = count_text(context, worker, record->messages[i].content, error);
    if (result != 0)
        return -1;
    stage_write(sink, (struct span){"", 0}); /* counted as out, with no line of its own */
    return 0;
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    (void)sink;
    struct show *show = context;
    struct bytes out = {0};
    append_description(show, &out);
    append_fertility(show, &out);
    int result = output_save(show->common.output, span_of_bytes(&out), error);
    bytes_release(&out);
    return result;
}

static int show_records(struct show *show, const struct program *program, char **paths, size_t count) {
    const struct stage stage = {.program = program,
                                .options = &show->common,
                                .paths = (const char *const *)paths,
                                .path_count = count,
                                .context = show,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .process = process,
                                .finish = finish};
    return stage_run(&stage);
}

int bpe_show(int argc, char **argv) {
    struct show show = {.longest = 10};
    const struct option options[] = {
        {0, "longest", OPTION_COUNT, &show.longest, "N", "how many of the longest tokens to list", 0, 0, NULL},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-bpe show",
                                    .purpose = "Describe a tokenizer, and how it cuts the records of FILEs.",
                                    .usage = "[OPTIONS] TOKENIZER [FILE...]",
                                    .options = options,
                                    .common = COMMON_THREADS | COMMON_PROGRESS | COMMON_QUIET,
                                    .values = &show.common,
                                    .minimum_operands = 1,
                                    .maximum_operands = SIZE_MAX};
    int first;
    options_parse(&program, argc, argv, &first);
    struct error error;
    if (tokenizer_load(&show.tokenizer, argv[first], &error) != 0)
        return program_fail(&error);
    int status = 0;
    if (first + 1 < argc)
        status = show_records(&show, &program, argv + first + 1, (size_t)(argc - first - 1));
    else {
        struct bytes out = {0};
        append_description(&show, &out);
        if (output_save(NULL, span_of_bytes(&out), &error) != 0)
            status = program_fail(&error);
        bytes_release(&out);
    }
    tokenizer_free(show.tokenizer);
    return status;
}
