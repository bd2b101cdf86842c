/*
 * Any bytes as a record and as a JSON text. What is taken must write back: the line again to the same line, the tree to
 * the same tree.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held) {
    if (!held)
        abort();
}

/* Writes the record, reads that, writes it again: both lines must be equal. */
static void check_written(struct record_parser *parser, const struct record *record) {
    struct bytes once = {0}, twice = {0};
    struct record again;
    struct error error;
    require(record_write(record, &once, &error) == 0);
    require(record_parse(parser, (struct span){once.data, once.size - 1}, &again, &error) == 0);
    require(record_write(&again, &twice, &error) == 0);
    require(span_equal(span_of_bytes(&once), span_of_bytes(&twice)));
    bytes_release(&once);
    bytes_release(&twice);
}

static void check_record(struct span line) {
    struct record_parser *parser = record_parser_new(), *other = record_parser_new();
    struct record record;
    struct error error;
    if (record_parse(parser, line, &record, &error) == 0) {
        check_written(other, &record);
        record_set_text(&record, FIELD_LANG, record.field[FIELD_ID]);
        record_set_score(&record, (double)line.size / 10);
        record_remove(&record, FIELD_SOURCE);
        if (record.kind == RECORD_DOCUMENT)
            record_set_text(&record, FIELD_TEXT, record.field[FIELD_TEXT]);
        for (size_t i = 0; i < record.message_count; i += 2)
            record_set_content(&record, i, record.messages[i].content);
        if (record.message_count > 2)
            record_keep_messages(&record, 1, record.message_count);
        if (record.kind == RECORD_DIALOGUE)
            record_append_message(&record, ROLE_USER, SPAN_LITERAL("more"));
        check_written(other, &record);
    } else {
        require(error.code == ERROR_DATA && error.position <= line.size);
    }
    record_parser_free(parser);
    record_parser_free(other);
}

static void check_tree(struct span text) {
    struct json_document *document, *again;
    struct bytes once = {0}, twice = {0};
    struct error error;
    if (json_parse(&document, text, &error) < 0) {
        require(error.code == ERROR_DATA && error.position <= text.size);
        return;
    }
    json_append_value(&once, json_root(document));
    require(json_parse(&again, span_of_bytes(&once), &error) == 0);
    json_append_value(&twice, json_root(again));
    require(span_equal(span_of_bytes(&once), span_of_bytes(&twice)));
    json_free(document);
    json_free(again);
    bytes_release(&once);
    bytes_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span text = {size ? (const char *)data : "", size};
    check_record(text);
    check_tree(text);
    return 0;
}
