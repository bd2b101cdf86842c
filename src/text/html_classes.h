/*
 * The distinct values of class attributes on a page, numbered: many elements share few, and what is to be known of one
 * is found once.
 */
#ifndef TEXT_HTML_CLASSES_H
#define TEXT_HTML_CLASSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Zero-initialised is valid and empty. Number 0 is that of elements without a class. */
struct html_classes {
    struct span *names; /* of each number, borrowed; names[0] is absent */
    uint64_t *hashes;
    uint32_t *slots; /* numbers; a power of two, open addressing */
    size_t count, capacity;
};

uint32_t html_classes_number(struct html_classes *classes, struct span name);
void html_classes_release(struct html_classes *classes);

#endif
