/* Reading what is to be scored without a model. It owns the two forms of such files; it knows no metric. */
#include "eval/segments.h"

#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/memory.h"
#include "base/record.h"
#include "text/utf8.h"

#define FILE_LIMIT ((size_t)4 << 30)

void segments_release(struct segments *segments) {
    bytes_release(&segments->text);
    free(segments->items);
    *segments = (struct segments){0};
}

struct span segments_text(const struct segments *segments, size_t index) {
    const struct segment *segment = &segments->items[index];
    return (struct span){segment->size ? segments->text.data + segment->start : "", segment->size};
}

struct span segments_lang(const struct segments *segments, size_t index) {
    const struct segment *segment = &segments->items[index];
    return segment->lang_size ? (struct span){segments->text.data + segment->lang_start, segment->lang_size}
                              : (struct span){0};
}

static void append_segment(struct segments *segments, struct span text, struct span lang) {
    if (segments->count == segments->capacity) {
        segments->capacity = segments->capacity ? 2 * segments->capacity : 256;
        segments->items = memory_resize(segments->items, segments->capacity, sizeof *segments->items);
    }
    struct segment *segment = &segments->items[segments->count++];
    *segment = (struct segment){.start = segments->text.size, .size = text.size, .lang_size = lang.size};
    bytes_append_span(&segments->text, text);
    segment->lang_start = segments->text.size;
    bytes_append_span(&segments->text, lang);
}

static int add_record(struct segments *segments, struct record_parser *parser, struct span line, struct error *error) {
    struct record record;
    if (record_parse(parser, line, &record, error))
        return -1;
    struct span text = record.field[FIELD_TEXT];
    if (record.kind == RECORD_DIALOGUE) {
        size_t count = record.message_count;
        while (count > 0 && record.messages[count - 1].role != ROLE_ASSISTANT)
            count--;
        if (count == 0)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "a dialogue without an assistant's turn");
        text = record.messages[count - 1].content;
    }
    append_segment(segments, text, record.field[FIELD_LANG]);
    return 0;
}

static int add_line(struct segments *segments, struct span line, struct error *error) {
    size_t valid = utf8_valid_prefix(line);
    if (valid < line.size)
        return error_set(error, ERROR_DATA, valid, "not UTF-8");
    append_segment(segments, line, (struct span){0});
    return 0;
}

static int add_lines(struct segments *segments, const char *name, struct span file, struct error *error) {
    bool records = file.size && file.data[0] == '{';
    struct record_parser *parser = record_parser_new();
    unsigned long long number = 0;
    int status = 0;
    while (file.size && status == 0) {
        const char *end = memchr(file.data, '\n', file.size);
        size_t size = end ? (size_t)(end - file.data) : file.size, taken = end ? size + 1 : size;
        struct span line = {file.data, size && file.data[size - 1] == '\r' ? size - 1 : size};
        number++;
        if (!records)
            status = add_line(segments, line, error);
        else if (line.size)
            status = add_record(segments, parser, line, error);
        if (status && error->position != ERROR_NO_POSITION)
            error_prefix(error, "byte %llu: ", (unsigned long long)error->position + 1);
        if (status)
            error_prefix(error, "%s:%llu: ", name, number);
        file.data += taken;
        file.size -= taken;
    }
    record_parser_free(parser);
    return status;
}

int segments_load(struct segments *segments, const char *path, struct error *error) {
    struct bytes file = {0};
    int status = input_load(path, FILE_LIMIT, &file, error);
    struct span text = span_of_bytes(&file);
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0)
        text = (struct span){text.data + 3, text.size - 3};
    if (status == 0)
        status = add_lines(segments, strcmp(path, "-") == 0 ? "stdin" : path, text, error);
    bytes_release(&file);
    return status;
}
