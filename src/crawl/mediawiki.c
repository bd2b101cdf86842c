/*
 * MediaWiki's XML export, versions 0.3 to 0.11: one document for each article, made of its newest revision's wikitext.
 */
#include "crawl/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "crawl/queue.h"
#include "crawl/talk.h"
#include "crawl/xml.h"
#include "text/charset.h"
#include "text/wikitext.h"

#define TITLE_MAX 4096

/* What an entry is: its `kind`. */
enum wiki_page { WIKI_ARTICLE, WIKI_TALK };

struct wiki_space {
    char *number, *name;
};

struct wiki_reader {
    struct xml_stream *stream;
    struct entry_queue queue;
    const struct crawl_options *options;
    struct bytes base, lang;
    struct wiki_space *spaces; /* of <namespaces> */
    size_t space_count;
    struct bytes file_names; /* local names of the spaces whose links are no text, one a line */
    struct bytes user_names; /* of those whose links sign comments: User, User talk, Special */
    /* The page being read. */
    uint64_t position;
    struct bytes title, space, page_id, revision_id, time, model, text;
    bool redirect, too_long, in_text;
    struct bytes *sink; /* where the current element's characters go; NULL: nowhere */
};

static unsigned wiki_recognise(struct span start, const char *name) {
    (void)name;
    if (start.size > 2048)
        start.size = 2048;
    return html_contains(start, "<mediawiki") ? 95 : 0;
}

static bool name_is(const char *name, const char *other) {
    return strcmp(name, other) == 0;
}

static void begin_page(struct wiki_reader *reader) {
    reader->position = xml_stream_position(reader->stream);
    bytes_clear(&reader->title);
    bytes_clear(&reader->space);
    bytes_clear(&reader->page_id);
    bytes_clear(&reader->revision_id);
    bytes_clear(&reader->time);
    bytes_clear(&reader->model);
    bytes_release(&reader->text);
    reader->redirect = reader->too_long = false;
}

/* A later revision takes the place of the one before. */
static void begin_revision(struct wiki_reader *reader) {
    bytes_clear(&reader->revision_id);
    bytes_clear(&reader->time);
    bytes_clear(&reader->model);
    bytes_clear(&reader->text);
    reader->too_long = false;
}

static void on_start(void *context, const char *name, const struct xml_attributes *attributes, size_t depth) {
    struct wiki_reader *reader = context;
    reader->sink = NULL;
    reader->in_text = false;
    if (depth == 0) {
        bytes_append_span(&reader->lang, xml_attribute(attributes, "lang"));
    } else if (depth == 1 && name_is(name, "page")) {
        begin_page(reader);
    } else if (depth == 2) {
        reader->redirect = reader->redirect || name_is(name, "redirect");
        reader->sink = name_is(name, "base")    ? &reader->base
                       : name_is(name, "title") ? &reader->title
                       : name_is(name, "ns")    ? &reader->space
                       : name_is(name, "id")    ? &reader->page_id
                                                : NULL;
        if (name_is(name, "revision"))
            begin_revision(reader);
    } else if (depth == 3 && name_is(name, "namespace")) {
        struct span key = xml_attribute(attributes, "key");
        reader->spaces = memory_resize(reader->spaces, reader->space_count + 1, sizeof *reader->spaces);
        reader->spaces[reader->space_count++] =
            (struct wiki_space){memory_copy(key.data ? key.data : "", key.size), NULL};
        bytes_clear(&reader->text);
        reader->sink = &reader->text;
    } else if (depth == 3) {
        reader->in_text = name_is(name, "text");
        reader->sink = reader->in_text              ? &reader->text
                       : name_is(name, "timestamp") ? &reader->time
                       : name_is(name, "model")     ? &reader->model
                       : name_is(name, "id")        ? &reader->revision_id
                                                    : NULL;
    }
}

static void on_text(void *context, struct span text) {
    struct wiki_reader *reader = context;
    if (!reader->sink)
        return;
    uint64_t limit = reader->in_text ? reader->options->max_record : TITLE_MAX;
    if (reader->sink->size + text.size <= limit)
        bytes_append_span(reader->sink, text);
    else
        reader->too_long = true;
}

/* A dump of version 0.5 or before has no <ns>: the title's prefix tells. */
static const char *space_of_title(const struct wiki_reader *reader) {
    const char *colon = reader->title.size ? memchr(reader->title.data, ':', reader->title.size) : NULL;
    struct span prefix = {reader->title.data, colon ? (size_t)(colon - reader->title.data) : 0};
    for (size_t i = 0; colon && i < reader->space_count; i++) {
        if (reader->spaces[i].name && reader->spaces[i].name[0] && span_is(prefix, reader->spaces[i].name))
            return reader->spaces[i].number;
    }
    return "0";
}

