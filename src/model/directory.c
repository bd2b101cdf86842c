/*
 * Directories replaced as one. It owns temporaries, renames and fsyncs, and does not know what is inside.
 */
#include "model/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/output.h"

/* Directories that nftw keeps open. */
#define WALK_DESCRIPTORS 8

/* Appends the path of the temporary beside `path`, trailing slashes ignored. */
static void partial_path(const char *path, struct bytes *partial) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t name = end;
    while (name > 0 && path[name - 1] != '/')
        name--;
    bytes_append(partial, path, name);
    bytes_append_byte(partial, '.');
    bytes_append(partial, path + name, end - name);
    bytes_append_text(partial, ".partial");
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk) {
    (void)status;
    (void)walk;
    return kind == FTW_DP ? rmdir(path) : unlink(path);
}

int directory_remove(const char *path, struct error *error) {
    if (nftw(path, remove_entry, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
        return error_set_system(error, "%s: cannot remove", path);
    return 0;
}

int directory_sync(const char *path, struct error *error) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return error_set_system(error, "%s", path);
    int status = fsync(descriptor);
    /* Some file systems have no fsync of directories; that is not a failure to write. */
    if (status && errno != EINVAL && errno != EROFS)
        error_set_system(error, "%s: fsync", path);
    else
        status = 0;
    close(descriptor);
    return status;
}

int directory_begin(const char *path, struct bytes *partial, struct error *error) {
    partial_path(path, partial);
    const char *temporary = bytes_text(partial);
    if (directory_remove(temporary, error))
        return -1;
    if (mkdir(temporary, 0777))
        return error_set_system(error, "%s", temporary);
    return 0;
}

/* Swaps the two where the file system can; else moves the old away, which leaves a moment without either. */
static int replace(const char *path, const char *partial, struct error *error) {
    if (renameat2(AT_FDCWD, partial, AT_FDCWD, path, RENAME_EXCHANGE) == 0)
        return directory_remove(partial, error);
    if (errno != EINVAL && errno != ENOSYS)
        return error_set_system(error, "%s", path);
    struct bytes old = {0};
    bytes_append_format(&old, "%s.old", partial);
    int status = directory_remove(bytes_text(&old), error);
    if (status == 0 && (rename(path, bytes_text(&old)) || rename(partial, path)))
        status = error_set_system(error, "%s", path);
    if (status == 0)
        status = directory_remove(bytes_text(&old), error);
    bytes_release(&old);
    return status;
}

int directory_commit(const char *path, const char *partial, struct error *error) {
    struct stat existing;
    int status = directory_sync(partial, error);
    if (status == 0 && lstat(path, &existing) == 0)
        status = replace(path, partial, error);
    else if (status == 0 && rename(partial, path))
        status = error_set_system(error, "%s", path);
    if (status == 0)
        status = output_sync_folder(path, error);
    if (status)
        directory_remove(partial, NULL);
    return status;
}
