/*
 * ARC, the Internet Archive's format before WARC: what the one line before each block says. How records are found is
 * archive.c's, what is in the blocks archive_payload.c's.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "crawl/archive.h"

#define LINE_MAX_SIZE ((size_t)8 << 10)
/* Fields after the address, which may hold spaces: version 1 has IP-address, date, type and length; version 2 puts
 * result code, checksum, location, offset and file name before the length. */
#define FIELDS_V1 4
#define FIELDS_V2 9

struct arc_header {
    struct span url, date, type, length;
};

static bool is_date(struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        if (!isdigit((unsigned char)text.data[i]))
            return false;
    }
    return text.size >= 8 && text.size <= 18;
}

/* 192.0.2.1, 2001:db8::1, 0.0.0.0; "-" where the writer did not know. */
static bool is_address(struct span text) {
    bool mark = false;
    for (size_t i = 0; i < text.size; i++) {
        char character = text.data[i];
        mark = mark || character == '.' || character == ':';
        if (!isxdigit((unsigned char)character) && character != '.' && character != ':')
            return text.size == 1 && character == '-';
    }
    return mark;
}

/* A name of a scheme and a colon. */
static bool has_scheme(struct span url) {
    size_t at = 0;
    while (at < url.size && (isalnum((unsigned char)url.data[at]) || memchr("+-.", url.data[at], 3)))
        at++;
    return at > 0 && at < url.size && isalpha((unsigned char)url.data[0]) && url.data[at] == ':';
}

static bool split_line(struct span line, size_t fields, struct arc_header *header) {
    struct span field[FIELDS_V2];
    size_t end = line.size;
    for (size_t i = fields; i-- > 0;) {
        const char *space = memrchr(line.data, ' ', end);
        if (!space)
            return false;
        size_t start = (size_t)(space - line.data) + 1;
        field[i] = (struct span){line.data + start, end - start};
        end = start - 1;
    }
    *header = (struct arc_header){{line.data, end}, field[1], field[2], field[fields - 1]};
    return is_address(field[0]) && is_date(header->date) && has_scheme(header->url);
}

static struct span first_line(struct span text) {
    const char *newline = memchr(text.data, '\n', text.size < LINE_MAX_SIZE ? text.size : LINE_MAX_SIZE);
    struct span line = {text.data, newline ? (size_t)(newline - text.data) : 0};
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static bool parse_line(struct span line, struct arc_header *header) {
    return split_line(line, FIELDS_V1, header) || split_line(line, FIELDS_V2, header);
}

static bool arc_is_start(struct span text) {
    struct arc_header header;
    return text.size && isalpha((unsigned char)text.data[0]) && parse_line(first_line(text), &header);
}

static bool arc_begins(struct span start) {
    while (start.size && (*start.data == '\r' || *start.data == '\n')) {
        start.data++;
        start.size--;
    }
    return arc_is_start(start);
}

static unsigned arc_recognise(struct span start, const char *name) {
    (void)name;
    return start.size >= 11 && memcmp(start.data, "filedesc://", 11) == 0 ? 100 : arc_begins(start) ? 80 : 0;
}

static bool has_prefix(struct span text, const char *prefix) {
    return text.size >= strlen(prefix) && strncasecmp(text.data, prefix, strlen(prefix)) == 0;
}

/* Decides what the block is, and takes the fields from the line. */
static void judge(struct crawl_entry *entry, const struct arc_header *header) {
    if (has_prefix(header->url, "filedesc:")) {
        crawl_skip(entry, "filedesc");
        return;
    }
    if (has_prefix(header->url, "dns:")) {
        crawl_skip(entry, "dns");
        return;
    }
    entry->kind = has_prefix(header->url, "http") ? ARCHIVE_RESPONSE : ARCHIVE_RESOURCE;
    if (entry->kind == ARCHIVE_RESOURCE)
        bytes_append_format(&entry->context, "Content-Type: %.*s\n", (int)header->type.size, header->type.data);
    crawl_set(entry, FIELD_URL, header->url);
    crawl_set(entry, FIELD_ID, header->url);
    char date[24];
    if (header->date.size >= 14) {
        const char *digits = header->date.data;
        snprintf(date, sizeof date, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", digits, digits + 4, digits + 6, digits + 8,
                 digits + 10, digits + 12);
        crawl_set_date(entry, span_of(date));
    }
}

static int arc_read_record(struct archive_reader *reader, struct crawl_entry *entry, struct error *error) {
    struct span view;
    struct arc_header header;
    uint64_t length;
    struct bytes line = {0};
    if (input_peek(reader->input, LINE_MAX_SIZE, &view, error) < 0)
        return -1;
    size_t size = (size_t)((const char *)memchr(view.data, '\n', view.size) - view.data) + 1;
    int status = archive_take(reader->input, size, &line, error);
    if (status > 0 && parse_line(first_line(span_of_bytes(&line)), &header)) {
        if (archive_read_length(header.length, &length)) {
            judge(entry, &header);
            status = archive_read_block(reader, entry, length, error);
        } else {
            crawl_break(entry, entry->position, "an ARC header without a valid length");
        }
    }
    bytes_release(&line);
    return status < 0 ? -1 : 1;
}

static const struct archive_layout layout = {arc_is_start, LINE_MAX_SIZE, NULL, arc_begins, arc_read_record};

static void *arc_open(struct input *input, const struct crawl_options *options) {
    return archive_open(input, options, &layout);
}

static int arc_next(void *reader, struct crawl_entry *entry, struct error *error) {
    return archive_next(reader, entry, error);
}

const struct crawl_format crawl_arc = {"arc", "ARC", arc_recognise, arc_open, arc_next, free, archive_convert};
