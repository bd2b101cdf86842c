/*
 * Owns what a line must be to be a record: known fields, their types, messages and roles; and the changes made to a
 * record until it is written. It knows JSON only as the tape, and nothing of where lines come from or what stages do
 * with them.
 */
#include "base/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/record_member.h"

static const struct span field_names[FIELD_COUNT] = {
    [FIELD_ID] = SPAN_LITERAL("id"),
    [FIELD_TEXT] = SPAN_LITERAL("text"),
    [FIELD_MESSAGES] = SPAN_LITERAL("messages"),
    [FIELD_SOURCE] = SPAN_LITERAL("source"),
    [FIELD_URL] = SPAN_LITERAL("url"),
    [FIELD_TITLE] = SPAN_LITERAL("title"),
    [FIELD_DATE] = SPAN_LITERAL("date"),
    [FIELD_LANG] = SPAN_LITERAL("lang"),
    [FIELD_THREAD] = SPAN_LITERAL("thread"),
    [FIELD_PARENT] = SPAN_LITERAL("parent"),
    [FIELD_AUTHOR] = SPAN_LITERAL("author"),
    [FIELD_SCORE] = SPAN_LITERAL("score"),
    [FIELD_LICENSE] = SPAN_LITERAL("license"),
    [FIELD_CLUSTER] = SPAN_LITERAL("cluster"),
    [FIELD_SPLIT] = SPAN_LITERAL("split"),
    [FIELD_META] = SPAN_LITERAL("meta"),
};

#define BIT(field) ((uint32_t)1 << (field))
#define ALL_FIELDS (BIT(FIELD_COUNT) - 1)
/* Of any other name in a dialogue nothing is asked: data made elsewhere may use it for what it likes. */
#define DIALOGUE_FIELDS                                                                              \
    (BIT(FIELD_ID) | BIT(FIELD_MESSAGES) | BIT(FIELD_SOURCE) | BIT(FIELD_THREAD) | BIT(FIELD_LANG) | \
     BIT(FIELD_CLUSTER) | BIT(FIELD_SPLIT) | BIT(FIELD_META))

static const char *const role_names[] = {
    [ROLE_SYSTEM] = "system", [ROLE_USER] = "user", [ROLE_ASSISTANT] = "assistant"};

struct record_parser {
    struct json_reader *reader;
    struct record_member *members;
    size_t member_capacity;
    struct message *messages;
    size_t message_capacity;
};

/* What the steps of one parse share. */
struct parse {
    struct record_parser *parser;
    struct json_tape tape;
    struct record *record;
    struct error *error;
};

struct record_parser *record_parser_new(void) {
    struct record_parser *parser = memory_zeroed(1, sizeof *parser);
    parser->reader = json_reader_new();
    return parser;
}

void record_parser_free(struct record_parser *parser) {
    if (!parser)
        return;
    json_reader_free(parser->reader);
    free(parser->members);
    free(parser->messages);
    free(parser);
}

static uint64_t position_of(const struct parse *parse, struct span source) {
    return (uint64_t)(source.data - parse->tape.text.data);
}

static enum record_field field_of(struct span key) {
    for (int field = 0; field < FIELD_COUNT; field++)
        if (field_names[field].size == key.size && memcmp(field_names[field].data, key.data, key.size) == 0)
            return (enum record_field)field;
    return FIELD_COUNT;
}

/* Makes room for one more message, in the parser's memory or the fresh record's own. */
static struct message *add_message(struct record *record) {
    if (record->message_count == record->message_capacity) {
        record->message_capacity = record->message_capacity ? 2 * record->message_capacity : 16;
        record->messages = memory_resize(record->messages, record->message_capacity, sizeof *record->messages);
        if (record->parser) {
            record->parser->messages = record->messages;
            record->parser->message_capacity = record->message_capacity;
        }
    }
    struct message *message = &record->messages[record->message_count++];
    *message = (struct message){0};
    return message;
}

