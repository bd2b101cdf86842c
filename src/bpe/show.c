/*
 * Owns gpt-bpe show: figures of a tokenizer, of how it fits given records, and of another tokenizer beside it. The
 * measuring is fit.c's affair; knows nothing of how tokenizers are made.
 */
#include "bpe/show.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/options.h"
#include "base/output.h"
#include "base/stage.h"
#include "bpe/fit.h"
#include "text/utf8.h"
#include "token/tokenizer.h"

struct show {
    struct common_options common;
    uint64_t longest, unused; /* how many to list */
    const char *names[FIT_TOKENIZERS_MAX];
    struct tokenizer *tokenizers[FIT_TOKENIZERS_MAX];
    size_t count;
    struct text_classes *classes;
    struct fit sums; /* of the workers that ended; under the lock */
    pthread_mutex_t lock;
};

/* ---- the vocabulary ---- */

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

/* Tokens that are text, and of those the unused ones where uses is given. Returns how many; *ids is the caller's. */
static uint32_t list_tokens(const struct tokenizer *tokenizer, const uint64_t *uses, uint32_t **ids) {
    uint32_t size = tokenizer_vocabulary_size(tokenizer), count = 0;
    *ids = memory_allocate((size_t)size * sizeof(**ids));
    for (uint32_t id = 0; id < size; id++)
        if (tokenizer_token(tokenizer, id).data && !tokenizer_is_special(tokenizer, id) && !(uses && uses[id] > 0))
            (*ids)[count++] = id;
    return count;
}

/* The longest of ids, which are sorted for it. */
static void append_longest(const struct tokenizer *tokenizer, uint32_t *ids, uint32_t count, uint64_t most,
                           struct bytes *out) {
    qsort_r(ids, count, sizeof(*ids), compare_longest, (void *)(uintptr_t)tokenizer);
    for (uint32_t i = 0; i < count && i < most; i++) {
        bytes_append_format(out, "%8u ", ids[i]);
        append_token(out, tokenizer_token(tokenizer, ids[i]));
        bytes_append_byte(out, '\n');
    }
}

static void append_lengths(const struct show *show, struct bytes *out) {
    const struct tokenizer *tokenizer = show->tokenizers[0];
    uint32_t *ids, count = list_tokens(tokenizer, NULL, &ids);
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += tokenizer_token(tokenizer, ids[i]).size;
    bytes_append_format(out, "mean length: %.3f bytes\nlongest tokens:\n", (double)total / (double)count);
    append_longest(tokenizer, ids, count, show->longest, out);
    free(ids);
}

static void append_pretokenizer(const struct tokenizer *tokenizer, struct bytes *out) {
    const struct pretokenizer *pretokenizer = tokenizer_pretokenizer(tokenizer);
    bytes_append_format(out, "pretokenizer: %s ", pretokenizer_name(pretokenizer));
    if (pretokenizer_kind(pretokenizer) == PRETOKENIZER_REGEX) {
        bytes_append_span(out, pretokenizer_pattern(pretokenizer));
        bytes_append_byte(out, ' ');
    }
    bytes_append_text(out, "(Unicode ");
    pretokenizer_append_unicode_version(pretokenizer, out);
    bytes_append_text(out, ")\n");
}

/* A special token, or another text of a file, on one line. */
static void append_line(struct bytes *out, struct span text) {
    json_append_escaped(out, text);
    bytes_append_byte(out, '\n');
}

/* What a tokenizer_config.json beside the tokenizer.json says. */
static int append_config(const char *path, struct bytes *out, struct error *error) {
    struct bytes name = {0};
    struct tokenizer_config config = {0};
    const char *slash = strrchr(path, '/');
    bytes_append_format(&name, "%.*stokenizer_config.json", slash ? (int)(slash + 1 - path) : 0, path);
    int result = 0;
    if (access(bytes_text(&name), F_OK) == 0) {
        result = tokenizer_config_load(&config, bytes_text(&name), error);
        bool ours = span_is(span_of_bytes(&config.chat_template), tokenizer_chat_template());
        bytes_append_text(out, "begins with: ");
        append_line(out, span_of_bytes(&config.bos));
        bytes_append_text(out, "ends with: ");
        append_line(out, span_of_bytes(&config.eos));
        bytes_append_format(out, "chat template: %s\n",
                            ours                            ? "this project's"
                            : config.chat_template.size > 0 ? "another"
                                                            : "none");
    }
    tokenizer_config_release(&config);
    bytes_release(&name);
    return result;
}

