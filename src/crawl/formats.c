/*
 * The table of formats and what their modules share: entries, and the ways from an entry to a record. Knows no format
 * from the inside.
 */
#include "crawl/format.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "text/charset.h"

/* Buffers that grew beyond these are given back: those of entries, of which there are thousands, and those of workers.
 */
#define ENTRY_KEPT 256
#define WORKER_KEPT ((size_t)1 << 20)

const struct crawl_format *const CRAWL_FORMATS[] = {
    &crawl_warc, &crawl_arc,      &crawl_mediawiki, &crawl_stackexchange, &crawl_chat, &crawl_records,
    &crawl_epub, &crawl_markdown, &crawl_html,      &crawl_text,          NULL};

void crawl_format_names(const char *names[CRAWL_FORMATS_MAX]) {
    size_t count = 0;
    names[count++] = "auto";
    for (const struct crawl_format *const *format = CRAWL_FORMATS; *format && count < CRAWL_FORMATS_MAX - 1; format++)
        names[count++] = (*format)->name;
    names[count] = NULL;
}

const struct crawl_format *crawl_recognise(struct span start, const char *name) {
    const struct crawl_format *best = NULL;
    unsigned most = 0;
    /* Formats look for ASCII; what starts with the mark of UTF-16 or UTF-32 is shown to them as UTF-8. */
    struct charset mark;
    struct bytes decoded = {0};
    if (charset_of_mark(start, &mark, NULL) && strcmp(mark.name, "UTF-8") != 0 &&
        charset_decode(start, &mark, &decoded, NULL, NULL) == 0)
        start = span_of_bytes(&decoded);
    for (const struct crawl_format *const *format = CRAWL_FORMATS; *format; format++) {
        unsigned fit = (*format)->recognise(start, name);
        if (fit > most) {
            most = fit;
            best = *format;
        }
    }
    bytes_release(&decoded);
    return best;
}

const char *crawl_foreign_format(struct span start) {
    static const struct {
        const char *magic, *name;
    } foreign[] = {{"\x04\x22\x4d\x18", "LZ4 (decompress it with lz4 -d)"},
                   {"\x02\x21\x4c\x18", "LZ4 (decompress it with lz4 -d)"},
                   {"PK\x03\x04", "a ZIP file other than EPUB"},
                   {"7z\xbc\xaf\x27\x1c", "7z"},
                   {"Rar!\x1a", "RAR"},
                   {"%PDF", "PDF"},
                   {"%!PS", "PostScript"},
                   {"{\\rtf", "RTF"},
                   {"\xd0\xcf\x11\xe0", "an old Office file"},
                   {"\x89PNG", "PNG"},
                   {"\xff\xd8\xff", "JPEG"},
                   {"GIF89a", "GIF"},
                   {"GIF87a", "GIF"}};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        size_t size = strlen(foreign[i].magic);
        if (start.size >= size && memcmp(start.data, foreign[i].magic, size) == 0)
            return foreign[i].name;
    }
    return NULL;
}

struct crawl_entry *crawl_entry_new(void) {
    return memory_zeroed(1, sizeof(struct crawl_entry));
}

static void buffer_clear(struct bytes *bytes) {
    if (bytes->capacity > ENTRY_KEPT)
        bytes_release(bytes);
    else
        bytes_clear(bytes);
}

void crawl_entry_clear(struct crawl_entry *entry) {
    buffer_clear(&entry->data);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        buffer_clear(&entry->field[i]);
    buffer_clear(&entry->charset);
    buffer_clear(&entry->context);
    entry->position = 0;
    entry->kind = 0;
    entry->outcome = CRAWL_CONVERTED;
    entry->names_itself = entry->xhtml = false;
    entry->reason = NULL;
    entry->documents = 0;
    entry->format = NULL;
    entry->file = NULL;
}

void crawl_entry_free(struct crawl_entry *entry) {
    if (!entry)
        return;
    bytes_release(&entry->data);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        bytes_release(&entry->field[i]);
    bytes_release(&entry->charset);
    bytes_release(&entry->context);
    free(entry);
}

void crawl_skip(struct crawl_entry *entry, const char *reason) {
    entry->outcome = CRAWL_SKIPPED;
    entry->reason = reason;
}

void crawl_break(struct crawl_entry *entry, uint64_t position, const char *format, ...) {
    char message[sizeof entry->error.message];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    entry->outcome = CRAWL_BROKEN;
    error_set(&entry->error, ERROR_DATA, position, "%s", message);
}

void crawl_break_error(struct crawl_entry *entry, const struct error *error) {
    entry->outcome = CRAWL_BROKEN;
    entry->error = *error;
}

