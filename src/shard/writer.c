/*
 * Owns writing shards: cutting the token stream of each split into frames, documents into shards, and the manifest at
 * the end. The header stands first in the file but is written last, once its counts and digests are known. Knows
 * nothing of records or of encoding.
 */
#include "shard/writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/output.h"
#include "shard/layout.h"

#define COMPRESSION_LEVEL 3

/* A shard being written. */
struct open_shard {
    int file; /* -1: none open */
    char name[SHARD_NAME_SIZE];
    unsigned ordinal; /* of the next shard to open */
    struct shard_header header;
    uint64_t position;    /* bytes in the file so far */
    unsigned char *frame; /* SHARD_FRAME_SIZE bytes: tokens not yet compressed */
    size_t frame_size;
    uint64_t *ends;
    size_t end_capacity;
    struct seek_entry *entries;
    size_t entry_count, entry_capacity;
    struct hash_stream *stream;
};

struct shard_writer {
    char *directory;
    int directory_file;
    uint64_t shard_size;
    unsigned width;
    ZSTD_CCtx *zstd;
    unsigned char *compressed;
    size_t compressed_size;
    struct open_shard open[SPLIT_COUNT];
    struct manifest manifest;
    size_t manifest_capacity;
};

static int write_failed(const struct shard_writer *writer, const char *name, struct error *error) {
    return error_set_system(error, "%s/%s", writer->directory, name);
}

static int write_at(const struct shard_writer *writer, struct open_shard *shard, const void *data, size_t size,
                    uint64_t position, struct error *error) {
    const char *from = data;
    while (size > 0) {
        ssize_t written = pwrite(shard->file, from, size, (off_t)position);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return write_failed(writer, shard->name, error);
        from += written;
        position += (uint64_t)written;
        size -= (size_t)written;
    }
    return 0;
}

static void add_entry(struct open_shard *shard, struct seek_entry entry) {
    if (shard->entry_count == shard->entry_capacity) {
        shard->entry_capacity = shard->entry_capacity ? shard->entry_capacity * 2 : 64;
        shard->entries = memory_resize(shard->entries, shard->entry_capacity, sizeof(*shard->entries));
    }
    shard->entries[shard->entry_count++] = entry;
}

/* Appends a skippable frame, which the seek table lists with no content. */
static int write_skippable(const struct shard_writer *writer, struct open_shard *shard, struct bytes *frame,
                           struct error *error) {
    int result = write_at(writer, shard, frame->data, frame->size, shard->position, error);
    add_entry(shard, (struct seek_entry){(uint32_t)frame->size, 0, shard_checksum("", 0)});
    shard->position += frame->size;
    bytes_release(frame);
    return result;
}

static int write_frame(struct shard_writer *writer, struct open_shard *shard, struct error *error) {
    size_t size =
        ZSTD_compress2(writer->zstd, writer->compressed, writer->compressed_size, shard->frame, shard->frame_size);
    if (ZSTD_isError(size))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s/%s: %s", writer->directory, shard->name,
                         ZSTD_getErrorName(size));
    if (write_at(writer, shard, writer->compressed, size, shard->position, error) != 0)
        return -1;
    hash_stream_update(shard->stream, shard->frame, shard->frame_size);
    add_entry(shard, (struct seek_entry){(uint32_t)size, (uint32_t)shard->frame_size,
                                         shard_checksum(shard->frame, shard->frame_size)});
    shard->position += size;
    shard->frame_size = 0;
    return 0;
}

static int open_shard(struct shard_writer *writer, enum shard_split split, struct error *error) {
    struct open_shard *shard = &writer->open[split];
    shard_name(split, shard->ordinal, shard->name);
    shard->file = openat(writer->directory_file, shard->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (shard->file < 0)
        return write_failed(writer, shard->name, error);
    shard->header = (struct shard_header){.width = writer->width,
                                          .vocabulary_size = writer->manifest.vocabulary_size,
                                          .split = split,
                                          .tokenizer = writer->manifest.tokenizer};
    shard->entry_count = 0;
    shard->position = 0;
    shard->stream = hash_stream_new();
    if (!shard->frame)
        shard->frame = memory_allocate(SHARD_FRAME_SIZE);
    struct bytes placeholder = {0};
    shard_header_append(&shard->header, &placeholder);
    return write_skippable(writer, shard, &placeholder, error);
}

/* The digest of the finished file, read back from it. */
static int digest_file(const struct shard_writer *writer, const struct open_shard *shard, struct hash128 *digest,
                       struct error *error) {
    struct hash_stream *stream = hash_stream_new();
    uint64_t position = 0;
    ssize_t got;
    while ((got = pread(shard->file, shard->frame, SHARD_FRAME_SIZE, (off_t)position)) > 0 ||
           (got < 0 && errno == EINTR)) {
        if (got > 0) {
            hash_stream_update(stream, shard->frame, (size_t)got);
            position += (uint64_t)got;
        }
    }
    *digest = hash_stream_digest(stream);
    hash_stream_free(stream);
    if (got < 0)
        return write_failed(writer, shard->name, error);
    if (position != shard->position)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s/%s: another program wrote to it",
                         writer->directory, shard->name);
    return 0;
}

