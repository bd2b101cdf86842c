/*
 * Dialogues and documents as JSON: our own records, the messages of chat APIs, and ShareGPT's conversations; JSON
 * Lines, or objects in an array or one after the other. What is a record already passes with all its fields; anything
 * else becomes one, and fields that records do not have go to meta.
 */
#include "crawl/format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/memory.h"
#include "crawl/pieces.h"

struct chat_reader {
    struct object_scanner scanner;
};

/* Names of roles as they are met, and what they are to us. */
static const struct {
    const char *name;
    enum role role;
} ROLES[] = {{"user", ROLE_USER},         {"human", ROLE_USER},          {"prompter", ROLE_USER},
             {"customer", ROLE_USER},     {"assistant", ROLE_ASSISTANT}, {"gpt", ROLE_ASSISTANT},
             {"chatgpt", ROLE_ASSISTANT}, {"bot", ROLE_ASSISTANT},       {"model", ROLE_ASSISTANT},
             {"ai", ROLE_ASSISTANT},      {"bing", ROLE_ASSISTANT},      {"bard", ROLE_ASSISTANT},
             {"system", ROLE_SYSTEM},     {"developer", ROLE_SYSTEM}};

static bool role_of(struct span name, enum role *role) {
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++) {
        if (name.size == strlen(ROLES[i].name) && strncasecmp(name.data, ROLES[i].name, name.size) == 0) {
            *role = ROLES[i].role;
            return true;
        }
    }
    return false;
}

/* A key followed by a colon, in the text of some JSON. */
static bool has_key(struct span start, const char *quoted) {
    const char *at = start.data, *end = start.data + start.size;
    while (at && (at = memmem(at, (size_t)(end - at), quoted, strlen(quoted)))) {
        at += strlen(quoted);
        const char *colon = at;
        while (colon < end && isspace((unsigned char)*colon))
            colon++;
        if (colon < end && *colon == ':')
            return true;
    }
    return false;
}

static bool looks_like_objects(struct span start) {
    size_t at = start.size >= 3 && memcmp(start.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < start.size && isspace((unsigned char)start.data[at]))
        at++;
    if (at < start.size && start.data[at] == '[') {
        at++;
        while (at < start.size && isspace((unsigned char)start.data[at]))
            at++;
    }
    return at < start.size && start.data[at] == '{';
}

static unsigned chat_recognise(struct span start, const char *name) {
    (void)name;
    if (!looks_like_objects(start))
        return 0;
    return has_key(start, "\"messages\"") || has_key(start, "\"conversations\"") ? 90 : 0;
}

static unsigned records_recognise(struct span start, const char *name) {
    (void)name;
    return looks_like_objects(start) && has_key(start, "\"text\"") ? 80 : 0;
}

static void *chat_open(struct input *input, const struct crawl_options *options) {
    struct chat_reader *reader = memory_zeroed(1, sizeof *reader);
    reader->scanner.input = input;
    reader->scanner.limit = options->max_record;
    return reader;
}

static int chat_next(void *state, struct crawl_entry *entry, struct error *error) {
    struct chat_reader *reader = state;
    bool too_long;
    int status = object_scanner_next(&reader->scanner, &entry->data, &entry->position, &too_long, error);
    if (status > 0 && too_long)
        crawl_break(entry, entry->position, "an object is over --max-record");
    return status;
}

/* A message's text: a string, or the text parts of an array, a line each. False where there is something else. */
static bool append_content(const struct json_value *content, struct bytes *out) {
    if (!content)
        return false;
    if (content->type == JSON_STRING) {
        bytes_append_span(out, content->string);
        return true;
    }
    if (content->type != JSON_ARRAY)
        return false;
    for (size_t i = 0; i < content->count; i++) {
        struct span type = json_string(&content->items[i], "type"), text = json_string(&content->items[i], "text");
        if (!text.data || (type.data && !span_is(type, "text")))
            return false;
        if (i > 0)
            bytes_append_byte(out, '\n');
        bytes_append_span(out, text);
    }
    return true;
}

static const struct json_value *either_member(const struct json_value *value, const char *first, const char *second) {
    const struct json_value *found = json_member(value, first);
    return found ? found : json_member(value, second);
}

/* Appends the turns to the converter's record; their text is collected first, since the record borrows it. False where
 * it marked the entry. */
