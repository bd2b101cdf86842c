/* The reader of formats whose entry is the whole file: a page, a book. */
#ifndef CRAWL_WHOLE_FILE_H
#define CRAWL_WHOLE_FILE_H

#include "crawl/format.h"

/* The three functions of struct crawl_format. A file over max_record is an error; an empty one has no entry. */
void *whole_file_open(struct input *input, const struct crawl_options *options);
int whole_file_next(void *state, struct crawl_entry *entry, struct error *error);
void whole_file_close(void *state);

#endif
