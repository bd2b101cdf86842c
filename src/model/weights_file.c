/*
 * Weights in one safetensors file or several. It owns the index and the cut into files; the files' own format is
 * safetensors.c's.
 */
#include "model/weights_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"

#define WHOLE "model.safetensors"
#define INDEX "model.safetensors.index.json"
#define INDEX_MAX ((size_t)256 << 20)

struct shard {
    struct span name; /* of the file, borrowed from the index */
    struct safetensors *file;
};

struct weights_file {
    struct json_document *index; /* NULL for one file */
    const struct json_value *map;
    struct shard *shards;
    size_t count;
};

static void append_shard_name(struct bytes *out, size_t number, size_t count) {
    bytes_append_format(out, "model-%05zu-of-%05zu.safetensors", number, count);
}

/* How many of the items go into the next file. */
static size_t shard_items(const struct safetensors_item *items, size_t count, uint64_t limit) {
    uint64_t size = safetensors_item_size(&items[0]);
    size_t taken = 1;
    while (taken < count && size + safetensors_item_size(&items[taken]) <= limit)
        size += safetensors_item_size(&items[taken++]);
    return taken;
}

static size_t count_shards(const struct safetensors_item *items, size_t count, uint64_t limit) {
    size_t shards = 0;
    for (size_t i = 0; i < count; i += shard_items(items + i, count - i, limit))
        shards++;
    return shards;
}

static int save_shards(const char *directory, const struct safetensors_item *items, size_t count, uint64_t limit,
                       struct bytes *map, struct error *error) {
    size_t shards = count_shards(items, count, limit);
    struct bytes path = {0};
    int status = 0;
    for (size_t first = 0, number = 1; status == 0 && first < count; number++) {
        size_t taken = shard_items(items + first, count - first, limit);
        bytes_clear(&path);
        bytes_append_format(&path, "%s/", directory);
        size_t name = path.size;
        append_shard_name(&path, number, shards);
        status = safetensors_save(bytes_text(&path), items + first, taken, NULL, NULL, error);
        for (size_t i = first; i < first + taken; i++) {
            bytes_append_text(map, i ? ",\n    " : "\n    ");
            json_append_string(map, items[i].name);
            bytes_append_format(map, ": \"%s\"", bytes_text(&path) + name);
        }
        first += taken;
    }
    bytes_release(&path);
    return status;
}

int weights_save(const char *directory, const struct safetensors_item *given, size_t count,
                 const struct weights_form *form, struct error *error) {
    struct safetensors_item *items = memory_zeroed(count, sizeof *items);
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        items[i] = given[i];
        items[i].type = form == NULL ? WEIGHT_F32 : form->type;
        total += safetensors_item_size(&items[i]);
    }
    struct bytes path = {0}, index = {0};
    int status;
    if (form == NULL || form->shard_size == 0 || total <= form->shard_size) {
        bytes_append_format(&path, "%s/" WHOLE, directory);
        status = safetensors_save(bytes_text(&path), items, count, NULL, NULL, error);
    } else {
        bytes_append_format(&index, "{\n  \"metadata\": {\"total_size\": %llu},\n  \"weight_map\": {",
                            (unsigned long long)total);
        status = save_shards(directory, items, count, form->shard_size, &index, error);
        bytes_append_text(&index, "\n  }\n}\n");
        bytes_append_format(&path, "%s/" INDEX, directory);
        if (status == 0)
            status = output_save(bytes_text(&path), span_of_bytes(&index), error);
    }
    bytes_release(&path);
    bytes_release(&index);
    free(items);
    return status;
}

static int open_shard(struct weights_file *weights, const char *directory, struct span name, struct error *error) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s/%.*s", directory, (int)name.size, name.data);
    struct shard *shard = &weights->shards[weights->count];
    int status = safetensors_open(&shard->file, bytes_text(&path), error);
    if (status == 0) {
        shard->name = name;
        weights->count++;
    }
    bytes_release(&path);
    return status;
}

