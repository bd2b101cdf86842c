/*
 * GGUF files, version 3: metadata (typed values under names), the tensors' list, the tensors' data, each at a multiple
 * of 32 bytes. Source: the format's description in ggml's docs/gguf.md.
 */
#ifndef EXPORT_GGUF_H
#define EXPORT_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "model/weight_type.h"

/* A tensor to write: a matrix [rows, columns], or a vector where rows is 0. */
struct gguf_tensor {
    struct bytes name;
    size_t rows, columns;
    const float *data; /* borrowed until gguf_write */
    enum weight_type type;
    size_t rotary_heads; /* where not 0, each head's rows (i, i + d/2) are written as neighbours (2i, 2i + 1) */
};

/* Zero-initialised is valid and empty. */
struct gguf {
    struct bytes metadata;
    uint64_t metadata_count;
    struct gguf_tensor *tensors;
    size_t tensor_count, tensor_capacity;
};

void gguf_put_string(struct gguf *gguf, const char *key, struct span value);
void gguf_put_u32(struct gguf *gguf, const char *key, uint32_t value);
void gguf_put_f32(struct gguf *gguf, const char *key, float value);
void gguf_put_bool(struct gguf *gguf, const char *key, bool value);
/* An array: after one of these follow exactly count calls of the function for its items. */
void gguf_begin_strings(struct gguf *gguf, const char *key, size_t count);
void gguf_add_string(struct gguf *gguf, struct span value);
void gguf_begin_i32s(struct gguf *gguf, const char *key, size_t count);
void gguf_add_i32(struct gguf *gguf, int32_t value);

/* A new tensor of that name, all other fields zero; valid until the next. */
struct gguf_tensor *gguf_add_tensor(struct gguf *gguf, const char *name);

/* Writes the file (base/output.h); path NULL is stdout. */
int gguf_write(const struct gguf *gguf, const char *path, struct error *error);
void gguf_release(struct gguf *gguf);

#endif
