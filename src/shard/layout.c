/*
 * Owns the byte layout of shard files: header, document index, seek table, each checked against its checksum. Knows
 * nothing of files on disk or of compression.
 */
#include "shard/layout.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/memory.h"

#define SKIPPABLE_MAGIC 0x184D2A50u
#define SEEK_SKIPPABLE_MAGIC 0x184D2A5Eu
#define SEEK_MAGIC 0x8F92EAB1u
#define SEEK_HAS_CHECKSUMS 0x80

static const char header_magic[8] = {'G', 'P', 'T', 'S', 'H', 'A', 'R', 'D'};
static const char index_magic[8] = {'G', 'P', 'T', 'I', 'N', 'D', 'E', 'X'};

static const char *const split_names[SPLIT_COUNT] = {"train", "val", "test"};

const char *shard_split_name(enum shard_split split) {
    return split_names[split];
}

bool shard_split_parse(struct span name, enum shard_split *split) {
    *split = SPLIT_TRAIN;
    if (!name.data)
        return true;
    for (int i = 0; i < SPLIT_COUNT; i++) {
        if (span_is(name, split_names[i])) {
            *split = (enum shard_split)i;
            return true;
        }
    }
    return false;
}

unsigned shard_token_width(uint32_t vocabulary_size) {
    return vocabulary_size <= 65536 ? 2 : 4;
}

uint32_t shard_checksum(const void *data, size_t size) {
    return (uint32_t)XXH64(data, size, 0);
}

uint64_t load_u64(const unsigned char *at) {
    return load_u32(at) | (uint64_t)load_u32(at + 4) << 32;
}

static void append_number(struct bytes *out, uint64_t number, unsigned size) {
    for (unsigned i = 0; i < size; i++)
        bytes_append_byte(out, (char)(number >> 8 * i));
}

/* Canonical, as its hexadecimal reads: most significant byte first. */
static void append_hash(struct bytes *out, struct hash128 hash) {
    append_number(out, __builtin_bswap64(hash.high), 8);
    append_number(out, __builtin_bswap64(hash.low), 8);
}

static struct hash128 load_hash(const unsigned char *at) {
    return (struct hash128){.high = __builtin_bswap64(load_u64(at)), .low = __builtin_bswap64(load_u64(at + 8))};
}

/* Ends a skippable frame's content, which began at `start`, with the XXH64 of it. */
static void append_checksum(struct bytes *out, size_t start) {
    append_number(out, XXH64(out->data + start, out->size - start, 0), 8);
}

/* Whether the frame is a skippable frame of ours: its magic, its size, our magic, our checksum. */
static bool frame_is_sound(struct span frame, const char magic[8]) {
    const unsigned char *data = (const unsigned char *)frame.data;
    if (frame.size < SKIPPABLE_SIZE + 16 || load_u32(data) != SKIPPABLE_MAGIC ||
        load_u32(data + 4) != frame.size - SKIPPABLE_SIZE || memcmp(data + SKIPPABLE_SIZE, magic, 8) != 0)
        return false;
    return load_u64(data + frame.size - 8) == XXH64(data + SKIPPABLE_SIZE, frame.size - SKIPPABLE_SIZE - 8, 0);
}

void shard_header_append(const struct shard_header *header, struct bytes *out) {
    append_number(out, SKIPPABLE_MAGIC, 4);
    append_number(out, SHARD_HEADER_SIZE - SKIPPABLE_SIZE, 4);
    size_t start = out->size;
    bytes_append(out, header_magic, sizeof(header_magic));
    append_number(out, SHARD_VERSION, 4);
    append_number(out, header->width, 4);
    append_number(out, header->vocabulary_size, 4);
    append_number(out, header->split, 4);
    append_number(out, header->tokens, 8);
    append_number(out, header->documents, 8);
    append_hash(out, header->tokenizer);
    append_hash(out, header->stream);
    append_checksum(out, start);
}

