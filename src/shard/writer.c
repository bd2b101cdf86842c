/*
 * Owns writing shards: cutting the token stream of each split into frames, documents into shards, and the manifest at
 * the end. The header stands first in the file but is written last, once its counts and digests are known. Knows
 * nothing of records or of encoding.
 */
#include "shard/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "shard/folder.h"
#include "shard/frame_compressor.h"
#include "shard/layout.h"

#define WRITEBACK_STEP ((uint64_t)4 << 20)

/* The shards of a split, of which one at most is open. */
struct open_shard {
    int file; /* -1: none open */
    char name[SHARD_NAME_SIZE];
    unsigned ordinal; /* of the next shard to open */
    struct shard_header header;
    uint64_t position;    /* bytes in the file so far, */
    uint64_t writeback;   /* and those that the system was told to write to the disk */
    unsigned char *frame; /* SHARD_FRAME_SIZE bytes: tokens not yet compressed */
    size_t frame_size;
    uint64_t *ends;
    size_t end_capacity;
    struct seek_entry *entries;
    size_t entry_count, entry_capacity;
    struct hash_stream *stream;
    /* for resuming */
    uint64_t records, input; /* as in manifest_shard, up to the last document that was given */
    uint64_t kept_documents; /* in kept shards, */
    uint64_t kept_records, kept_input;
    uint64_t skipped; /* and how many of them were passed over */
};

struct shard_writer {
    struct shard_folder folder;
    uint64_t shard_size;
    unsigned width;
    struct frame_compressor *compressor;
    struct open_shard open[SPLIT_COUNT];
    struct manifest manifest; /* of the finished shards */
    size_t manifest_capacity;
    uint64_t kept_tokens;
};

static int write_at(const struct shard_writer *writer, struct open_shard *shard, const void *data, size_t size,
                    uint64_t position, struct error *error) {
    const char *from = data;
    while (size > 0) {
        ssize_t written = pwrite(shard->file, from, size, (off_t)position);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return shard_folder_failed(&writer->folder, shard->name, error);
        from += written;
        position += (uint64_t)written;
        size -= (size_t)written;
    }
    return 0;
}

/* ---- frames ---- */

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

/* Has the system begin to write what it was given, so that a full shard is on the disk soon after its last frame. */
static void start_writeback(struct open_shard *shard) {
    if (shard->position - shard->writeback < WRITEBACK_STEP)
        return;
#ifdef SYNC_FILE_RANGE_WRITE
    sync_file_range(shard->file, (off_t)shard->writeback, (off_t)(shard->position - shard->writeback),
                    SYNC_FILE_RANGE_WRITE); /* a hint: fsync will tell of errors */
#endif
    shard->writeback = shard->position;
}

static int write_frame(const struct shard_writer *writer, const struct frame *frame, struct error *error) {
    struct open_shard *shard = frame->owner;
    if (frame->reason)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s/%s: %s", writer->folder.path, shard->name,
                         frame->reason);
    if (write_at(writer, shard, frame->compressed, frame->compressed_size, shard->position, error) != 0)
        return -1;
    add_entry(shard, (struct seek_entry){(uint32_t)frame->compressed_size, (uint32_t)frame->size, frame->checksum});
    shard->position += frame->compressed_size;
    start_writeback(shard);
    return 0;
}

/* Writes the frames that are compressed; `all`: waits for the others. */
static int write_frames(const struct shard_writer *writer, bool all, struct error *error) {
    const struct frame *frame;
    while ((frame = frame_compressor_next(writer->compressor, all))) {
        if (write_frame(writer, frame, error) != 0)
            return -1;
        frame_compressor_done(writer->compressor);
    }
    return 0;
}

static int submit_frame(struct shard_writer *writer, struct open_shard *shard, struct error *error) {
    if (frame_compressor_full(writer->compressor)) {
        if (write_frame(writer, frame_compressor_next(writer->compressor, true), error) != 0)
            return -1;
        frame_compressor_done(writer->compressor);
    }
    hash_stream_update(shard->stream, shard->frame, shard->frame_size);
    frame_compressor_submit(writer->compressor, shard, &shard->frame, shard->frame_size);
    shard->frame_size = 0;
    return write_frames(writer, false, error);
}

