/*
 * JSON through simdjson, behind plain C: a validating reader that gives a read-only tree, and the pieces of a writer.
 * For records (one JSON object a line, spans kept) see base/record.h.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* The deepest nesting of arrays and objects in any text. */
#define JSON_DEPTH_MAX 1024

enum json_type { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* A node. Children of arrays and objects stand in one block of `count` nodes at `items`; an object's members carry
 * their key. */
struct json_value {
    enum json_type type;
    bool is_integer;    /* a JSON_NUMBER that fits int64_t exactly: 12, but 1.2e1 too */
    struct span key;    /* unescaped; absent outside objects */
    struct span string; /* JSON_STRING, unescaped UTF-8 (lone surrogates are U+FFFD); JSON_NUMBER: its source digits */
    double number;      /* JSON_NUMBER; out-of-range numbers are +-HUGE_VAL */
    int64_t integer;    /* where is_integer; of what was left out of the tree, its place for json_walk_begin */
    size_t count;
    const struct json_value *items;
    size_t position; /* byte offset of the value in the text */
};

struct json_document;

/* Parses and validates a whole text (depth <= JSON_DEPTH_MAX). On success *document is owned by the caller; the input
 * is not referenced after. */
int json_parse(struct json_document **document, struct span text, struct error *error);
/*
 * As json_parse, for a text with large tables: arrays and objects that are members of one of these names (up to NULL),
 * at any depth, are left out of the tree. They have a count and no items, and are walked instead. The text is
 * referenced as long as there is the document.
 */
int json_parse_without(struct json_document **document, struct span text, const char *const *names,
                       struct error *error);
/* Reads a file of at most limit bytes (compressed files too) and parses it; errors name the file. */
int json_load(struct json_document **document, const char *path, size_t limit, struct error *error);
/* As json_load, of text that was read from a file already. */
int json_parse_file(struct json_document **document, const char *path, struct span text, struct error *error);
const struct json_value *json_root(const struct json_document *document);
void json_free(struct json_document *document);

/* The last member of that name, or NULL where value is NULL, no object, or lacks it. */
const struct json_value *json_member(const struct json_value *value, const char *key);
/* A walk through what json_parse_without left out, or through an array or object met on such a walk. */
struct json_walk {
    const struct json_document *document;
    size_t word, token;
    bool object;
};

struct json_walk json_walk_begin(const struct json_document *document, const struct json_value *container);
/* The next item, arrays and objects again without items; false at the end. */
bool json_walk_next(struct json_walk *walk, struct json_value *item);

/* Typed look-ups with a default for absent or of another type. */
double json_number(const struct json_value *value, const char *key, double otherwise);
int64_t json_integer(const struct json_value *value, const char *key, int64_t otherwise);
bool json_boolean(const struct json_value *value, const char *key, bool otherwise);
struct span json_string(const struct json_value *value, const char *key); /* absent where not a string */

/* Writer pieces. Strings must be valid UTF-8; control characters, quote, backslash, U+0085, U+2028 and U+2029 are
 * written escaped. */
void json_append_string(struct bytes *out, struct span text);  /* with its quotes */
void json_append_escaped(struct bytes *out, struct span text); /* without quotes */
/* The shortest form that reads back equal; non-finite numbers give null. */
void json_append_number(struct bytes *out, double number);
void json_append_integer(struct bytes *out, int64_t number);
/* Valid JSON source as it is, but for U+0085, U+2028 and U+2029, which are written escaped. */
void json_append_source(struct bytes *out, struct span source);
/* Re-serialises a tree without white space; numbers keep their source digits. */
void json_append_value(struct bytes *out, const struct json_value *value);

#endif
