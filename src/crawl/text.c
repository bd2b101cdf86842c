/*
 * Plain text: a document a file, or one for each page (form feed), paragraph or line, in any encoding.
 */
#include "crawl/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "crawl/pieces.h"
#include "text/charset.h"

struct text_reader {
    struct input *input;
    uint64_t max_record;
    int split;
    bool begun;
    struct charset charset; /* of the whole file, where it is split */
};

/* An object with a quoted key, or an array of objects. */
static bool is_json(struct span start) {
    const char *const expected = start.size && start.data[0] == '[' ? "[{" : "{\"";
    size_t matched = 0;
    for (size_t i = 0; i < start.size && matched < 2; i++) {
        if (isspace((unsigned char)start.data[i]))
            continue;
        if (start.data[i] != expected[matched++])
            return false;
    }
    return matched == 2;
}

/* Anything without control characters that no other format claims; JSON and XML of unknown kinds are not prose. */
static unsigned text_recognise(struct span start, const char *name) {
    (void)name;
    if (start.size == 0)
        return 0;
    size_t controls = 0, first = 0;
    for (size_t i = 0; i < start.size; i++) {
        unsigned char byte = (unsigned char)start.data[i];
        if (byte == 0)
            return 0;
        controls += byte < ' ' && !(byte >= '\b' && byte <= '\r') && byte != 0x1B;
    }
    if (controls * 100 > start.size)
        return 0;
    if (start.size >= 3 && memcmp(start.data, "\xEF\xBB\xBF", 3) == 0)
        first = 3;
    while (first < start.size && isspace((unsigned char)start.data[first]))
        first++;
    struct span rest = {start.data + first, start.size - first};
    static const char *const other[] = {"<?xml", "filedesc://", "%PDF"};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        if (rest.size >= strlen(other[i]) && memcmp(rest.data, other[i], strlen(other[i])) == 0)
            return 0;
    }
    return !is_json(rest);
}

/* Markdown is known by the file's name alone, and kept as it is. */
static unsigned markdown_recognise(struct span start, const char *name) {
    const char *dot = strrchr(name, '.');
    bool named = dot && (strcasecmp(dot, ".md") == 0 || strcasecmp(dot, ".markdown") == 0);
    return named && text_recognise(start, name) ? 95 : 0;
}

static void *text_open(struct input *input, const struct crawl_options *options) {
    struct text_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->input = input;
    reader->max_record = options->max_record;
    reader->split = options->split;
    return reader;
}

static bool is_blank(const char *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (!isspace((unsigned char)data[i]))
            return false;
    }
    return true;
}

/* Lines up to an empty one. */
static int read_paragraph(struct text_reader *reader, struct bytes *out, bool *too_long, struct error *error) {
    int status;
    for (;;) {
        size_t before = out->size;
        status = pieces_read_until(reader->input, '\n', reader->max_record, out, too_long, error);
        if (status <= 0)
            return status < 0 ? -1 : out->size > 0;
        if (is_blank(out->data + before, out->size - before) && !*too_long) {
            if (before > 0)
                return 1;
            bytes_clear(out);
        }
        /* A paragraph beyond the limit is passed over to its end line by line. */
        if (*too_long && status > 0 && out->size == before)
            return 1;
    }
}

static int read_piece(struct text_reader *reader, struct bytes *out, bool *too_long, struct error *error) {
    if (reader->split == SPLIT_PARAGRAPH)
        return read_paragraph(reader, out, too_long, error);
    return pieces_read_until(reader->input, reader->split == SPLIT_LINE ? '\n' : '\f', reader->max_record, out,
                             too_long, error);
}

static int begin(struct text_reader *reader, struct error *error) {
    struct span start;
    reader->begun = true;
    if (input_peek(reader->input, (size_t)64 << 10, &start, error) < 0)
        return -1;
    charset_detect(start, &(struct charset_evidence){.is_markup = false}, &reader->charset);
    if (strncmp(reader->charset.name, "UTF-16", 6) == 0 || strncmp(reader->charset.name, "UTF-32", 6) == 0)
        return error_set(error, ERROR_DATA, 0, "text in %s can only be read whole (--split file)",
                         reader->charset.name);
    return 0;
}

static int text_next(void *state, struct crawl_entry *entry, struct error *error) {
    struct text_reader *reader = state;
    if (reader->split == SPLIT_FILE || reader->split == SPLIT_CHAPTER) {
        if (reader->begun)
            return 0;
        reader->begun = true;
        if (input_read_all(reader->input, (size_t)reader->max_record, &entry->data, error) < 0)
            return -1;
        return entry->data.size > 0;
    }
    if (!reader->begun && begin(reader, error) < 0)
        return -1;
    for (;;) {
        bool too_long = false;
        bytes_clear(&entry->data);
        entry->position = input_position(reader->input);
        int status = read_piece(reader, &entry->data, &too_long, error);
        if (status <= 0)
            return status;
        if (too_long)
            crawl_break(entry, entry->position, "a piece of text is over --max-record");
        else if (is_blank(entry->data.data, entry->data.size))
            continue;
        bytes_append_text(&entry->charset, reader->charset.name);
        return 1;
    }
}

static void text_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    crawl_emit_text(entry, converter, span_of_bytes(&entry->data));
}

const struct crawl_format crawl_markdown = {"markdown", "Markdown", markdown_recognise, text_open,
                                            text_next,  free,       text_convert};
const struct crawl_format crawl_text = {"text", "plain text", text_recognise, text_open, text_next, free, text_convert};
