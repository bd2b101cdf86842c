/*
 * Owns reading Hugging Face's tokenizer.json: byte-level BPE with a pretokeniser that pretokenizer.c knows. Whatever
 * would give other ids than Hugging Face gives is refused by name. Knows nothing of how the tables are kept.
 */
#include "token/tokenizer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json.h"
#include "base/memory.h"
#include "token/byte_level.h"
#include "token/vocabulary.h"

/* The largest tokenizer.json; those in use reach about 30 MB. */
#define FILE_LIMIT ((size_t)256 << 20)

static int refuse(struct error *error, const char *what) {
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s", what);
}

static bool type_is(const struct json_value *value, const char *type) {
    return span_is(json_string(value, "type"), type);
}

static bool is_absent(const struct json_value *value, const char *key) {
    return json_member(value, key) == NULL || json_member(value, key)->type == JSON_NULL;
}

/* {"type":"ByteLevel","add_prefix_space":false,…}; use_regex:true means GPT-2's own pattern. */
static int read_byte_level(const struct json_value *step, bool *use_regex, struct error *error) {
    if (!type_is(step, "ByteLevel"))
        return refuse(error, "pre_tokenizer: a step other than Split and ByteLevel is not supported");
    if (json_boolean(step, "add_prefix_space", true))
        return refuse(error, "pre_tokenizer: add_prefix_space is not supported");
    *use_regex = json_boolean(step, "use_regex", true);
    return 0;
}

static int read_split(const struct json_value *step, struct pretokenizer **pretokenizer, struct error *error) {
    if (!type_is(step, "Split") || !span_is(json_string(step, "behavior"), "Isolated") ||
        json_boolean(step, "invert", false))
        return refuse(error, "pre_tokenizer: only Split with the behaviour Isolated is supported");
    struct span pattern = json_string(json_member(step, "pattern"), "Regex");
    if (!pattern.data)
        return refuse(error, "pre_tokenizer: Split has no Regex");
    if (pretokenizer_compile(pretokenizer, pattern, error) == 0)
        return 0;
    error->position = json_member(step, "pattern")->position; /* not the byte of the pattern */
    return error_prefix(error, "pre_tokenizer: ");
}

static int read_pretokenizer(const struct json_value *value, struct pretokenizer **pretokenizer, struct error *error) {
    if (!value || value->type != JSON_OBJECT)
        return refuse(error, "no pre_tokenizer");
    const struct json_value *steps = json_member(value, "pretokenizers");
    bool use_regex = false;
    if (!type_is(value, "Sequence")) {
        if (read_byte_level(value, &use_regex, error) != 0)
            return -1;
        if (!use_regex)
            return refuse(error, "pre_tokenizer: ByteLevel without a pattern is not supported");
        *pretokenizer = pretokenizer_new(PRETOKENIZER_GPT2);
        return 0;
    }
    if (!steps || steps->type != JSON_ARRAY || steps->count != 2)
        return refuse(error, "pre_tokenizer: a Sequence must be Split and ByteLevel");
    if (read_split(&steps->items[0], pretokenizer, error) != 0 ||
        read_byte_level(&steps->items[1], &use_regex, error) != 0)
        return -1;
    return use_regex ? refuse(error, "pre_tokenizer: Split before ByteLevel with use_regex is not supported") : 0;
}

/* Switches of the model that change ids. */
static int check_model(const struct json_value *model, struct error *error) {
    if (!model || model->type != JSON_OBJECT)
        return refuse(error, "no model");
    if (!type_is(model, "BPE") && !is_absent(model, "type"))
        return refuse(error, "model: only type BPE is supported");
    if (json_number(model, "dropout", 0) != 0)
        return refuse(error, "model: dropout is not supported");
    if (json_string(model, "continuing_subword_prefix").size > 0 || json_string(model, "end_of_word_suffix").size > 0)
        return refuse(error, "model: subword prefixes and suffixes are not supported");
    if (json_boolean(model, "byte_fallback", false))
        return refuse(error, "model: byte_fallback is not supported");
    return 0;
}

static int check_id(const struct json_value *id, uint32_t *result, struct error *error) {
    if (!id || !id->is_integer || id->integer < 0 || id->integer >= TOKENIZER_VOCABULARY_MAX)
        return error_set(error, ERROR_DATA, id ? id->position : ERROR_NO_POSITION,
                         "a token id is no integer within the limits");
    *result = (uint32_t)id->integer;
    return 0;
}

static int compare_contents(const void *a, const void *b) {
    const struct json_value *left = *(const struct json_value *const *)a, *right = *(const struct json_value *const *)b;
    int order = span_compare(json_string(left, "content"), json_string(right, "content"));
    return order ? order : (left > right) - (left < right);
}

