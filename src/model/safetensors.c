/*
 * The safetensors format, written and read. It owns the checks of headers from anywhere; which tensors a model has is
 * not known here.
 */
#include "model/safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors are little-endian");

#define PREFIX 8                         /* the header's length */
#define HEADER_MAX ((uint64_t)100000000) /* as the reference implementation */
#define CHUNK ((size_t)1 << 16)          /* elements converted at a time */
#define IO_MAX ((size_t)1 << 30)         /* bytes of one read, below what the system takes */

struct entry {
    struct span name, type;
    const struct json_value *shape;
    uint64_t begin, end; /* relative to the data */
};

struct safetensors {
    char *path;
    int descriptor;
    struct json_document *header;
    struct entry *entries; /* in the order of their data */
    size_t count;
    uint64_t data; /* where the data begins in the file */
};

/* Bytes of an element; 0 for a type that is not known. */
static uint64_t type_size(struct span type) {
    static const struct {
        const char *name;
        uint64_t size;
    } types[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},  {"I32", 4},     {"I16", 2},    {"I8", 1},
                 {"U64", 8}, {"U32", 4}, {"U16", 2}, {"U8", 1},   {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (span_is(type, types[i].name))
            return types[i].size;
    return 0;
}

static void append_entry(struct bytes *header, const struct safetensors_item *item, uint64_t begin, uint64_t end) {
    static const char *const names[] = {[WEIGHT_F32] = "F32", [WEIGHT_F16] = "F16", [WEIGHT_BF16] = "BF16"};
    bytes_append_byte(header, ',');
    json_append_string(header, item->name);
    bytes_append_format(header, ":{\"dtype\":\"%s\",\"shape\":[", names[item->type]);
    if (item->rows)
        bytes_append_format(header, "%zu,", item->rows);
    bytes_append_format(header, "%zu],\"data_offsets\":[%llu,%llu]}", item->columns, (unsigned long long)begin,
                        (unsigned long long)end);
}

static size_t item_count(const struct safetensors_item *item) {
    return (item->rows ? item->rows : 1) * item->columns;
}

uint64_t safetensors_item_size(const struct safetensors_item *item) {
    return weight_type_size(item->type, item_count(item));
}

static int write_item(struct output *output, const struct safetensors_item *item, struct error *error) {
    size_t count = item_count(item);
    if (item->type == WEIGHT_F32)
        return output_write(output, item->data, count * sizeof *item->data, error);
    char *chunk = memory_allocate(weight_type_size(item->type, CHUNK));
    int status = 0;
    for (size_t done = 0; status == 0 && done < count;) {
        size_t size = count - done < CHUNK ? count - done : CHUNK;
        weight_type_encode(item->type, item->data + done, size, chunk);
        status = output_write(output, chunk, weight_type_size(item->type, size), error);
        done += size;
    }
    free(chunk);
    return status;
}

int safetensors_save(const char *path, const struct safetensors_item *items, size_t count, const char *key,
                     const char *value, struct error *error) {
    struct bytes header = {0};
    bytes_append_text(&header, "{\"__metadata__\":{\"format\":\"pt\"");
    if (key != NULL) {
        bytes_append_byte(&header, ',');
        json_append_string(&header, span_of(key));
        bytes_append_byte(&header, ':');
        json_append_string(&header, span_of(value));
    }
    bytes_append_byte(&header, '}');
    uint64_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        append_entry(&header, &items[i], offset, offset + safetensors_item_size(&items[i]));
        offset += safetensors_item_size(&items[i]);
    }
    bytes_append_byte(&header, '}');
    while (header.size % PREFIX)
        bytes_append_byte(&header, ' ');
    uint64_t length = header.size;
    struct output *output;
    int status = output_open(&output, path, error);
    if (status == 0) {
        status = output_write(output, &length, sizeof length, error) ||
                 output_write(output, header.data, header.size, error);
        for (size_t i = 0; status == 0 && i < count; i++)
            status = write_item(output, &items[i], error);
        if (status == 0)
            status = output_close(output, error);
        else
            output_abort(output);
    }
    bytes_release(&header);
    return status ? -1 : 0;
}

