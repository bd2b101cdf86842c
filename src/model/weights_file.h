/*
 * The weights of a model directory in Hugging Face's layout: model.safetensors, or model-00001-of-0000N.safetensors …
 * with model.safetensors.index.json, which names the file of each tensor.
 */
#ifndef MODEL_WEIGHTS_FILE_H
#define MODEL_WEIGHTS_FILE_H

#include "model/safetensors.h"

/* How weights are written. */
struct weights_form {
    enum weight_type type;
    uint64_t shard_size; /* bytes of tensors a file (one tensor may be larger); 0: one file */
};

/* Writes the items into an existing directory, in their order; form NULL is F32 in one file. */
int weights_save(const char *directory, const struct safetensors_item *items, size_t count,
                 const struct weights_form *form, struct error *error);

struct weights_file;

/* Opens and checks what the directory has; on success *weights is owned by the caller. ERROR_DATA names the file. */
int weights_open(struct weights_file **weights, const char *directory, struct error *error);
void weights_close(struct weights_file *weights);               /* NULL is allowed */
uint64_t weights_data_size(const struct weights_file *weights); /* bytes of all tensors */
/* safetensors_read from the file that has the tensor. */
int weights_read(const struct weights_file *weights, struct span name, size_t rows, size_t columns, float *data,
                 struct error *error);
/* Calls check for every tensor until it gives other than 0, which is returned. */
int weights_each(const struct weights_file *weights,
                 int (*check)(void *context, const char *path, struct span name, struct error *error), void *context,
                 struct error *error);

#endif