static int check_contents_differ(const struct json_value *added, struct error *error) {
    const struct json_value **tokens = memory_allocate((added->count + 1) * sizeof *tokens);
    int result = 0;
    for (size_t i = 0; i < added->count; i++)
        tokens[i] = &added->items[i];
    qsort(tokens, added->count, sizeof *tokens, compare_contents);
    for (size_t i = 1; i < added->count && result == 0; i++)
        if (span_equal(json_string(tokens[i - 1], "content"), json_string(tokens[i], "content")))
            result = error_set(error, ERROR_DATA, tokens[i]->position,
                               "added_tokens: %" PRId64 " and %" PRId64 " are the same text",
                               json_integer(tokens[i - 1], "id", 0), json_integer(tokens[i], "id", 0));
    free(tokens);
    return result;
}

static int read_added_tokens(struct tokenizer *tokenizer, const struct json_value *added, struct error *error) {
    if (!added || added->type == JSON_NULL)
        return 0;
    if (added->type != JSON_ARRAY)
        return refuse(error, "added_tokens: no list");
    for (size_t i = 0; i < added->count; i++) {
        const struct json_value *token = &added->items[i];
        struct span text = json_string(token, "content");
        uint32_t id = 0;
        if (check_id(json_member(token, "id"), &id, error) != 0)
            return error_prefix(error, "added_tokens: ");
        if (!json_boolean(token, "special", false))
            return error_set(error, ERROR_DATA, token->position,
                             "added_tokens: %u is not special: such tokens are not supported", id);
        if (vocabulary_add(tokenizer, id, text, TOKEN_SPECIAL, error) != 0) {
            error->position = token->position;
            return error_prefix(error, "added_tokens: ");
        }
    }
    return check_contents_differ(added, error);
}

static int read_token(struct tokenizer *tokenizer, const struct json_value *token, struct bytes *scratch,
                      struct error *error) {
    uint32_t id = 0;
    if (check_id(token, &id, error) != 0)
        return -1;
    if (tokenizer_is_special(tokenizer, id)) {
        if (!span_equal(tokenizer_token(tokenizer, id), token->key))
            return error_set(error, ERROR_DATA, token->position, "token %u is another one in added_tokens", id);
        return 0;
    }
    bytes_clear(scratch);
    if (!byte_level_decode(token->key, scratch))
        return error_set(error, ERROR_DATA, token->position, "token %u is not in byte-level spelling", id);
    if (vocabulary_add(tokenizer, id, span_of_bytes(scratch), TOKEN_TEXT, error) != 0) {
        error->position = token->position;
        return -1;
    }
    return 0;
}

static int read_vocabulary(struct tokenizer *tokenizer, const struct json_document *document,
                           const struct json_value *vocabulary, struct error *error) {
    if (!vocabulary || vocabulary->type != JSON_OBJECT)
        return refuse(error, "model: no vocab");
    struct bytes scratch = {0};
    struct json_walk walk = json_walk_begin(document, vocabulary);
    struct json_value token;
    int result = 0;
    vocabulary_reserve(tokenizer, vocabulary->count);
    while (result == 0 && json_walk_next(&walk, &token))
        result = read_token(tokenizer, &token, &scratch, error);
    bytes_release(&scratch);
    if (result == 0 && vocabulary_index_bytes(tokenizer, error) != 0) {
        error->position = vocabulary->position;
        result = -1;
    }
    return result ? error_prefix(error, "model.vocab: ") : 0;
}

/* A merge is "left right" or ["left","right"]. */
static bool split_merge(const struct json_document *document, const struct json_value *merge, struct span *left,
                        struct span *right) {
    if (merge->type == JSON_ARRAY && merge->count == 2) {
        struct json_walk walk = json_walk_begin(document, merge);
        struct json_value first, second;
        if (!json_walk_next(&walk, &first) || !json_walk_next(&walk, &second))
            return false;
        *left = first.string;
        *right = second.string;
        return first.type == JSON_STRING && second.type == JSON_STRING;
    }
    const char *space = merge->type == JSON_STRING ? memchr(merge->string.data, ' ', merge->string.size) : NULL;
    if (!space)
        return false;
    size_t at = (size_t)(space - merge->string.data);
    *left = (struct span){merge->string.data, at};
    *right = (struct span){merge->string.data + at + 1, merge->string.size - at - 1};
    return true;
}

/* The token of a text; where that is the last one's, which stands for many merges in a row, without a look. */
static uint32_t find_result(const struct tokenizer *tokenizer, struct span text) {
    size_t count = tokenizer->merge_count;
    uint32_t last = count ? tokenizer->merges[count - 1].result : TOKEN_NONE;
    return count && span_equal(tokenizer_token(tokenizer, last), text) ? last : vocabulary_find(tokenizer, text);
}

