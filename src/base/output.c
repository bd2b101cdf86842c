/*
 * Output streams. Owns where the bytes go (a temporary beside the target, or in place), buffering and the order of the
 * last steps; compression is in compress.c, the temporaries are in temporary.c, and nothing here knows of records.
 */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compress.h"
#include "base/memory.h"
#include "base/temporary.h"

#define BUFFER_SIZE ((size_t)256 << 10)
#define SYMLINKS_MAX 40

struct output {
    char *name;                  /* for messages */
    char *target;                /* what the temporary is renamed onto, symlinks followed; NULL in place */
    struct temporary *temporary; /* NULL in place */
    int descriptor;
    char *buffer; /* BUFFER_SIZE bytes, uncompressed: the compressor always sees the same cuts */
    size_t used;
    struct compressor *compressor; /* NULL for plain output */
    char *encoded;                 /* BUFFER_SIZE bytes; NULL for plain output */
    struct error failure;          /* the first one; nothing is written after it */
};

/* "/dev/stdout" and its kind: the descriptor that this path stands for, else -1. */
static int path_descriptor(const char *path) {
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t size = strlen(folders[i]);
        char *end;
        if (strncmp(path, folders[i], size) == 0 && path[size] >= '0' && path[size] <= '9') {
            unsigned long number = strtoul(path + size, &end, 10);
            return *end || number > INT_MAX ? -1 : (int)number;
        }
    }
    return -1;
}

/*
 * Follows the symlinks that path itself is, into path; those among its folders are the kernel's. Stops at a name that
 * stands for a descriptor.
 */
static int follow_symlinks(char path[PATH_MAX]) {
    for (int followed = 0; path_descriptor(path) < 0; followed++) {
        char link[PATH_MAX];
        ssize_t size = readlink(path, link, sizeof link - 1);
        if (size < 0)
            return errno == EINVAL || errno == ENOENT ? 0 : -1; /* no symlink, or nothing there yet */
        link[size] = '\0';
        char *slash = strrchr(path, '/');
        size_t folder = link[0] != '/' && slash ? (size_t)(slash + 1 - path) : 0;
        if (folder + (size_t)size >= PATH_MAX || followed == SYMLINKS_MAX) {
            errno = followed == SYMLINKS_MAX ? ELOOP : ENAMETOOLONG;
            return -1;
        }
        memcpy(path + folder, link, (size_t)size + 1);
    }
    return 0;
}

/* Opens a temporary for a regular file that exists (whose mode is kept) or does not exist yet. */
static int open_beside(struct output *output, const char *target, const struct stat *old, struct error *error) {
    if (old && access(target, W_OK))
        return error_set_system(error, "cannot write %s", output->name);
    output->descriptor = temporary_create(&output->temporary, target, error);
    if (output->descriptor < 0)
        return -1;
    if (old && fchmod(output->descriptor, old->st_mode & 0777))
        return error_set_system(error, "cannot set the mode of %s", output->name);
    output->target = memory_copy(target, strlen(target));
    return 0;
}

static int open_target(struct output *output, const char *path, struct error *error) {
    char target[PATH_MAX];
    struct stat status;
    if (strlen(path) >= sizeof target) {
        errno = ENAMETOOLONG;
        return error_set_system(error, "cannot write %s", output->name);
    }
    strcpy(target, path);
    if (follow_symlinks(target))
        return error_set_system(error, "cannot write %s", output->name);
    int copied = path_descriptor(target);
    if (copied >= 0) {
        output->descriptor = fcntl(copied, F_DUPFD_CLOEXEC, 0);
    } else {
        bool exists = stat(target, &status) == 0;
        if (!exists && errno != ENOENT)
            return error_set_system(error, "cannot write %s", output->name);
        if (!exists || S_ISREG(status.st_mode))
            return open_beside(output, target, exists ? &status : NULL, error);
        output->descriptor = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    }
    return output->descriptor < 0 ? error_set_system(error, "cannot write %s", output->name) : 0;
}

/* The folder that path stands in; the caller frees it. */
static char *output_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) : 0;
    return slash ? memory_copy(path, size ? size : 1) : memory_copy(".", 1);
}

int output_open(struct output **result, const char *path, struct error *error) {
    bool is_stdout = !path || strcmp(path, "-") == 0;
    const char *name = is_stdout ? "stdout" : path;
    struct output *output = memory_zeroed(1, sizeof *output);
    *result = NULL;
    output->name = memory_copy(name, strlen(name));
    output->descriptor = -1;
    if (open_target(output, is_stdout ? "/dev/stdout" : path, error)) {
        output_abort(output);
        return -1;
    }
    output->buffer = memory_allocate(BUFFER_SIZE);
    output->compressor = is_stdout ? NULL : compressor_for_name(path);
    if (output->compressor)
        output->encoded = memory_allocate(BUFFER_SIZE);
    *result = output;
    return 0;
}

