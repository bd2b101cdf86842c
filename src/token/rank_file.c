/*
 * Owns reading the vocabularies that were published without a tokenizer.json: tiktoken's rank files (a line "BASE64
 * RANK" a token) and GPT-2's vocab.bpe (a line "LEFT RIGHT" a merge), whose ids may stand in an encoder.json. What they
 * leave out, pattern and special tokens, is known by the digest of the file.
 */
#include "token/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json.h"
#include "token/byte_level.h"
#include "token/vocabulary.h"

#define FILE_LIMIT ((size_t)64 << 20)
#define CUTS_MAX 1024 /* those of a token; bounds the work on a hostile file */
#define MERGES_HEADER "#version"

struct known_special {
    const char *text;
    uint32_t id;
};

struct known_file {
    const char *digest; /* XXH3-128 of the file */
    enum pretokenizer_kind pretokenizer;
    struct known_special specials[5]; /* ended by a NULL text */
};

static const struct known_file known_files[] = {
    {"5caa565dbb3b366be1a102e27c272620" /* vocab.bpe */, PRETOKENIZER_GPT2, {{"<|endoftext|>", 50256}}},
    {"aa5ef69a716d8a563cb2fbe95939bd2d" /* r50k_base */, PRETOKENIZER_GPT2, {{"<|endoftext|>", 50256}}},
    {"1bfe2eadd49e9688f2d3fa62565e6e17" /* p50k_base */, PRETOKENIZER_GPT2, {{"<|endoftext|>", 50256}}},
    {"7cdb781bb5d59657aa5d7bf38900641a" /* cl100k_base */,
     PRETOKENIZER_CL100K,
     {{"<|endoftext|>", 100257},
      {"<|fim_prefix|>", 100258},
      {"<|fim_middle|>", 100259},
      {"<|fim_suffix|>", 100260},
      {"<|endofprompt|>", 100276}}},
    {"dee5d4ced09a2db672a095e82ca109d6" /* o200k_base */,
     PRETOKENIZER_O200K,
     {{"<|endoftext|>", 199999}, {"<|endofprompt|>", 200018}}},
};

#define KNOWN_COUNT (sizeof(known_files) / sizeof(known_files[0]))

static const struct known_file *find_known(struct span file) {
    char digest[HASH128_HEX_SIZE + 1];
    hash128_hex(hash128(file), digest);
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (strcmp(known_files[i].digest, digest) == 0)
            return &known_files[i];
    return NULL;
}

/* Cuts the next line, without its newline, off text. */
static struct span next_line(struct span *text) {
    const char *newline = memchr(text->data, '\n', text->size);
    struct span line = {text->data, newline ? (size_t)(newline - text->data) : text->size};
    size_t taken = line.size + (newline ? 1 : 0);
    text->data += taken;
    text->size -= taken;
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static int base64_value(char digit) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = digit ? strchr(digits, digit) : NULL;
    return at ? (int)(at - digits) : -1;
}

static bool decode_base64(struct span text, struct bytes *out) {
    size_t size = text.size;
    while (size > 0 && text.data[size - 1] == '=')
        size--;
    if (text.size == 0 || text.size % 4 != 0 || text.size - size > 2)
        return false;
    uint32_t bits = 0;
    for (size_t i = 0; i < size; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0)
            bytes_append_byte(out, (char)(bits >> (6 - 2 * (i % 4))));
    }
    return true;
}

static bool parse_rank(struct span text, uint32_t *rank) {
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || value >= TOKENIZER_VOCABULARY_MAX)
            return false;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    *rank = (uint32_t)value;
    return text.size > 0;
}

/* Splits a line at its one space. */
static bool split_line(struct span line, struct span *left, struct span *right) {
    const char *space = memchr(line.data, ' ', line.size);
    if (!space)
        return false;
    *left = (struct span){line.data, (size_t)(space - line.data)};
    *right = (struct span){space + 1, line.size - left->size - 1};
    return left->size > 0 && right->size > 0 && !memchr(right->data, ' ', right->size);
}

