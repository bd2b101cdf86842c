/*
 * Owns opening a set of shards: the manifest, each file mapped, its header, index and seek table checked against each
 * other. Knows nothing of reading tokens in order.
 */
#include "shard/set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/memory.h"

static int map_file(const char *path, uint64_t size, struct span *file, struct error *error) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (descriptor < 0)
        return error_set_system(error, "%s", path);
    if (fstat(descriptor, &status) != 0) {
        error_set_system(error, "%s", path);
        close(descriptor);
        return -1;
    }
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != size) {
        close(descriptor);
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: has %llu bytes, by the manifest %llu", path,
                         (unsigned long long)status.st_size, (unsigned long long)size);
    }
    void *data = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (data == MAP_FAILED)
        error_set_system(error, "%s", path);
    close(descriptor);
    if (data == MAP_FAILED)
        return -1;
    *file = (struct span){data, (size_t)size};
    return 0;
}

static bool hash_equal(struct hash128 a, struct hash128 b) {
    return a.low == b.low && a.high == b.high;
}

static int check_header(const struct shard *shard, const struct manifest *manifest, struct error *error) {
    const struct shard_header *header = &shard->header;
    if (header->split != shard->info.split || header->documents != shard->info.documents ||
        header->tokens != shard->info.tokens || header->vocabulary_size != manifest->vocabulary_size)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the header is another one than the manifest lists");
    if (!hash_equal(header->tokenizer, manifest->tokenizer))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "made with another tokenizer than the manifest says");
    return 0;
}

static bool is_skippable_entry(const struct seek_entry *entry, uint64_t size) {
    return entry->compressed == size && entry->uncompressed == 0 && entry->checksum == shard_checksum("", 0);
}

/* Places the frames between header and index; entries of those two must be the first and the last. */
static int place_frames(struct shard *shard, const struct seek_entry *entries, size_t count, struct error *error) {
    const struct shard_header *header = &shard->header;
    if (count < 3 || !is_skippable_entry(&entries[0], SHARD_HEADER_SIZE) ||
        !is_skippable_entry(&entries[count - 1], SHARD_INDEX_SIZE(header->documents)))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the seek table does not list header and index");
    shard->frame_count = count - 2;
    shard->entries = memory_allocate(shard->frame_count * sizeof(*shard->entries));
    shard->positions = memory_allocate(shard->frame_count * sizeof(*shard->positions));
    shard->starts = memory_allocate((shard->frame_count + 1) * sizeof(*shard->starts));
    uint64_t position = SHARD_HEADER_SIZE, token = 0;
    for (size_t i = 0; i < shard->frame_count; i++) {
        const struct seek_entry *entry = &entries[i + 1];
        if (entry->uncompressed == 0 || entry->uncompressed > SHARD_FRAME_MAX ||
            entry->uncompressed % header->width != 0 || entry->compressed == 0)
            return error_set(error, ERROR_DATA, position, "frame %zu has a wrong size in the seek table", i);
        shard->entries[i] = *entry;
        shard->positions[i] = position;
        shard->starts[i] = token;
        position += entry->compressed;
        token += entry->uncompressed / header->width;
    }
    shard->starts[shard->frame_count] = token;
    if (token != header->tokens)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the frames do not hold the tokens of the header");
    struct span index = {shard->file.data + position, SHARD_INDEX_SIZE(header->documents)};
    return shard_index_parse(index, header->documents, header->tokens, &shard->ends, error);
}

