/* base/record.h: what is a record and what is not, and that edits change what they should and nothing else. */
#include "base/record.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json.h"
#include "base/json_tape.h"
#include "base/memory.h"
#include "base/random.h"
#include "suite.h"

#define SUITE "build/corpora/conf_json/JSONTestSuite/test_parsing"

static struct record_parser *parser;

static void setup(void) {
    parser = record_parser_new();
}

static void teardown(void) {
    record_parser_free(parser);
}

static struct record parse(const char *line) {
    struct record record;
    struct error error;
    ck_assert_msg(record_parse(parser, span_of(line), &record, &error) == 0, "%s: %s", line, error.message);
    return record;
}

static void expect_text(struct span span, const char *expected) {
    ck_assert_msg(span_is(span, expected), "\"%.*s\" is not \"%s\"", (int)span.size, span.data, expected);
}

/* The written line must be `expected` and a newline. */
static void expect_line(const struct record *record, const char *expected) {
    struct bytes out = {0};
    struct error error;
    ck_assert_msg(record_write(record, &out, &error) == 0, "%s", error.message);
    ck_assert_int_eq(out.data[out.size - 1], '\n');
    expect_text((struct span){out.data, out.size - 1}, expected);
    bytes_release(&out);
}

START_TEST(document_fields_are_read) {
    struct record record = parse("{\"id\":\"a\",\"t\\u0065xt\":\"b\\u0000c\",\"score\":-1.5,\"meta\":{ \"k\": [1] },"
                                 "\"lang\":null,\"x\":\"y\"}");
    ck_assert_int_eq(record.kind, RECORD_DOCUMENT);
    expect_text(record.field[FIELD_ID], "a");
    ck_assert(record.field[FIELD_TEXT].size == 3 && !memcmp(record.field[FIELD_TEXT].data, "b\0c", 3));
    expect_text(record.field[FIELD_SCORE], "-1.5");
    ck_assert_double_eq(record.score, -1.5);
    expect_text(record.field[FIELD_META], "{ \"k\": [1] }");
    ck_assert(!record.field[FIELD_LANG].data);
    ck_assert(!record.field[FIELD_URL].data);
    ck_assert_uint_eq(record.message_count, 0);
}
END_TEST

START_TEST(dialogue_messages_are_read) {
    struct record record =
        parse("{\"messages\": [ {\"role\":\"system\",\"content\":\"s\"} ,"
              "{\"content\":\"h\\n\",\"x\":1,\"role\":\"user\"},"
              "{\"role\":\"assistant\",\"content\":\"\"} ], \"text\":[5],\"title\":7,\"lang\":\"sv\"}");
    ck_assert_int_eq(record.kind, RECORD_DIALOGUE);
    ck_assert_uint_eq(record.message_count, 3);
    ck_assert_int_eq(record.messages[0].role, ROLE_SYSTEM);
    ck_assert_int_eq(record.messages[1].role, ROLE_USER);
    expect_text(record.messages[1].content, "h\n");
    expect_text(record.messages[1].source, "{\"content\":\"h\\n\",\"x\":1,\"role\":\"user\"}");
    expect_text(record.messages[1].raw_content, "\"h\\n\"");
    ck_assert_int_eq(record.messages[2].role, ROLE_ASSISTANT);
    ck_assert(record.messages[2].content.data && record.messages[2].content.size == 0);
    ck_assert(!record.field[FIELD_TEXT].data);
    ck_assert(!record.field[FIELD_TITLE].data);
    expect_text(record.field[FIELD_LANG], "sv");
    ck_assert_uint_eq(parse("{\"messages\":[]}").message_count, 0);
    ck_assert_int_eq(parse("{\"messages\":null,\"text\":\"\"}").kind, RECORD_DOCUMENT);
}
END_TEST

