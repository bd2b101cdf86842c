/*
 * Owns the flat files: a temporary a split, whose header is written last, once the tokens are counted. Knows nothing of
 * records.
 */
#include "encode/flat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/temporary.h"

#define BUFFER_SIZE ((size_t)256 << 10)
#define LLMC_HEADER_SIZE (256 * 4)
#define NPY_HEADER_SIZE 128
#define HEADER_MOST LLMC_HEADER_SIZE

struct flat_file {
    struct bytes path;
    struct temporary *temporary;
    int descriptor; /* -1: no document yet */
    unsigned char *buffer;
    size_t buffered;
    uint64_t tokens;
};

struct flat_writer {
    enum flat_format format;
    unsigned width;
    bool force;
    struct flat_file files[SPLIT_COUNT];
};

static size_t header_size(enum flat_format format) {
    return format == FLAT_LLMC ? LLMC_HEADER_SIZE : format == FLAT_NPY ? NPY_HEADER_SIZE : 0;
}

static int failed(const struct flat_file *file, struct error *error) {
    return error_set_system(error, "%s", bytes_text((struct bytes *)(uintptr_t)&file->path));
}

static int write_all(const struct flat_file *file, const unsigned char *data, size_t size, struct error *error) {
    while (size > 0) {
        ssize_t written = write(file->descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return failed(file, error);
        data += written;
        size -= (size_t)written;
    }
    return 0;
}

int flat_writer_open(struct flat_writer **result, const char *directory, enum flat_format format,
                     const struct tokenizer *tokenizer, bool force, struct error *error) {
    *result = NULL;
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return error_set_system(error, "%s", directory);
    struct flat_writer *writer = memory_zeroed(1, sizeof *writer);
    writer->format = format;
    writer->width = tokenizer_vocabulary_size(tokenizer) <= 65536 ? 2 : 4;
    writer->force = force;
    int status = 0;
    for (int split = 0; split < SPLIT_COUNT; split++) {
        struct flat_file *file = &writer->files[split];
        file->descriptor = -1;
        bytes_append_format(&file->path, "%s/%s.%s", directory, shard_split_name((enum shard_split)split),
                            format == FLAT_NPY ? "npy" : "bin");
        if (status == 0 && !force && access(bytes_text(&file->path), F_OK) == 0)
            status = error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s exists; --force replaces it",
                               bytes_text(&file->path));
    }
    if (status != 0) {
        flat_writer_abort(writer);
        return -1;
    }
    *result = writer;
    return 0;
}

static int flush(struct flat_file *file, struct error *error) {
    size_t size = file->buffered;
    file->buffered = 0;
    return write_all(file, file->buffer, size, error);
}

/* Leaves room for the header. */
static int open_file(const struct flat_writer *writer, struct flat_file *file, struct error *error) {
    file->descriptor = temporary_create(&file->temporary, bytes_text(&file->path), error);
    if (file->descriptor < 0)
        return -1;
    file->buffer = memory_zeroed(BUFFER_SIZE, 1);
    file->buffered = header_size(writer->format);
    return 0;
}

int flat_writer_append(struct flat_writer *writer, enum shard_split split, const uint32_t *ids, size_t count,
                       struct error *error) {
    struct flat_file *file = &writer->files[split];
    if (file->descriptor < 0 && open_file(writer, file, error) != 0)
        return -1;
    file->tokens += count;
    if (writer->format == FLAT_LLMC && file->tokens > INT32_MAX)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "llm.c counts 2^31 - 1 tokens in a file at most: encode parts of the input apart");
    for (size_t i = 0; i < count; i++) {
        for (unsigned byte = 0; byte < writer->width; byte++)
            file->buffer[file->buffered++] = (unsigned char)(ids[i] >> 8 * byte);
        if (file->buffered == BUFFER_SIZE && flush(file, error) != 0)
            return -1;
    }
    return 0;
}

/* llm.c's header is of 32-bit numbers: magic, version (both tell the width of tokens), number of tokens, zeros. */
static void make_llmc_header(unsigned char *header, unsigned width, uint64_t tokens) {
    uint32_t numbers[] = {width == 2 ? 20240520 : 20240801, width == 2 ? 1 : 7, (uint32_t)tokens};
    for (size_t i = 0; i < 4 * sizeof numbers / sizeof numbers[0]; i++)
        header[i] = (unsigned char)(numbers[i / 4] >> 8 * (i % 4));
}

/* NumPy's format 1.0: magic, size of what follows, a dictionary, spaces, a newline. */
static void make_npy_header(unsigned char *header, unsigned width, uint64_t tokens) {
    memset(header, ' ', NPY_HEADER_SIZE);
    memcpy(header, "\x93NUMPY\1", 8);
    header[8] = NPY_HEADER_SIZE - 10;
    header[9] = 0;
    int size = snprintf((char *)header + 10, NPY_HEADER_SIZE - 10,
                        "{'descr': '<u%u', 'fortran_order': False, 'shape': (%" PRIu64 ",), }", width, tokens);
    header[10 + size] = ' ';
    header[NPY_HEADER_SIZE - 1] = '\n';
}

static int write_header(const struct flat_writer *writer, const struct flat_file *file, struct error *error) {
    unsigned char header[HEADER_MOST] = {0};
    size_t size = header_size(writer->format);
    if (writer->format == FLAT_LLMC)
        make_llmc_header(header, writer->width, file->tokens);
    else if (writer->format == FLAT_NPY)
        make_npy_header(header, writer->width, file->tokens);
    if (size > 0 && pwrite(file->descriptor, header, size, 0) != (ssize_t)size)
        return failed(file, error);
    return 0;
}

static int complete_file(const struct flat_writer *writer, struct flat_file *file, struct error *error) {
    if (file->descriptor < 0) {
        if (writer->force && unlink(bytes_text(&file->path)) != 0 && errno != ENOENT)
            return failed(file, error);
        return 0;
    }
    if (flush(file, error) != 0 || write_header(writer, file, error) != 0)
        return -1;
    if (fsync(file->descriptor) != 0)
        return failed(file, error);
    int result = close(file->descriptor);
    file->descriptor = -1;
    if (result != 0)
        return failed(file, error);
    struct temporary *temporary = file->temporary;
    file->temporary = NULL;
    if (temporary_rename(temporary, bytes_text(&file->path)) != 0)
        return failed(file, error);
    return output_sync_folder(bytes_text(&file->path), error);
}

int flat_writer_close(struct flat_writer *writer, struct error *error) {
    int result = 0;
    for (int split = 0; split < SPLIT_COUNT && result == 0; split++)
        result = complete_file(writer, &writer->files[split], error);
    flat_writer_abort(writer); /* what has its name stays */
    return result;
}

void flat_writer_abort(struct flat_writer *writer) {
    if (!writer)
        return;
    for (int split = 0; split < SPLIT_COUNT; split++) {
        struct flat_file *file = &writer->files[split];
        if (file->descriptor >= 0)
            close(file->descriptor);
        if (file->temporary)
            temporary_remove(file->temporary);
        free(file->buffer);
        bytes_release(&file->path);
    }
    free(writer);
}
