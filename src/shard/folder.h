/* The folder that a set of shards is written into; private to this folder. */
#ifndef SHARD_FOLDER_H
#define SHARD_FOLDER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/hash.h"
#include "shard/layout.h"

struct shard_folder {
    char *path;
    int descriptor; /* -1: not open */
};

/* Makes the folder where it does not exist, and opens it. */
int shard_folder_open(struct shard_folder *folder, const char *path, struct error *error);
void shard_folder_release(struct shard_folder *folder);
bool shard_folder_has(const struct shard_folder *folder, const char *name);
int shard_folder_remove(const struct shard_folder *folder, const char *name, struct error *error);
/* Removes every shard that the manifest does not list, and temporaries of manifests that a killed run left. */
int shard_folder_remove_unlisted(const struct shard_folder *folder, const struct manifest *listed, struct error *error);
/* ERROR_DATA where the folder at path holds a shard that the manifest does not list. */
int shard_folder_refuse_unlisted(const char *path, const struct manifest *listed, struct error *error);
/* ERROR_DATA unless each shard that the manifest lists is there with its size and digest. */
int shard_folder_verify(const struct shard_folder *folder, const struct manifest *listed, struct error *error);
/* The digest of `size` bytes of an open file of that name; ERROR_SYSTEM where it has more or less of them. */
int shard_folder_digest(const struct shard_folder *folder, int file, const char *name, uint64_t size,
                        struct hash128 *digest, struct error *error);
/* Writes manifest.json, or unfinished.json, and fsyncs the folder before and after. */
int shard_folder_save(const struct shard_folder *folder, const struct manifest *manifest, struct error *error);
/* error_set_system that names a file of the folder. */
int shard_folder_failed(const struct shard_folder *folder, const char *name, struct error *error);

#endif