START_TEST(bad_records_are_refused_with_their_byte) {
    static const struct {
        const char *line;
        uint64_t position;
        const char *reason;
    } faults[] = {
        {"", 0, "ends"},
        {" [1]", 1, "not an object"},
        {"\"text\"", 0, "not an object"},
        {"{}", 0, "neither"},
        {"{\"text\":null}", 0, "neither"},
        {"{\"id\":\"a\"}", 0, "neither"},
        {"{\"text\":5}", 8, "\"text\" is not a string"},
        {"{\"text\":\"a\",\"id\":5}", 17, "\"id\" is not a string"},
        {"{\"text\":\"a\",\"score\":\"5\"}", 20, "\"score\" is not a number"},
        {"{\"text\":\"a\",\"text\":\"b\"}", 12, "\"text\" twice"},
        {"{\"text\":\"a\",\"t\\u0065xt\":null}", 12, "\"text\" twice"},
        {"{\"messages\":null,\"messages\":[]}", 17, "\"messages\" twice"},
        {"{\"messages\":{}}", 12, "not an array"},
        {"{\"messages\":[1]}", 13, "a message is not an object"},
        {"{\"messages\":[{\"content\":\"\"}]}", 13, "without a role"},
        {"{\"messages\":[{\"role\":null,\"content\":\"\"}]}", 13, "without a role"},
        {"{\"messages\":[{\"role\":\"user\"}]}", 13, "without content"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":null}]}", 13, "without content"},
        {"{\"messages\":[{\"role\":\"tool\",\"content\":\"\"}]}", 21, "a role that is not"},
        {"{\"messages\":[{\"role\":\"User\",\"content\":\"\"}]}", 21, "a role that is not"},
        {"{\"messages\":[{\"role\":1,\"content\":\"\"}]}", 21, "\"role\" of a message is not a string"},
        {"{\"messages\":[{\"role\":\"user\",\"content\":[]}]}", 38, "\"content\" of a message is not a string"},
        {"{\"messages\":[{\"role\":\"user\",\"role\":\"user\",\"content\":\"\"}]}", 28, "\"role\" twice"},
        {"{\"messages\":[{\"content\":\"\",\"role\":\"user\",\"content\":\"\"}]}", 41, "\"content\" twice"},
        {"{\"text\":\"a\"} {", 13, "more after"},
        {"{\"text\":\"a\",\"x\":01}", 16, "number"},
        {"{\"text\":\"a\xFF\"}", 10, "UTF-8"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct record record;
        struct error error;
        ck_assert_msg(record_parse(parser, span_of(faults[i].line), &record, &error) == -1, "taken: %s",
                      faults[i].line);
        ck_assert_int_eq(error.code, ERROR_DATA);
        ck_assert_msg(error.position == faults[i].position && strstr(error.message, faults[i].reason), "%s: %d: %s",
                      faults[i].line, (int)error.position, error.message);
    }
}
END_TEST

START_TEST(null_counts_as_seen_in_messages) {
    struct record record;
    struct error error;
    const char *line = "{\"messages\":[{\"role\":null,\"role\":\"user\",\"content\":\"\"}]}";
    ck_assert_int_eq(record_parse(parser, span_of(line), &record, &error), -1);
    ck_assert_msg(strstr(error.message, "\"role\" twice"), "%s", error.message);
}
END_TEST

START_TEST(depth_and_size_are_bounded) {
    struct bytes line = {0};
    struct record record;
    struct error error;
    for (size_t depth = RECORD_DEPTH_MAX - 1; depth <= RECORD_DEPTH_MAX; depth++) {
        bytes_clear(&line);
        bytes_append_text(&line, "{\"text\":\"\",\"x\":");
        for (size_t i = 0; i < depth; i++)
            bytes_append_byte(&line, '[');
        for (size_t i = 0; i < depth; i++)
            bytes_append_byte(&line, ']');
        bytes_append_byte(&line, '}');
        int expected = depth < RECORD_DEPTH_MAX ? 0 : -1;
        ck_assert_int_eq(record_parse(parser, span_of_bytes(&line), &record, &error), expected);
    }
    ck_assert_uint_eq(error.position, 15 + RECORD_DEPTH_MAX - 1);
    bytes_release(&line);
    char *text = memory_zeroed(1, RECORD_LINE_MAX + 1);
    ck_assert_int_eq(record_parse(parser, (struct span){text, RECORD_LINE_MAX + 1}, &record, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    free(text);
}
END_TEST

/* A line that only its escapes make too long is refused, and nothing of it stays. */
START_TEST(written_lines_are_bounded) {
    size_t size = RECORD_LINE_MAX / 2;
    char *text = memory_allocate(size);
    struct record record = {0};
    struct bytes out = {0};
    struct error error;
    memset(text, '"', size);
    bytes_append_text(&out, "before");
    record_begin(&record, RECORD_DOCUMENT);
    record_set_text(&record, FIELD_TEXT, (struct span){text, size});
    ck_assert_int_eq(record_write(&record, &out, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    expect_text(span_of_bytes(&out), "before");
    /* {"text":""} are 11 bytes; 6 fewer quotes make it fit with a byte to spare. */
    record_set_text(&record, FIELD_TEXT, (struct span){text, size - 6});
    ck_assert_int_eq(record_write(&record, &out, &error), 0);
    ck_assert_uint_eq(out.size, strlen("before") + RECORD_LINE_MAX - 12 + 11 + 1);
    record_release(&record);
    bytes_release(&out);
    free(text);
}
END_TEST

static const char *const untouched[] = {
    "{\"text\":\"a\"}",
    " { \"id\" : \"a\" , \"x\":123456789012345678901234567890, \"text\" : \"\\u00e9\\/\", \"y\": 1.0e+005 }\t",
    "{\"messages\": [ {\"role\": \"user\", \"content\": \"\\u0041\", \"name\": \"z\"} ], \"text\": [], \"q\":1e999}",
};

START_TEST(untouched_lines_are_copied) {
    for (size_t i = 0; i < sizeof untouched / sizeof *untouched; i++) {
        struct record record = parse(untouched[i]);
        expect_line(&record, untouched[i]);
    }
    struct record record = parse("{\"text\":\"\u2028\xC2\x85\",\"\u2029\":1}");
    expect_line(&record, "{\"text\":\"\\u2028\\u0085\",\"\\u2029\":1}");
}
END_TEST

START_TEST(lone_surrogates_are_replaced_and_counted) {
    struct record record = parse("{\"text\":\"a\\ud800b\",\"x\":[\"\\uDFFF\",\"\\ud83d\\ude00\",1e999]}");
    ck_assert_uint_eq(record.lone_surrogates, 2);
    expect_text(record.field[FIELD_TEXT], "a\xEF\xBF\xBD"
                                          "b");
    expect_line(&record, "{\"text\":\"a\\ufffdb\",\"x\":[\"\\ufffd\",\"\\ud83d\\ude00\",1e999]}");
    ck_assert_uint_eq(parse("{\"text\":\"\\ud83d\\ude00\"}").lone_surrogates, 0);
}
END_TEST

START_TEST(edits_stay_in_place) {
    struct record record = parse("{ \"id\": \"a\",  \"x\": 1, \"text\" : \"old\", \"lang\":null, \"score\":2 }");
    record_set_text(&record, FIELD_TEXT, SPAN_LITERAL("n\"w"));
    record_set_text(&record, FIELD_LANG, SPAN_LITERAL("nl"));
    record_set_score(&record, 0.5);
    record_set_text(&record, FIELD_SPLIT, SPAN_LITERAL("val"));
    record_set_json(&record, FIELD_META, SPAN_LITERAL("{\"k\":[1]}"));
    expect_line(&record, "{ \"id\": \"a\",  \"x\": 1, \"text\" : \"n\\\"w\", \"lang\":\"nl\", \"score\":0.5,"
                         "\"split\":\"val\",\"meta\":{\"k\":[1]} }");
    record_remove(&record, FIELD_ID);
    record_remove(&record, FIELD_SCORE);
    record_remove(&record, FIELD_META);
    expect_line(&record, "{ \"x\": 1, \"text\" : \"n\\\"w\", \"lang\":\"nl\",\"split\":\"val\" }");
}
END_TEST

START_TEST(messages_are_edited) {
    struct record record =
        parse("{\"messages\":[{\"role\":\"system\",\"content\":\"s\"}, {\"role\":\"user\", \"content\":\"u\",\"n\":1},"
              "{\"role\":\"assistant\",\"content\":\"a\"}],\"z\":0}");
    record_set_content(&record, 1, SPAN_LITERAL("U\n"));
    expect_line(&record,
                "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\", \"content\":\"U\\n\","
                "\"n\":1},{\"role\":\"assistant\",\"content\":\"a\"}],\"z\":0}");
    record_keep_messages(&record, 1, 2);
    for (int i = 0; i < 40; i++)
        record_append_message(&record, ROLE_ASSISTANT, SPAN_LITERAL("x"));
    record_keep_messages(&record, 0, 2);
    expect_line(&record, "{\"messages\":[{\"role\":\"user\", \"content\":\"U\\n\",\"n\":1},"
                         "{\"role\":\"assistant\",\"content\":\"x\"}],\"z\":0}");
    /* What grew belongs to the parser, whose next record must be sound. */
    ck_assert_uint_eq(parse("{\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}").message_count, 1);
}
END_TEST

START_TEST(unknown_fields_of_dialogues_can_be_set) {
    struct record record = parse("{\"title\":7,\"messages\":[],\"title\":8}");
    record_set_text(&record, FIELD_TITLE, SPAN_LITERAL("t"));
    expect_line(&record, "{\"title\":\"t\",\"messages\":[]}");
}
END_TEST

START_TEST(fresh_records_are_written) {
    struct record record = {0};
    record_begin(&record, RECORD_DOCUMENT);
    record_set_text(&record, FIELD_SOURCE, SPAN_LITERAL("warc"));
    record_set_text(&record, FIELD_TEXT, SPAN_LITERAL("\x01"));
    record_set_score(&record, 3);
    record_set_text(&record, FIELD_ID, SPAN_LITERAL("i"));
    expect_line(&record, "{\"id\":\"i\",\"text\":\"\\u0001\",\"source\":\"warc\",\"score\":3}");
    record_begin(&record, RECORD_DIALOGUE);
    expect_line(&record, "{\"messages\":[]}");
    record_append_message(&record, ROLE_USER, SPAN_LITERAL("q"));
    record_append_message(&record, ROLE_ASSISTANT, SPAN_LITERAL("a"));
    record_set_text(&record, FIELD_ID, SPAN_LITERAL("i"));
    expect_line(&record, "{\"id\":\"i\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
                         "{\"role\":\"assistant\",\"content\":\"a\"}]}");
    record_release(&record);
    /* A struct that held a parsed record may hold a fresh one next. */
    record = parse("{\"messages\":[{\"role\":\"user\",\"content\":\"u\"}]}");
    record_begin(&record, RECORD_DIALOGUE);
    record_append_message(&record, ROLE_USER, SPAN_LITERAL("q"));
    expect_line(&record, "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}");
    record_release(&record);
}
END_TEST

START_TEST(rejects_carry_one_more_member) {
    struct record record = parse("{\"text\":\"a\",\"reject\":{\"rule\":\"old\"} }");
    struct bytes out = {0};
    ck_assert_int_eq(record_write_with(&record, "reject", SPAN_LITERAL("{\"rule\":\"new\"}"), &out, NULL), 0);
    expect_text(span_of_bytes(&out), "{\"text\":\"a\",\"reject\":{\"rule\":\"new\"} }\n");
    bytes_clear(&out);
    record = parse("{\"text\":\"a\"}");
    record_remove(&record, FIELD_TEXT);
    ck_assert_int_eq(record_write_with(&record, "reject", SPAN_LITERAL("1"), &out, NULL), 0);
    expect_text(span_of_bytes(&out), "{\"reject\":1}\n");
    bytes_release(&out);
}
END_TEST

/* ---- random records and edits against a model ---- */

#define MODEL_UNKNOWN 4

/* What a record should hold. Strings are indices into `texts`. */
struct model {
    const char *field[FIELD_COUNT]; /* decoded text, or source of score and meta; NULL is absent */
    const char *unknown[MODEL_UNKNOWN];
};

static const char *const texts[] = {
    "", "plain", "q\"uote", "line\nbreak\ttab\r", "没有\xC2\x85", "a\u2028b\u2029", "\x01\x1f", "😀", "back\\slash/"};
static const char *const sources[] = {"1e999", "[ 1, {\"text\":[]} ]",   "\"s\\u0041\"", "null", "-0", "{}",
                                      "true",  "12345678901234567890123"};
#define PICK(random, list) (list)[random_below(random, sizeof(list) / sizeof *(list))]

static void append_space(struct random *random, struct bytes *line) {
    static const char spaces[] = {' ', '\t', '\r'};
    for (uint64_t n = random_below(random, 3); n > 0; n--)
        bytes_append_byte(line, PICK(random, spaces));
}

/* The line of a random document, its members in random order, and the model of it. */
static void make_line(struct random *random, struct model *model, struct bytes *line) {
    bool done[FIELD_COUNT + MODEL_UNKNOWN] = {[FIELD_MESSAGES] = true};
    bool any = false;
    *model = (struct model){0};
    bytes_clear(line);
    bytes_append_byte(line, '{');
    for (size_t step = 0; step < 60 || !done[FIELD_TEXT]; step++) {
        size_t which = random_below(random, FIELD_COUNT + MODEL_UNKNOWN);
        if (done[which] || (which != FIELD_TEXT && random_below(random, 3) == 0))
            continue;
        done[which] = true;
        append_space(random, line);
        bytes_append_text(line, any ? "," : "");
        append_space(random, line);
        any = true;
        if (which >= FIELD_COUNT) {
            model->unknown[which - FIELD_COUNT] = PICK(random, sources);
            bytes_append_format(line, "\"u%zu\":%s", which - FIELD_COUNT, model->unknown[which - FIELD_COUNT]);
            continue;
        }
        json_append_string(line, span_of(record_field_name((enum record_field)which)));
        append_space(random, line);
        bytes_append_byte(line, ':');
        append_space(random, line);
        if (which == FIELD_SCORE || which == FIELD_META) {
            model->field[which] = which == FIELD_SCORE ? "2.50" : "{\"k\": 1}";
            bytes_append_text(line, model->field[which]);
        } else if (which != FIELD_TEXT && random_below(random, 8) == 0) {
            bytes_append_text(line, "null");
        } else {
            model->field[which] = PICK(random, texts);
            json_append_string(line, span_of(model->field[which]));
        }
    }
    append_space(random, line);
    bytes_append_byte(line, '}');
}

static void edit(struct random *random, struct model *model, struct record *record) {
    for (uint64_t edits = random_below(random, 6); edits > 0; edits--) {
        enum record_field field = (enum record_field)random_below(random, FIELD_COUNT);
        bool removing = random_below(random, 3) == 0;
        if (field == FIELD_MESSAGES || (field == FIELD_TEXT && removing))
            continue;
        if (removing) {
            record_remove(record, field);
            model->field[field] = NULL;
        } else if (field == FIELD_SCORE) {
            record_set_score(record, -7.25);
            model->field[field] = "-7.25";
        } else if (field == FIELD_META) {
            model->field[field] = random_below(random, 2) ? "[null]" : "\"\\u0000\"";
            record_set_json(record, field, span_of(model->field[field]));
        } else {
            model->field[field] = PICK(random, texts);
            record_set_text(record, field, span_of(model->field[field]));
        }
    }
}

static void expect_model(const struct model *model, const struct record *record, const struct bytes *line) {
    for (int field = 0; field < FIELD_COUNT; field++)
        ck_assert_msg(span_equal(record->field[field], span_of(model->field[field])), "%s in %.*s",
                      record_field_name((enum record_field)field), (int)line->size, line->data);
    struct json_document *document;
    ck_assert_int_eq(json_parse(&document, span_of_bytes(line), NULL), 0);
    for (size_t i = 0; i < MODEL_UNKNOWN; i++) {
        struct bytes member = {0};
        if (!model->unknown[i])
            continue;
        bytes_append_format(&member, "\"u%zu\":%s", i, model->unknown[i]);
        ck_assert_msg(memmem(line->data, line->size, member.data, member.size), "%.*s", (int)line->size, line->data);
        bytes_release(&member);
    }
    json_free(document);
}

START_TEST(random_edits_round_trip) {
    struct random random;
    struct bytes line = {0}, out = {0}, again = {0};
    random_seed(&random, 11);
    for (int round = 0; round < 20000; round++) {
        struct model model;
        struct record record;
        struct error error;
        make_line(&random, &model, &line);
        ck_assert_msg(record_parse(parser, span_of_bytes(&line), &record, &error) == 0, "%.*s: %s", (int)line.size,
                      line.data, error.message);
        expect_model(&model, &record, &line);
        edit(&random, &model, &record);
        bytes_clear(&out);
        ck_assert_int_eq(record_write(&record, &out, &error), 0);
        ck_assert_int_eq(out.data[--out.size], '\n');
        ck_assert_ptr_null(memchr(out.data, '\n', out.size));
        ck_assert_msg(record_parse(parser, span_of_bytes(&out), &record, &error) == 0, "%.*s: %s", (int)out.size,
                      out.data, error.message);
        expect_model(&model, &record, &out);
        /* Written lines hold no separator, so they are copied byte for byte. */
        bytes_clear(&again);
        ck_assert_int_eq(record_write(&record, &again, &error), 0);
        again.size--;
        ck_assert(span_equal(span_of_bytes(&out), span_of_bytes(&again)));
    }
    bytes_release(&line);
    bytes_release(&out);
    bytes_release(&again);
}
END_TEST

/* Every file of the suite, as the value of an unknown field (white space in it must not end the line). */
START_TEST(suite_is_judged_inside_records) {
    DIR *directory = opendir(SUITE);
    size_t judged = 0;
    if (!directory) {
        puts("record: skipped JSONTestSuite: no " SUITE);
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[sizeof SUITE + 300];
        struct bytes value = {0}, line = {0};
        struct record record;
        struct error error;
        if (!strchr("yni", entry->d_name[0]) || entry->d_name[1] != '_')
            continue;
        snprintf(path, sizeof path, "%s/%s", SUITE, entry->d_name);
        ck_assert_msg(input_load(path, 1 << 24, &value, &error) == 0, "%s", error.message);
        bytes_append_text(&line, "{\"text\":\"\",\"x\":");
        bytes_append_span(&line, span_of_bytes(&value));
        bytes_append_byte(&line, '}');
        int status = record_parse(parser, span_of_bytes(&line), &record, &error);
        /* These two are wrong for what stands after their first value, which a record has after it in any case. */
        bool closes = strstr(entry->d_name, "n_structure_object_with_trailing_garbage") != NULL;
        if (entry->d_name[0] != 'i' && !closes)
            ck_assert_msg(status == (entry->d_name[0] == 'y' ? 0 : -1), "%s", entry->d_name);
        if (status == 0) {
            struct bytes out = {0};
            ck_assert_int_eq(record_write(&record, &out, &error), 0);
            ck_assert_int_eq(record_parse(parser, (struct span){out.data, out.size - 1}, &record, &error), 0);
            bytes_release(&out);
        }
        bytes_release(&value);
        bytes_release(&line);
        judged++;
    }
    closedir(directory);
    ck_assert_uint_gt(judged, 300);
}
END_TEST

/* A huge line, then a small one: the parser gives its buffers back and still works. */
START_TEST(parser_survives_a_huge_line) {
    struct bytes line = {0};
    struct record record;
    struct error error;
    bytes_append_text(&line, "{\"text\":\"");
    memset(bytes_reserve(&line, 9 << 20), 'x', 9 << 20);
    line.size += 9 << 20;
    bytes_append_text(&line, "\"}");
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(record_parse(parser, span_of_bytes(&line), &record, &error), 0);
        ck_assert_uint_eq(record.field[FIELD_TEXT].size, 9 << 20);
        expect_text(parse("{\"text\":\"small\"}").field[FIELD_TEXT], "small");
    }
    bytes_release(&line);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("record");
    TCase *cases = tcase_create("record");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, document_fields_are_read);
    tcase_add_test(cases, dialogue_messages_are_read);
    tcase_add_test(cases, bad_records_are_refused_with_their_byte);
    tcase_add_test(cases, null_counts_as_seen_in_messages);
    tcase_add_test(cases, depth_and_size_are_bounded);
    tcase_add_test(cases, written_lines_are_bounded);
    tcase_add_test(cases, untouched_lines_are_copied);
    tcase_add_test(cases, lone_surrogates_are_replaced_and_counted);
    tcase_add_test(cases, edits_stay_in_place);
    tcase_add_test(cases, messages_are_edited);
    tcase_add_test(cases, unknown_fields_of_dialogues_can_be_set);
    tcase_add_test(cases, fresh_records_are_written);
    tcase_add_test(cases, rejects_carry_one_more_member);
    tcase_add_test(cases, random_edits_round_trip);
    tcase_add_test(cases, suite_is_judged_inside_records);
    tcase_add_test(cases, parser_survives_a_huge_line);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
