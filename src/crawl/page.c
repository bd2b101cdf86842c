/*
 * A file that is one HTML page.
 */
#include "crawl/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crawl/whole_file.h"

#define RECOGNISED_SIZE 4096

static bool ends_with(const char *name, const char *suffix) {
    size_t size = strlen(name), length = strlen(suffix);
    return size >= length && strcasecmp(name + size - length, suffix) == 0;
}

static unsigned page_recognise(struct span start, const char *name) {
    if (start.size > RECOGNISED_SIZE)
        start.size = RECOGNISED_SIZE;
    if (start.size >= 3 && memcmp(start.data, "\xEF\xBB\xBF", 3) == 0) {
        start.data += 3;
        start.size -= 3;
    }
    while (start.size && isspace((unsigned char)*start.data)) {
        start.data++;
        start.size--;
    }
    if (start.size == 0 || *start.data != '<')
        return ends_with(name, ".html") || ends_with(name, ".htm") ? (start.size > 0) * 50 : 0;
    if (html_contains(start, "<!doctype html") || html_contains(start, "<html"))
        return 90;
    if (html_contains(start, "<head") || html_contains(start, "<body") || html_contains(start, "<title"))
        return 70;
    if (start.size >= 5 && memcmp(start.data, "<?xml", 5) == 0)
        return 0;
    return html_contains(start, "<p") || html_contains(start, "<div") ? 60 : 0;
}

static void page_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    crawl_emit_page(entry, converter, span_of_bytes(&entry->data));
}

const struct crawl_format crawl_html = {"html",          "an HTML page",   page_recognise, whole_file_open,
                                        whole_file_next, whole_file_close, page_convert};