static struct span page_space(const struct wiki_reader *reader) {
    return reader->space.size > 0 ? span_of_bytes(&reader->space) : span_of(space_of_title(reader));
}

/* Spaces with odd numbers hold the talk about the pages of the one before. */
static bool is_talk(struct span space) {
    return space.size > 0 && space.data[0] != '-' && (space.data[space.size - 1] - '0') % 2 == 1;
}

static bool wants_space(const struct wiki_reader *reader) {
    const struct option_list *wanted = reader->options->namespaces;
    struct span space = page_space(reader);
    if (reader->options->talk && is_talk(space))
        return true;
    if (!wanted || wanted->count == 0)
        return !reader->options->talk && span_is(space, "0");
    for (size_t i = 0; i < wanted->count; i++) {
        if (span_is(space, wanted->items[i]))
            return true;
    }
    return false;
}

/* "https://sv.wikipedia.org/wiki/Huvudsida" with its last part replaced by the title, escaped as MediaWiki does. */
static void set_url(const struct wiki_reader *reader, struct crawl_entry *entry) {
    const char *slash = reader->base.size ? memrchr(reader->base.data, '/', reader->base.size) : NULL;
    if (!slash || !charset_is_utf8(span_of_bytes(&reader->base)))
        return;
    struct bytes *url = &entry->field[FIELD_URL];
    bytes_append(url, reader->base.data, (size_t)(slash - reader->base.data) + 1);
    for (size_t i = 0; i < reader->title.size; i++) {
        unsigned char byte = (unsigned char)reader->title.data[i];
        if (byte == ' ')
            bytes_append_byte(url, '_');
        else if (isalnum(byte) || strchr("-_.~!*'();:@,/$", byte))
            bytes_append_byte(url, (char)byte);
        else
            bytes_append_format(url, "%%%02X", byte);
    }
}

/* The digits of an id, as a string, since they name and do not count. */
static void append_number(struct bytes *json, const struct bytes *number) {
    bytes_append_byte(json, '"');
    for (size_t i = 0; i < number->size; i++) {
        if (isdigit((unsigned char)number->data[i]))
            bytes_append_byte(json, number->data[i]);
    }
    bytes_append_byte(json, '"');
}

static void end_page(struct wiki_reader *reader) {
    struct crawl_entry *entry = entry_queue_push(&reader->queue);
    struct error damage;
    entry->position = reader->position;
    if (xml_stream_take_damage(reader->stream, &damage)) {
        crawl_break_error(entry, &damage);
    } else if (reader->title.size == 0) {
        crawl_break(entry, entry->position, "a page without a title");
    } else if (!wants_space(reader)) {
        crawl_skip(entry, "namespace");
    } else if (reader->redirect || wikitext_is_redirect(span_of_bytes(&reader->text))) {
        crawl_skip(entry, "redirect");
    } else if (reader->model.size > 0 && !span_is(span_of_bytes(&reader->model), "wikitext")) {
        crawl_skip(entry, "not-wikitext");
    } else if (reader->too_long) {
        crawl_break(entry, entry->position, "a page is over --max-record");
    } else {
        set_url(reader, entry);
        crawl_set(entry, FIELD_ID,
                  span_of_bytes(entry->field[FIELD_URL].size ? &entry->field[FIELD_URL] : &reader->page_id));
        crawl_set(entry, FIELD_TITLE, span_of_bytes(&reader->title));
        crawl_set_date(entry, span_of_bytes(&reader->time));
        crawl_set_lang(entry, span_of_bytes(&reader->lang));
        entry->kind = is_talk(page_space(reader)) ? WIKI_TALK : WIKI_ARTICLE;
        bytes_append_span(&entry->context, span_of_bytes(&reader->file_names));
        bytes_append_byte(&entry->context, '\0');
        bytes_append_span(&entry->context, span_of_bytes(&reader->user_names));
        struct bytes *meta = &entry->field[FIELD_META];
        bytes_append_text(meta, "{\"page\":");
        append_number(meta, &reader->page_id);
        bytes_append_text(meta, ",\"revision\":");
        append_number(meta, &reader->revision_id);
        bytes_append_byte(meta, '}');
        struct bytes emptied = entry->data;
        entry->data = reader->text;
        reader->text = emptied;
    }
}

/* The name in reader->text is that of a space whose links mean something. */
static void add_space_name(struct wiki_reader *reader, const char *number) {
    bool file = name_is(number, "6") || name_is(number, "14");
    bool user = name_is(number, "2") || name_is(number, "3") || name_is(number, "-1");
    if (reader->text.size == 0 || (!file && !user))
        return;
    struct bytes *names = file ? &reader->file_names : &reader->user_names;
    bytes_append_span(names, span_of_bytes(&reader->text));
    bytes_append_byte(names, '\n');
}

