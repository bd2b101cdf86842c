/*
 * Finding the files that the programs bring along. Knows no file by name.
 */
#include "base/data_folder.h"

#include <stdbool.h>
#include <unistd.h>

#define PATH_SIZE_MAX 4096

/* True, with the path in *path, where `base` + `folder` holds `name`. */
static bool folder_try(struct bytes *path, struct span base, const char *folder, const char *name) {
    bytes_clear(path);
    bytes_append_span(path, base);
    bytes_append_text(path, folder);
    bytes_append_text(path, name);
    return access(bytes_text(path), R_OK) == 0;
}

int data_folder_find(const char *name, struct bytes *path, struct error *error) {
    char program[PATH_SIZE_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program);
    if (size <= 0 || size == (ssize_t)sizeof program)
        return error_set_system(error, "/proc/self/exe");
    struct span base = {program, (size_t)size};
    bool first = true;
    while (base.size > 0) {
        while (base.size > 0 && base.data[base.size - 1] != '/')
            base.size--;
        if (base.size == 0)
            break;
        if ((first && folder_try(path, base, "../share/gpt-tools/", name)) || folder_try(path, base, "", name))
            return 0;
        first = false;
        base.size--;
    }
    if (folder_try(path, span_of(GPT_DATADIR), "/", name))
        return 0;
    return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "%s was not found beside %.*s", name, (int)size, program);
}
