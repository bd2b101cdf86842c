/*
 * Owns how a record becomes a line again: untouched source is copied, changed values are put in their place, new fields
 * at the end. It knows nothing of parsing.
 */
#include "base/json.h"
#include "base/record.h"
#include "base/record_member.h"

/* A member that the record itself does not hold: {"name", json}; name.data == NULL for none. */
struct extra {
    struct span name, json;
};

static bool field_is_changed(const struct record *record, enum record_field field) {
    if (field == FIELD_COUNT)
        return false;
    return (record->changed_fields & record_field_bit(field)) || (field == FIELD_MESSAGES && record->messages_changed);
}

/* Whether a field is to be written at all: it was set to something, or belongs to a fresh record. */
static bool field_is_present(const struct record *record, enum record_field field) {
    return record->field[field].data || (field == FIELD_MESSAGES && record->kind == RECORD_DIALOGUE);
}

static void append_message(struct bytes *out, const struct message *message) {
    if (message->source.data && !message->changed) {
        json_append_source(out, message->source);
        return;
    }
    if (message->source.data) {
        const char *content_end = message->raw_content.data + message->raw_content.size;
        const char *end = message->source.data + message->source.size;
        json_append_source(
            out, (struct span){message->source.data, (size_t)(message->raw_content.data - message->source.data)});
        json_append_string(out, message->content);
        json_append_source(out, (struct span){content_end, (size_t)(end - content_end)});
        return;
    }
    bytes_append_text(out, "{\"role\":\"");
    bytes_append_text(out, role_name(message->role));
    bytes_append_text(out, "\",\"content\":");
    json_append_string(out, message->content);
    bytes_append_byte(out, '}');
}

/* The value of a changed or fresh field. */
static void append_value(struct bytes *out, const struct record *record, enum record_field field) {
    struct span value = record->field[field];
    if (record->json_fields & record_field_bit(field)) {
        json_append_source(out, value);
    } else if (field == FIELD_SCORE) {
        json_append_number(out, record->score);
    } else if (field == FIELD_MESSAGES) {
        bytes_append_byte(out, '[');
        for (size_t i = 0; i < record->message_count; i++) {
            if (i > 0)
                bytes_append_byte(out, ',');
            append_message(out, &record->messages[i]);
        }
        bytes_append_byte(out, ']');
    } else {
        json_append_string(out, value);
    }
}

static void append_member(struct bytes *out, const struct record *record, enum record_field field, bool first) {
    bytes_append_text(out, first ? "\"" : ",\"");
    bytes_append_text(out, record_field_name(field));
    bytes_append_text(out, "\":");
    append_value(out, record, field);
}

/*
 * Writes what is left of the source line's members, each with the white space and comma that stood before it, changed
 * values replaced. Adds the bits of the fields written to *written; returns whether any member was.
 */
static bool append_source_members(struct bytes *out, const struct record *record, struct span left_out,
                                  uint32_t *written) {
    const char *between = record->line.data; /* where the source before the next member begins */
    bool any = false;
    for (size_t i = 0; i < record->member_count; i++) {
        const struct record_member *member = &record->members[i];
        const struct json_item *item = &member->item;
        enum record_field field = member->field;
        bool changed = field_is_changed(record, field);
        bool keep = changed ? field_is_present(record, field) && !(*written & record_field_bit(field))
                            : field < FIELD_COUNT || !left_out.data || !span_equal(item->key, left_out);
        /* The first member written takes what stood before the first of the line: the opening brace. */
        if (keep && (any || i == 0))
            json_append_source(out, (struct span){between, (size_t)(item->whole.data - between)});
        else if (keep)
            json_append_source(out, (struct span){record->line.data,
                                                  (size_t)(record->members[0].item.whole.data - record->line.data)});
        between = item->whole.data + item->whole.size;
        if (!keep)
            continue;
        any = true;
        if (!changed) {
            json_append_source(out, item->whole);
            continue;
        }
        json_append_source(out, (struct span){item->whole.data, (size_t)(item->source.data - item->whole.data)});
        append_value(out, record, field);
        *written |= record_field_bit(field);
    }
    return any;
}

static void append_record(struct bytes *out, const struct record *record, struct extra extra) {
    uint32_t written = 0;
    bool any = false;
    if (record->line.data)
        any = append_source_members(out, record, extra.name, &written);
    if (!any)
        bytes_append_byte(out, '{');
    for (int i = 0; i < FIELD_COUNT; i++) {
        enum record_field field = (enum record_field)i;
        bool wanted = record->line.data ? field_is_changed(record, field) : true;
        if (!wanted || (written & record_field_bit(field)) || !field_is_present(record, field))
            continue;
        append_member(out, record, field, !any);
        any = true;
    }
    if (extra.name.data) {
        if (any)
            bytes_append_byte(out, ',');
        json_append_string(out, extra.name);
        bytes_append_byte(out, ':');
        json_append_source(out, extra.json);
    }
    if (record->line.data) {
        const struct json_item *last = &record->members[record->member_count - 1].item;
        const char *tail = last->whole.data + last->whole.size;
        json_append_source(out, (struct span){tail, (size_t)(record->line.data + record->line.size - tail)});
    } else {
        bytes_append_byte(out, '}');
    }
}

static int write_line(const struct record *record, struct extra extra, struct bytes *out, struct error *error) {
    size_t start = out->size;
    if (record->line.data && !extra.name.data && !record->changed_fields && !record->messages_changed)
        json_append_source(out, record->line);
    else
        append_record(out, record, extra);
    if (out->size - start > RECORD_LINE_MAX) {
        size_t size = out->size - start;
        out->size = start;
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the record would be a line of %zu bytes, more than %zu",
                         size, RECORD_LINE_MAX);
    }
    bytes_append_byte(out, '\n');
    return 0;
}

int record_write(const struct record *record, struct bytes *out, struct error *error) {
    return write_line(record, (struct extra){0}, out, error);
}

int record_write_with(const struct record *record, const char *name, struct span json, struct bytes *out,
                      struct error *error) {
    return write_line(record, (struct extra){span_of(name), json}, out, error);
}
