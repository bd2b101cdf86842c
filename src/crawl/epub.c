/*
 * EPUB: a book is a document, or each of its pages is. What is in the file is epub_package.c's.
 */
#include "crawl/epub.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "crawl/format.h"
#include "crawl/whole_file.h"

static unsigned epub_recognise(struct span start, const char *name) {
    size_t length = strlen(name);
    if (start.size < 4 || memcmp(start.data, "PK\x03\x04", 4) != 0)
        return 0;
    if (memmem(start.data, start.size < 256 ? start.size : 256, "application/epub+zip", 20))
        return 100;
    if (memmem(start.data, start.size, "META-INF/container.xml", 22))
        return 90;
    return length >= 5 && strcasecmp(name + length - 5, ".epub") == 0 ? 90 : 0;
}

static void take_fields(struct crawl_entry *entry, const struct epub_package *package) {
    struct span license = span_of_bytes(&package->license);
    crawl_set(entry, FIELD_TITLE, span_of_bytes(&package->title));
    crawl_set(entry, FIELD_AUTHOR, span_of_bytes(&package->author));
    crawl_set_lang(entry, span_of_bytes(&package->lang));
    crawl_set_date(entry, span_of_bytes(&package->date));
    /* Rights are mostly a sentence; the field is for an address. */
    if (license.size > 4 && memcmp(license.data, "http", 4) == 0)
        crawl_set(entry, FIELD_LICENSE, license);
}

/* Each page as a document of its own, its path appended to the book's id. */
static void emit_pages(struct crawl_entry *entry, struct crawl_converter *converter,
                       const struct epub_package *package) {
    struct bytes *id = &entry->field[FIELD_ID];
    size_t book = id->size;
    for (size_t i = 0; i < package->page_count && entry->outcome == CRAWL_CONVERTED; i++) {
        const struct epub_page *page = &package->pages[i];
        if (!page->bytes.size || !crawl_extract(entry, converter, span_of_bytes(&page->bytes), true) ||
            !converter->page.text.size)
            continue;
        struct bytes page_id = {0};
        bytes_append_format(&page_id, "%.*s#%s", (int)book, id->data, page->path);
        crawl_set(entry, FIELD_ID, span_of_bytes(&page_id));
        bytes_release(&page_id);
        crawl_emit_document(entry, converter, span_of_bytes(&converter->page.text));
    }
    if (entry->outcome == CRAWL_CONVERTED && entry->documents == 0)
        crawl_skip(entry, "empty");
}

static void emit_book(struct crawl_entry *entry, struct crawl_converter *converter,
                      const struct epub_package *package) {
    bytes_clear(&converter->text);
    for (size_t i = 0; i < package->page_count; i++) {
        if (!package->pages[i].bytes.size)
            continue;
        if (!crawl_extract(entry, converter, span_of_bytes(&package->pages[i].bytes), true))
            return;
        if (converter->text.size && converter->page.text.size)
            bytes_append_text(&converter->text, "\n\n");
        bytes_append_span(&converter->text, span_of_bytes(&converter->page.text));
    }
    crawl_emit_document(entry, converter, span_of_bytes(&converter->text));
}

static void epub_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    entry->xhtml = true;
    struct epub_package package = {0};
    struct error error;
    if (epub_read(&package, span_of_bytes(&entry->data), converter->options->max_record, &error) < 0) {
        crawl_break(entry, entry->position, "%s", error.message);
    } else {
        take_fields(entry, &package);
        if (converter->options->split == SPLIT_CHAPTER)
            emit_pages(entry, converter, &package);
        else
            emit_book(entry, converter, &package);
    }
    epub_package_release(&package);
}

const struct crawl_format crawl_epub = {"epub",          "an EPUB book",   epub_recognise, whole_file_open,
                                        whole_file_next, whole_file_close, epub_convert};
