/*
 * Owns the read-only tree of a JSON text: built from the tape into one block of nodes and one of bytes, so it is freed
 * at once. It knows nothing of what the JSON is for.
 */
#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json_tape.h"
#include "base/memory.h"

struct json_document {
    struct json_value *nodes;   /* the root first; the items of a container are adjacent */
    char *bytes;                /* keys, strings and digits */
    struct json_reader *reader; /* with the tape, where something was left out of the tree; or NULL */
    struct json_tape tape;
};

struct builder {
    const struct json_tape *tape;
    const char *const *left_out; /* names of members, up to NULL */
    struct json_value *next_node;
    char *next_byte;
};

/* The number of values in the text: every token but punctuation, closing brackets and keys. */
static size_t count_values(const struct json_tape *tape) {
    size_t count = 0;
    for (size_t i = 0; i < tape->offset_count; i++) {
        char byte = tape->text.data[tape->offsets[i]];
        if (byte == ':')
            count--; /* the key before it was no value */
        else if (byte != ',' && byte != ']' && byte != '}')
            count++;
    }
    return count;
}

static struct span keep(struct builder *builder, struct span text) {
    struct span kept = {builder->next_byte, text.size};
    memcpy(builder->next_byte, text.data, text.size);
    builder->next_byte += text.size;
    return kept;
}

static void read_scalar(const struct json_tape *tape, struct json_cursor at, struct json_value *value) {
    switch (json_tape_type(tape, at.word)) {
    case 'n':
        value->type = JSON_NULL;
        break;
    case 'f':
        value->type = JSON_FALSE;
        break;
    case 't':
        value->type = JSON_TRUE;
        break;
    case '"':
        value->type = JSON_STRING;
        value->string = json_tape_string(tape, at.word);
        break;
    default:
        value->type = JSON_NUMBER;
        value->string = json_tape_scalar(tape, at.token);
        value->number = json_tape_number(tape, at);
        value->is_integer = json_tape_integer(tape, at, &value->integer);
    }
}

/* An array or object by itself. Its place is its word above its token: both are below 2^32, as the text's size is. */
static void read_container(const struct json_tape *tape, struct json_cursor at, struct json_value *value) {
    value->type = json_tape_type(tape, at.word) == '{' ? JSON_OBJECT : JSON_ARRAY;
    value->count = json_tape_count(tape, at);
    value->integer = (int64_t)((uint64_t)at.word << 32 | at.token);
}

static bool is_left_out(const struct builder *builder, const struct json_value *value) {
    for (const char *const *name = builder->left_out; value->key.data && *name; name++)
        if (span_is(value->key, *name))
            return true;
    return false;
}

/* Builds the value at *at and moves past it. Recursive, at most JSON_DEPTH_MAX deep. */
static void build_value(struct builder *builder, struct json_cursor *at, struct json_value *value) {
    char type = json_tape_type(builder->tape, at->word);
    value->position = builder->tape->offsets[at->token];
    if (type != '{' && type != '[') {
        read_scalar(builder->tape, *at, value);
        if (value->string.data)
            value->string = keep(builder, value->string);
    } else {
        read_container(builder->tape, *at, value);
    }
    if ((type != '{' && type != '[') || is_left_out(builder, value)) {
        *at = json_tape_skip(builder->tape, *at);
        return;
    }
    struct json_value *items = builder->next_node;
    value->items = items;
    builder->next_node += value->count;
    at->word++;
    at->token++;
    for (size_t i = 0; i < value->count; i++) {
        if (type == '{') {
            items[i].key = keep(builder, json_tape_string(builder->tape, at->word));
            at->word++;
            at->token += 2; /* the key and ':' */
        }
        build_value(builder, at, &items[i]);
        at->token++; /* ',' or the closing bracket */
    }
    at->word++;
    at->token += value->count == 0;
}