static void add_to_manifest(struct shard_writer *writer, const struct open_shard *shard, struct hash128 digest) {
    struct manifest *manifest = &writer->manifest;
    if (manifest->count == writer->manifest_capacity) {
        writer->manifest_capacity = writer->manifest_capacity ? writer->manifest_capacity * 2 : 16;
        manifest->shards = memory_resize(manifest->shards, writer->manifest_capacity, sizeof(*manifest->shards));
    }
    manifest->shards[manifest->count++] = (struct manifest_shard){.split = shard->header.split,
                                                                  .ordinal = shard->ordinal,
                                                                  .documents = shard->header.documents,
                                                                  .tokens = shard->header.tokens,
                                                                  .size = shard->position,
                                                                  .digest = digest};
}

/* Everything after the last token: rest of the frame, index, seek table, header; then to the disk. */
static int finish_shard(struct shard_writer *writer, struct open_shard *shard, struct error *error) {
    if (shard->frame_size > 0 && write_frame(writer, shard, error) != 0)
        return -1;
    struct bytes part = {0};
    shard_index_append(shard->ends, (size_t)shard->header.documents, &part);
    if (write_skippable(writer, shard, &part, error) != 0)
        return -1;
    seek_table_append(shard->entries, shard->entry_count, &part);
    int result = write_at(writer, shard, part.data, part.size, shard->position, error);
    shard->position += part.size;
    bytes_clear(&part);
    shard->header.stream = hash_stream_digest(shard->stream);
    shard_header_append(&shard->header, &part);
    if (result == 0)
        result = write_at(writer, shard, part.data, part.size, 0, error);
    bytes_release(&part);
    struct hash128 digest;
    if (result != 0 || digest_file(writer, shard, &digest, error) != 0)
        return -1;
    add_to_manifest(writer, shard, digest);
    hash_stream_free(shard->stream);
    shard->stream = NULL;
    result = fsync(shard->file);
    if (close(shard->file) != 0 || result != 0)
        result = write_failed(writer, shard->name, error);
    shard->file = -1;
    shard->ordinal++;
    return result;
}

static void store_token(unsigned char *at, uint32_t id, unsigned width) {
    for (unsigned i = 0; i < width; i++)
        at[i] = (unsigned char)(id >> 8 * i);
}

static int append_tokens(struct shard_writer *writer, struct open_shard *shard, const uint32_t *ids, size_t count,
                         struct error *error) {
    for (size_t i = 0; i < count; i++) {
        if (ids[i] >= writer->manifest.vocabulary_size)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the id %u is beyond the vocabulary", ids[i]);
        store_token(shard->frame + shard->frame_size, ids[i], writer->width);
        shard->frame_size += writer->width;
        if (shard->frame_size == SHARD_FRAME_SIZE && write_frame(writer, shard, error) != 0)
            return -1;
    }
    return 0;
}

static void add_document(struct open_shard *shard, size_t count) {
    shard->header.tokens += count;
    if (shard->header.documents == shard->end_capacity) {
        shard->end_capacity = shard->end_capacity ? shard->end_capacity * 2 : 1024;
        shard->ends = memory_resize(shard->ends, shard->end_capacity, sizeof(*shard->ends));
    }
    shard->ends[shard->header.documents++] = shard->header.tokens;
}

int shard_writer_append(struct shard_writer *writer, enum shard_split split, const uint32_t *ids, size_t count,
                        struct error *error) {
    struct open_shard *shard = &writer->open[split];
    if (shard->file >= 0 && ((shard->header.tokens + count) * writer->width > writer->shard_size ||
                             shard->header.documents == SHARD_DOCUMENTS_MAX)) {
        if (finish_shard(writer, shard, error) != 0)
            return -1;
    }
    if (shard->file < 0 && open_shard(writer, split, error) != 0)
        return -1;
    if (append_tokens(writer, shard, ids, count, error) != 0)
        return -1;
    add_document(shard, count);
    return 0;
}

/* train-00000.tok.zst and its like. */
static bool is_shard_name(const char *name) {
    enum shard_split split;
    const char *dash = strchr(name, '-');
    if (!dash || !shard_split_parse((struct span){name, (size_t)(dash - name)}, &split))
        return false;
    size_t digits = strspn(dash + 1, "0123456789");
    return digits >= 5 && strcmp(dash + 1 + digits, ".tok.zst") == 0;
}

