/*
 * MediaWiki's XML export: one document for each article, made of its newest revision's wikitext, and one for each
 * comment of a talk page. The reader cuts the export into pages; all that is in them is read by the converter.
 */
#include "crawl/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/memory.h"
#include "crawl/talk.h"
#include "crawl/wiki_dump.h"
#include "crawl/wiki_page.h"
#include "text/charset.h"
#include "text/wikitext.h"

/* The space of the pages about the wiki itself, some of which hold threads. */
#define PROJECT_SPACE "4"
/* So many comments with author and date, and half of all comments, make a project page one of threads. */
#define THREAD_SIGNED_MIN 3

struct wiki_reader {
    struct wiki_dump *dump;
    struct wiki_raw_page page;
    bool held; /* page was cut, and not handed out */
    struct bytes site;
    struct xml_parser *parser; /* for heads */
};

/* What stands in an entry's context before the packed site. */
struct wiki_gap {
    uint64_t at, size; /* as in struct wiki_raw_page */
};

static unsigned wiki_recognise(struct span start, const char *name) {
    (void)name;
    if (start.size > 2048)
        start.size = 2048;
    return html_contains(start, "<mediawiki") ? 95 : 0;
}

/* ---- reading ---- */

static void *wiki_open(struct input *input, const struct crawl_options *options) {
    struct wiki_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->dump = wiki_dump_new(input, options->max_record);
    reader->parser = xml_parser_new();
    return reader;
}

static void wiki_close(void *state) {
    struct wiki_reader *reader = state;
    wiki_dump_free(reader->dump);
    bytes_release(&reader->page.xml);
    bytes_release(&reader->site);
    xml_parser_free(reader->parser);
    free(reader);
}

/* Reads what stands before the page that was cut. False where it is damaged, which is an entry of its own. */
static bool take_head(struct wiki_reader *reader, struct crawl_entry *entry) {
    struct span head;
    uint64_t position;
    struct error damage;
    if (!wiki_dump_take_head(reader->dump, &head, &position))
        return true;
    bytes_clear(&reader->site);
    if (wiki_site_read(reader->parser, head, &reader->site, &damage))
        return true;
    damage.position += position;
    crawl_break_error(entry, &damage);
    return false;
}

static int wiki_next(void *state, struct crawl_entry *entry, struct error *error) {
    struct wiki_reader *reader = state;
    struct wiki_raw_page *page = &reader->page;
    if (!reader->held) {
        int status = wiki_dump_next(reader->dump, page, error);
        if (status <= 0)
            return status;
        reader->held = true;
        if (!take_head(reader, entry))
            return 1;
    }
    reader->held = false;
    entry->position = page->position;
    entry->kind = page->cut;
    entry->names_itself = true;
    if (page->cut == WIKI_CUT_OPEN) {
        crawl_break(entry, entry->position, "a page that does not end");
        return 1;
    }
    struct wiki_gap gap = {page->gap_at, page->gap};
    bytes_append(&entry->context, &gap, sizeof gap);
    bytes_append_span(&entry->context, span_of_bytes(&reader->site));
    struct bytes emptied = entry->data;
    entry->data = page->xml;
    page->xml = emptied;
    return 1;
}

/* ---- what a page says about itself ---- */

/* "https://sv.wikipedia.org/wiki/Huvudsida" with its last part replaced by the title, escaped as MediaWiki does. */
static void set_url(struct crawl_entry *entry, struct span base, struct span title) {
    const char *slash = base.size ? memrchr(base.data, '/', base.size) : NULL;
    if (!slash || !charset_is_utf8(base))
        return;
    struct bytes *url = &entry->field[FIELD_URL];
    bytes_append(url, base.data, (size_t)(slash - base.data) + 1);
    for (size_t i = 0; i < title.size; i++) {
        unsigned char byte = (unsigned char)title.data[i];
        if (byte == ' ')
            bytes_append_byte(url, '_');
        else if (isalnum(byte) || strchr("-_.~!*'();:@,/$", byte))
            bytes_append_byte(url, (char)byte);
        else
            bytes_append_format(url, "%%%02X", byte);
    }
}

