/* Owns manifest.json: which shards make a set, and their digests. Knows nothing of what stands inside a shard. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "shard/layout.h"

#define MANIFEST_LIMIT ((size_t)64 << 20)
#define MANIFEST_FORMAT "gpt-shard"
#define UNFINISHED_FORMAT "gpt-shard-unfinished"

void shard_name(enum shard_split split, unsigned ordinal, char name[SHARD_NAME_SIZE]) {
    snprintf(name, SHARD_NAME_SIZE, "%s-%05u" SHARD_SUFFIX, shard_split_name(split), ordinal);
}

static void append_hash(struct bytes *out, const char *key, struct hash128 hash) {
    char hex[HASH128_HEX_SIZE + 1];
    hash128_hex(hash, hex);
    bytes_append_format(out, "\"%s\": \"%s\"", key, hex);
}

void manifest_append(const struct manifest *manifest, struct bytes *out) {
    bytes_append_format(out, "{\n  \"format\": \"%s\",\n  \"version\": %d,\n  ",
                        manifest->unfinished ? UNFINISHED_FORMAT : MANIFEST_FORMAT, SHARD_VERSION);
    if (manifest->unfinished)
        bytes_append_format(out, "\"shard_size\": %" PRIu64 ",\n  ", manifest->shard_size);
    append_hash(out, "tokenizer", manifest->tokenizer);
    bytes_append_format(out, ",\n  \"vocabulary_size\": %u,\n  \"token_width\": %u,\n  \"shards\": [",
                        manifest->vocabulary_size, shard_token_width(manifest->vocabulary_size));
    for (size_t i = 0; i < manifest->count; i++) {
        const struct manifest_shard *shard = &manifest->shards[i];
        char name[SHARD_NAME_SIZE];
        shard_name(shard->split, shard->ordinal, name);
        bytes_append_format(out,
                            "%s\n    {\"name\": \"%s\", \"split\": \"%s\", \"documents\": %" PRIu64
                            ", \"tokens\": %" PRIu64 ", \"size\": %" PRIu64 ", ",
                            i ? "," : "", name, shard_split_name(shard->split), shard->documents, shard->tokens,
                            shard->size);
        append_hash(out, "xxh3_128", shard->digest);
        if (manifest->unfinished)
            bytes_append_format(out, ", \"records\": %" PRIu64 ", \"input\": \"%016" PRIx64 "\"", shard->records,
                                shard->input);
        bytes_append_byte(out, '}');
    }
    bytes_append_text(out, manifest->count ? "\n  ]\n}\n" : "]\n}\n");
}

/* Hexadecimal digits as numbers of 16 digits each. */
static bool parse_hexadecimal(struct span hex, uint64_t *numbers, size_t count) {
    if (hex.size != 16 * count)
        return false;
    for (size_t i = 0; i < hex.size; i++) {
        char digit = hex.data[i];
        if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f')))
            return false;
        uint64_t before = i % 16 ? numbers[i / 16] : 0;
        numbers[i / 16] = before << 4 | (uint64_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return true;
}

static bool parse_hash(struct span hex, struct hash128 *hash) {
    uint64_t halves[2] = {0, 0};
    if (!parse_hexadecimal(hex, halves, 2))
        return false;
    *hash = (struct hash128){.high = halves[0], .low = halves[1]};
    return true;
}

static bool parse_count(const struct json_value *object, const char *key, uint64_t *count) {
    int64_t number = json_integer(object, key, -1);
    *count = (uint64_t)number;
    return number > 0;
}

/* Names follow from split and ordinal, which also keeps them from naming anything outside the directory. */
static int parse_shard(const struct json_value *value, bool unfinished, const struct manifest_shard *before,
                       struct manifest_shard *shard, struct error *error) {
    struct span name = json_string(value, "name"), split = json_string(value, "split");
    if (!split.data || !shard_split_parse(split, &shard->split) || (before && shard->split < before->split))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "a shard's split is wrong or out of order");
    shard->ordinal = before && before->split == shard->split ? before->ordinal + 1 : 0;
    char expected[SHARD_NAME_SIZE];
    shard_name(shard->split, shard->ordinal, expected);
    if (!span_is(name, expected))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s is not where it should be listed", expected);
    if (!parse_count(value, "documents", &shard->documents) || !parse_count(value, "tokens", &shard->tokens) ||
        !parse_count(value, "size", &shard->size) || !parse_hash(json_string(value, "xxh3_128"), &shard->digest))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: a count or the digest is wrong", expected);
    if (unfinished && (!parse_count(value, "records", &shard->records) ||
                       !parse_hexadecimal(json_string(value, "input"), &shard->input, 1)))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: records or input is wrong", expected);
    return 0;
}

static int parse_manifest(struct manifest *manifest, const struct json_value *root, struct error *error) {
    if (!span_is(json_string(root, "format"), manifest->unfinished ? UNFINISHED_FORMAT : MANIFEST_FORMAT))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "not a manifest of token shards");
    if (json_integer(root, "version", 0) != SHARD_VERSION)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "this format version is not supported");
    uint64_t size = 0;
    if (manifest->unfinished && !parse_count(root, "shard_size", &manifest->shard_size))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "shard_size is wrong");
    if (!parse_hash(json_string(root, "tokenizer"), &manifest->tokenizer) ||
        !parse_count(root, "vocabulary_size", &size) || size > INT32_MAX ||
        json_integer(root, "token_width", 0) != shard_token_width((uint32_t)size))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "tokenizer, vocabulary_size or token_width is wrong");
    manifest->vocabulary_size = (uint32_t)size;
    const struct json_value *shards = json_member(root, "shards");
    if (!shards || shards->type != JSON_ARRAY)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no list of shards");
    manifest->shards = memory_zeroed(shards->count + 1, sizeof(*manifest->shards));
    for (size_t i = 0; i < shards->count; i++) {
        struct manifest_shard *before = i ? &manifest->shards[i - 1] : NULL;
        if (parse_shard(&shards->items[i], manifest->unfinished, before, &manifest->shards[i], error) != 0)
            return -1;
        manifest->count++;
    }
    return 0;
}

