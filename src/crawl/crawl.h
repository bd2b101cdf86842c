/*
 * The run of gpt-crawl: files → entries (one reading thread) → records (workers) → output, in order.
 */
#ifndef CRAWL_CRAWL_H
#define CRAWL_CRAWL_H

#include "base/options.h"
#include "crawl/format.h"

struct crawl {
    const struct crawl_options *options;
    const struct crawl_format *format; /* of --from; NULL: by content */
    const struct common_options *common;
    const char *const *operands;
    size_t operand_count;
};

/* Reads everything, writes records and messages, prints the summary. Returns the exit status. */
int crawl_run(const struct crawl *crawl);

#endif