int shard_header_parse(struct span file, struct shard_header *header, struct error *error) {
    if (file.size < SHARD_HEADER_SIZE || !frame_is_sound((struct span){file.data, SHARD_HEADER_SIZE}, header_magic))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no sound shard header");
    const unsigned char *at = (const unsigned char *)file.data + SKIPPABLE_SIZE;
    if (load_u32(at + 8) != SHARD_VERSION)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "format version %u is not supported", load_u32(at + 8));
    uint32_t split = load_u32(at + 20);
    *header = (struct shard_header){.width = load_u32(at + 12),
                                    .vocabulary_size = load_u32(at + 16),
                                    .split = (enum shard_split)split,
                                    .tokens = load_u64(at + 24),
                                    .documents = load_u64(at + 32),
                                    .tokenizer = load_hash(at + 40),
                                    .stream = load_hash(at + 56)};
    if (split >= SPLIT_COUNT || header->width != shard_token_width(header->vocabulary_size) || header->documents == 0 ||
        header->documents > SHARD_DOCUMENTS_MAX || header->tokens > UINT64_MAX / 8)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the header's numbers are out of range");
    return 0;
}

void shard_index_append(const uint64_t *ends, size_t count, struct bytes *out) {
    append_number(out, SKIPPABLE_MAGIC, 4);
    append_number(out, SHARD_INDEX_SIZE(count) - SKIPPABLE_SIZE, 4);
    size_t start = out->size;
    bytes_append(out, index_magic, sizeof(index_magic));
    append_number(out, count, 8);
    for (size_t i = 0; i < count; i++)
        append_number(out, ends[i], 8);
    append_checksum(out, start);
}

int shard_index_parse(struct span frame, uint64_t documents, uint64_t tokens, const unsigned char **ends,
                      struct error *error) {
    const unsigned char *data = (const unsigned char *)frame.data;
    if (!frame_is_sound(frame, index_magic) || frame.size != SHARD_INDEX_SIZE(documents) ||
        load_u64(data + SKIPPABLE_SIZE + 8) != documents)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no sound document index");
    *ends = data + SKIPPABLE_SIZE + 16;
    uint64_t before = 0;
    for (uint64_t i = 0; i < documents; i++) {
        uint64_t end = load_u64(*ends + 8 * i);
        if (end <= before)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "document %llu ends before it starts",
                             (unsigned long long)i);
        before = end;
    }
    if (before != tokens)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the document index does not end with the tokens");
    return 0;
}

void seek_table_append(const struct seek_entry *entries, size_t count, struct bytes *out) {
    append_number(out, SEEK_SKIPPABLE_MAGIC, 4);
    append_number(out, SEEK_TABLE_SIZE(count) - SKIPPABLE_SIZE, 4);
    for (size_t i = 0; i < count; i++) {
        append_number(out, entries[i].compressed, 4);
        append_number(out, entries[i].uncompressed, 4);
        append_number(out, entries[i].checksum, 4);
    }
    append_number(out, count, 4);
    append_number(out, SEEK_HAS_CHECKSUMS, 1);
    append_number(out, SEEK_MAGIC, 4);
}

int seek_table_parse(struct span file, struct seek_entry **entries, size_t *count, struct error *error) {
    static const char unsound[] = "no sound seek table (is the file cut?)";
    const unsigned char *data = (const unsigned char *)file.data, *footer = data + file.size - SEEK_FOOTER_SIZE;
    if (file.size < SEEK_TABLE_SIZE(0) || load_u32(footer + 5) != SEEK_MAGIC || footer[4] != SEEK_HAS_CHECKSUMS)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, unsound);
    size_t frames = load_u32(footer), table_size = SEEK_TABLE_SIZE(frames);
    if (table_size > file.size)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, unsound);
    const unsigned char *table = data + file.size - table_size;
    if (load_u32(table) != SEEK_SKIPPABLE_MAGIC || load_u32(table + 4) != table_size - SKIPPABLE_SIZE)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, unsound);
    *entries = memory_allocate((frames + 1) * sizeof(**entries));
    *count = frames;
    uint64_t total = table_size;
    for (size_t i = 0; i < frames; i++) {
        const unsigned char *at = table + SKIPPABLE_SIZE + SEEK_ENTRY_SIZE * i;
        (*entries)[i] = (struct seek_entry){load_u32(at), load_u32(at + 4), load_u32(at + 8)};
        total += (*entries)[i].compressed;
    }
    if (total == file.size)
        return 0;
    free(*entries);
    *entries = NULL;
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the seek table's sizes do not add up to the file's");
}
