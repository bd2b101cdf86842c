/*
 * A library for LD_PRELOAD that makes input and output fail as machines do, but when we want it:
 *
 *     FAIL_CALL=NAME   the call that fails: read, write, fsync, close, rename, fread or fwrite
 *     FAIL_AT=N        its Nth use fails, from 1; all others work
 *     FAIL_WITH=WHAT   ENOSPC, EIO or EINTR (the call returns that error), or KILL (the process dies as by kill -9 just
 * before the call) FAIL_MARK=FILE   is created when the failure happened, so that a caller can tell a run that survived
 * it from one that never met it FAIL_SHORT=N     read and write handle at most N bytes at a time
 *
 * Standard error is left alone, and so are descriptors open for reading only when they are closed: nothing can be lost
 * there.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *real_function(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (!function)
        abort();
    return function;
}

static void leave_mark(void) {
    const char *path = getenv("FAIL_MARK");
    int (*real_close)(int) = (int (*)(int))real_function("close");
    int descriptor = path ? open(path, O_WRONLY | O_CREAT, 0666) : -1;
    if (descriptor >= 0)
        real_close(descriptor);
}

/* Counts a use of the call. True where this one has to fail; errno is then set. */
static bool fails(const char *call) {
    static atomic_ulong uses;
    const char *name = getenv("FAIL_CALL"), *at = getenv("FAIL_AT"), *with = getenv("FAIL_WITH");
    if (!name || !at || !with || strcmp(name, call) != 0 || atomic_fetch_add(&uses, 1) + 1 != strtoul(at, NULL, 10))
        return false;
    leave_mark();
    if (strcmp(with, "KILL") == 0)
        raise(SIGKILL);
    errno = strcmp(with, "ENOSPC") == 0 ? ENOSPC : strcmp(with, "EINTR") == 0 ? EINTR : EIO;
    return true;
}

static size_t shorten(size_t size) {
    const char *most = getenv("FAIL_SHORT");
    size_t limit = most ? strtoul(most, NULL, 10) : 0;
    return limit && size > limit ? limit : size;
}

ssize_t read(int descriptor, void *buffer, size_t size) {
    ssize_t (*real)(int, void *, size_t) = (ssize_t(*)(int, void *, size_t))real_function("read");
    return fails("read") ? -1 : real(descriptor, buffer, shorten(size));
}

ssize_t write(int descriptor, const void *data, size_t size) {
    ssize_t (*real)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))real_function("write");
    if (descriptor == STDERR_FILENO)
        return real(descriptor, data, size);
    return fails("write") ? -1 : real(descriptor, data, shorten(size));
}

int fsync(int descriptor) {
    int (*real)(int) = (int (*)(int))real_function("fsync");
    return fails("fsync") ? -1 : real(descriptor);
}

int rename(const char *old, const char *new) {
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))real_function("rename");
    return fails("rename") ? -1 : real(old, new);
}

/* A close that fails has closed nevertheless, as on Linux. */
int close(int descriptor) {
    int (*real)(int) = (int (*)(int))real_function("close");
    int flags = fcntl(descriptor, F_GETFL);
    bool writes = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && descriptor != STDERR_FILENO;
    if (!writes || !fails("close"))
        return real(descriptor);
    int number = errno;
    real(descriptor);
    errno = number;
    return -1;
}

/* What a stream's function does when the system fails it. glibc has no call that sets the flag that ferror shows. */
static size_t fail_stream(FILE *file) {
    file->_flags |= 0x20; /* _IO_ERR_SEEN */
    return 0;
}

size_t fread(void *buffer, size_t size, size_t count, FILE *file) {
    size_t (*real)(void *, size_t, size_t, FILE *) = (size_t(*)(void *, size_t, size_t, FILE *))real_function("fread");
    return fails("fread") ? fail_stream(file) : real(buffer, size, count, file);
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *file) {
    size_t (*real)(const void *, size_t, size_t, FILE *) =
        (size_t(*)(const void *, size_t, size_t, FILE *))real_function("fwrite");
    return file != stderr && fails("fwrite") ? fail_stream(file) : real(data, size, count, file);
}