static bool take_messages(struct crawl_entry *entry, struct crawl_converter *converter,
                          const struct json_value *messages) {
    if (messages->type != JSON_ARRAY || messages->count == 0) {
        crawl_skip(entry, "empty");
        return false;
    }
    size_t *ends = memory_zeroed(messages->count, sizeof *ends);
    bool sound = true;
    bytes_clear(&converter->text);
    for (size_t i = 0; i < messages->count && sound; i++) {
        sound = append_content(either_member(&messages->items[i], "content", "value"), &converter->text);
        ends[i] = converter->text.size;
    }
    if (!sound)
        crawl_skip(entry, "content");
    for (size_t i = 0; i < messages->count && sound; i++) {
        const struct json_value *name = either_member(&messages->items[i], "role", "from");
        enum role role;
        sound = name && name->type == JSON_STRING && role_of(name->string, &role);
        size_t start = i ? ends[i - 1] : 0;
        if (sound)
            record_append_message(
                &converter->record, role,
                (struct span){converter->text.data ? converter->text.data + start : "", ends[i] - start});
        else
            crawl_skip(entry, "role");
    }
    free(ends);
    return sound;
}

static void add_to_meta(struct bytes *meta, const struct json_value *member) {
    bytes_append_byte(meta, meta->size ? ',' : '{');
    json_append_string(meta, member->key);
    bytes_append_byte(meta, ':');
    json_append_value(meta, member);
}

static bool take_field(struct crawl_entry *entry, const struct json_value *member) {
    if (span_is(member->key, "id") && (member->type == JSON_STRING || member->type == JSON_NUMBER)) {
        crawl_set(entry, FIELD_ID, member->string);
        return true;
    }
    if (span_is(member->key, "score") && member->type == JSON_NUMBER) {
        crawl_set_score(entry, member->string);
        return true;
    }
    for (size_t field = FIELD_SOURCE; field < FIELD_META; field++) {
        if (field == FIELD_SCORE || member->type != JSON_STRING ||
            !span_is(member->key, record_field_name((enum record_field)field)))
            continue;
        if (field == FIELD_DATE)
            crawl_set_date(entry, member->string);
        else
            crawl_set(entry, (enum record_field)field, member->string);
        return true;
    }
    return false;
}

/* Makes a record of an object that is none as it stands. */
static void rebuild(struct crawl_entry *entry, struct crawl_converter *converter, const struct json_value *root) {
    struct record *record = &converter->record;
    const struct json_value *messages = either_member(root, "messages", "conversations");
    struct span text = json_string(root, "text");
    if (!messages && !text.data) {
        crawl_skip(entry, "no-text");
        return;
    }
    record_begin(record, messages ? RECORD_DIALOGUE : RECORD_DOCUMENT);
    if (messages && !take_messages(entry, converter, messages))
        return;
    if (!messages)
        record_set_text(record, FIELD_TEXT, text);
    bytes_clear(&converter->scratch);
    for (size_t i = 0; i < root->count; i++) {
        const struct json_value *member = &root->items[i];
        bool content = member == messages || (!messages && span_is(member->key, "text"));
        if (!content && member->type != JSON_NULL && !take_field(entry, member))
            add_to_meta(&converter->scratch, member);
    }
    if (converter->scratch.size) {
        bytes_append_byte(&converter->scratch, '}');
        record_set_json(record, FIELD_META, span_of_bytes(&converter->scratch));
    }
    for (size_t field = FIELD_ID; field < FIELD_META; field++) {
        if (entry->field[field].size == 0)
            continue;
        if (field == FIELD_SCORE)
            record_set_json(record, FIELD_SCORE, span_of_bytes(&entry->field[field]));
        else
            record_set_text(record, (enum record_field)field, span_of_bytes(&entry->field[field]));
    }
    crawl_emit_record(entry, converter, record);
}

/* A record passes with its bytes as they are. False where the line is none. */
static bool pass_record(struct crawl_entry *entry, struct crawl_converter *converter, struct span line) {
    struct record record = {0};
    struct error error;
    if (record_parse(converter->parser, line, &record, &error) < 0)
        return false;
    crawl_emit_record(entry, converter, &record);
    return true;
}

static void chat_convert(struct crawl_entry *entry, struct crawl_converter *converter) {
    struct json_document *document;
    struct error error;
    struct span object = span_of_bytes(&entry->data);
    bool one_line = !memchr(object.data, '\n', object.size) && !memchr(object.data, '\r', object.size);
    if (one_line && pass_record(entry, converter, object))
        return;
    if (json_parse(&document, object, &error) < 0) {
        uint64_t offset = error.position == ERROR_NO_POSITION ? 0 : error.position;
        crawl_break(entry, entry->position + offset, "%s", error.message);
        return;
    }
    const struct json_value *root = json_root(document);
    bytes_clear(&converter->utf8);
    if (!one_line)
        json_append_value(&converter->utf8, root);
    if (root->type != JSON_OBJECT)
        crawl_break(entry, entry->position, "not an object");
    else if (one_line || !pass_record(entry, converter, span_of_bytes(&converter->utf8)))
        rebuild(entry, converter, root);
    json_free(document);
}

const struct crawl_format crawl_chat = {
    "chat", "messages or conversations as JSON", chat_recognise, chat_open, chat_next, free, chat_convert};
const struct crawl_format crawl_records = {
    "records", "records of the other programs", records_recognise, chat_open, chat_next, free, chat_convert};
