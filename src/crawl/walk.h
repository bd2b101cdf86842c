/*
 * Operands → the files to read, in order. A folder stands for all files below it, in byte order of their paths, without
 * those whose name begins with a dot.
 */
#ifndef CRAWL_WALK_H
#define CRAWL_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct listed_file {
    char *path;
    uint64_t size; /* of a file found in a folder */
    bool is_asset; /* found in a folder, and by its name what pages are dressed with: style, script, picture, font, film
                    */
};

struct file_list {
    struct listed_file *files;
    size_t count, capacity;
    uint64_t size; /* of all files together; 0 where one is a pipe */
};

/* No operand means "-". The list is released by the caller, also after an error. */
int file_list_fill(struct file_list *list, const char *const *operands, size_t count, struct error *error);
void file_list_release(struct file_list *list);

#endif