/* Removes the shards of an unfinished or replaced set. */
static int remove_shards(struct shard_writer *writer, struct error *error) {
    DIR *directory = opendir(writer->directory);
    if (!directory)
        return error_set_system(error, "%s", writer->directory);
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(directory));)
        if (is_shard_name(entry->d_name) && unlinkat(writer->directory_file, entry->d_name, 0) != 0)
            result = write_failed(writer, entry->d_name, error);
    closedir(directory);
    return result;
}

static int prepare_directory(struct shard_writer *writer, bool force, struct error *error) {
    if (mkdir(writer->directory, 0777) != 0 && errno != EEXIST)
        return error_set_system(error, "%s", writer->directory);
    writer->directory_file = open(writer->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (writer->directory_file < 0)
        return error_set_system(error, "%s", writer->directory);
    if (faccessat(writer->directory_file, SHARD_MANIFEST, F_OK, 0) == 0) {
        if (!force)
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                             "%s holds a finished set of shards; --force replaces it", writer->directory);
        if (unlinkat(writer->directory_file, SHARD_MANIFEST, 0) != 0)
            return write_failed(writer, SHARD_MANIFEST, error);
    }
    return remove_shards(writer, error);
}

static void writer_free(struct shard_writer *writer) {
    for (int i = 0; i < SPLIT_COUNT; i++) {
        struct open_shard *shard = &writer->open[i];
        if (shard->file >= 0)
            close(shard->file);
        free(shard->frame);
        free(shard->ends);
        free(shard->entries);
        hash_stream_free(shard->stream);
    }
    if (writer->directory_file >= 0)
        close(writer->directory_file);
    ZSTD_freeCCtx(writer->zstd);
    free(writer->compressed);
    manifest_release(&writer->manifest);
    free(writer->directory);
    free(writer);
}

int shard_writer_open(struct shard_writer **result, const char *directory, const struct tokenizer *tokenizer,
                      const struct shard_writer_options *options, struct error *error) {
    struct shard_writer *writer = memory_zeroed(1, sizeof(*writer));
    *result = NULL;
    writer->directory = memory_copy(directory, strlen(directory));
    writer->directory_file = -1;
    for (int i = 0; i < SPLIT_COUNT; i++)
        writer->open[i].file = -1;
    writer->shard_size = options->shard_size ? options->shard_size : SHARD_SIZE_DEFAULT;
    writer->manifest.tokenizer = tokenizer_digest(tokenizer);
    writer->manifest.vocabulary_size = tokenizer_vocabulary_size(tokenizer);
    writer->width = shard_token_width(writer->manifest.vocabulary_size);
    writer->compressed_size = ZSTD_compressBound(SHARD_FRAME_SIZE);
    writer->compressed = memory_allocate(writer->compressed_size);
    writer->zstd = ZSTD_createCCtx();
    if (!writer->zstd) {
        writer_free(writer);
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "zstd cannot be set up");
    }
    ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, COMPRESSION_LEVEL);
    ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);
    if (prepare_directory(writer, options->force, error) != 0) {
        writer_free(writer);
        return -1;
    }
    *result = writer;
    return 0;
}

static int compare_shards(const void *a, const void *b) {
    const struct manifest_shard *left = a, *right = b;
    if (left->split != right->split)
        return left->split < right->split ? -1 : 1;
    return left->ordinal < right->ordinal ? -1 : 1;
}

static int write_manifest(struct shard_writer *writer, struct error *error) {
    struct bytes path = {0}, text = {0};
    if (writer->manifest.count > 1)
        qsort(writer->manifest.shards, writer->manifest.count, sizeof(*writer->manifest.shards), compare_shards);
    bytes_append_format(&path, "%s/%s", writer->directory, SHARD_MANIFEST);
    manifest_append(&writer->manifest, &text);
    int result = 0;
    if (fsync(writer->directory_file) != 0)
        result = error_set_system(error, "%s", writer->directory);
    if (result == 0)
        result = output_save(bytes_text(&path), span_of_bytes(&text), error);
    bytes_release(&path);
    bytes_release(&text);
    return result;
}

int shard_writer_close(struct shard_writer *writer, struct error *error) {
    int result = 0;
    for (int i = 0; i < SPLIT_COUNT && result == 0; i++)
        if (writer->open[i].file >= 0)
            result = finish_shard(writer, &writer->open[i], error);
    if (result == 0)
        result = write_manifest(writer, error);
    if (result == 0)
        writer_free(writer);
    else
        shard_writer_abort(writer);
    return result;
}

void shard_writer_abort(struct shard_writer *writer) {
    if (!writer)
        return;
    struct error ignored;
    remove_shards(writer, &ignored);
    writer_free(writer);
}
