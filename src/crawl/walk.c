/*
 * The files that operands name, folders walked. Opens nothing.
 */
#include "crawl/walk.h"

#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

static void append(struct file_list *list, const char *path) {
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 16;
        list->paths = memory_resize(list->paths, list->capacity, sizeof *list->paths);
    }
    list->paths[list->count++] = memory_copy(path, strlen(path));
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
            append(list, entry->fts_path);
            list->size += (uint64_t)entry->fts_statp->st_size;
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
        append(list, "-");
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (strcmp(operands[i], "-") == 0) {
            append(list, operands[i]);
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
        append(list, operands[i]);
        list->size += (uint64_t)status.st_size;
        unknown = unknown || !S_ISREG(status.st_mode);
    }
    if (unknown)
        list->size = 0;
    return 0;
}

void file_list_release(struct file_list *list) {
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    memset(list, 0, sizeof *list);
}
