/*
 * Books as EPUB packs them: a ZIP file whose package document lists the pages and their order.
 */
#ifndef CRAWL_EPUB_H
#define CRAWL_EPUB_H

#include "base/bytes.h"
#include "base/error.h"

/* More pages than any book has. */
#define EPUB_PAGES_MAX 20000

struct epub_page {
    char *path;         /* within the ZIP file */
    struct bytes bytes; /* XHTML; empty where the file lacks the page */
};

struct epub_package {
    struct epub_page *pages; /* in reading order, without the table of contents */
    size_t page_count, page_capacity;
    struct bytes title, author, lang, date, license; /* as the package says; several authors divided by commas */
};

/*
 * Reads the package and its pages from a ZIP file in memory into *package, which was zeroed. Released by the caller,
 * also after an error. ERROR_DATA where the file is no EPUB, is encrypted, or holds more than limit bytes of pages.
 */
int epub_read(struct epub_package *package, struct span zip, uint64_t limit, struct error *error);
void epub_package_release(struct epub_package *package);

#endif
