/*
 * WARC 1.0 and 1.1, WET among them: reads record after record, leaves what holds no page, and turns responses,
 * resources and conversions into documents. Compression of the file is base/input's; HTTP is http.c's.
 */
#include "crawl/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "crawl/http.h"

#define HEADER_MAX ((size_t)64 << 10)

enum kind { KIND_RESPONSE, KIND_RESOURCE, KIND_CONVERSION };

struct warc_reader {
    struct input *input;
    uint64_t max_record;
    bool lost; /* the last record was broken, so that what lies before the next one belongs to it */
};

static unsigned warc_recognise(struct span start, const char *name) {
    (void)name;
    while (start.size && (*start.data == '\r' || *start.data == '\n')) {
        start.data++;
        start.size--;
    }
    return start.size >= 5 && memcmp(start.data, "WARC/", 5) == 0 ? 100 : 0;
}

static void *warc_open(struct input *input, const struct crawl_options *options) {
    struct warc_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->input = input;
    reader->max_record = options->max_record;
    return reader;
}

/* Reads `size` bytes into sink, or past them where sink is NULL. 1 done, 0 the input ended before, -1 error. */
static int read_exactly(struct input *input, uint64_t size, struct bytes *sink, struct error *error) {
    char scratch[16384];
    while (size > 0) {
        size_t step = sink ? (size_t)1 << 20 : sizeof scratch;
        if (step > size)
            step = (size_t)size;
        ssize_t got = input_read(input, sink ? bytes_reserve(sink, step) : scratch, step, error);
        if (got < 0)
            return -1;
        if (sink)
            sink->size += (size_t)got;
        /* A short count may come before an error as well as before the end. */
        if ((size_t)got < step)
            return input_read(input, scratch, 1, error) < 0 ? -1 : 0;
        size -= (uint64_t)got;
    }
    return 1;
}

/* Goes to the next place that may be a record's start: a line that begins with "WARC/". 1 found, 0 end, -1 error. */
static int find_record(struct input *input, bool *skipped, struct error *error) {
    *skipped = false;
    bool line_start = true;
    for (;;) {
        struct span view;
        if (input_peek(input, 4096, &view, error) < 0)
            return -1;
        if (view.size == 0)
            return 0;
        size_t at = 0;
        for (; at < view.size; at++) {
            if (line_start && view.data[at] == 'W') {
                if (view.size - at >= 5 && memcmp(view.data + at, "WARC/", 5) == 0)
                    return read_exactly(input, at, NULL, error) < 0 ? -1 : 1;
                /* The word may go on beyond the view, except where the view is all there is. */
                if (view.size - at < 5 && at > 0)
                    break;
            }
            line_start = view.data[at] == '\n';
            if (view.data[at] != '\n' && view.data[at] != '\r')
                *skipped = true;
        }
        if (read_exactly(input, at, NULL, error) < 0)
            return -1;
    }
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

/* Decides from the record's headers whether its block is wanted. */
static bool wants_block(struct crawl_entry *entry, const struct http_headers *headers) {
    struct span type = http_header(headers, "Content-Type");
    bool http = type.data && type.size >= 16 && strncasecmp(type.data, "application/http", 16) == 0;
    if (header_is(headers, "WARC-Type", "response") && (http || !type.data)) {
        entry->kind = KIND_RESPONSE;
    } else if (header_is(headers, "WARC-Type", "resource") || header_is(headers, "WARC-Type", "response")) {
        entry->kind = KIND_RESOURCE;
        bytes_append_span(&entry->context, type);
    } else if (header_is(headers, "WARC-Type", "conversion")) {
        entry->kind = KIND_CONVERSION;
    } else {
        crawl_skip(entry, "record-type");
        return false;
    }
    if (header_is(headers, "WARC-Segment-Number", "1") || http_header(headers, "WARC-Segment-Origin-ID").data) {
        crawl_skip(entry, "segmented");
        return false;
    }
    return true;
}

static bool read_length(struct span text, uint64_t *length) {
    *length = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!isdigit((unsigned char)text.data[i]) || *length > UINT64_MAX / 16)
            return false;
        *length = *length * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0;
}

/* Reads the header block at the input's place. 1 read, 0 none there (entry marked as broken), -1 error. */
static int read_head(struct warc_reader *reader, struct crawl_entry *entry, struct bytes *head, struct error *error) {
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
        crawl_break(entry, entry->position,
                    view.size < HEADER_MAX ? "the input ends within a record's header"
                                           : "a record header without an end");
        /* One byte on, so that the search for the next record does not find this one again. */
        return read_exactly(reader->input, 1, NULL, error) < 0 ? -1 : 0;
    }
    return read_exactly(reader->input, size, head, error);
}