int json_parse_without(struct json_document **document, struct span text, const char *const *names,
                       struct error *error) {
    struct json_document *tree = memory_zeroed(1, sizeof *tree);
    tree->reader = json_reader_new();
    *document = NULL;
    if (json_reader_parse(tree->reader, text, JSON_DEPTH_MAX, &tree->tape, error) != 0) {
        json_free(tree);
        return -1;
    }
    struct json_cursor root = {1, 0};
    tree->nodes = memory_zeroed(count_values(&tree->tape), sizeof *tree->nodes);
    tree->bytes = memory_allocate(text.size); /* no value is longer decoded than written */
    struct builder builder = {&tree->tape, names, tree->nodes + 1, tree->bytes};
    build_value(&builder, &root, tree->nodes);
    *document = tree;
    return 0;
}

int json_parse(struct json_document **document, struct span text, struct error *error) {
    static const char *const nothing[] = {NULL};
    if (json_parse_without(document, text, nothing, error) != 0)
        return -1;
    json_reader_free((*document)->reader);
    (*document)->reader = NULL;
    return 0;
}

struct json_walk json_walk_begin(const struct json_document *document, const struct json_value *container) {
    uint64_t place = (uint64_t)container->integer;
    struct json_cursor first = json_tape_enter((struct json_cursor){place >> 32, (uint32_t)place});
    return (struct json_walk){document, first.word, first.token, container->type == JSON_OBJECT};
}

bool json_walk_next(struct json_walk *walk, struct json_value *item) {
    const struct json_tape *tape = &walk->document->tape;
    char type = json_tape_type(tape, walk->word);
    if (type == '}' || type == ']')
        return false;
    *item = (struct json_value){0};
    struct json_cursor at = {walk->word, walk->token};
    if (walk->object) {
        item->key = json_tape_string(tape, at.word);
        at = (struct json_cursor){at.word + 1, at.token + 2}; /* past the key and ':' */
    }
    type = json_tape_type(tape, at.word);
    item->position = tape->offsets[at.token];
    if (type == '{' || type == '[')
        read_container(tape, at, item);
    else
        read_scalar(tape, at, item);
    at = json_tape_skip(tape, at);
    walk->word = at.word;
    walk->token = at.token + 1; /* past ',' or the closing bracket */
    return true;
}

int json_parse_file(struct json_document **document, const char *path, struct span text, struct error *error) {
    struct error reason = {0};
    size_t mark = text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    int status = json_parse(document, (struct span){text.data + mark, text.size - mark}, &reason);
    if (status < 0 && reason.position != ERROR_NO_POSITION) {
        reason.position += mark;
        error_prefix(&reason, "byte %" PRIu64 ": ", reason.position + 1);
    }
    if (status < 0) {
        error_prefix(&reason, "%s: ", path);
        *error = reason;
    }
    return status;
}

int json_load(struct json_document **document, const char *path, size_t limit, struct error *error) {
    struct bytes text = {0};
    *document = NULL;
    int status = input_load(path, limit, &text, error);
    if (status == 0)
        status = json_parse_file(document, path, span_of_bytes(&text), error);
    bytes_release(&text);
    return status;
}

const struct json_value *json_root(const struct json_document *document) {
    return document->nodes;
}

void json_free(struct json_document *document) {
    if (!document)
        return;
    json_reader_free(document->reader);
    free(document->nodes);
    free(document->bytes);
    free(document);
}

const struct json_value *json_member(const struct json_value *value, const char *key) {
    if (!value || value->type != JSON_OBJECT)
        return NULL;
    for (size_t i = value->count; i-- > 0;)
        if (span_is(value->items[i].key, key))
            return &value->items[i];
    return NULL;
}

double json_number(const struct json_value *value, const char *key, double otherwise) {
    const struct json_value *member = json_member(value, key);
    return member && member->type == JSON_NUMBER ? member->number : otherwise;
}

int64_t json_integer(const struct json_value *value, const char *key, int64_t otherwise) {
    const struct json_value *member = json_member(value, key);
    return member && member->type == JSON_NUMBER && member->is_integer ? member->integer : otherwise;
}

bool json_boolean(const struct json_value *value, const char *key, bool otherwise) {
    const struct json_value *member = json_member(value, key);
    if (member && (member->type == JSON_TRUE || member->type == JSON_FALSE))
        return member->type == JSON_TRUE;
    return otherwise;
}

struct span json_string(const struct json_value *value, const char *key) {
    const struct json_value *member = json_member(value, key);
    return member && member->type == JSON_STRING ? member->string : (struct span){0};
}
