/*
 * The files that operands name, folders walked. Opens nothing.
 */
#include "crawl/walk.h"

#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/memory.h"

/* A saved site holds more of these than pages, and style sheets and scripts would pass for plain text; so would the
 * indexes beside archives. */
static const char *const ASSETS[] = {
    "css",  "less",  "scss", "js",   "mjs", "map", "wasm", "png",  "jpg",  "jpeg", "jpe", "gif",  "svg",
    "svgz", "webp",  "avif", "ico",  "cur", "bmp", "tif",  "tiff", "xpm",  "xbm",  "eps", "psd",  "woff",
    "ttf",  "woff2", "otf",  "eot",  "mp3", "m4a", "aac",  "ogg",  "oga",  "opus", "wav", "flac", "mp4",
    "m4v",  "cdx",   "cdxj", "webm", "ogv", "avi", "mov",  "mpg",  "mpeg", "wmv",  "flv", "swf"};

static bool is_asset(const char *name) {
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof ASSETS / sizeof ASSETS[0]; i++) {
        if (strcasecmp(dot + 1, ASSETS[i]) == 0)
            return true;
    }
    return false;
}

static void append(struct file_list *list, const char *path, uint64_t size, bool asset) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->files = memory_resize(list->files, list->capacity, sizeof *list->files);
    }
    list->files[list->count++] = (struct listed_file){memory_copy(path, strlen(path)), size, asset};
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk_folder(struct file_list *list, const char *path, struct error *error) {
    char *copy = memory_copy(path, strlen(path));
    char *const roots[] = {copy, NULL};
    FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    int status = walk ? 0 : error_set_system(error, "%s", path);
    for (FTSENT *entry; status == 0 && (errno = 0, entry = fts_read(walk));) {
        if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
            fts_set(walk, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_F) {
            uint64_t size = (uint64_t)entry->fts_statp->st_size;
            append(list, entry->fts_path, size, is_asset(entry->fts_name));
            list->size += size;
        } else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS) {
            errno = entry->fts_errno;
            status = error_set_system(error, "%s", entry->fts_path);
        }
    }
    if (status == 0 && errno != 0)
        status = error_set_system(error, "%s", path);
    if (walk)
        fts_close(walk);
    free(copy);
    return status;
}

int file_list_fill(struct file_list *list, const char *const *operands, size_t count, struct error *error) {
    bool unknown = count == 0;
    if (count == 0)
        append(list, "-", 0, false);
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (strcmp(operands[i], "-") == 0) {
            append(list, operands[i], 0, false);
            unknown = true;
            continue;
        }
        if (stat(operands[i], &status) < 0)
            return error_set_system(error, "%s", operands[i]);
        if (S_ISDIR(status.st_mode)) {
            if (walk_folder(list, operands[i], error) < 0)
                return -1;
            continue;
        }
        append(list, operands[i], 0, false);
        list->size += (uint64_t)status.st_size;
        unknown = unknown || !S_ISREG(status.st_mode);
    }
    if (unknown)
        list->size = 0;
    return 0;
}

void file_list_release(struct file_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->files[i].path);
    free(list->files);
    memset(list, 0, sizeof *list);
}