/* After the block: 1 where a record or the end follows, 0 where something else does. */
static int check_boundary(struct warc_reader *reader, struct error *error) {
    struct span view;
    size_t want = 16;
    for (;;) {
        if (input_peek(reader->input, want, &view, error) < 0)
            return -1;
        size_t at = 0;
        while (at < view.size && (view.data[at] == '\r' || view.data[at] == '\n'))
            at++;
        if (at == view.size && view.size >= want && want < 4096) {
            want *= 2;
            continue;
        }
        return at == view.size || (view.size - at >= 5 && memcmp(view.data + at, "WARC/", 5) == 0) ||
               view.size - at < 5;
    }
}

static int read_record(struct warc_reader *reader, struct crawl_entry *entry, struct bytes *head, struct error *error) {
    entry->position = input_position(reader->input);
    int status = read_head(reader, entry, head, error);
    if (status <= 0)
        return status < 0 ? -1 : 1;
    struct http_headers headers = {span_of_bytes(head)};
    uint64_t length;
    if (!read_length(http_header(&headers, "Content-Length"), &length)) {
        crawl_break(entry, entry->position, "a record without a valid Content-Length");
        return 1;
    }
    bool wanted = wants_block(entry, &headers);
    if (wanted && length > reader->max_record) {
        crawl_break(entry, entry->position, "a record of %llu bytes is over --max-record", (unsigned long long)length);
        wanted = false;
    }
    if (wanted)
        take_fields(entry, &headers);
    status = read_exactly(reader->input, length, wanted ? &entry->data : NULL, error);
    if (status < 0)
        return -1;
    if (status == 0) {
        crawl_break(entry, entry->position, "the input ends within a record");
        return 1;
    }
    status = check_boundary(reader, error);
    /* Damage right after a whole record is the next call's to report. */
    if (status == 0 && entry->outcome == CRAWL_CONVERTED)
        crawl_break(entry, entry->position, "the record is not %llu bytes long, as its header says",
                    (unsigned long long)length);
    return 1;
}

static int warc_next(void *state, struct crawl_entry *entry, struct error *error) {
    struct warc_reader *reader = state;
    bool skipped;
    uint64_t before = input_position(reader->input);
    int status = find_record(reader->input, &skipped, error);
    if (status < 0)
        return -1;
    bool lost = reader->lost;
    reader->lost = false;
    if (skipped && !lost) {
        entry->position = before;
        crawl_break(entry, before, "%llu bytes between records are no record",
                    (unsigned long long)(input_position(reader->input) - before));
        return 1;
    }
    if (status == 0)
        return 0;
    struct bytes head = {0};
    status = read_record(reader, entry, &head, error);
    bytes_release(&head);
    reader->lost = entry->outcome == CRAWL_BROKEN;
    return status;
}

static bool is_page_type(const char *type) {
    return strcmp(type, "text/html") == 0 || strcmp(type, "application/xhtml+xml") == 0;
}

/* A payload of the given media type, or judged by its first bytes where none is given. */
static void convert_payload(struct crawl_entry *entry, struct crawl_converter *converter, struct span content_type,
                            struct span body) {
    char type[64];
    struct span charset;
    http_media_type(content_type, type, sizeof type, &charset);
    bytes_clear(&entry->charset);
    bytes_append_span(&entry->charset, charset);
    bool page = is_page_type(type);
    if (*type == '\0')
        page = crawl_html.recognise((struct span){body.data, body.size < HEADER_MAX ? body.size : HEADER_MAX}, "") > 0;
    if (page)
        crawl_emit_page(entry, converter, body);
    else if (strcmp(type, "text/plain") == 0)
        crawl_emit_text(entry, converter, body);
    else
        crawl_skip(entry, "not-html");
}

static void convert_response(struct crawl_entry *entry, struct crawl_converter *converter) {
    struct http_message message;
    struct error error;
    if (http_parse_response(span_of_bytes(&entry->data), &message, &error) < 0) {
        crawl_break(entry, entry->position, "%s", error.message);
        return;
    }
    if (message.status != 200) {
        crawl_skip(entry, "status");
        return;
    }
    char type[64];
    struct span charset, content_type = http_header(&message.headers, "content-type");
    http_media_type(content_type, type, sizeof type, &charset);
    if (*type && !is_page_type(type) && strcmp(type, "text/plain") != 0) {
        crawl_skip(entry, "not-html");
        return;
    }
    struct bytes scratch[2] = {{0}, {0}};
    struct span body;
    if (http_decode_body(&message, converter->options->max_record, scratch, &body, &error) < 0)
        crawl_break(entry, entry->position, "%s", error.message);
    else
        convert_payload(entry, converter, content_type, body);
    bytes_release(&scratch[0]);
    bytes_release(&scratch[1]);
}

static void warc_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    if (entry->kind == KIND_RESPONSE)
        convert_response(entry, converter);
    else if (entry->kind == KIND_RESOURCE)
        convert_payload(entry, converter, span_of_bytes(&entry->context), span_of_bytes(&entry->data));
    else
        crawl_emit_text(entry, converter, span_of_bytes(&entry->data));
}

const struct crawl_format crawl_warc = {"warc",    "WARC and WET", warc_recognise, warc_open,
                                        warc_next, free,           warc_convert};
