/* Owns what happens to whole files of a set that is being written. Knows nothing of what stands inside a shard. */
#include "shard/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output.h"

int shard_folder_failed(const struct shard_folder *folder, const char *name, struct error *error) {
    return error_set_system(error, "%s/%s", folder->path, name);
}

int shard_folder_open(struct shard_folder *folder, const char *path, struct error *error) {
    folder->path = memory_copy(path, strlen(path));
    folder->descriptor = -1;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return error_set_system(error, "%s", path);
    folder->descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder->descriptor < 0 ? error_set_system(error, "%s", path) : 0;
}

void shard_folder_release(struct shard_folder *folder) {
    if (folder->descriptor >= 0)
        close(folder->descriptor);
    free(folder->path);
    *folder = (struct shard_folder){.descriptor = -1};
}

bool shard_folder_has(const struct shard_folder *folder, const char *name) {
    return faccessat(folder->descriptor, name, F_OK, 0) == 0;
}

int shard_folder_remove(const struct shard_folder *folder, const char *name, struct error *error) {
    if (unlinkat(folder->descriptor, name, 0) != 0 && errno != ENOENT)
        return shard_folder_failed(folder, name, error);
    return 0;
}

/* train-00000.tok.zst and its like. */
static bool is_shard_name(const char *name) {
    enum shard_split split;
    const char *dash = strchr(name, '-');
    if (!dash || !shard_split_parse((struct span){name, (size_t)(dash - name)}, &split))
        return false;
    size_t digits = strspn(dash + 1, "0123456789");
    return digits >= 5 && strcmp(dash + 1 + digits, SHARD_SUFFIX) == 0;
}

/* What a run that was killed left of the manifest it was writing. */
static bool is_remnant(const char *name) {
    return strncmp(name, "." SHARD_MANIFEST ".", sizeof SHARD_MANIFEST + 1) == 0 ||
           strncmp(name, "." SHARD_UNFINISHED ".", sizeof SHARD_UNFINISHED + 1) == 0;
}

static bool is_listed(const struct manifest *listed, const char *name) {
    char shard[SHARD_NAME_SIZE];
    for (size_t i = 0; i < listed->count; i++) {
        shard_name(listed->shards[i].split, listed->shards[i].ordinal, shard);
        if (strcmp(shard, name) == 0)
            return true;
    }
    return false;
}

int shard_folder_remove_unlisted(const struct shard_folder *folder, const struct manifest *listed,
                                 struct error *error) {
    DIR *directory = opendir(folder->path);
    if (!directory)
        return error_set_system(error, "%s", folder->path);
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(directory));)
        if (is_remnant(entry->d_name) || (is_shard_name(entry->d_name) && !is_listed(listed, entry->d_name)))
            result = shard_folder_remove(folder, entry->d_name, error);
    closedir(directory);
    return result;
}

int shard_folder_refuse_unlisted(const char *path, const struct manifest *listed, struct error *error) {
    DIR *directory = opendir(path);
    if (!directory)
        return error_set_system(error, "%s", path);
    int result = 0;
    for (struct dirent *entry; result == 0 && (entry = readdir(directory));)
        if (is_shard_name(entry->d_name) && !is_listed(listed, entry->d_name))
            result = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s/%s: a shard that %s does not list", path,
                               entry->d_name, SHARD_MANIFEST);
    closedir(directory);
    return result;
}

int shard_folder_digest(const struct shard_folder *folder, int file, const char *name, uint64_t size,
                        struct hash128 *digest, struct error *error) {
    struct hash_stream *stream = hash_stream_new();
    unsigned char *buffer = memory_allocate(SHARD_FRAME_SIZE);
    uint64_t position = 0;
    ssize_t got;
    while ((got = pread(file, buffer, SHARD_FRAME_SIZE, (off_t)position)) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0) {
            hash_stream_update(stream, buffer, (size_t)got);
            position += (uint64_t)got;
        }
    }
    *digest = hash_stream_digest(stream);
    hash_stream_free(stream);
    free(buffer);
    if (got < 0)
        return shard_folder_failed(folder, name, error);
    if (position != size)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s/%s: another program wrote to it", folder->path,
                         name);
    return 0;
}

static int verify_shard(const struct shard_folder *folder, const struct manifest_shard *shard, struct error *error) {
    char name[SHARD_NAME_SIZE];
    struct hash128 digest;
    struct stat status;
    shard_name(shard->split, shard->ordinal, name);
    int file = openat(folder->descriptor, name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return shard_folder_failed(folder, name, error);
    int result = fstat(file, &status) != 0 ? shard_folder_failed(folder, name, error) : 0;
    if (result == 0 && (uint64_t)status.st_size == shard->size)
        result = shard_folder_digest(folder, file, name, shard->size, &digest, error);
    else if (result == 0)
        digest = (struct hash128){~shard->digest.low, 0};
    close(file);
    if (result == 0 && (digest.low != shard->digest.low || digest.high != shard->digest.high))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s/%s: not the shard that was finished before",
                         folder->path, name);
    return result;
}

int shard_folder_verify(const struct shard_folder *folder, const struct manifest *listed, struct error *error) {
    int result = 0;
    for (size_t i = 0; i < listed->count && result == 0; i++)
        result = verify_shard(folder, &listed->shards[i], error);
    return result;
}

int shard_folder_save(const struct shard_folder *folder, const struct manifest *manifest, struct error *error) {
    struct bytes path = {0}, text = {0};
    bytes_append_format(&path, "%s/%s", folder->path, manifest->unfinished ? SHARD_UNFINISHED : SHARD_MANIFEST);
    manifest_append(manifest, &text);
    int result = 0;
    if (fsync(folder->descriptor) != 0)
        result = error_set_system(error, "%s", folder->path);
    if (result == 0)
        result = output_save(bytes_text(&path), span_of_bytes(&text), error);
    bytes_release(&path);
    bytes_release(&text);
    return result;
}
