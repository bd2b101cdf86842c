/* The bytes of GGUF. Which names and values a model needs is not known here. */
#include "export/gguf.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "GGUF is little-endian");

#define MAGIC "GGUF"
#define VERSION 3
#define ALIGNMENT 32 /* the format's default */

/* Of metadata values. */
enum value_type { TYPE_U32 = 4, TYPE_I32 = 5, TYPE_F32 = 6, TYPE_BOOL = 7, TYPE_STRING = 8, TYPE_ARRAY = 9 };

static void append_u32(struct bytes *out, uint32_t value) {
    bytes_append(out, &value, sizeof value);
}

static void append_u64(struct bytes *out, uint64_t value) {
    bytes_append(out, &value, sizeof value);
}

static void append_string(struct bytes *out, struct span text) {
    append_u64(out, text.size);
    bytes_append_span(out, text);
}

static void begin_value(struct gguf *gguf, const char *key, enum value_type type) {
    append_string(&gguf->metadata, span_of(key));
    append_u32(&gguf->metadata, type);
    gguf->metadata_count++;
}

void gguf_put_string(struct gguf *gguf, const char *key, struct span value) {
    begin_value(gguf, key, TYPE_STRING);
    append_string(&gguf->metadata, value);
}

void gguf_put_u32(struct gguf *gguf, const char *key, uint32_t value) {
    begin_value(gguf, key, TYPE_U32);
    append_u32(&gguf->metadata, value);
}

void gguf_put_f32(struct gguf *gguf, const char *key, float value) {
    begin_value(gguf, key, TYPE_F32);
    bytes_append(&gguf->metadata, &value, sizeof value);
}

void gguf_put_bool(struct gguf *gguf, const char *key, bool value) {
    begin_value(gguf, key, TYPE_BOOL);
    bytes_append_byte(&gguf->metadata, value ? 1 : 0);
}

static void begin_array(struct gguf *gguf, const char *key, enum value_type type, size_t count) {
    begin_value(gguf, key, TYPE_ARRAY);
    append_u32(&gguf->metadata, type);
    append_u64(&gguf->metadata, count);
}

void gguf_begin_strings(struct gguf *gguf, const char *key, size_t count) {
    begin_array(gguf, key, TYPE_STRING, count);
}

void gguf_add_string(struct gguf *gguf, struct span value) {
    append_string(&gguf->metadata, value);
}

void gguf_begin_i32s(struct gguf *gguf, const char *key, size_t count) {
    begin_array(gguf, key, TYPE_I32, count);
}

void gguf_add_i32(struct gguf *gguf, int32_t value) {
    bytes_append(&gguf->metadata, &value, sizeof value);
}

struct gguf_tensor *gguf_add_tensor(struct gguf *gguf, const char *name) {
    if (gguf->tensor_count == gguf->tensor_capacity) {
        gguf->tensor_capacity = gguf->tensor_capacity ? 2 * gguf->tensor_capacity : 64;
        gguf->tensors = memory_resize(gguf->tensors, gguf->tensor_capacity, sizeof *gguf->tensors);
    }
    struct gguf_tensor *tensor = &gguf->tensors[gguf->tensor_count++];
    *tensor = (struct gguf_tensor){0};
    bytes_append_text(&tensor->name, name);
    return tensor;
}

static size_t tensor_rows(const struct gguf_tensor *tensor) {
    return tensor->rows ? tensor->rows : 1;
}

static uint64_t tensor_size(const struct gguf_tensor *tensor) {
    return weight_type_size(tensor->type, tensor->columns) * tensor_rows(tensor);
}

static uint64_t align(uint64_t offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Dimensions stand in ggml's order: the fastest first. */
static void append_tensor(struct bytes *out, const struct gguf_tensor *tensor, uint64_t offset) {
    static const uint32_t types[] = {[WEIGHT_F32] = 0, [WEIGHT_F16] = 1, [WEIGHT_Q8_0] = 8, [WEIGHT_BF16] = 30};
    append_string(out, (struct span){tensor->name.data, tensor->name.size});
    append_u32(out, tensor->rows ? 2 : 1);
    append_u64(out, tensor->columns);
    if (tensor->rows)
        append_u64(out, tensor->rows);
    append_u32(out, types[tensor->type]);
    append_u64(out, offset);
}

static void append_header(const struct gguf *gguf, struct bytes *out) {
    bytes_append_text(out, MAGIC);
    append_u32(out, VERSION);
    append_u64(out, gguf->tensor_count);
    append_u64(out, gguf->metadata_count);
    bytes_append(out, gguf->metadata.data, gguf->metadata.size);
    uint64_t offset = 0;
    for (size_t i = 0; i < gguf->tensor_count; i++) {
        append_tensor(out, &gguf->tensors[i], offset);
        offset = align(offset + tensor_size(&gguf->tensors[i]));
    }
    while (out->size % ALIGNMENT)
        bytes_append_byte(out, 0);
}

/* Where the row that is written at `row` stands in the data. */
static size_t source_row(const struct gguf_tensor *tensor, size_t row) {
    if (tensor->rotary_heads == 0)
        return row;
    size_t height = tensor->rows / tensor->rotary_heads, within = row % height;
    return row - within + within / 2 + within % 2 * (height / 2);
}

static int write_tensor(const struct gguf_tensor *tensor, struct output *output, struct error *error) {
    static const char zeros[ALIGNMENT];
    size_t row_size = weight_type_size(tensor->type, tensor->columns);
    char *row = memory_allocate(row_size);
    int status = 0;
    for (size_t i = 0; status == 0 && i < tensor_rows(tensor); i++) {
        weight_type_encode(tensor->type, tensor->data + source_row(tensor, i) * tensor->columns, tensor->columns, row);
        status = output_write(output, row, row_size, error);
    }
    free(row);
    uint64_t size = tensor_size(tensor);
    return status ? -1 : output_write(output, zeros, (size_t)(align(size) - size), error);
}

int gguf_write(const struct gguf *gguf, const char *path, struct error *error) {
    struct output *output;
    if (output_open(&output, path, error))
        return -1;
    struct bytes header = {0};
    append_header(gguf, &header);
    int status = output_write(output, header.data, header.size, error);
    bytes_release(&header);
    for (size_t i = 0; status == 0 && i < gguf->tensor_count; i++)
        status = write_tensor(&gguf->tensors[i], output, error);
    if (status == 0)
        return output_close(output, error);
    output_abort(output);
    return -1;
}

void gguf_release(struct gguf *gguf) {
    for (size_t i = 0; i < gguf->tensor_count; i++)
        bytes_release(&gguf->tensors[i].name);
    free(gguf->tensors);
    bytes_release(&gguf->metadata);
    *gguf = (struct gguf){0};
}