static int refuse_line(struct error *error, size_t number) {
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "line %zu is neither a token with its rank nor a merge",
                     number);
}

static int read_ranks(struct tokenizer *tokenizer, struct span text, struct error *error) {
    struct bytes token = {0};
    int result = 0;
    for (size_t number = 1; result == 0 && text.size > 0; number++) {
        struct span line = next_line(&text), left, right;
        uint32_t rank;
        if (line.size == 0)
            continue;
        bytes_clear(&token);
        if (!split_line(line, &left, &right) || !decode_base64(left, &token) || !parse_rank(right, &rank))
            result = refuse_line(error, number);
        else if (vocabulary_add(tokenizer, rank, span_of_bytes(&token), TOKEN_TEXT, error) != 0)
            result = error_prefix(error, "line %zu: ", number);
    }
    bytes_release(&token);
    return result;
}

static int compare_cuts(const void *a, const void *b) {
    const struct merge *left = a, *right = b;
    if (left->left != right->left)
        return left->left < right->left ? -1 : 1;
    return (left->right > right->right) - (left->right < right->right);
}

/*
 * A rank file merges any two neighbours whose joined bytes are a token: one merge for each way to cut a token in two
 * tokens, in the order of the result, then of left and right, as Hugging Face's converter lists them.
 */
static int add_cuts(struct tokenizer *tokenizer, uint32_t id, struct error *error) {
    struct span token = tokenizer_token(tokenizer, id);
    size_t first = tokenizer->merge_count;
    for (size_t at = 1; at < token.size; at++) {
        struct merge cut = {vocabulary_find(tokenizer, (struct span){token.data, at}),
                            vocabulary_find(tokenizer, (struct span){token.data + at, token.size - at}), id};
        if (cut.left == TOKEN_NONE || cut.right == TOKEN_NONE)
            continue;
        if (tokenizer->merge_count - first == CUTS_MAX)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "token %u is two tokens in more than %d ways", id,
                             CUTS_MAX);
        vocabulary_add_merge(tokenizer, cut);
    }
    if (tokenizer->merge_count > first)
        qsort(tokenizer->merges + first, tokenizer->merge_count - first, sizeof *tokenizer->merges, compare_cuts);
    return 0;
}

static int add_all_cuts(struct tokenizer *tokenizer, struct error *error) {
    int result = 0;
    for (uint32_t id = 0; id < tokenizer->size && result == 0; id++)
        if (tokenizer->tokens[id].kind == TOKEN_TEXT)
            result = add_cuts(tokenizer, id, error);
    return result;
}

static int read_merge_line(struct tokenizer *tokenizer, struct span line, struct bytes *token, size_t number,
                           struct error *error) {
    struct span left, right;
    if (!split_line(line, &left, &right) || !byte_level_decode(left, token))
        return refuse_line(error, number);
    size_t cut = token->size;
    if (!byte_level_decode(right, token))
        return refuse_line(error, number);
    struct merge merge = {vocabulary_find(tokenizer, (struct span){token->data, cut}),
                          vocabulary_find(tokenizer, (struct span){token->data + cut, token->size - cut}),
                          tokenizer->size};
    if (merge.left == TOKEN_NONE || merge.right == TOKEN_NONE)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "line %zu: merges what no merge before made", number);
    if (vocabulary_add(tokenizer, merge.result, span_of_bytes(token), TOKEN_TEXT, error) != 0)
        return error_prefix(error, "line %zu: ", number);
    vocabulary_add_merge(tokenizer, merge);
    return 0;
}

static int read_merges(struct tokenizer *tokenizer, struct span text, struct error *error) {
    struct bytes token = {0};
    int result = 0;
    for (unsigned i = 0; i < BYTE_LEVEL_COUNT && result == 0; i++) {
        char byte = (char)byte_level_byte(i);
        result = vocabulary_add(tokenizer, i, (struct span){&byte, 1}, TOKEN_TEXT, error);
    }
    next_line(&text);
    for (size_t number = 2; result == 0 && text.size > 0; number++) {
        struct span line = next_line(&text);
        bytes_clear(&token);
        if (line.size > 0)
            result = read_merge_line(tokenizer, line, &token, number, error);
    }
    bytes_release(&token);
    return result;
}

