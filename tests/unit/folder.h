/* A folder of its own for each test, and small helpers around it. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "suite.h"

static char folder[PATH_MAX / 2];

static inline void folder_make(void) {
    const char *parent = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/gpt-unit-XXXXXX", parent ? parent : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static inline void folder_remove(void) {
    char command[PATH_MAX];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

/* The path of a file in the folder; from a ring of eight buffers. */
static inline const char *folder_path(const char *name) {
    static char paths[8][PATH_MAX];
    static unsigned turn;
    char *path = paths[turn++ % 8];
    snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return path;
}

static inline size_t folder_count(void) {
    DIR *entries = opendir(folder);
    ck_assert_ptr_nonnull(entries);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(entries));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(entries);
    return count;
}

static inline void file_write(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

/* Appends the file's content. */
static inline void file_read(const char *path, struct bytes *content) {
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "no file %s", path);
    for (size_t got = 1; got;) {
        got = fread(bytes_reserve(content, 65536), 1, 65536, file);
        content->size += got;
    }
    fclose(file);
}

static inline void assert_file(const char *path, const char *expected) {
    struct bytes content = {0};
    file_read(path, &content);
    ck_assert_str_eq(bytes_text(&content), expected);
    bytes_release(&content);
}

static inline void assert_bytes(struct span got, struct span expected) {
    ck_assert_uint_eq(got.size, expected.size);
    ck_assert_msg(span_equal(got, expected), "%zu bytes differ", got.size);
}

#endif