static int read_merge(struct tokenizer *tokenizer, const struct json_document *document, const struct json_value *value,
                      struct bytes *scratch, struct error *error) {
    struct span left, right;
    size_t rank = tokenizer->merge_count;
    bytes_clear(scratch);
    if (!split_merge(document, value, &left, &right) || !byte_level_decode(left, scratch))
        return error_set(error, ERROR_DATA, value->position, "model.merges: merge %zu is malformed", rank);
    size_t cut = scratch->size;
    if (!byte_level_decode(right, scratch))
        return error_set(error, ERROR_DATA, value->position, "model.merges: merge %zu is malformed", rank);
    struct merge merge = {vocabulary_find(tokenizer, (struct span){scratch->data, cut}),
                          vocabulary_find(tokenizer, (struct span){scratch->data + cut, scratch->size - cut}),
                          find_result(tokenizer, span_of_bytes(scratch))};
    if (merge.left == TOKEN_NONE || merge.right == TOKEN_NONE || merge.result == TOKEN_NONE)
        return error_set(error, ERROR_DATA, value->position,
                         "model.merges: merge %zu is of tokens that are not in the vocabulary", rank);
    vocabulary_add_merge(tokenizer, merge);
    return 0;
}

static int read_merges(struct tokenizer *tokenizer, const struct json_document *document,
                       const struct json_value *merges, struct error *error) {
    if (!merges || merges->type != JSON_ARRAY)
        return refuse(error, "model: no merges");
    struct bytes scratch = {0};
    struct json_walk walk = json_walk_begin(document, merges);
    struct json_value merge;
    int result = 0;
    while (result == 0 && json_walk_next(&walk, &merge))
        result = read_merge(tokenizer, document, &merge, &scratch, error);
    bytes_release(&scratch);
    return result;
}

/* Where a merge stands in the file. */
static size_t merge_position(const struct json_document *document, const struct json_value *merges, size_t rank) {
    struct json_walk walk = json_walk_begin(document, merges);
    struct json_value merge = {0};
    for (size_t i = 0; i <= rank && json_walk_next(&walk, &merge);)
        i++;
    return merge.position;
}

/* Ends reading; a merge that stands twice is named by its rank. */
static int finish(struct tokenizer *tokenizer, const struct json_document *document, const struct json_value *merges,
                  struct error *error) {
    if (vocabulary_finish(tokenizer, error) == 0)
        return 0;
    if (error->position != ERROR_NO_POSITION) {
        error->position = merge_position(document, merges, error->position);
        error_prefix(error, "model.merges: ");
    }
    return -1;
}

static int read_tokenizer(struct tokenizer *tokenizer, const struct json_document *document, struct error *error) {
    const struct json_value *root = json_root(document);
    const struct json_value *model = json_member(root, "model");
    if (!is_absent(root, "normalizer"))
        return refuse(error, "normalizer: not supported");
    if (!is_absent(root, "decoder") && !type_is(json_member(root, "decoder"), "ByteLevel"))
        return refuse(error, "decoder: only ByteLevel is supported");
    if (read_pretokenizer(json_member(root, "pre_tokenizer"), &tokenizer->pretokenizer, error) != 0 ||
        check_model(model, error) != 0 || read_added_tokens(tokenizer, json_member(root, "added_tokens"), error) != 0)
        return -1;
    tokenizer->ignore_merges = json_boolean(model, "ignore_merges", false);
    if (read_vocabulary(tokenizer, document, json_member(model, "vocab"), error) != 0 ||
        read_merges(tokenizer, document, json_member(model, "merges"), error) != 0)
        return -1;
    return finish(tokenizer, document, json_member(model, "merges"), error);
}

int tokenizer_parse(struct tokenizer **tokenizer, const char *name, struct span json, struct error *error) {
    static const char *const tables[] = {"vocab", "merges", NULL};
    struct json_document *document;
    *tokenizer = NULL;
    int result = json_parse_without(&document, json, tables, error);
    if (result == 0) {
        *tokenizer = vocabulary_new(NULL);
        result = read_tokenizer(*tokenizer, document, error);
        json_free(document);
    }
    if (result != 0) {
        tokenizer_free(*tokenizer);
        *tokenizer = NULL;
        error_prefix_line(error, json.data, json.size);
        error_prefix(error, "%s: ", name);
    }
    return result;
}

int tokenizer_load(struct tokenizer **tokenizer, const char *path, struct error *error) {
    struct bytes file = {0};
    *tokenizer = NULL;
    if (input_load(path, FILE_LIMIT, &file, error) != 0)
        return -1;
    struct span text = span_of_bytes(&file);
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
        text = (struct span){text.data + 3, text.size - 3};
    int result = rank_file_recognise(text) ? rank_file_parse(tokenizer, path, text, error)
                                           : tokenizer_parse(tokenizer, path, text, error);
    bytes_release(&file);
    return result;
}
