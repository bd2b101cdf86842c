/*
 * Any bytes as the one shard of a set whose manifest fits the size: opening, checking and reading must refuse it or
 * give ids below the vocabulary size. The first byte chooses a sound shard that the rest is laid over, so that inner
 * structures are reached.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/input.h"
#include "base/json.h"
#include "base/output.h"
#include "shard/reader.h"
#include "shard/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[64], shard_path[100], manifest_path[100];
static struct bytes shard, manifest;

static void require(bool held) {
    if (!held)
        abort();
}

static void remove_directory(void) {
    unlink(shard_path);
    unlink(manifest_path);
    rmdir(directory);
}

static void set_up(void) {
    snprintf(directory, sizeof(directory), "%s/gpt-fuzz-shard-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    require(mkdtemp(directory) != NULL);
    atexit(remove_directory);
    snprintf(shard_path, sizeof(shard_path), "%s/train-00000.tok.zst", directory);
    snprintf(manifest_path, sizeof(manifest_path), "%s/manifest.json", directory);
    struct tokenizer *tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_DIGITS2));
    tokenizer_build_end(tokenizer);
    struct shard_writer_options options = {.force = true};
    struct shard_writer *writer;
    struct error error;
    require(shard_writer_open(&writer, directory, tokenizer, &options, &error) == 0);
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t ids[] = {0, 5 + i, 6, 7, 200 + i};
        require(shard_writer_append(writer, SPLIT_TRAIN, (struct shard_source){0}, ids, 2 + i % 4, &error) == 0);
    }
    require(shard_writer_close(writer, &error) == 0);
    struct input *input;
    require(input_open_raw(&input, shard_path, &error) == 0);
    require(input_read_all(input, 1 << 20, &shard, &error) == 0);
    input_close(input);
    require(input_load(manifest_path, 1 << 20, &manifest, &error) == 0);
    tokenizer_free(tokenizer);
}

static void save(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    require(file && (size == 0 || fwrite(data, 1, size, file) == size) && fclose(file) == 0);
}

/* The sound manifest with another size of the file. */
static void save_manifest(size_t size) {
    struct bytes text = {0};
    const char *from = bytes_text(&manifest), *at = strstr(from, "\"size\": ") + 8;
    bytes_append(&text, from, (size_t)(at - from));
    bytes_append_format(&text, "%zu", size);
    bytes_append_text(&text, strchr(at, ','));
    save(manifest_path, text.data, text.size);
    bytes_release(&text);
}

static void read_all(void) {
    struct shard_set *set;
    struct error error;
    if (shard_set_open(&set, directory, &error) != 0)
        return;
    struct shard_cursor *cursor = shard_cursor_new(set, SPLIT_TRAIN);
    struct token_ids ids = {0};
    while (shard_cursor_next(cursor, &ids, &error) == 1)
        for (size_t i = 0; i < ids.count; i++)
            require(ids.data[i] < shard_set_vocabulary_size(set));
    token_ids_release(&ids);
    shard_cursor_free(cursor);
    shard_set_free(set);
    shard_set_check(directory, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!shard.data)
        set_up();
    if (size < 4)
        return 0;
    struct bytes file = {0};
    if (data[0] & 1)
        bytes_append_span(&file, span_of_bytes(&shard));
    size_t at = data[0] & 1 ? (size_t)(data[1] | data[2] << 8) % shard.size : 0;
    if (file.size < at + size - 3) {
        bytes_reserve(&file, at + size - 3 - file.size);
        file.size = at + size - 3;
    }
    memcpy(file.data + at, data + 3, size - 3);
    save(shard_path, file.data, file.size);
    save_manifest(file.size);
    read_all();
    bytes_release(&file);
    return 0;
}