/* ---- a shard ---- */

static int open_shard(struct shard_writer *writer, enum shard_split split, struct error *error) {
    struct open_shard *shard = &writer->open[split];
    shard_name(split, shard->ordinal, shard->name);
    shard->file = openat(writer->folder.descriptor, shard->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (shard->file < 0)
        return shard_folder_failed(&writer->folder, shard->name, error);
    shard->header = (struct shard_header){.width = writer->width,
                                          .vocabulary_size = writer->manifest.vocabulary_size,
                                          .split = split,
                                          .tokenizer = writer->manifest.tokenizer};
    shard->entry_count = 0;
    shard->position = 0;
    shard->writeback = 0;
    shard->stream = hash_stream_new();
    if (!shard->frame)
        shard->frame = memory_allocate(SHARD_FRAME_SIZE);
    struct bytes placeholder = {0};
    shard_header_append(&shard->header, &placeholder);
    return write_skippable(writer, shard, &placeholder, error);
}

static int compare_shards(const void *a, const void *b) {
    const struct manifest_shard *left = a, *right = b;
    if (left->split != right->split)
        return left->split < right->split ? -1 : 1;
    return left->ordinal < right->ordinal ? -1 : 1;
}

static void add_to_manifest(struct shard_writer *writer, const struct open_shard *shard, struct hash128 digest) {
    struct manifest *manifest = &writer->manifest;
    if (manifest->count >= writer->manifest_capacity) {
        writer->manifest_capacity = manifest->count ? manifest->count * 2 : 16;
        manifest->shards = memory_resize(manifest->shards, writer->manifest_capacity, sizeof(*manifest->shards));
    }
    manifest->shards[manifest->count++] = (struct manifest_shard){.split = shard->header.split,
                                                                  .ordinal = shard->ordinal,
                                                                  .documents = shard->header.documents,
                                                                  .tokens = shard->header.tokens,
                                                                  .size = shard->position,
                                                                  .digest = digest,
                                                                  .records = shard->records,
                                                                  .input = shard->input};
    qsort(manifest->shards, manifest->count, sizeof(*manifest->shards), compare_shards);
}

/* Everything after the last token: rest of the frame, index, seek table, header. */
static int write_rest(struct shard_writer *writer, struct open_shard *shard, struct error *error) {
    if ((shard->frame_size > 0 && submit_frame(writer, shard, error) != 0) || write_frames(writer, true, error) != 0)
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
    return result;
}

/* Completes the shard, on the disk. */
static int finish_shard(struct shard_writer *writer, struct open_shard *shard, struct error *error) {
    struct hash128 digest;
    if (write_rest(writer, shard, error) != 0 ||
        shard_folder_digest(&writer->folder, shard->file, shard->name, shard->position, &digest, error) != 0)
        return -1;
    hash_stream_free(shard->stream);
    shard->stream = NULL;
    int result = fsync(shard->file);
    if (close(shard->file) != 0 || result != 0)
        result = shard_folder_failed(&writer->folder, shard->name, error);
    shard->file = -1;
    if (result == 0)
        add_to_manifest(writer, shard, digest);
    shard->ordinal++;
    return result;
}

/* ---- documents ---- */

/* Packs count ids at `to`; false where one is beyond the vocabulary. */
static bool pack_tokens(unsigned char *to, const uint32_t *ids, size_t count, unsigned width, uint32_t vocabulary) {
    bool within = true;
    for (size_t i = 0; i < count; i++)
        within &= ids[i] < vocabulary;
    if (width == 2)
        for (size_t i = 0; i < count; i++)
            store_u16(to + 2 * i, (uint16_t)ids[i]);
    else
        for (size_t i = 0; i < count; i++)
            store_u32(to + 4 * i, ids[i]);
    return within;
}

static int append_tokens(struct shard_writer *writer, struct open_shard *shard, const uint32_t *ids, size_t count,
                         struct error *error) {
    while (count > 0) {
        size_t room = (SHARD_FRAME_SIZE - shard->frame_size) / writer->width, taken = count < room ? count : room;
        if (!pack_tokens(shard->frame + shard->frame_size, ids, taken, writer->width, writer->manifest.vocabulary_size))
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "an id is beyond the vocabulary");
        shard->frame_size += taken * writer->width;
        ids += taken;
        count -= taken;
        if (shard->frame_size == SHARD_FRAME_SIZE && submit_frame(writer, shard, error) != 0)
            return -1;
    }
    return 0;
}

