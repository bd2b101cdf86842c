/*
 * Posts.xml of a Stack Exchange dump: questions and answers, one <row> each, the body as HTML.
 */
#include "crawl/format.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "crawl/queue.h"
#include "crawl/xml.h"
#include "text/charset.h"

struct posts_reader {
    struct xml_stream *stream;
    struct entry_queue queue;
    uint64_t max_record;
};

static unsigned posts_recognise(struct span start, const char *name) {
    (void)name;
    if (start.size > 1024)
        start.size = 1024;
    return html_contains(start, "<posts>") && html_contains(start, "<?xml") ? 95 : 0;
}

/* Tags are "<a><b>" in most dumps and "|a|b|" in the newest. */
static void append_tags(struct bytes *json, struct span tags) {
    bool any = false;
    for (size_t at = 0; at < tags.size;) {
        size_t end = at;
        while (end < tags.size && !strchr("<>|", tags.data[end]))
            end++;
        if (end > at) {
            bytes_append_byte(json, any ? ',' : '[');
            json_append_string(json, (struct span){tags.data + at, end - at});
            any = true;
        }
        at = end + 1;
    }
    bytes_append_text(json, any ? "]" : "[]");
}

static void set_meta(struct crawl_entry *entry, bool question, const struct xml_attributes *row) {
    struct bytes *meta = &entry->field[FIELD_META];
    struct span tags = xml_attribute(row, "Tags"), accepted = xml_attribute(row, "AcceptedAnswerId");
    bytes_append_text(meta, question ? "{\"type\":\"question\"" : "{\"type\":\"answer\"");
    if (tags.size > 0 && charset_is_utf8(tags)) {
        bytes_append_text(meta, ",\"tags\":");
        append_tags(meta, tags);
    }
    if (accepted.size > 0 && charset_is_utf8(accepted)) {
        bytes_append_text(meta, ",\"accepted\":");
        json_append_string(meta, accepted);
    }
    bytes_append_byte(meta, '}');
}

static void on_row(void *context, const char *name, const struct xml_attributes *row, size_t depth) {
    struct posts_reader *reader = context;
    if (depth != 1 || strcmp(name, "row") != 0)
        return;
    struct crawl_entry *entry = entry_queue_push(&reader->queue);
    entry->position = xml_stream_position(reader->stream);
    struct error damage;
    if (xml_stream_take_damage(reader->stream, &damage)) {
        crawl_break_error(entry, &damage);
        return;
    }
    struct span id = xml_attribute(row, "Id"), type = xml_attribute(row, "PostTypeId"),
                body = xml_attribute(row, "Body");
    bool question = span_is(type, "1");
    if (id.size == 0) {
        crawl_break(entry, entry->position, "a post without an Id");
        return;
    }
    if (!question && !span_is(type, "2")) {
        crawl_skip(entry, "post-type");
        return;
    }
    if (body.size > reader->max_record) {
        crawl_break(entry, entry->position, "a post of %zu bytes is over --max-record", body.size);
        return;
    }
    bytes_append_span(&entry->data, body);
    struct span parent = xml_attribute(row, "ParentId"), user = xml_attribute(row, "OwnerUserId");
    crawl_set(entry, FIELD_ID, id);
    crawl_set(entry, FIELD_THREAD, question || parent.size == 0 ? id : parent);
    if (!question)
        crawl_set(entry, FIELD_PARENT, parent);
    crawl_set(entry, FIELD_AUTHOR, user.size ? user : xml_attribute(row, "OwnerDisplayName"));
    crawl_set(entry, FIELD_TITLE, xml_attribute(row, "Title"));
    crawl_set(entry, FIELD_LICENSE, xml_attribute(row, "ContentLicense"));
    crawl_set_date(entry, xml_attribute(row, "CreationDate"));
    crawl_set_score(entry, xml_attribute(row, "Score"));
    set_meta(entry, question, row);
}

static void on_text(void *context, struct span text) {
    (void)context;
    (void)text;
}

static void on_end(void *context, const char *name, size_t depth) {
    (void)context;
    (void)name;
    (void)depth;
}

static void *posts_open(struct input *input, const struct crawl_options *options) {
    static const struct xml_handlers handlers = {on_row, on_text, on_end};
    struct posts_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->max_record = options->max_record;
    reader->stream = xml_stream_new(input, &handlers, reader, options->max_record);
    return reader;
}

static void posts_close(void *state) {
    struct posts_reader *reader = state;
    xml_stream_free(reader->stream);
    entry_queue_release(&reader->queue);
    free(reader);
}

static int posts_next(void *state, struct crawl_entry *entry, struct error *error) {
    struct posts_reader *reader = state;
    return xml_stream_next_entry(reader->stream, &reader->queue, entry, error);
}

static void posts_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    bytes_append_text(&entry->charset, "utf-8");
    crawl_emit_fragment(entry, converter, span_of_bytes(&entry->data));
}

const struct crawl_format crawl_stackexchange = {
    "stackexchange", "Posts.xml of a Stack Exchange dump", posts_recognise, posts_open, posts_next, posts_close,
    posts_convert};