static int open_shard(struct shard_set *set, struct shard *shard, const struct manifest_shard *listed,
                      struct error *error) {
    shard_name(listed->split, listed->ordinal, shard->name);
    shard->info = (struct shard_info){shard->name, listed->split, listed->documents, listed->tokens, listed->size};
    shard->digest = listed->digest;
    struct bytes path = {0};
    bytes_append_format(&path, "%s/%s", set->directory, shard->name);
    int result = map_file(bytes_text(&path), listed->size, &shard->file, error);
    if (result == 0) {
        struct seek_entry *entries = NULL;
        size_t count = 0;
        if (shard_header_parse(shard->file, &shard->header, error) != 0 ||
            check_header(shard, &set->manifest, error) != 0 ||
            seek_table_parse(shard->file, &entries, &count, error) != 0 ||
            place_frames(shard, entries, count, error) != 0)
            result = error_prefix(error, "%s: ", bytes_text(&path));
        free(entries);
    }
    bytes_release(&path);
    return result;
}

int shard_set_open(struct shard_set **result, const char *directory, struct error *error) {
    struct shard_set *set = memory_zeroed(1, sizeof(*set));
    *result = NULL;
    set->directory = memory_copy(directory, strlen(directory));
    if (manifest_load(&set->manifest, directory, error) != 0) {
        shard_set_free(set);
        return -1;
    }
    set->shards = memory_zeroed(set->manifest.count + 1, sizeof(*set->shards));
    for (size_t i = 0; i < set->manifest.count; i++) {
        const struct manifest_shard *listed = &set->manifest.shards[i];
        struct shard *shard = &set->shards[set->count++];
        if (open_shard(set, shard, listed, error) != 0) {
            shard_set_free(set);
            return -1;
        }
        shard->first_document = set->documents[listed->split];
        shard->first_token = set->tokens[listed->split];
        set->documents[listed->split] += listed->documents;
        set->tokens[listed->split] += listed->tokens;
        for (int later = (int)listed->split + 1; later <= SPLIT_COUNT; later++)
            set->first[later] = set->count;
    }
    *result = set;
    return 0;
}

void shard_set_free(struct shard_set *set) {
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++) {
        struct shard *shard = &set->shards[i];
        if (shard->file.data)
            munmap((void *)(uintptr_t)shard->file.data, shard->file.size);
        free(shard->entries);
        free(shard->positions);
        free(shard->starts);
    }
    free(set->shards);
    manifest_release(&set->manifest);
    free(set->directory);
    free(set);
}

unsigned shard_set_token_width(const struct shard_set *set) {
    return shard_token_width(set->manifest.vocabulary_size);
}

uint32_t shard_set_vocabulary_size(const struct shard_set *set) {
    return set->manifest.vocabulary_size;
}

struct hash128 shard_set_tokenizer_digest(const struct shard_set *set) {
    return set->manifest.tokenizer;
}

int shard_set_require_tokenizer(const struct shard_set *set, const struct tokenizer *tokenizer, struct error *error) {
    if (hash_equal(set->manifest.tokenizer, tokenizer_digest(tokenizer)))
        return 0;
    char expected[HASH128_HEX_SIZE + 1], given[HASH128_HEX_SIZE + 1];
    hash128_hex(set->manifest.tokenizer, expected);
    hash128_hex(tokenizer_digest(tokenizer), given);
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: made with the tokenizer %s, not with this one, %s",
                     set->directory, expected, given);
}

size_t shard_set_count(const struct shard_set *set) {
    return set->count;
}

const struct shard_info *shard_set_info(const struct shard_set *set, size_t shard) {
    return &set->shards[shard].info;
}

uint64_t shard_set_documents(const struct shard_set *set, enum shard_split split) {
    return set->documents[split];
}

uint64_t shard_set_tokens(const struct shard_set *set, enum shard_split split) {
    return set->tokens[split];
}

struct hash128 shard_set_digest(const struct shard_set *set) {
    struct hash_stream *stream = hash_stream_new();
    for (size_t i = 0; i < set->count; i++) {
        char hex[HASH128_HEX_SIZE + 1];
        hash128_hex(set->shards[i].header.stream, hex);
        hash_stream_update(stream, set->shards[i].name, strlen(set->shards[i].name));
        hash_stream_update(stream, hex, HASH128_HEX_SIZE);
    }
    struct hash128 digest = hash_stream_digest(stream);
    hash_stream_free(stream);
    return digest;
}