static void on_end(void *context, const char *name, size_t depth) {
    struct wiki_reader *reader = context;
    reader->sink = NULL;
    if (depth == 1 && name_is(name, "page")) {
        end_page(reader);
    } else if (depth == 3 && name_is(name, "namespace") && reader->space_count > 0) {
        struct wiki_space *space = &reader->spaces[reader->space_count - 1];
        free(space->name);
        space->name = memory_copy(reader->text.data ? reader->text.data : "", reader->text.size);
        add_space_name(reader, space->number);
    }
}

static void *wiki_open(struct input *input, const struct crawl_options *options) {
    static const struct xml_handlers handlers = {on_start, on_text, on_end};
    struct wiki_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->options = options;
    reader->stream = xml_stream_new(input, &handlers, reader, options->max_record);
    return reader;
}

static void wiki_close(void *state) {
    struct wiki_reader *reader = state;
    struct bytes *buffers[] = {&reader->base,  &reader->lang,  &reader->file_names, &reader->user_names,
                               &reader->title, &reader->space, &reader->page_id,    &reader->revision_id,
                               &reader->time,  &reader->model, &reader->text};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        bytes_release(buffers[i]);
    for (size_t i = 0; i < reader->space_count; i++) {
        free(reader->spaces[i].number);
        free(reader->spaces[i].name);
    }
    free(reader->spaces);
    xml_stream_free(reader->stream);
    entry_queue_release(&reader->queue);
    free(reader);
}

static int wiki_next(void *state, struct crawl_entry *entry, struct error *error) {
    struct wiki_reader *reader = state;
    return xml_stream_next_entry(reader->stream, &reader->queue, entry, error);
}

/* A talk page's posts becoming documents. */
struct talk_writer {
    struct crawl_entry *entry;
    struct crawl_converter *converter;
    struct bytes id; /* of the page */
};

/* A post's id is the page's with its number. */
static void set_post_id(struct talk_writer *writer, enum record_field field, size_t number) {
    struct bytes *id = &writer->entry->field[field];
    bytes_clear(id);
    if (number > 0)
        bytes_append_format(id, "%s#%zu", bytes_text(&writer->id), number);
}

static void write_post(void *context, const struct talk_post *post) {
    struct talk_writer *writer = context;
    struct crawl_entry *entry = writer->entry;
    set_post_id(writer, FIELD_ID, post->number);
    set_post_id(writer, FIELD_THREAD, post->thread);
    set_post_id(writer, FIELD_PARENT, post->parent);
    crawl_set(entry, FIELD_TITLE, post->title);
    crawl_set(entry, FIELD_AUTHOR, post->author);
    bytes_clear(&entry->field[FIELD_DATE]);
    crawl_set_date(entry, span_of(post->date));
    crawl_emit_document(entry, writer->converter, post->text);
}

static void convert_talk(struct crawl_entry *entry, struct crawl_converter *converter, struct talk_names names) {
    struct talk_writer writer = {.entry = entry, .converter = converter};
    struct bytes *meta = &entry->field[FIELD_META];
    bytes_append_span(&writer.id, span_of_bytes(&entry->field[FIELD_ID]));
    meta->size--;
    bytes_append_text(meta, ",\"title\":");
    json_append_string(meta, span_of_bytes(&entry->field[FIELD_TITLE]));
    bytes_append_byte(meta, '}');
    talk_read(span_of_bytes(&entry->data), &names, write_post, &writer);
    if (entry->documents == 0 && entry->outcome == CRAWL_CONVERTED)
        crawl_skip(entry, "empty");
    bytes_release(&writer.id);
}

static void wiki_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    if (!charset_is_utf8(span_of_bytes(&entry->data))) {
        crawl_break(entry, entry->position, "the page is not well-formed UTF-8");
        return;
    }
    struct span names = span_of_bytes(&entry->context);
    const char *divider = memchr(names.data, '\0', names.size);
    struct span files = {names.data, (size_t)(divider - names.data)};
    if (entry->kind == WIKI_TALK) {
        struct span users = {divider + 1, names.size - files.size - 1};
        convert_talk(entry, converter, (struct talk_names){files, users});
        return;
    }
    bytes_clear(&converter->text);
    wikitext_append(span_of_bytes(&entry->data), files, &converter->text);
    crawl_emit_document(entry, converter, span_of_bytes(&converter->text));
}

const struct crawl_format crawl_mediawiki = {
    "mediawiki", "a MediaWiki XML export", wiki_recognise, wiki_open, wiki_next, wiki_close, wiki_convert};