/* One token of an encoder.json: a byte or what a merge makes, or else a special token. */
static int renumber_token(struct tokenizer *to, const struct tokenizer *from, const struct json_value *token,
                          struct bytes *scratch, struct error *error) {
    bytes_clear(scratch);
    bool is_text =
        byte_level_decode(token->key, scratch) && vocabulary_find(from, span_of_bytes(scratch)) != TOKEN_NONE;
    if (!token->is_integer || token->integer < 0 || token->integer >= TOKENIZER_VOCABULARY_MAX)
        return error_set(error, ERROR_DATA, token->position, "a token id is no integer within the limits");
    if (vocabulary_add(to, (uint32_t)token->integer, is_text ? span_of_bytes(scratch) : token->key,
                       is_text ? TOKEN_TEXT : TOKEN_SPECIAL, error) != 0) {
        error->position = token->position;
        return -1;
    }
    return 0;
}

static int renumber_merges(struct tokenizer *to, const struct tokenizer *from, struct error *error) {
    for (size_t rank = 0; rank < from->merge_count; rank++) {
        const struct merge *merge = &from->merges[rank];
        struct merge renumbered = {vocabulary_find(to, tokenizer_token(from, merge->left)),
                                   vocabulary_find(to, tokenizer_token(from, merge->right)),
                                   vocabulary_find(to, tokenizer_token(from, merge->result))};
        if (renumbered.left == TOKEN_NONE || renumbered.right == TOKEN_NONE || renumbered.result == TOKEN_NONE)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                             "no id for a token that line %zu of the merges joins or makes", rank + 2);
        vocabulary_add_merge(to, renumbered);
    }
    return 0;
}

/* Gives the tokens that vocab.bpe makes the ids of an encoder.json: *tokenizer is replaced. */
static int renumber(struct tokenizer **tokenizer, struct span json, struct error *error) {
    struct json_document *document;
    if (json_parse(&document, json, error) != 0)
        return error_prefix_line(error, json.data, json.size);
    struct tokenizer *to = vocabulary_new((*tokenizer)->pretokenizer);
    const struct json_value *root = json_root(document);
    struct bytes scratch = {0};
    int result = 0;
    if (root->type != JSON_OBJECT)
        result = error_set(error, ERROR_DATA, root->position, "no object of tokens and their ids");
    for (size_t i = 0; result == 0 && i < root->count; i++)
        result = renumber_token(to, *tokenizer, &root->items[i], &scratch, error);
    if (result == 0)
        result = renumber_merges(to, *tokenizer, error);
    bytes_release(&scratch);
    json_free(document);
    (*tokenizer)->pretokenizer = NULL; /* is the new one's */
    tokenizer_free(*tokenizer);
    *tokenizer = to;
    return result ? error_prefix_line(error, json.data, json.size) : 0;
}

static bool has_special(const struct tokenizer *tokenizer, const char *text) {
    for (uint32_t id = 0; id < tokenizer->size; id++)
        if (tokenizer_is_special(tokenizer, id) && span_is(tokenizer_token(tokenizer, id), text))
            return true;
    return false;
}

/* The file's own special tokens at their ids, then ours after the highest; but those that are there. */
static int add_specials(struct tokenizer *tokenizer, const struct known_file *known, struct error *error) {
    for (size_t i = 0; known && i < 5 && known->specials[i].text; i++)
        if (!has_special(tokenizer, known->specials[i].text) &&
            vocabulary_add(tokenizer, known->specials[i].id, span_of(known->specials[i].text), TOKEN_SPECIAL, error) !=
                0)
            return -1;
    for (int i = 0; i < SPECIAL_COUNT; i++)
        if (tokenizer->special[i] == TOKEN_NONE &&
            vocabulary_add(tokenizer, tokenizer->size, span_of(special_token_text((enum special_token)i)),
                           TOKEN_SPECIAL, error) != 0)
            return -1;
    return 0;
}