static void add_document(struct open_shard *shard, struct shard_source source, size_t count) {
    shard->header.tokens += count;
    if (shard->header.documents == shard->end_capacity) {
        shard->end_capacity = shard->end_capacity ? shard->end_capacity * 2 : 1024;
        shard->ends = memory_resize(shard->ends, shard->end_capacity, sizeof(*shard->ends));
    }
    shard->ends[shard->header.documents++] = shard->header.tokens;
    shard->records = source.record + 1;
    shard->input = hash_mix(shard->input ^ source.digest);
}

static int other_input(const struct shard_writer *writer, struct error *error) {
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                     "not the input that the finished shards in %s were made of: without --resume it is encoded anew",
                     writer->folder.path);
}

int shard_writer_skip(struct shard_writer *writer, enum shard_split split, struct shard_source source,
                      struct error *error) {
    struct open_shard *shard = &writer->open[split];
    shard->records = source.record + 1;
    shard->input = hash_mix(shard->input ^ source.digest);
    if (++shard->skipped == shard->kept_documents && shard->input != shard->kept_input)
        return other_input(writer, error);
    return shard->skipped > shard->kept_documents ? other_input(writer, error) : 0;
}

/* The finished shards are listed before the next one begins. */
static int rotate(struct shard_writer *writer, struct open_shard *shard, struct error *error) {
    return finish_shard(writer, shard, error) != 0 ? -1 : shard_folder_save(&writer->folder, &writer->manifest, error);
}

int shard_writer_append(struct shard_writer *writer, enum shard_split split, struct shard_source source,
                        const uint32_t *ids, size_t count, struct error *error) {
    struct open_shard *shard = &writer->open[split];
    if (shard->skipped != shard->kept_documents)
        return other_input(writer, error);
    if (shard->file >= 0 && ((shard->header.tokens + count) * writer->width > writer->shard_size ||
                             shard->header.documents == SHARD_DOCUMENTS_MAX)) {
        if (rotate(writer, shard, error) != 0)
            return -1;
    }
    if (shard->file < 0 && open_shard(writer, split, error) != 0)
        return -1;
    if (append_tokens(writer, shard, ids, count, error) != 0)
        return -1;
    add_document(shard, source, count);
    return 0;
}

/* ---- opening and closing ---- */

static void writer_free(struct shard_writer *writer) {
    frame_compressor_free(writer->compressor);
    for (int i = 0; i < SPLIT_COUNT; i++) {
        struct open_shard *shard = &writer->open[i];
        if (shard->file >= 0)
            close(shard->file);
        free(shard->frame);
        free(shard->ends);
        free(shard->entries);
        hash_stream_free(shard->stream);
    }
    shard_folder_release(&writer->folder);
    manifest_release(&writer->manifest);
    free(writer);
}

/* Takes over the finished shards of an unfinished run. */
static int keep_shards(struct shard_writer *writer, struct error *error) {
    struct manifest kept;
    int found = manifest_load_unfinished(&kept, writer->folder.path, error);
    if (found <= 0)
        return found;
    struct manifest *mine = &writer->manifest;
    int result = 0;
    if (kept.tokenizer.low != mine->tokenizer.low || kept.tokenizer.high != mine->tokenizer.high ||
        kept.vocabulary_size != mine->vocabulary_size || kept.shard_size != mine->shard_size)
        result = error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                           "%s was begun with another tokenizer or --shard-size: without --resume it is begun anew",
                           writer->folder.path);
    if (result != 0 || shard_folder_verify(&writer->folder, &kept, error) != 0) {
        manifest_release(&kept);
        return -1;
    }
    *mine = kept;
    writer->manifest_capacity = kept.count;
    for (size_t i = 0; i < kept.count; i++) {
        const struct manifest_shard *listed = &kept.shards[i];
        struct open_shard *shard = &writer->open[listed->split];
        shard->ordinal = listed->ordinal + 1;
        shard->kept_documents += listed->documents;
        shard->kept_records = listed->records;
        shard->kept_input = listed->input;
        writer->kept_tokens += listed->tokens;
    }
    return 0;
}

