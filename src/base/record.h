/*
 * Records: one JSON object a line (gpt-record.5). A parsed record borrows from its line and its parser; a written
 * record copies the untouched spans of the source line, unknown fields included, in place and in order.
 *
 *     record_parse(parser, line, &record, &error);
 *     record_set_text(&record, FIELD_TEXT, cleaned);
 *     record_write(&record, out, &error);
 *
 * A fresh record starts with record_begin and is filled by the same setters.
 */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* The longest line that is read or written, its newline not counted. */
#define RECORD_LINE_MAX ((size_t)128 << 20)
/* The deepest nesting of arrays and objects in a line. */
#define RECORD_DEPTH_MAX 128

enum record_kind { RECORD_DOCUMENT, RECORD_DIALOGUE };

enum record_field {
    FIELD_ID,
    FIELD_TEXT,
    FIELD_MESSAGES,
    FIELD_SOURCE,
    FIELD_URL,
    FIELD_TITLE,
    FIELD_DATE,
    FIELD_LANG,
    FIELD_THREAD,
    FIELD_PARENT,
    FIELD_AUTHOR,
    FIELD_SCORE, /* the one number */
    FIELD_LICENSE,
    FIELD_CLUSTER,
    FIELD_SPLIT,
    FIELD_META, /* any JSON */
    FIELD_COUNT
};

enum role { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT };

/* One turn of a dialogue. */
struct message {
    enum role role;
    struct span content;     /* unescaped UTF-8 */
    struct span source;      /* the message object's bytes in the line; absent in a fresh message */
    struct span raw_content; /* the content's bytes in the line, with its quotes */
    bool changed;            /* content differs from the source */
};

struct record_member; /* a top-level member of the line; private to record.c and record_write.c */

struct record {
    enum record_kind kind;
    struct span line; /* source, its newline left out, lone surrogates now \ufffd; absent in a fresh record */
    /*
     * String fields unescaped; FIELD_SCORE, FIELD_META and FIELD_MESSAGES: their source bytes; absent = NULL data, for
     * null too. A dialogue knows id, messages, source, thread, lang, cluster, split and meta: its other fields are
     * absent here and pass through.
     */
    struct span field[FIELD_COUNT];
    double score;             /* where field[FIELD_SCORE] is present */
    struct message *messages; /* of a dialogue */
    size_t message_count;
    uint64_t lone_surrogates; /* replaced by U+FFFD in this line */
    /* private */
    struct record_parser *parser; /* owns members and messages; NULL in a fresh record, which owns its messages */
    const struct record_member *members;
    size_t member_count;
    size_t message_capacity;
    uint32_t changed_fields; /* bit per record_field */
    uint32_t json_fields;    /* bit per changed field that holds JSON source, not text */
    bool messages_changed;
};

struct record_parser;

struct record_parser *record_parser_new(void);
void record_parser_free(struct record_parser *parser);
/*
 * Parses one line (no newline; a CR before it and a BOM at the stream's start are the reader's to strip). The record
 * borrows from line and parser until the next call with this parser. ERROR_DATA with the byte offset within the line
 * for: invalid JSON or UTF-8, not an object, neither text nor messages, a known key twice, a known field of a wrong
 * type, an unknown role, array content, limits.
 */
int record_parse(struct record_parser *parser, struct span line, struct record *record, struct error *error);

/* Starts a fresh record of a kind in *record (which was zeroed or used before; its memory is reused). */
void record_begin(struct record *record, enum record_kind kind);
/* Frees the memory of a record that record_begin was used on. Records of record_parse need no release. */
void record_release(struct record *record);

/* Setters. Text is borrowed until the record was written and must be valid UTF-8. */
void record_set_text(struct record *record, enum record_field field, struct span text);
void record_set_score(struct record *record, double score);
/* Sets FIELD_META (or another field, not FIELD_MESSAGES) to JSON source bytes, copied as they are: valid, and nested
 * less than RECORD_DEPTH_MAX deep. */
void record_set_json(struct record *record, enum record_field field, struct span json);
void record_remove(struct record *record, enum record_field field);
void record_set_content(struct record *record, size_t message, struct span content);
void record_append_message(struct record *record, enum role role, struct span content);
/* Keeps the messages [from, to) only. */
void record_keep_messages(struct record *record, size_t from, size_t to);

/*
 * Appends the record as one line with its newline. Fresh records write their fields in the order of enum record_field,
 * changed ones in place, added ones at the end. ERROR_DATA (nothing appended) where the line would exceed
 * RECORD_LINE_MAX.
 */
int record_write(const struct record *record, struct bytes *out, struct error *error);
/* As record_write, with one more member at the end, "name":json, which replaces an unknown field of that name. Used for
 * rejects. */
int record_write_with(const struct record *record, const char *name, struct span json, struct bytes *out,
                      struct error *error);

const char *record_field_name(enum record_field field);
const char *role_name(enum role role);
bool role_parse(struct span text, enum role *role);

#endif