static bool is_merges(struct span file) {
    return file.size >= sizeof(MERGES_HEADER) - 1 && memcmp(file.data, MERGES_HEADER, sizeof(MERGES_HEADER) - 1) == 0;
}

/* After the last token; a merge that stands twice is named by its line. */
static int finish(struct tokenizer *tokenizer, struct error *error) {
    if (vocabulary_finish(tokenizer, error) == 0)
        return 0;
    return error->position == ERROR_NO_POSITION ? -1 : error_prefix(error, "line %zu: ", (size_t)error->position + 2);
}

static int read_file(struct tokenizer **tokenizer, struct span file, struct pretokenizer *given, struct error *error) {
    const struct known_file *known = find_known(file);
    if (!known && !given)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "not one of the published files: its pretokenizer must be given");
    *tokenizer = vocabulary_new(given ? given : pretokenizer_new(known->pretokenizer));
    (*tokenizer)->ignore_merges = !is_merges(file);
    if (is_merges(file))
        return read_merges(*tokenizer, file, error);
    return read_ranks(*tokenizer, file, error) != 0 || add_all_cuts(*tokenizer, error) != 0 ? -1 : 0;
}

/* Reads both files; errors name theirs. */
static int import(struct tokenizer **tokenizer, const char *path, const char *ids_path, struct pretokenizer *given,
                  struct bytes *file, struct bytes *ids, struct error *error) {
    if (input_load(path, FILE_LIMIT, file, error) != 0 ||
        (ids_path && input_load(ids_path, FILE_LIMIT, ids, error) != 0)) {
        pretokenizer_free(given);
        return -1;
    }
    if (read_file(tokenizer, span_of_bytes(file), given, error) != 0)
        return error_prefix(error, "%s: ", path);
    if (ids_path && !is_merges(span_of_bytes(file)))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s: a rank file has its ids, it takes no %s", path,
                         ids_path);
    if (ids_path && renumber(tokenizer, span_of_bytes(ids), error) != 0)
        return error_prefix(error, "%s: ", ids_path);
    if (add_specials(*tokenizer, find_known(span_of_bytes(file)), error) != 0 || finish(*tokenizer, error) != 0)
        return error_prefix(error, "%s: ", path);
    return 0;
}

bool rank_file_recognise(struct span file) {
    if (file.size == 0)
        return false;
    struct span line = next_line(&file), token, rank;
    struct bytes scratch = {0};
    uint32_t number;
    bool ranks = split_line(line, &token, &rank) && decode_base64(token, &scratch) && parse_rank(rank, &number);
    bytes_release(&scratch);
    return ranks || (line.size >= sizeof(MERGES_HEADER) - 1 && is_merges(line));
}

int rank_file_parse(struct tokenizer **tokenizer, const char *name, struct span file, struct error *error) {
    const struct known_file *known = find_known(file);
    *tokenizer = NULL;
    if (!known)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "%s: a list of tokens or merges that is not one of the published ones; "
                         "gpt-bpe import --pretokenizer NAME makes a tokenizer.json of it",
                         name);
    if (read_file(tokenizer, file, NULL, error) == 0 && add_specials(*tokenizer, known, error) == 0 &&
        finish(*tokenizer, error) == 0)
        return 0;
    tokenizer_free(*tokenizer);
    *tokenizer = NULL;
    return error_prefix(error, "%s: ", name);
}

int tokenizer_import(struct tokenizer **tokenizer, const char *path, const char *ids_path, struct pretokenizer *given,
                     struct error *error) {
    struct bytes file = {0}, ids = {0};
    *tokenizer = NULL;
    int result = import(tokenizer, path, ids_path, given, &file, &ids, error);
    if (result != 0) {
        tokenizer_free(*tokenizer);
        *tokenizer = NULL;
    }
    bytes_release(&file);
    bytes_release(&ids);
    return result;
}