static int append_description(const struct show *show, struct bytes *out, struct error *error) {
    const struct tokenizer *tokenizer = show->tokenizers[0];
    char digest[HASH128_HEX_SIZE + 1];
    hash128_hex(tokenizer_digest(tokenizer), digest);
    bytes_append_format(out, "vocabulary: %u\nmerges: %zu\n", tokenizer_vocabulary_size(tokenizer),
                        tokenizer_merge_count(tokenizer));
    append_pretokenizer(tokenizer, out);
    bytes_append_format(out, "digest: %s\nspecial tokens:\n", digest);
    for (uint32_t id = 0; id < tokenizer_vocabulary_size(tokenizer); id++) {
        if (tokenizer_is_special(tokenizer, id)) {
            struct span text = tokenizer_token(tokenizer, id);
            bytes_append_format(out, "%8u ", id);
            append_line(out, text);
        }
    }
    int result = append_config(show->names[0], out, error);
    append_lengths(show, out);
    return result;
}

/* ---- two vocabularies ---- */

static int compare_texts(const void *a, const void *b, void *context) {
    return span_compare(tokenizer_token(context, *(const uint32_t *)a), tokenizer_token(context, *(const uint32_t *)b));
}

static void append_overlap(const struct show *show, struct bytes *out) {
    uint32_t *ids[2], counts[2], both = 0;
    for (size_t i = 0; i < 2; i++) {
        counts[i] = list_tokens(show->tokenizers[i], NULL, &ids[i]);
        qsort_r(ids[i], counts[i], sizeof(*ids[i]), compare_texts, show->tokenizers[i]);
    }
    for (uint32_t i = 0, j = 0; i < counts[0] && j < counts[1];) {
        int order = span_compare(tokenizer_token(show->tokenizers[0], ids[0][i]),
                                 tokenizer_token(show->tokenizers[1], ids[1][j]));
        both += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    bytes_append_format(out, "tokens in both: %u\ntokens in %s only: %u\ntokens in %s only: %u\n", both, show->names[0],
                        counts[0] - both, show->names[1], counts[1] - both);
    free(ids[0]);
    free(ids[1]);
}

/* ---- the fit ---- */

static double ratio(uint64_t part, uint64_t whole) {
    return whole > 0 ? (double)part / (double)whole : 0;
}

static void append_language(const struct fit_language *language, struct span name, struct bytes *out) {
    bytes_append_format(out, "%-10.*s %9" PRIu64 " %13" PRIu64 " %13" PRIu64 " %11.3f %16.3f %11.3f %12.3f\n",
                        (int)name.size, name.data, language->records, language->bytes, language->tokens[0],
                        ratio(language->bytes, language->tokens[0]), ratio(language->characters, language->tokens[0]),
                        ratio(language->tokens[0], language->words), ratio(language->tokens[0], language->pieces[0]));
}

static void append_comparison(const struct fit_language *language, struct span name, struct bytes *out) {
    bytes_append_format(out, "%-10.*s %13" PRIu64 " %13" PRIu64 " %7.3f %13.3f %13.3f %13.3f %13.3f\n", (int)name.size,
                        name.data, language->tokens[0], language->tokens[1],
                        ratio(language->tokens[1], language->tokens[0]), ratio(language->bytes, language->tokens[0]),
                        ratio(language->bytes, language->tokens[1]), ratio(language->tokens[0], language->words),
                        ratio(language->tokens[1], language->words));
}

static struct fit_language sum_languages(const struct fit *fit) {
    struct fit_language all = {0};
    for (size_t i = 0; i < fit->language_count; i++) {
        const struct fit_language *language = &fit->languages[i];
        all.records += language->records;
        all.bytes += language->bytes;
        all.characters += language->characters;
        all.words += language->words;
        for (size_t which = 0; which < FIT_TOKENIZERS_MAX; which++) {
            all.pieces[which] += language->pieces[which];
            all.tokens[which] += language->tokens[which];
        }
    }
    return all;
}

/* A line a language, and one for all. */
static void append_languages(const struct fit *fit,
                             void (*append)(const struct fit_language *, struct span, struct bytes *),
                             struct bytes *out) {
    struct fit_language all = sum_languages(fit);
    struct bytes name = {0};
    for (size_t i = 0; i < fit->language_count; i++) {
        bytes_clear(&name);
        json_append_escaped(&name, span_of_bytes(&fit->languages[i].name));
        append(&fit->languages[i], span_of_bytes(&name), out);
    }
    bytes_release(&name);
    append(&all, SPAN_LITERAL("all"), out);
}

static void append_fit(struct show *show, struct bytes *out) {
    uint32_t *ids, count = list_tokens(show->tokenizers[0], NULL, &ids);
    free(ids);
    fit_sort(&show->sums);
    bytes_append_format(out, "%-10s %9s %13s %13s %11s %16s %11s %12s\n", "language", "records", "bytes", "tokens",
                        "bytes/token", "characters/token", "tokens/word", "tokens/piece");
    append_languages(&show->sums, append_language, out);
    uint32_t unused = list_tokens(show->tokenizers[0], show->sums.uses[0], &ids);
    bytes_append_format(out, "unused tokens: %u of %u\n", unused, count);
    append_longest(show->tokenizers[0], ids, unused, show->unused, out);
    free(ids);
    if (show->count < 2)
        return;
    bytes_append_format(out, "%s (1) and %s (2):\n%-10s %13s %13s %7s %13s %13s %13s %13s\n", show->names[0],
                        show->names[1], "language", "tokens 1", "tokens 2", "2 / 1", "bytes/token 1", "bytes/token 2",
                        "tokens/word 1", "tokens/word 2");
    append_languages(&show->sums, append_comparison, out);
}

/* ---- records ---- */

static const struct tokenizer *const *borrow(const struct show *show) {
    return (const struct tokenizer *const *)show->tokenizers;
}

struct show_worker {
    struct show *show;
    struct fit_meter *meter;
};

static void *worker_new(void *context) {
    struct show_worker *worker = memory_zeroed(1, sizeof(*worker));
    worker->show = context;
    worker->meter = fit_meter_new(borrow(worker->show), worker->show->count, worker->show->classes);
    return worker;
}

static void worker_free(void *opaque) {
    struct show_worker *worker = opaque;
    struct show *show = worker->show;
    pthread_mutex_lock(&show->lock);
    fit_merge(&show->sums, fit_meter_sums(worker->meter), borrow(show), show->count);
    pthread_mutex_unlock(&show->lock);
    fit_meter_free(worker->meter);
    free(worker);
}

static int process(void *context, void *opaque, struct record *record, struct stage_sink *sink, struct error *error) {
    (void)context;
    struct show_worker *worker = opaque;
    if (fit_meter_add(worker->meter, record, error) != 0)
        return -1;
    stage_write(sink, (struct span){"", 0}); /* counted as out, with no line of its own */
    return 0;
}

/* Prints all there is to say; with records or without. */
static int print(struct show *show, bool records, struct error *error) {
    struct bytes out = {0};
    int result = append_description(show, &out, error);
    if (show->count == 2)
        append_overlap(show, &out);
    if (records)
        append_fit(show, &out);
    if (result == 0)
        result = output_save(show->common.output, span_of_bytes(&out), error);
    bytes_release(&out);
    return result;
}

static int finish(void *context, struct stage_sink *sink, struct error *error) {
    (void)sink;
    return print(context, true, error);
}

static int show_records(struct show *show, const struct program *program, char **paths, size_t count) {
    struct error error;
    if (text_classes_new(&show->classes, &error) != 0)
        return program_fail(&error);
    const struct stage stage = {.program = program,
                                .options = &show->common,
                                .paths = (const char *const *)paths,
                                .path_count = count,
                                .context = show,
                                .worker_new = worker_new,
                                .worker_free = worker_free,
                                .process = process,
                                .finish = finish};
    int status = stage_run(&stage);
    text_classes_free(show->classes);
    fit_release(&show->sums);
    return status;
}

static int run(struct show *show, const struct program *program, const char *other, char **operands, size_t count) {
    struct error error;
    show->names[0] = operands[0];
    show->names[1] = other;
    for (; show->count < FIT_TOKENIZERS_MAX && show->names[show->count]; show->count++)
        if (tokenizer_load(&show->tokenizers[show->count], show->names[show->count], &error) != 0)
            return program_fail(&error);
    if (count > 1)
        return show_records(show, program, operands + 1, count - 1);
    return print(show, false, &error) != 0 ? program_fail(&error) : 0;
}

int bpe_show(int argc, char **argv) {
    struct show show = {.longest = 10, .unused = 10, .lock = PTHREAD_MUTEX_INITIALIZER};
    const char *other = NULL;
    const struct option options[] = {
        {0, "longest", OPTION_COUNT, &show.longest, "N", "how many of the longest tokens to list", 0, 0, NULL},
        {0, "unused", OPTION_COUNT, &show.unused, "N", "how many of the tokens that no record uses to list", 0, 0,
         NULL},
        {0, "compare", OPTION_TEXT, &other, "TOKENIZER", "put another tokenizer beside it", 0, 0, NULL},
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
    int status = run(&show, &program, other, argv + first, (size_t)(argc - first));
    for (size_t i = 0; i < FIT_TOKENIZERS_MAX; i++)
        tokenizer_free(show.tokenizers[i]);
    return status;
}