/* Whether two paths name one entry of one folder. */
static bool same_entry(const char *a, const char *b) {
    const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');
    if (strcmp(slash_a ? slash_a + 1 : a, slash_b ? slash_b + 1 : b) != 0)
        return false;
    char *folder_a = output_folder(a), *folder_b = output_folder(b);
    struct stat of_a, of_b;
    bool same = stat(folder_a, &of_a) == 0 && stat(folder_b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
                of_a.st_ino == of_b.st_ino;
    free(folder_a);
    free(folder_b);
    return same;
}

bool output_is_same(const struct output *a, const struct output *b) {
    if (a->target && b->target)
        return same_entry(a->target, b->target);
    /* One in place: the file that is open there. Two in place are the caller's, as in "2>&1". */
    const struct output *named = a->target ? a : b, *open = a->target ? b : a;
    struct stat of_named, of_open;
    return named->target && stat(named->target, &of_named) == 0 && fstat(open->descriptor, &of_open) == 0 &&
           of_named.st_dev == of_open.st_dev && of_named.st_ino == of_open.st_ino;
}

static int report_failure(const struct output *output, struct error *error) {
    if (error)
        *error = output->failure;
    return -1;
}

/* write(2) of everything: waits out signals, full pipes set to non-blocking, and short counts. */
static int write_all(struct output *output, const char *data, size_t size) {
    while (size) {
        ssize_t put = write(output->descriptor, data, size);
        if (put >= 0) {
            data += put;
            size -= (size_t)put;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            struct pollfd wait = {.fd = output->descriptor, .events = POLLOUT};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return error_set_system(&output->failure, "cannot write %s", output->name);
        }
    }
    return 0;
}

/* Hands the buffer on, through the compressor if there is one. */
static int drain(struct output *output, enum compressor_step step) {
    struct span rest = {output->buffer, output->used};
    output->used = 0;
    if (!output->compressor)
        return write_all(output, rest.data, rest.size);
    for (bool done = false; !done;) {
        size_t written;
        done = compressor_run(output->compressor, &rest, step, output->encoded, BUFFER_SIZE, &written);
        if (write_all(output, output->encoded, written))
            return -1;
    }
    return 0;
}

int output_write(struct output *output, const void *data, size_t size, struct error *error) {
    if (output->failure.code)
        return report_failure(output, error);
    const char *from = data;
    while (size) {
        if (!output->used && size >= BUFFER_SIZE && !output->compressor)
            return write_all(output, from, size) ? report_failure(output, error) : 0;
        size_t room = BUFFER_SIZE - output->used;
        size_t step = size < room ? size : room;
        memcpy(output->buffer + output->used, from, step);
        output->used += step;
        from += step;
        size -= step;
        if (output->used == BUFFER_SIZE && drain(output, COMPRESSOR_CONTINUE))
            return report_failure(output, error);
    }
    return 0;
}

int output_flush(struct output *output, struct error *error) {
    if (output->failure.code || drain(output, COMPRESSOR_FLUSH))
        return report_failure(output, error);
    return 0;
}

/* Some file systems have no fsync; that they refuse it is no lost data. */
static int sync_descriptor(int descriptor) {
    while (fsync(descriptor)) {
        if (errno == EINVAL || errno == ENOTSUP)
            return 0;
        if (errno != EINTR)
            return -1;
    }
    return 0;
}

int output_sync_folder(const char *path, struct error *error) {
    char *folder = output_folder(path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = 0;
    if (descriptor < 0 || sync_descriptor(descriptor))
        result = error_set_system(error, "cannot sync the folder of %s", path);
    if (descriptor >= 0)
        close(descriptor);
    free(folder);
    return result;
}

static int close_descriptor(struct output *output) {
    int descriptor = output->descriptor;
    output->descriptor = -1;
    /* After EINTR Linux has closed it. */
    if (close(descriptor) && errno != EINTR)
        return error_set_system(&output->failure, "cannot close %s", output->name);
    return 0;
}

/* The last steps, in the order that makes a crash at any point leave the old file or the new one, whole. */
static int finish(struct output *output) {
    if (output->failure.code || drain(output, COMPRESSOR_END))
        return -1;
    if (output->temporary && sync_descriptor(output->descriptor))
        return error_set_system(&output->failure, "cannot sync %s", output->name);
    if (close_descriptor(output))
        return -1;
    if (!output->temporary)
        return 0;
    struct temporary *temporary = output->temporary;
    output->temporary = NULL;
    if (temporary_rename(temporary, output->target))
        return error_set_system(&output->failure, "cannot rename onto %s", output->name);
    return output_sync_folder(output->target, &output->failure);
}

int output_close(struct output *output, struct error *error) {
    int result = finish(output) ? report_failure(output, error) : 0;
    output_abort(output);
    return result;
}

void output_abort(struct output *output) {
    if (!output)
        return;
    if (output->temporary)
        temporary_remove(output->temporary);
    if (output->descriptor >= 0)
        close(output->descriptor);
    compressor_free(output->compressor);
    free(output->encoded);
    free(output->buffer);
    free(output->target);
    free(output->name);
    free(output);
}

void output_remove_temporaries(void) {
    temporary_remove_all();
}

int output_save(const char *path, struct span content, struct error *error) {
    struct output *output;
    if (output_open(&output, path, error))
        return -1;
    if (output_write(output, content.data, content.size, error)) {
        output_abort(output);
        return -1;
    }
    return output_close(output, error);
}
