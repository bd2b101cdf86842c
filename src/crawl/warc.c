/*
 * WARC 1.0 and 1.1, WET among them: what a record's header says, and which records hold pages. How records are found is
 * archive.c's; compression of the file is base/input's; what is in the blocks is archive_payload.c's.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crawl/archive.h"
#include "crawl/http.h"

#define HEADER_MAX ((size_t)64 << 10)

/* "WARC/1.0" and the end of a line. */
static bool warc_is_start(struct span text) {
    if (text.size < 5 || memcmp(text.data, "WARC/", 5) != 0)
        return false;
    size_t at = 5;
    while (at < text.size && (isdigit((unsigned char)text.data[at]) || text.data[at] == '.'))
        at++;
    return at == text.size || (at > 5 && isspace((unsigned char)text.data[at]));
}

static bool warc_begins(struct span start) {
    while (start.size && (*start.data == '\r' || *start.data == '\n')) {
        start.data++;
        start.size--;
    }
    return warc_is_start(start);
}

static unsigned warc_recognise(struct span start, const char *name) {
    (void)name;
    return warc_begins(start) ? 100 : 0;
}

static bool header_is(const struct http_headers *headers, const char *name, const char *value) {
    struct span found = http_header(headers, name);
    return found.data && found.size == strlen(value) && strncasecmp(found.data, value, found.size) == 0;
}

static void take_fields(struct crawl_entry *entry, const struct http_headers *headers) {
    struct span url = http_header(headers, "WARC-Target-URI");
    /* WARC 1.0's grammar had it in angle brackets, and some writers followed. */
    if (url.size > 2 && url.data[0] == '<' && url.data[url.size - 1] == '>') {
        url.data++;
        url.size -= 2;
    }
    crawl_set(entry, FIELD_URL, url);
    crawl_set(entry, FIELD_ID, url);
    crawl_set_date(entry, http_header(headers, "WARC-Date"));
    /* "zho,eng": the main language stands first. */
    crawl_set_lang(entry, http_header(headers, "WARC-Identified-Content-Language"));
}

/* Why a record is of no use, by its headers alone; NULL where it holds a payload, of entry->kind. */
static const char *judge(struct crawl_entry *entry, const struct http_headers *headers) {
    static const char *const other_types[] = {"warcinfo", "request", "metadata", "revisit"};
    struct span type = http_header(headers, "Content-Type");
    bool http = type.data && type.size >= 16 && strncasecmp(type.data, "application/http", 16) == 0;
    bool is_response = header_is(headers, "WARC-Type", "response");
    for (size_t i = 0; i < sizeof other_types / sizeof other_types[0]; i++) {
        if (header_is(headers, "WARC-Type", other_types[i]))
            return other_types[i];
    }
    /* The crawler's log and arguments, as wget keeps them. */
    struct span target = http_header(headers, "WARC-Target-URI");
    size_t bracket = target.size && target.data[0] == '<';
    if (target.size > bracket + 9 && strncasecmp(target.data + bracket, "metadata:", 9) == 0)
        return "metadata";
    if (header_is(headers, "WARC-Segment-Number", "1") || http_header(headers, "WARC-Segment-Origin-ID").data)
        return "segmented";
    if (is_response && (http || !type.data))
        entry->kind = ARCHIVE_RESPONSE;
    else if (is_response || header_is(headers, "WARC-Type", "resource"))
        entry->kind = ARCHIVE_RESOURCE;
    else if (header_is(headers, "WARC-Type", "conversion"))
        entry->kind = ARCHIVE_TEXT;
    else
        return "record-type";
    return NULL;
}

/* Reads the header block at the input's place. 1 read, 0 none there (entry marked as broken), -1 error. */
static int read_head(struct archive_reader *reader, struct crawl_entry *entry, struct bytes *head,
                     struct error *error) {
    struct span view;
    size_t size = 0;
    for (size_t want = 4096; want <= HEADER_MAX && size == 0; want *= 4) {
        if (input_peek(reader->input, want, &view, error) < 0)
            return -1;
        size = http_headers_size(view);
        if (view.size < want)
            break;
    }
    if (size == 0) {
        if (archive_check_damage(reader, view, entry->position, error) < 0)
            return -1;
        crawl_break(entry, entry->position,
                    view.size < HEADER_MAX ? "the input ends within a record's header"
                                           : "a record header without an end");
        /* One byte on, so that the search for the next record does not find this one again. */
        return archive_take(reader->input, 1, NULL, error) < 0 ? -1 : 0;
    }
    return archive_take(reader->input, size, head, error);
}

static int warc_read_record(struct archive_reader *reader, struct crawl_entry *entry, struct error *error) {
    struct bytes head = {0};
    int status = read_head(reader, entry, &head, error);
    struct http_headers headers = {span_of_bytes(&head)};
    uint64_t length;
    if (status <= 0) {
        status = status < 0 ? -1 : 1;
    } else if (!archive_read_length(http_header(&headers, "Content-Length"), &length)) {
        crawl_break(entry, entry->position, "a record without a valid Content-Length");
    } else {
        entry->reason = judge(entry, &headers);
        if (!entry->reason)
            take_fields(entry, &headers);
        else if (reader->verify)
            entry->kind = ARCHIVE_CHECKED;
        else
            crawl_skip(entry, entry->reason);
        if (reader->verify || entry->kind == ARCHIVE_RESOURCE)
            bytes_append_span(&entry->context, headers.lines);
        status = archive_read_block(reader, entry, length, error);
    }
    bytes_release(&head);
    return status;
}

static const struct archive_layout layout = {warc_is_start, 16, "\r\n\r\n", warc_begins, warc_read_record};

static void *warc_open(struct input *input, const struct crawl_options *options) {
    return archive_open(input, options, &layout);
}

static int warc_next(void *reader, struct crawl_entry *entry, struct error *error) {
    return archive_next(reader, entry, error);
}

const struct crawl_format crawl_warc = {"warc",    "WARC and WET", warc_recognise, warc_open,
                                        warc_next, free,           archive_convert};
