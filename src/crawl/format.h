/*
 * What a dump format is to gpt-crawl. A format's reader cuts its input into entries on the reading thread; its
 * converter turns one entry into records on any thread. To add a format: write one module that defines a struct
 * crawl_format, and name it in formats.c.
 */
#ifndef CRAWL_FORMAT_H
#define CRAWL_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/input.h"
#include "base/options.h"
#include "base/record.h"
#include "text/html.h"

enum crawl_split { SPLIT_FILE, SPLIT_FORM_FEED, SPLIT_PARAGRAPH, SPLIT_LINE, SPLIT_CHAPTER };

struct crawl_options {
    const char *source;                   /* --source, or NULL for the format's name */
    bool keep_all;                        /* --keep all */
    bool verify;                          /* compare the digests that archives state */
    struct html_model *model;             /* that tells a page's content; not used by keep_all */
    uint64_t max_record, max_work;        /* bytes of an entry, nodes of a page */
    unsigned threads;                     /* for decoding what can be cut */
    double max_time;                      /* seconds for a page; 0: no limit */
    int split;                            /* enum crawl_split, of plain text and books */
    const struct option_list *namespaces; /* of a wiki, by number; none means the articles, "0" */
    bool redirects;                       /* keep a wiki's redirects */
    bool talk;                            /* --talk: a wiki's talk pages, besides what namespaces names */
};

enum crawl_outcome {
    CRAWL_CONVERTED, /* gave at least one record */
    CRAWL_SKIPPED,   /* sound, but not what is asked for; reason says why */
    CRAWL_BROKEN,    /* malformed or beyond a limit; error says why */
};

/* One entry of a dump. Memory is reused from entry to entry; everything is empty when a reader gets it. */
struct crawl_entry {
    struct bytes data; /* as it stands in the dump, for the converter */
    struct bytes
        field[FIELD_COUNT]; /* what the dump says about it, ready for a record; FIELD_SCORE and FIELD_META as JSON */
    struct bytes charset;   /* label declared outside data */
    struct bytes context;   /* whatever else the format's converter needs */
    uint64_t position;      /* byte of the (decompressed) file at which it starts */
    unsigned kind;          /* the format's own */
    enum crawl_outcome outcome;
    bool names_itself;  /* the converter gives it an id */
    bool xhtml;         /* its pages are XML */
    const char *reason; /* of a skip: a static word for the statistics */
    struct error error; /* of a break; position within the file or ERROR_NO_POSITION */
    uint64_t documents; /* records written */
    size_t out_end;     /* where they end in the batch's output; set by the driver, as are the two below */
    const struct crawl_format *format;
    const char *file;
};

/* A worker's tools and buffers. */
struct crawl_converter {
    const struct crawl_options *options;
    struct record record;
    struct record_parser *parser;
    struct html_page page;
    struct xml_parser *xml; /* made by who needs it first */
    struct bytes utf8, text, scratch;
    struct bytes *out; /* finished lines */
};

struct crawl_format {
    const char *name;    /* of --from, and the records' source */
    const char *meaning; /* one line for messages */
    /* How well the first bytes (up to 64 KiB) and the file's name fit: 0 not at all, 100 surely. */
    unsigned (*recognise)(struct span start, const char *name);
    /* A reader over input, which it borrows. */
    void *(*open)(struct input *input, const struct crawl_options *options);
    /*
     * The next entry: 1 (its outcome may already be a skip or a break), 0 at the end, -1 where the rest of the input
     * cannot be read: ERROR_DATA is counted as one broken entry, anything else stops the program.
     */
    int (*next)(void *reader, struct crawl_entry *entry, struct error *error);
    void (*close)(void *reader);
    /* Turns a sound entry into records with crawl_emit, or marks it with crawl_skip or crawl_break. */
    void (*convert)(struct crawl_entry *entry, struct crawl_converter *converter);
};

extern const struct crawl_format crawl_warc, crawl_arc, crawl_html, crawl_mediawiki, crawl_stackexchange, crawl_chat,
    crawl_records, crawl_text, crawl_markdown, crawl_epub;

/* All formats, ended by NULL. */
extern const struct crawl_format *const CRAWL_FORMATS[];
#define CRAWL_FORMATS_MAX 32
/* "auto" and the formats' names in the order of CRAWL_FORMATS, ended by NULL. */
void crawl_format_names(const char *names[CRAWL_FORMATS_MAX]);
/* The best match, or NULL. */
const struct crawl_format *crawl_recognise(struct span start, const char *name);

/* The name of what start belongs to, where that is known and no format of ours; else NULL. */
const char *crawl_foreign_format(struct span start);

struct crawl_entry *crawl_entry_new(void);
void crawl_entry_free(struct crawl_entry *entry);
void crawl_entry_clear(struct crawl_entry *entry); /* keeps modest amounts of memory */
void crawl_skip(struct crawl_entry *entry, const char *reason);
void crawl_break(struct crawl_entry *entry, uint64_t position, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Marks the entry as broken by an error that a library function gave. */
void crawl_break_error(struct crawl_entry *entry, const struct error *error);

/* fields.c: setters that bring values into the form of records; what cannot be understood is left out. */
void crawl_set(struct crawl_entry *entry, enum record_field field,
               struct span text);                                  /* replaces; invalid UTF-8 becomes U+FFFD */
void crawl_set_date(struct crawl_entry *entry, struct span text);  /* any of many forms → RFC 3339 UTC */
void crawl_set_lang(struct crawl_entry *entry, struct span text);  /* → BCP 47 */
void crawl_set_score(struct crawl_entry *entry, struct span text); /* a decimal number */

/* Writes one document made of text and the entry's fields. Empty text is a skip as "empty". */
void crawl_emit_document(struct crawl_entry *entry, struct crawl_converter *converter, struct span text);
/* Writes a record that the caller filled (the converter's own, or a parsed one); id and source are added where they are
 * absent. */
void crawl_emit_record(struct crawl_entry *entry, struct crawl_converter *converter, struct record *record);
/* Bytes of an HTML page in any encoding → a document with what the page says about itself. */
void crawl_emit_page(struct crawl_entry *entry, struct crawl_converter *converter, struct span html);
/* The page's text and what it says about itself, in converter->page. False where it marked the entry. */
bool crawl_extract(struct crawl_entry *entry, struct crawl_converter *converter, struct span html, bool keep_all);
/* A piece of HTML, such as a post's body → a document with all of its text and nothing else from it. */
void crawl_emit_fragment(struct crawl_entry *entry, struct crawl_converter *converter, struct span html);
/* Bytes of plain text in any encoding → a document. */
void crawl_emit_text(struct crawl_entry *entry, struct crawl_converter *converter, struct span text);

#endif