void crawl_emit_record(struct crawl_entry *entry, struct crawl_converter *converter, struct record *record) {
    struct error error;
    if (!record->field[FIELD_ID].data)
        record_set_text(record, FIELD_ID, span_of_bytes(&entry->field[FIELD_ID]));
    if (!record->field[FIELD_SOURCE].data || converter->options->source)
        record_set_text(record, FIELD_SOURCE,
                        span_of(converter->options->source ? converter->options->source : entry->format->name));
    if (record_write(record, converter->out, &error) < 0) {
        crawl_break(entry, entry->position, "%s", error.message);
        return;
    }
    entry->documents++;
}

void crawl_emit_document(struct crawl_entry *entry, struct crawl_converter *converter, struct span text) {
    if (text.size == 0) {
        crawl_skip(entry, "empty");
        return;
    }
    struct record *record = &converter->record;
    record_begin(record, RECORD_DOCUMENT);
    record_set_text(record, FIELD_TEXT, text);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        struct span value = span_of_bytes(&entry->field[i]);
        if (value.size == 0)
            continue;
        if (i == FIELD_SCORE || i == FIELD_META)
            record_set_json(record, (enum record_field)i, value);
        else
            record_set_text(record, (enum record_field)i, value);
    }
    crawl_emit_record(entry, converter, record);
}

/* Bytes of the entry as UTF-8: themselves, or in converter->utf8. Returns false where it marked the entry. */
static bool decode(struct crawl_entry *entry, struct crawl_converter *converter, struct span data, bool is_markup,
                   struct span *text) {
    struct charset charset;
    struct error error;
    struct charset_evidence evidence = {.is_markup = is_markup, .url = span_of_bytes(&entry->field[FIELD_URL])};
    if (entry->charset.size)
        evidence.declared = span_of_bytes(&entry->charset);
    charset_detect(data, &evidence, &charset);
    bytes_clear(&converter->utf8);
    if (charset_decode_in_place(data, &charset, &converter->utf8, text, &error) < 0) {
        crawl_break(entry, entry->position, "%s", error.message);
        return false;
    }
    return true;
}

bool crawl_extract(struct crawl_entry *entry, struct crawl_converter *converter, struct span html, bool keep_all) {
    struct html_options options = {.keep_all = keep_all,
                                   .xhtml = entry->xhtml,
                                   .max_work = converter->options->max_work,
                                   .max_seconds = converter->options->max_time,
                                   .model = converter->options->model};
    struct error error;
    struct span utf8;
    if (!decode(entry, converter, html, true, &utf8))
        return false;
    if (html_extract(utf8, &options, &converter->page, &error) == 0)
        return true;
    crawl_break(entry, entry->position, "%s", error.message);
    return false;
}

void crawl_emit_page(struct crawl_entry *entry, struct crawl_converter *converter, struct span html) {
    if (!crawl_extract(entry, converter, html, converter->options->keep_all))
        return;
    const struct html_page *page = &converter->page;
    if (entry->field[FIELD_URL].size == 0)
        crawl_set(entry, FIELD_URL, span_of_bytes(&page->url));
    crawl_set(entry, FIELD_TITLE, span_of_bytes(&page->title));
    crawl_set(entry, FIELD_AUTHOR, span_of_bytes(&page->author));
    crawl_set(entry, FIELD_LICENSE, span_of_bytes(&page->license));
    crawl_set_date(entry, span_of_bytes(&page->date));
    crawl_set_lang(entry, span_of_bytes(&page->lang));
    crawl_emit_document(entry, converter, span_of_bytes(&page->text));
}

void crawl_emit_fragment(struct crawl_entry *entry, struct crawl_converter *converter, struct span html) {
    if (crawl_extract(entry, converter, html, true))
        crawl_emit_document(entry, converter, span_of_bytes(&converter->page.text));
}

/* CRLF and CR become LF, in scratch where there are any; white space around the whole goes. */
static struct span tidy_lines(struct span text, struct bytes *scratch) {
    if (text.size && memchr(text.data, '\r', text.size)) {
        bytes_clear(scratch);
        char *to = bytes_reserve(scratch, text.size);
        for (size_t i = 0; i < text.size; i++) {
            if (text.data[i] != '\r')
                *to++ = text.data[i];
            else if (i + 1 == text.size || text.data[i + 1] != '\n')
                *to++ = '\n';
        }
        scratch->size = (size_t)(to - scratch->data);
        text = span_of_bytes(scratch);
    }
    return span_trim(text, " \t\n\f");
}

void crawl_emit_text(struct crawl_entry *entry, struct crawl_converter *converter, struct span text) {
    struct span utf8;
    if (decode(entry, converter, text, false, &utf8))
        crawl_emit_document(entry, converter, tidy_lines(utf8, &converter->scratch));
}