/* Takes "role" or "content", a string or null, once in a message. */
static int parse_message_text(struct parse *parse, const struct json_item *item, bool *seen, struct span *text) {
    char type = json_tape_type(&parse->tape, item->value.word);
    if (*seen)
        return error_set(parse->error, ERROR_DATA, position_of(parse, item->whole), "\"%.*s\" twice in a message",
                         (int)item->key.size, item->key.data);
    *seen = true;
    if (type == '"')
        *text = json_tape_string(&parse->tape, item->value.word);
    else if (type != 'n')
        return error_set(parse->error, ERROR_DATA, position_of(parse, item->source),
                         "\"%.*s\" of a message is not a string", (int)item->key.size, item->key.data);
    return 0;
}

static int parse_message(struct parse *parse, const struct json_item *element) {
    const struct json_tape *tape = &parse->tape;
    uint64_t position = position_of(parse, element->source);
    struct message *message = add_message(parse->record);
    struct span role = {0};
    bool has_role = false, has_content = false;
    struct json_item item;
    if (json_tape_type(tape, element->value.word) != '{')
        return error_set(parse->error, ERROR_DATA, position, "a message is not an object");
    message->source = element->source;
    for (struct json_cursor at = json_tape_enter(element->value); json_tape_next(tape, &at, true, &item);) {
        if (span_is(item.key, "role")) {
            if (parse_message_text(parse, &item, &has_role, &role) < 0)
                return -1;
            if (role.data && !role_parse(role, &message->role))
                return error_set(parse->error, ERROR_DATA, position_of(parse, item.source),
                                 "a role that is not system, user or assistant");
        } else if (span_is(item.key, "content")) {
            message->raw_content = item.source;
            if (parse_message_text(parse, &item, &has_content, &message->content) < 0)
                return -1;
        }
    }
    if (!role.data)
        return error_set(parse->error, ERROR_DATA, position, "a message without a role");
    if (!message->content.data)
        return error_set(parse->error, ERROR_DATA, position, "a message without content");
    return 0;
}

static int parse_messages(struct parse *parse, const struct json_item *member) {
    struct json_item element;
    if (json_tape_type(&parse->tape, member->value.word) != '[')
        return error_set(parse->error, ERROR_DATA, position_of(parse, member->source), "\"messages\" is not an array");
    for (struct json_cursor at = json_tape_enter(member->value); json_tape_next(&parse->tape, &at, false, &element);)
        if (parse_message(parse, &element) < 0)
            return -1;
    return 0;
}

/* Takes the value of a known field that is not null. */
static int parse_field(struct parse *parse, enum record_field field, const struct json_item *item) {
    const struct json_tape *tape = &parse->tape;
    char type = json_tape_type(tape, item->value.word);
    struct record *record = parse->record;
    uint64_t position = position_of(parse, item->source);
    switch (field) {
    case FIELD_META:
        break;
    case FIELD_MESSAGES:
        if (parse_messages(parse, item) < 0)
            return -1;
        break;
    case FIELD_SCORE:
        if (!strchr("lud", type))
            return error_set(parse->error, ERROR_DATA, position, "\"score\" is not a number");
        record->score = json_tape_number(tape, item->value);
        break;
    default:
        if (type != '"')
            return error_set(parse->error, ERROR_DATA, position, "\"%s\" is not a string", record_field_name(field));
        record->field[field] = json_tape_string(tape, item->value.word);
        return 0;
    }
    record->field[field] = item->source;
    return 0;
}

/* Notes every top-level member and which kind of record they make. */
static void find_members(struct parse *parse, bool *has_text) {
    struct record_parser *parser = parse->parser;
    struct record *record = parse->record;
    struct json_item item;
    for (struct json_cursor at = json_tape_enter((struct json_cursor){1, 0});
         json_tape_next(&parse->tape, &at, true, &item);) {
        if (record->member_count == parser->member_capacity) {
            parser->member_capacity = parser->member_capacity ? 2 * parser->member_capacity : 32;
            parser->members = memory_resize(parser->members, parser->member_capacity, sizeof *parser->members);
        }
        enum record_field field = field_of(item.key);
        bool present = json_tape_type(&parse->tape, item.value.word) != 'n';
        if (field == FIELD_MESSAGES && present)
            record->kind = RECORD_DIALOGUE;
        if (field == FIELD_TEXT && present)
            *has_text = true;
        parser->members[record->member_count++] = (struct record_member){item, field};
    }
    record->members = parser->members;
}