/* Its address, else its number, else its bytes and their place. */
static void set_id(struct crawl_entry *entry, const struct wiki_page *page) {
    struct bytes *id = &entry->field[FIELD_ID];
    char hex[HASH128_HEX_SIZE + 1];
    crawl_set(entry, FIELD_ID, span_of_bytes(entry->field[FIELD_URL].size ? &entry->field[FIELD_URL] : &page->page_id));
    if (id->size > 0)
        return;
    hash128_hex(hash128(span_of_bytes(&entry->data)), hex);
    bytes_append_format(id, "%s-%llu", hex, (unsigned long long)entry->position);
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

static void set_fields(struct crawl_entry *entry, const struct wiki_site *site, const struct wiki_page *page) {
    set_url(entry, site->base, span_of_bytes(&page->title));
    set_id(entry, page);
    crawl_set(entry, FIELD_TITLE, span_of_bytes(&page->title));
    crawl_set_date(entry, span_of_bytes(&page->time));
    crawl_set_lang(entry, site->lang);
    struct bytes *meta = &entry->field[FIELD_META];
    bytes_append_text(meta, "{\"page\":");
    append_number(meta, &page->page_id);
    bytes_append_text(meta, ",\"revision\":");
    append_number(meta, &page->revision_id);
    bytes_append_byte(meta, '}');
}

/* Adds a text to meta. */
static void add_meta(struct crawl_entry *entry, const char *name, struct span text) {
    struct bytes *meta = &entry->field[FIELD_META];
    meta->size--;
    bytes_append_format(meta, ",\"%s\":", name);
    json_append_string(meta, text);
    bytes_append_byte(meta, '}');
}

/* ---- talk ---- */

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

static void convert_talk(struct crawl_entry *entry, struct crawl_converter *converter, struct span wikitext,
                         const struct talk_names *names) {
    struct talk_writer writer = {.entry = entry, .converter = converter};
    bytes_append_span(&writer.id, span_of_bytes(&entry->field[FIELD_ID]));
    add_meta(entry, "title", span_of_bytes(&entry->field[FIELD_TITLE]));
    talk_read(wikitext, names, write_post, &writer);
    if (entry->documents == 0 && entry->outcome == CRAWL_CONVERTED)
        crawl_skip(entry, "empty");
    bytes_release(&writer.id);
}

struct talk_counts {
    size_t posts, signed_posts;
};

static void count_post(void *context, const struct talk_post *post) {
    struct talk_counts *counts = context;
    counts->posts++;
    counts->signed_posts += post->author.size > 0 && post->date[0] != '\0';
}

/* Village pumps and help desks are talk in a space that is not: what they are made of tells. */
static bool holds_threads(struct span wikitext, const struct talk_names *names) {
    struct talk_counts counts = {0, 0};
    talk_read(wikitext, names, count_post, &counts);
    return counts.signed_posts >= THREAD_SIGNED_MIN && counts.signed_posts * 2 >= counts.posts;
}

/* ---- converting ---- */

static bool is_named(const struct option_list *spaces, struct span space) {
    for (size_t i = 0; i < spaces->count; i++) {
        if (span_is(space, spaces->items[i]) || strcmp(spaces->items[i], "all") == 0)
            return true;
    }
    return false;
}

/* Whether pages of the space are documents or threads, or may be threads. */
static bool wants_space(void *context, struct span space) {
    const struct crawl_options *options = context;
    if (options->talk && (wiki_space_is_talk(space) || span_is(space, PROJECT_SPACE)))
        return true;
    return options->namespaces->count > 0 ? is_named(options->namespaces, space)
                                          : !options->talk && span_is(space, "0");
}

static void convert_page(struct crawl_entry *entry, struct crawl_converter *converter, const struct wiki_site *site,
                         const struct wiki_page *page) {
    const struct crawl_options *options = converter->options;
    struct span text = span_of_bytes(&page->text), space = span_of_bytes(&page->space);
    struct talk_names names = {{site->files, site->lang}, site->users};
    bool threads =
        wiki_space_is_talk(space) || (options->talk && span_is(space, PROJECT_SPACE) && holds_threads(text, &names));
    set_fields(entry, site, page);
    if (threads) {
        convert_talk(entry, converter, text, &names);
    } else if (options->talk && span_is(space, PROJECT_SPACE) && !is_named(options->namespaces, space)) {
        crawl_skip(entry, "namespace");
    } else {
        bytes_clear(&converter->text);
        wikitext_append(text, &names.wiki, &converter->text);
        crawl_emit_document(entry, converter, span_of_bytes(&converter->text));
    }
}

/* A redirect's text is the title that it leads to. */
static void convert_redirect(struct crawl_entry *entry, struct crawl_converter *converter, const struct wiki_site *site,
                             const struct wiki_page *page) {
    struct span target =
        page->target.size > 0 ? span_of_bytes(&page->target) : wikitext_redirect_target(span_of_bytes(&page->text));
    set_fields(entry, site, page);
    bytes_clear(&converter->text);
    bytes_append_span(&converter->text, target);
    add_meta(entry, "redirect", target);
    crawl_emit_document(entry, converter, target);
}

/* The byte of the dump, which has earlier revisions that the entry has not. */
static uint64_t dump_position(const struct crawl_entry *entry, uint64_t position) {
    struct wiki_gap gap;
    memcpy(&gap, entry->context.data, sizeof gap);
    return entry->position + position + (position >= gap.at ? gap.size : 0);
}

static void wiki_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    struct span context = span_of_bytes(&entry->context);
    struct wiki_site site =
        wiki_site_unpack((struct span){context.data + sizeof(struct wiki_gap), context.size - sizeof(struct wiki_gap)});
    struct wiki_page page = {.text = converter->scratch};
    struct error damage;
    bytes_clear(&page.text);
    if (!converter->xml)
        converter->xml = xml_parser_new();
    void *options = (void *)(uintptr_t)converter->options;
    bool sound =
        wiki_page_read(converter->xml, span_of_bytes(&entry->data), &site, wants_space, options, &page, &damage);
    bool wanted = wants_space(options, span_of_bytes(&page.space));
    bool redirect = page.redirect || wikitext_is_redirect(span_of_bytes(&page.text));
    if (entry->kind == WIKI_CUT_TOO_LONG && wanted) {
        crawl_break(entry, entry->position, "a page is over --max-record");
    } else if (entry->kind == WIKI_CUT_WHOLE && !sound) {
        damage.position = dump_position(entry, damage.position);
        crawl_break_error(entry, &damage);
    } else if (page.title.size == 0) {
        crawl_break(entry, entry->position, "a page without a title");
    } else if (!wanted) {
        crawl_skip(entry, "namespace");
    } else if (redirect && !converter->options->redirects) {
        crawl_skip(entry, "redirect");
    } else if (page.model.size > 0 && !span_is(span_of_bytes(&page.model), "wikitext")) {
        crawl_skip(entry, "not-wikitext");
    } else if (page.title_too_long || !charset_is_utf8(span_of_bytes(&page.text))) {
        crawl_break(entry, entry->position,
                    page.title_too_long ? "a page with a title or number of over 4 KiB"
                                        : "the page is not well-formed UTF-8");
    } else if (redirect) {
        convert_redirect(entry, converter, &site, &page);
    } else {
        convert_page(entry, converter, &site, &page);
    }
    converter->scratch = page.text;
    page.text = (struct bytes){0};
    wiki_page_release(&page);
}

const struct crawl_format crawl_mediawiki = {
    "mediawiki", "a MediaWiki XML export", wiki_recognise, wiki_open, wiki_next, wiki_close, wiki_convert};