static int prepare_folder(struct shard_writer *writer, const char *directory,
                          const struct shard_writer_options *options, struct error *error) {
    if (shard_folder_open(&writer->folder, directory, error) != 0)
        return -1;
    if (shard_folder_has(&writer->folder, SHARD_MANIFEST)) {
        if (!options->force)
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                             "%s holds a finished set of shards; --force replaces it", directory);
        if (shard_folder_remove(&writer->folder, SHARD_MANIFEST, error) != 0)
            return -1;
    }
    if (options->resume ? keep_shards(writer, error) != 0
                        : shard_folder_remove(&writer->folder, SHARD_UNFINISHED, error) != 0)
        return -1;
    return shard_folder_remove_unlisted(&writer->folder, &writer->manifest, error);
}

int shard_writer_open(struct shard_writer **result, const char *directory, const struct tokenizer *tokenizer,
                      const struct shard_writer_options *options, struct error *error) {
    struct shard_writer *writer = memory_zeroed(1, sizeof(*writer));
    *result = NULL;
    writer->folder.descriptor = -1;
    for (int i = 0; i < SPLIT_COUNT; i++)
        writer->open[i].file = -1;
    writer->shard_size = options->shard_size ? options->shard_size : SHARD_SIZE_DEFAULT;
    writer->manifest = (struct manifest){.tokenizer = tokenizer_digest(tokenizer),
                                         .vocabulary_size = tokenizer_vocabulary_size(tokenizer),
                                         .unfinished = true,
                                         .shard_size = writer->shard_size};
    writer->width = shard_token_width(writer->manifest.vocabulary_size);
    if (frame_compressor_new(&writer->compressor, options->threads, options->assisted, error) != 0 ||
        prepare_folder(writer, directory, options, error) != 0) {
        writer_free(writer);
        return -1;
    }
    *result = writer;
    return 0;
}

uint64_t shard_writer_resumes_at(const struct shard_writer *writer, enum shard_split split) {
    return writer->open[split].kept_records;
}

uint64_t shard_writer_kept_tokens(const struct shard_writer *writer) {
    return writer->kept_tokens;
}

bool shard_writer_assist(struct shard_writer *writer) {
    return frame_compressor_assist(writer->compressor);
}

int shard_writer_close(struct shard_writer *writer, struct error *error) {
    int result = 0;
    for (int i = 0; i < SPLIT_COUNT && result == 0; i++) {
        if (writer->open[i].skipped != writer->open[i].kept_documents)
            result = other_input(writer, error);
        else if (writer->open[i].file >= 0)
            result = finish_shard(writer, &writer->open[i], error);
    }
    if (result == 0) {
        writer->manifest.unfinished = false;
        result = shard_folder_save(&writer->folder, &writer->manifest, error);
    }
    if (result == 0)
        result = shard_folder_remove(&writer->folder, SHARD_UNFINISHED, error);
    shard_writer_abort(writer); /* keeps a set that has its manifest */
    return result;
}

void shard_writer_abort(struct shard_writer *writer) {
    if (!writer)
        return;
    struct error ignored;
    struct manifest listed;
    if (!shard_folder_has(&writer->folder, SHARD_MANIFEST) &&
        manifest_load_unfinished(&listed, writer->folder.path, &ignored) >= 0) {
        shard_folder_remove_unlisted(&writer->folder, &listed, &ignored);
        manifest_release(&listed);
    }
    writer_free(writer);
}
