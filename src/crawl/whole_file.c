/* Reads a file as one entry. What is in it is the format's affair. */
#include "crawl/whole_file.h"

#include <stdlib.h>

#include "base/memory.h"

struct whole_file {
    struct input *input;
    uint64_t max_record;
    bool done;
};

void *whole_file_open(struct input *input, const struct crawl_options *options) {
    struct whole_file *file = memory_zeroed(1, sizeof *file);
    file->input = input;
    file->max_record = options->max_record;
    return file;
}

int whole_file_next(void *state, struct crawl_entry *entry, struct error *error) {
    struct whole_file *file = state;
    if (file->done)
        return 0;
    file->done = true;
    if (input_read_all(file->input, (size_t)file->max_record, &entry->data, error) < 0)
        return -1;
    return entry->data.size > 0;
}

void whole_file_close(void *state) {
    free(state);
}