static int parse_members(struct parse *parse) {
    const struct record *record = parse->record;
    uint32_t known = record->kind == RECORD_DIALOGUE ? DIALOGUE_FIELDS : ALL_FIELDS, seen = 0;
    for (size_t i = 0; i < record->member_count; i++) {
        const struct record_member *member = &record->members[i];
        uint32_t bit = member->field < FIELD_COUNT ? BIT(member->field) & known : 0;
        if (bit == 0)
            continue;
        if (seen & bit)
            return error_set(parse->error, ERROR_DATA, position_of(parse, member->item.whole), "\"%s\" twice",
                             record_field_name(member->field));
        seen |= bit;
        if (json_tape_type(&parse->tape, member->item.value.word) != 'n' &&
            parse_field(parse, member->field, &member->item) < 0)
            return -1;
    }
    return 0;
}

int record_parse(struct record_parser *parser, struct span line, struct record *record, struct error *error) {
    struct parse parse = {.parser = parser, .record = record, .error = error};
    bool has_text = false;
    *record =
        (struct record){.parser = parser, .messages = parser->messages, .message_capacity = parser->message_capacity};
    if (line.size > RECORD_LINE_MAX)
        return error_set(error, ERROR_DATA, RECORD_LINE_MAX, "a line of more than %zu bytes", RECORD_LINE_MAX);
    if (json_reader_parse(parser->reader, line, RECORD_DEPTH_MAX, &parse.tape, error) < 0)
        return -1;
    record->line = parse.tape.text;
    record->lone_surrogates = parse.tape.lone_surrogates;
    if (json_tape_type(&parse.tape, 1) != '{')
        return error_set(error, ERROR_DATA, parse.tape.offsets[0], "not an object");
    find_members(&parse, &has_text);
    if (record->kind == RECORD_DOCUMENT && !has_text)
        return error_set(error, ERROR_DATA, parse.tape.offsets[0], "neither \"text\" nor \"messages\"");
    return parse_members(&parse);
}

void record_begin(struct record *record, enum record_kind kind) {
    struct record fresh = {.kind = kind};
    if (!record->parser) { /* memory of its own, to be used again */
        fresh.messages = record->messages;
        fresh.message_capacity = record->message_capacity;
    }
    *record = fresh;
}

void record_release(struct record *record) {
    if (!record->parser)
        free(record->messages);
    *record = (struct record){0};
}

static void change_field(struct record *record, enum record_field field, struct span value, bool json) {
    uint32_t bit = BIT(field);
    record->field[field] = value;
    record->changed_fields |= bit;
    record->json_fields = json ? record->json_fields | bit : record->json_fields & ~bit;
}

void record_set_text(struct record *record, enum record_field field, struct span text) {
    change_field(record, field, text, false);
}

void record_set_score(struct record *record, double score) {
    record->score = score;
    /* Any bytes will do to say that it is there: the writer prints the number. */
    change_field(record, FIELD_SCORE, isfinite(score) ? SPAN_LITERAL("") : (struct span){0}, false);
}

void record_set_json(struct record *record, enum record_field field, struct span json) {
    change_field(record, field, json, true);
}

void record_remove(struct record *record, enum record_field field) {
    change_field(record, field, (struct span){0}, false);
}

void record_set_content(struct record *record, size_t message, struct span content) {
    record->messages[message].content = content;
    record->messages[message].changed = true;
    record->messages_changed = true;
}

void record_append_message(struct record *record, enum role role, struct span content) {
    struct message *message = add_message(record);
    message->role = role;
    message->content = content;
    message->changed = true;
    record->messages_changed = true;
}

void record_keep_messages(struct record *record, size_t from, size_t to) {
    if (from == 0 && to == record->message_count)
        return;
    memmove(record->messages, record->messages + from, (to - from) * sizeof *record->messages);
    record->message_count = to - from;
    record->messages_changed = true;
}

const char *record_field_name(enum record_field field) {
    return field_names[field].data;
}

const char *role_name(enum role role) {
    return role_names[role];
}

bool role_parse(struct span text, enum role *role) {
    for (size_t i = 0; i < sizeof role_names / sizeof *role_names; i++)
        if (span_is(text, role_names[i])) {
            *role = (enum role)i;
            return true;
        }
    return false;
}
