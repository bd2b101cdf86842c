/*
 * safetensors files: a header length (u64, little-endian), a JSON header {name: {dtype, shape, data_offsets}}, then the
 * tensors' bytes without holes or overlaps. The reader checks all of it before it gives out a number.
 */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "model/weight_type.h"

/* A tensor to write: a matrix [rows, columns], or a vector where rows is 0. */
struct safetensors_item {
    struct span name;
    size_t rows, columns;
    const float *data;
    enum weight_type type; /* in the file; not Q8_0 */
};

/* Writes the items in their order, with "format":"pt" and, where key is not NULL, one more entry in the metadata. */
int safetensors_save(const char *path, const struct safetensors_item *items, size_t count, const char *key,
                     const char *value, struct error *error);

/* Bytes of the item's data in the file. */
uint64_t safetensors_item_size(const struct safetensors_item *item);

struct safetensors;

/* Opens and checks a file. On success *file is owned by the caller. ERROR_DATA with the byte and the tensor's name for
 * what is wrong. */
int safetensors_open(struct safetensors **file, const char *path, struct error *error);
void safetensors_close(struct safetensors *file); /* NULL is allowed */

size_t safetensors_count(const struct safetensors *file);
uint64_t safetensors_data_size(const struct safetensors *file); /* bytes of all tensors */
struct span safetensors_name(const struct safetensors *file, size_t index);
const char *safetensors_path(const struct safetensors *file);
/* A string of the metadata; absent where there is none. */
struct span safetensors_metadata(const struct safetensors *file, const char *key);
/* Reads a tensor of F32, BF16 or F16 as f32. ERROR_DATA where it is missing or of another shape. */
int safetensors_read(const struct safetensors *file, struct span name, size_t rows, size_t columns, float *data,
                     struct error *error);

#endif