static int read_at(const struct safetensors *file, void *buffer, size_t size, uint64_t offset, struct error *error) {
    for (char *to = buffer; size > 0;) {
        ssize_t got = pread(file->descriptor, to, size < IO_MAX ? size : IO_MAX, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_system(error, "%s", file->path);
        if (got == 0)
            return error_set(error, ERROR_DATA, offset, "%s: the file ends within its data", file->path);
        to += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

static int bad(const struct safetensors *file, uint64_t position, const char *what, struct span name,
               struct error *error) {
    return error_set(error, ERROR_DATA, position, "%s: tensor %.*s: %s", file->path, (int)name.size, name.data, what);
}

/* A non-negative integer of an array. */
static bool offset_at(const struct json_value *array, size_t index, uint64_t *value) {
    if (array == NULL || array->type != JSON_ARRAY || index >= array->count || !array->items[index].is_integer ||
        array->items[index].integer < 0)
        return false;
    *value = (uint64_t)array->items[index].integer;
    return true;
}

static int read_entry(const struct safetensors *file, const struct json_value *value, struct entry *entry,
                      struct error *error) {
    entry->name = value->key;
    entry->type = json_string(value, "dtype");
    entry->shape = json_member(value, "shape");
    const struct json_value *offsets = json_member(value, "data_offsets");
    uint64_t size = entry->type.data == NULL ? 0 : type_size(entry->type);
    if (size == 0)
        return bad(file, PREFIX, "unknown dtype", entry->name, error);
    if (entry->shape == NULL || entry->shape->type != JSON_ARRAY)
        return bad(file, PREFIX, "no shape", entry->name, error);
    for (size_t i = 0; i < entry->shape->count; i++) {
        uint64_t dimension;
        if (!offset_at(entry->shape, i, &dimension) || __builtin_mul_overflow(size, dimension, &size))
            return bad(file, PREFIX, "bad shape", entry->name, error);
    }
    if (!offset_at(offsets, 0, &entry->begin) || !offset_at(offsets, 1, &entry->end) || offsets->count != 2 ||
        entry->begin > entry->end)
        return bad(file, PREFIX, "bad data_offsets", entry->name, error);
    if (entry->end - entry->begin != size)
        return bad(file, PREFIX, "data_offsets do not agree with dtype and shape", entry->name, error);
    return 0;
}

static int compare_begin(const void *a, const void *b) {
    const struct entry *left = a, *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return left->end < right->end ? -1 : left->end > right->end; /* empty tensors first */
}

static int compare_name(const void *a, const void *b) {
    const struct entry *left = a, *right = b;
    return span_compare(left->name, right->name);
}

/* No name twice; the tensors cover the data from first to last byte. */
static int check_entries(struct safetensors *file, uint64_t data_size, struct error *error) {
    qsort(file->entries, file->count, sizeof *file->entries, compare_name);
    for (size_t i = 1; i < file->count; i++)
        if (span_equal(file->entries[i - 1].name, file->entries[i].name))
            return bad(file, PREFIX, "listed twice", file->entries[i].name, error);
    qsort(file->entries, file->count, sizeof *file->entries, compare_begin);
    uint64_t end = 0;
    for (size_t i = 0; i < file->count; i++) {
        const struct entry *entry = &file->entries[i];
        if (entry->begin != end)
            return bad(file, PREFIX, entry->begin > end ? "a hole before its data" : "overlaps another", entry->name,
                       error);
        end = entry->end;
    }
    if (end != data_size)
        return error_set(error, ERROR_DATA, file->data + (end < data_size ? end : data_size), "%s: %s", file->path,
                         end < data_size ? "bytes after the last tensor" : "the data is cut");
    return 0;
}

static int check_metadata(const struct safetensors *file, const struct json_value *metadata, struct error *error) {
    if (metadata->type != JSON_OBJECT)
        return error_set(error, ERROR_DATA, PREFIX, "%s: __metadata__ is not an object", file->path);
    for (size_t i = 0; i < metadata->count; i++)
        if (metadata->items[i].type != JSON_STRING)
            return error_set(error, ERROR_DATA, PREFIX, "%s: __metadata__ holds what is not a string", file->path);
    return 0;
}

static int read_entries(struct safetensors *file, uint64_t data_size, struct error *error) {
    const struct json_value *root = json_root(file->header);
    if (root->type != JSON_OBJECT)
        return error_set(error, ERROR_DATA, PREFIX, "%s: the header is not an object", file->path);
    file->entries = memory_zeroed(root->count, sizeof *file->entries);
    for (size_t i = 0; i < root->count; i++) {
        const struct json_value *value = &root->items[i];
        if (span_is(value->key, "__metadata__")) {
            if (check_metadata(file, value, error))
                return -1;
        } else if (read_entry(file, value, &file->entries[file->count++], error)) {
            return -1;
        }
    }
    return check_entries(file, data_size, error);
}

static int read_header(struct safetensors *file, struct error *error) {
    struct stat status;
    uint64_t length;
    if (fstat(file->descriptor, &status))
        return error_set_system(error, "%s", file->path);
    if (!S_ISREG(status.st_mode) || status.st_size < PREFIX)
        return error_set(error, ERROR_DATA, 0, "%s: too short for a safetensors file", file->path);
    if (read_at(file, &length, sizeof length, 0, error))
        return -1;
    uint64_t rest = (uint64_t)status.st_size - PREFIX;
    if (length > HEADER_MAX || length > rest)
        return error_set(error, ERROR_DATA, 0, "%s: not a safetensors file: impossible header length", file->path);
    file->data = PREFIX + length;
    struct bytes text = {0};
    bytes_reserve(&text, (size_t)length);
    text.size = (size_t)length;
    int result = read_at(file, text.data, text.size, PREFIX, error);
    if (result == 0 && (text.size == 0 || text.data[0] != '{'))
        result = error_set(error, ERROR_DATA, PREFIX, "%s: the header does not begin with {", file->path);
    if (result == 0 && json_parse(&file->header, span_of_bytes(&text), error))
        result = error_prefix(error, "%s: header: ", file->path);
    bytes_release(&text);
    return result ? -1 : read_entries(file, rest - length, error);
}

int safetensors_open(struct safetensors **file, const char *path, struct error *error) {
    struct safetensors *opened = memory_zeroed(1, sizeof *opened);
    *file = NULL;
    opened->path = memory_copy(path, strlen(path));
    opened->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (opened->descriptor < 0)
        error_set_system(error, "%s", path);
    if (opened->descriptor < 0 || read_header(opened, error)) {
        safetensors_close(opened);
        return -1;
    }
    *file = opened;
    return 0;
}

void safetensors_close(struct safetensors *file) {
    if (file == NULL)
        return;
    if (file->descriptor >= 0)
        close(file->descriptor);
    if (file->header != NULL)
        json_free(file->header);
    free(file->entries);
    free(file->path);
    free(file);
}

size_t safetensors_count(const struct safetensors *file) {
    return file->count;
}

uint64_t safetensors_data_size(const struct safetensors *file) {
    return file->count == 0 ? 0 : file->entries[file->count - 1].end;
}

struct span safetensors_name(const struct safetensors *file, size_t index) {
    return file->entries[index].name;
}

const char *safetensors_path(const struct safetensors *file) {
    return file->path;
}

struct span safetensors_metadata(const struct safetensors *file, const char *key) {
    return json_string(json_member(json_root(file->header), "__metadata__"), key);
}

static int read_halves(const struct safetensors *file, const struct entry *entry, float *data, size_t count,
                       struct error *error) {
    bool brain = span_is(entry->type, "BF16");
    uint16_t *halves = memory_allocate(CHUNK * sizeof *halves);
    int status = 0;
    for (size_t done = 0; status == 0 && done < count;) {
        size_t size = count - done < CHUNK ? count - done : CHUNK;
        status = read_at(file, halves, size * sizeof *halves, file->data + entry->begin + done * sizeof *halves, error);
        for (size_t i = 0; status == 0 && i < size; i++)
            data[done + i] = brain ? bfloat16_to(halves[i]) : float16_to(halves[i]);
        done += size;
    }
    free(halves);
    return status;
}

static bool has_shape(const struct entry *entry, size_t rows, size_t columns) {
    uint64_t first, second;
    if (rows == 0)
        return entry->shape->count == 1 && offset_at(entry->shape, 0, &first) && first == columns;
    return entry->shape->count == 2 && offset_at(entry->shape, 0, &first) && offset_at(entry->shape, 1, &second) &&
           first == rows && second == columns;
}

int safetensors_read(const struct safetensors *file, struct span name, size_t rows, size_t columns, float *data,
                     struct error *error) {
    const struct entry *entry = NULL;
    for (size_t i = 0; i < file->count; i++)
        if (span_equal(file->entries[i].name, name))
            entry = &file->entries[i];
    if (entry == NULL)
        return bad(file, ERROR_NO_POSITION, "missing", name, error);
    if (!has_shape(entry, rows, columns))
        return bad(file, ERROR_NO_POSITION, "of another shape than the config says", name, error);
    size_t count = (rows ? rows : 1) * columns;
    if (span_is(entry->type, "F32"))
        return read_at(file, data, count * sizeof *data, file->data + entry->begin, error);
    if (span_is(entry->type, "BF16") || span_is(entry->type, "F16"))
        return read_halves(file, entry, data, count, error);
    return bad(file, ERROR_NO_POSITION, "of a dtype that is not F32, BF16 or F16", name, error);
}