static const struct shard *find_shard(const struct weights_file *weights, struct span name) {
    for (size_t i = 0; i < weights->count; i++)
        if (span_equal(weights->shards[i].name, name))
            return &weights->shards[i];
    return NULL;
}

/* Files are looked for in the directory alone. */
static bool is_plain_name(struct span name) {
    return name.size > 0 && name.data[0] != '.' && memchr(name.data, '/', name.size) == NULL &&
           memchr(name.data, '\0', name.size) == NULL;
}

static int open_index(struct weights_file *weights, const char *directory, const char *path, struct error *error) {
    if (json_load(&weights->index, path, INDEX_MAX, error))
        return -1;
    weights->map = json_member(json_root(weights->index), "weight_map");
    if (weights->map == NULL || weights->map->type != JSON_OBJECT || weights->map->count == 0)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: no weight_map", path);
    weights->shards = memory_zeroed(weights->map->count, sizeof *weights->shards);
    for (size_t i = 0; i < weights->map->count; i++) {
        const struct json_value *entry = &weights->map->items[i];
        if (entry->type != JSON_STRING || !is_plain_name(entry->string))
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: weight_map: %.*s has no file name", path,
                             (int)entry->key.size, entry->key.data);
        if (find_shard(weights, entry->string) == NULL && open_shard(weights, directory, entry->string, error))
            return -1;
    }
    return 0;
}

int weights_open(struct weights_file **weights, const char *directory, struct error *error) {
    struct weights_file *opened = memory_zeroed(1, sizeof *opened);
    struct bytes whole = {0}, index = {0};
    bytes_append_format(&whole, "%s/" WHOLE, directory);
    bytes_append_format(&index, "%s/" INDEX, directory);
    int status;
    if (access(bytes_text(&whole), F_OK) && access(bytes_text(&index), F_OK) == 0) {
        status = open_index(opened, directory, bytes_text(&index), error);
    } else {
        opened->shards = memory_zeroed(1, sizeof *opened->shards);
        status = open_shard(opened, directory, SPAN_LITERAL(WHOLE), error);
    }
    bytes_release(&whole);
    bytes_release(&index);
    *weights = status == 0 ? opened : NULL;
    if (status)
        weights_close(opened);
    return status;
}

void weights_close(struct weights_file *weights) {
    if (weights == NULL)
        return;
    for (size_t i = 0; i < weights->count; i++)
        safetensors_close(weights->shards[i].file);
    free(weights->shards);
    if (weights->index != NULL)
        json_free(weights->index);
    free(weights);
}

uint64_t weights_data_size(const struct weights_file *weights) {
    uint64_t size = 0;
    for (size_t i = 0; i < weights->count; i++)
        size += safetensors_data_size(weights->shards[i].file);
    return size;
}

int weights_read(const struct weights_file *weights, struct span name, size_t rows, size_t columns, float *data,
                 struct error *error) {
    const struct shard *shard = &weights->shards[0];
    if (weights->map != NULL) {
        shard = NULL;
        for (size_t i = 0; shard == NULL && i < weights->map->count; i++)
            if (span_equal(weights->map->items[i].key, name))
                shard = find_shard(weights, weights->map->items[i].string);
        if (shard == NULL)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, INDEX ": tensor %.*s: missing", (int)name.size,
                             name.data);
    }
    return safetensors_read(shard->file, name, rows, columns, data, error);
}

int weights_each(const struct weights_file *weights,
                 int (*check)(void *context, const char *path, struct span name, struct error *error), void *context,
                 struct error *error) {
    int status = 0;
    for (size_t i = 0; i < weights->count; i++)
        for (size_t j = 0; status == 0 && j < safetensors_count(weights->shards[i].file); j++)
            status = check(context, safetensors_path(weights->shards[i].file),
                           safetensors_name(weights->shards[i].file, j), error);
    return status;
}
