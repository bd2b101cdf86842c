/*
 * Cutting a MediaWiki export into its pages without reading them: everything in wikitext that looks like a tag is
 * escaped, so tags are found by their first character, and what they hold is left to whoever gets the page.
 */
#ifndef CRAWL_WIKI_DUMP_H
#define CRAWL_WIKI_DUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"

enum wiki_cut {
    WIKI_CUT_WHOLE,
    WIKI_CUT_TOO_LONG, /* what stands before the revision that is over the limit */
    WIKI_CUT_OPEN,     /* another page or the end of all came first */
};

/* A page's XML with its newest revision alone. Zero-initialised is valid. */
struct wiki_raw_page {
    struct bytes xml;
    uint64_t position;    /* of its first byte in the dump */
    uint64_t gap_at, gap; /* so many bytes, of earlier revisions, are left out at this place of xml */
    enum wiki_cut cut;
};

struct wiki_dump;

/* The input is borrowed. max_page: bytes of a page's XML. */
struct wiki_dump *wiki_dump_new(struct input *input, uint64_t max_page);
void wiki_dump_free(struct wiki_dump *dump); /* NULL is allowed */
/* The next page: 1 cut, 0 at the end, -1 error, which is ERROR_DATA where the rest of the dump cannot be read. */
int wiki_dump_next(struct wiki_dump *dump, struct wiki_raw_page *page, struct error *error);
/* True, once, where something stands before the page that was cut last that belongs to all after it: the declaration,
 * the root's tag and <siteinfo>. *head is borrowed until the next page. */
bool wiki_dump_take_head(struct wiki_dump *dump, struct span *head, uint64_t *position);

#endif
