/* Owns one temporary file of sorted items. It knows neither the order nor the other runs. */
#include "base/sort_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

#define RUN_BUFFER_SIZE ((size_t)64 << 10)
#define RUN_KEEP_SIZE ((size_t)1 << 20) /* a larger buffer is given back after its item */

struct item_header {
    uint64_t key_size, value_size;
};

struct sort_run {
    FILE *file;
    struct item_header header; /* of the item at hand */
    struct bytes key, value;
    bool ended;
};

static const char *temporary_folder(void) {
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

static int temporary_fail(const char *action, struct error *error) {
    return error_set_system(error, "cannot %s a temporary file in %s", action, temporary_folder());
}

struct sort_run *sort_run_new(struct error *error) {
    struct bytes path = {0};
    bytes_append_format(&path, "%s/gpt-sort-XXXXXX", temporary_folder());
    bytes_text(&path);
    int descriptor = mkostemp(path.data, O_CLOEXEC);
    if (descriptor >= 0)
        unlink(path.data);
    bytes_release(&path);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w+") : NULL;
    if (!file) {
        temporary_fail("create", error);
        if (descriptor >= 0)
            close(descriptor);
        return NULL;
    }
    setvbuf(file, NULL, _IOFBF, RUN_BUFFER_SIZE);
    struct sort_run *run = memory_zeroed(1, sizeof *run);
    run->file = file;
    return run;
}

void sort_run_free(struct sort_run *run) {
    if (!run)
        return;
    fclose(run->file);
    bytes_release(&run->key);
    bytes_release(&run->value);
    free(run);
}

static bool write_span(FILE *file, struct span span) {
    return !span.size || fwrite(span.data, 1, span.size, file) == span.size;
}

int sort_run_write(struct sort_run *run, struct span key, struct span value, struct error *error) {
    struct item_header header = {key.size, value.size};
    if (fwrite(&header, sizeof header, 1, run->file) != 1 || !write_span(run->file, key) ||
        !write_span(run->file, value))
        return temporary_fail("write", error);
    return 0;
}

/* Reads exactly size bytes over what the buffer held; a short file means that somebody else wrote to it. */
static int read_bytes(struct sort_run *run, struct bytes *bytes, uint64_t size, struct error *error) {
    if (bytes->capacity > RUN_KEEP_SIZE)
        bytes_release(bytes);
    bytes_clear(bytes);
    char *target = bytes_reserve(bytes, (size_t)size);
    errno = 0;
    if (fread(target, 1, (size_t)size, run->file) != size)
        return temporary_fail("read", error);
    bytes->size = (size_t)size;
    return 0;
}

static int read_key(struct sort_run *run, struct error *error) {
    if (run->value.capacity > RUN_KEEP_SIZE) /* now, as this run may not be read again for long */
        bytes_release(&run->value);
    errno = 0;
    size_t got = fread(&run->header, 1, sizeof run->header, run->file);
    if (got == 0 && !ferror(run->file)) {
        run->ended = true;
        return 0;
    }
    if (got != sizeof run->header)
        return temporary_fail("read", error);
    return read_bytes(run, &run->key, run->header.key_size, error);
}

int sort_run_rewind(struct sort_run *run, struct error *error) {
    if (fflush(run->file) || fseek(run->file, 0, SEEK_SET))
        return temporary_fail("write", error);
    run->ended = false;
    return read_key(run, error);
}

struct span sort_run_key(const struct sort_run *run) {
    return run->ended ? (struct span){NULL, 0} : span_of_bytes(&run->key);
}

int sort_run_value(struct sort_run *run, struct span *value, struct error *error) {
    if (read_bytes(run, &run->value, run->header.value_size, error) < 0)
        return -1;
    *value = span_of_bytes(&run->value);
    return 0;
}

int sort_run_next(struct sort_run *run, struct error *error) {
    return read_key(run, error);
}