static int load(struct manifest *manifest, const char *path, struct error *error) {
    struct json_document *document = NULL;
    int result = json_load(&document, path, MANIFEST_LIMIT, error);
    if (result == 0 && parse_manifest(manifest, json_root(document), error) != 0)
        result = error_prefix(error, "%s: ", path);
    json_free(document);
    if (result != 0)
        manifest_release(manifest);
    return result;
}

int manifest_load(struct manifest *manifest, const char *directory, struct error *error) {
    *manifest = (struct manifest){0};
    struct bytes path = {0};
    bytes_append_format(&path, "%s/%s", directory, SHARD_MANIFEST);
    int result = -1;
    if (access(directory, F_OK) == 0 && access(bytes_text(&path), F_OK) != 0 && errno == ENOENT)
        error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: no %s: not a finished set of shards", directory,
                  SHARD_MANIFEST);
    else
        result = load(manifest, bytes_text(&path), error);
    bytes_release(&path);
    return result;
}

int manifest_load_unfinished(struct manifest *manifest, const char *directory, struct error *error) {
    *manifest = (struct manifest){.unfinished = true};
    struct bytes path = {0};
    bytes_append_format(&path, "%s/%s", directory, SHARD_UNFINISHED);
    int result = 0;
    if (access(bytes_text(&path), F_OK) == 0 || errno != ENOENT)
        result = load(manifest, bytes_text(&path), error) == 0 ? 1 : -1;
    bytes_release(&path);
    return result;
}

void manifest_release(struct manifest *manifest) {
    free(manifest->shards);
    *manifest = (struct manifest){0};
}
