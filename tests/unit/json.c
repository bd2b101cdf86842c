/* base/json.h: the reader against JSONTestSuite and against itself, the tree, and the writer against a slow reference.
 */
#include "base/json.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json_scan.h"
#include "base/json_tape.h"
#include "base/random.h"
#include "base/simdjson_c.h"
#include "suite.h"

#define SUITE "build/corpora/conf_json/JSONTestSuite/test_parsing"

static struct json_document *parse(const char *text) {
    struct json_document *document;
    struct error error;
    ck_assert_msg(json_parse(&document, span_of(text), &error) == 0, "%s: %s", text, error.message);
    return document;
}

static void expect_text(struct span span, const char *expected) {
    ck_assert_msg(span_is(span, expected), "\"%.*s\" is not \"%s\"", (int)span.size, span.data, expected);
}

START_TEST(tree_has_every_type_and_key) {
    struct json_document *document =
        parse(" { \"a\" : [ ] , \"b\":{\"c\":[1,\"x\\u00e9\\n\",true,false,null]}, \"a\":{} ,\"k\\u0065y\":-2.5e-1 } ");
    const struct json_value *root = json_root(document);
    ck_assert_int_eq(root->type, JSON_OBJECT);
    ck_assert_uint_eq(root->count, 4);
    ck_assert(!root->key.data);
    expect_text(root->items[0].key, "a");
    ck_assert_int_eq(root->items[0].type, JSON_ARRAY);
    ck_assert_uint_eq(root->items[0].count, 0);
    ck_assert_ptr_eq(json_member(root, "a"), &root->items[2]);
    ck_assert_ptr_null(json_member(root, "none"));
    ck_assert_ptr_null(json_member(NULL, "a"));
    const struct json_value *list = json_member(json_member(root, "b"), "c");
    ck_assert_uint_eq(list->count, 5);
    ck_assert_int_eq(list->items[0].integer, 1);
    ck_assert(!list->items[0].key.data);
    expect_text(list->items[1].string, "xé\n");
    ck_assert_int_eq(list->items[2].type, JSON_TRUE);
    ck_assert_int_eq(list->items[3].type, JSON_FALSE);
    ck_assert_int_eq(list->items[4].type, JSON_NULL);
    ck_assert_double_eq(json_number(root, "key", 7), -0.25);
    expect_text(json_member(root, "key")->string, "-2.5e-1");
    json_free(document);
}
END_TEST

START_TEST(look_ups_fall_back_on_other_types) {
    struct json_document *document = parse("{\"n\":1.5,\"i\":3,\"t\":true,\"s\":\"x\",\"z\":null}");
    const struct json_value *root = json_root(document);
    ck_assert_double_eq(json_number(root, "s", 7), 7);
    ck_assert_double_eq(json_number(root, "i", 7), 3);
    ck_assert_int_eq(json_integer(root, "n", 7), 7);
    ck_assert_int_eq(json_integer(root, "i", 7), 3);
    ck_assert(json_boolean(root, "t", false));
    ck_assert(json_boolean(root, "z", true));
    ck_assert(!json_string(root, "n").data);
    expect_text(json_string(root, "s"), "x");
    json_free(document);
}
END_TEST

/* Numbers of random length and size, many of them around the ends of what a double holds, are read as strtod reads
 * them. */
START_TEST(numbers_equal_strtod) {
    static const int exponents[] = {0, 1, -1, 17, 290, 308, 309, 310, -300, -307, -308, -324, -325, -345, 999999};
    struct random random;
    random_seed(&random, 2);
    for (int round = 0; round < 50000; round++) {
        struct bytes text = {0};
        if (random_below(&random, 2))
            bytes_append_byte(&text, '-');
        bytes_append_byte(&text, (char)('1' + random_below(&random, 9)));
        for (uint64_t part = 0; part < 2; part++) {
            size_t digits = random_below(&random, random_below(&random, 20) ? 24 : 400);
            if (digits == 0)
                continue;
            if (part == 1)
                bytes_append_byte(&text, '.');
            for (; digits > 0; digits--)
                bytes_append_byte(&text, (char)('0' + random_below(&random, 10)));
        }
        if (random_below(&random, 3))
            bytes_append_format(&text, "e%d", exponents[random_below(&random, sizeof exponents / sizeof *exponents)]);
        struct json_document *document = parse(bytes_text(&text));
        ck_assert_msg(json_root(document)->number == strtod(text.data, NULL), "%s", text.data);
        json_free(document);
        bytes_release(&text);
    }
}
END_TEST

static const struct {
    const char *text;
    double number;
    bool is_integer;
    int64_t integer;
} numbers[] = {
    {"0", 0, true, 0},
    {"-1", -1, true, -1},
    {"9223372036854775807", 9223372036854775807.0, true, INT64_MAX},
    {"-9223372036854775808", -9223372036854775808.0, true, INT64_MIN},
    {"9223372036854775808", 9223372036854775808.0, false, 0},
    {"18446744073709551615", 18446744073709551615.0, false, 0},
    {"18446744073709551616", 18446744073709551616.0, false, 0},
    {"123456789012345678901234567890", 123456789012345678901234567890.0, false, 0},
    {"1.5", 1.5, false, 0},
    {"1.2e1", 12, true, 12},
    {"1e400", HUGE_VAL, false, 0},
    {"-1e400", -HUGE_VAL, false, 0},
    {"1e-400", 0, true, 0},
    {"9e999999999999999999999", HUGE_VAL, false, 0},
};

START_TEST(numbers_of_any_size_are_read) {
    /* Alone, and beside a number that sends the text the slow way: the same values must come out. */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (int huge = 0; huge < 2; huge++) {
            char text[100];
            snprintf(text, sizeof text, "[ %s ,%s]", numbers[i].text, huge ? "1e999" : "1");
            struct json_document *document = parse(text);
            const struct json_value *number = json_root(document)->items;
            ck_assert_int_eq(number->type, JSON_NUMBER);
            ck_assert_msg(number->number == numbers[i].number, "%s: %g", text, number->number);
            ck_assert_msg(number->is_integer == numbers[i].is_integer, "%s", text);
            if (number->is_integer)
                ck_assert_int_eq(number->integer, numbers[i].integer);
            expect_text(number->string, numbers[i].text);
            json_free(document);
        }
}
END_TEST

START_TEST(strings_are_unescaped) {
    static const char replaced[] = "\xEF\xBF\xBD";
    static const struct {
        const char *text, *value;
        size_t size;
    } strings[] = {
        {"\"\"", "", 0},
        {"\"a\\u0000b\"", "a\0b", 3},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"\\uD83D\\uDE00\"", "😀", 4},
        {"\"\\ud800\"", replaced, 3},
        {"\"\\udc00\"", replaced, 3},
        {"\"\\ud800\\ud83d\\ude00\"", "\xEF\xBF\xBD😀", 7},
        {"\"\\ud800\\n\\u0041\"", "\xEF\xBF\xBD\nA", 5},
    };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        struct json_document *document = parse(strings[i].text);
        struct span string = json_root(document)->string;
        ck_assert_msg(string.size == strings[i].size && !memcmp(string.data, strings[i].value, string.size), "%s",
                      strings[i].text);
        json_free(document);
    }
}
END_TEST

START_TEST(errors_name_the_byte) {
    static const struct {
        const char *text;
        uint64_t position;
        const char *reason;
    } faults[] = {
        {"", 0, "ends where a value"},
        {"  ", 2, "ends where a value"},
        {"[1,]", 3, "a value is needed"},
        {"{\"a\":1,}", 7, "a key"},
        {"{\"a\" 1}", 5, "':'"},
        {"[1 2]", 3, "',' or ']'"},
        {"{\"a\":1]", 6, "',' or '}'"},
        {"[1] x", 4, "more after"},
        {"[01]", 1, "number"},
        {"[1.]", 1, "number"},
        {"[-]", 1, "number"},
        {"[1e+]", 1, "number"},
        {"[tru]", 1, "literal"},
        {"[\"a\\x\"]", 3, "escape"},
        {"[\"a\\u12g4\"]", 3, "escape"},
        {"[\"a\nb\"]", 3, "control"},
        {"[\"a\xFF\"]", 3, "UTF-8"},
        {"[\"\xED\xA0\x80\"]", 2, "UTF-8"},
        {"[\"\xC0\x80\"]", 2, "UTF-8"},
        {"[\"\xF4\x90\x80\x80\"]", 2, "UTF-8"},
        {"[\"\xE2\x82\"]", 2, "UTF-8"},
        {"[\"abc", 1, "without end"},
        {"\xEF\xBB\xBF{}", 0, "a value is needed"},
        {"{1:2}", 1, "a key"},
        {"[[[", 3, "ends where a value"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct json_document *document;
        struct error error;
        ck_assert_msg(json_parse(&document, span_of(faults[i].text), &error) == -1, "accepted %s", faults[i].text);
        ck_assert_ptr_null(document);
        ck_assert_int_eq(error.code, ERROR_DATA);
        ck_assert_msg(error.position == faults[i].position && strstr(error.message, faults[i].reason),
                      "%s: byte %d: %s", faults[i].text, (int)error.position, error.message);
    }
}
END_TEST

/* depth levels around an inner text. */
static int parse_nested(size_t depth, const char *inner, struct error *error) {
    struct bytes text = {0};
    struct json_document *document;
    for (size_t i = 0; i < depth; i++)
        bytes_append_text(&text, i % 2 ? "{\"k\":" : "[");
    bytes_append_text(&text, inner);
    for (size_t i = depth; i-- > 0;)
        bytes_append_byte(&text, i % 2 ? '}' : ']');
    int status = json_parse(&document, span_of_bytes(&text), error);
    json_free(document);
    bytes_release(&text);
    return status;
}

START_TEST(depth_is_bounded) {
    struct error error;
    ck_assert_int_eq(parse_nested(JSON_DEPTH_MAX, "1", &error), 0);
    ck_assert_int_eq(parse_nested(JSON_DEPTH_MAX - 1, "[]", &error), 0);
    ck_assert_int_eq(parse_nested(JSON_DEPTH_MAX, "[]", &error), -1);
    ck_assert_int_eq(parse_nested(JSON_DEPTH_MAX + 1, "1", &error), -1);
    ck_assert_msg(strstr(error.message, "nested more than 1024 deep"), "%s", error.message);
}
END_TEST

/* The suite marks files that every reader must take (y_), must refuse (n_) and may do either with (i_). */
START_TEST(suite_is_judged_right) {
    DIR *directory = opendir(SUITE);
    size_t judged = 0;
    if (!directory) {
        puts("json: skipped JSONTestSuite: no " SUITE);
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        char path[sizeof SUITE + 300];
        struct bytes text = {0};
        struct error error;
        struct json_document *document;
        if (!strchr("yni", entry->d_name[0]) || entry->d_name[1] != '_')
            continue;
        snprintf(path, sizeof path, "%s/%s", SUITE, entry->d_name);
        ck_assert_msg(input_load(path, 1 << 24, &text, &error) == 0, "%s", error.message);
        int status = json_parse(&document, span_of_bytes(&text), &error);
        if (entry->d_name[0] != 'i')
            ck_assert_msg(status == (entry->d_name[0] == 'y' ? 0 : -1), "%s", entry->d_name);
        if (status < 0)
            ck_assert_msg(error.position <= text.size, "%s: no position", entry->d_name);
        json_free(document);
        bytes_release(&text);
        judged++;
    }
    closedir(directory);
    ck_assert_uint_gt(judged, 300);
}
END_TEST

/* The slow reader and simdjson are two implementations of one grammar: on damaged texts they must agree, but for what
 * is repaired. */
START_TEST(scan_agrees_with_simdjson) {
    static const char *const seeds[] = {
        "{\"a\":[1,-2.5e+3,true,false,null,\"x\\u00e9\\\\\\n\"],\"b\":{\"c\":[],\"d\":{}}}",
        "[\"\xC3\xA9\xE6\xB2\xA1\xF0\x9F\x98\x80\", 0, -0.0, 1E9 , [ [ ] ] ]",
        "[\"\\ud83d\\ude00\",\"\\uD83D\\uDE00x\",{\"\":\"\"}]",
    };
    static const char bytes[] = "{}[]:,\"\\u0eE+-. \t\ntfn19\x00\x1f\x7f\x80\xA0\xBF\xC2\xE0\xED\xEF\xF0\xF4\xFF";
    struct simdjson_parser *parser = simdjson_parser_new();
    struct random random;
    size_t valid = 0, rounds = 200000;
    random_seed(&random, 5);
    for (size_t round = 0; round < rounds; round++) {
        char text[256] = {0}, repaired[256] = {0}, parsable[256] = {0};
        const char *seed = seeds[random_below(&random, 3)];
        size_t size = strlen(seed);
        memcpy(text, seed, size);
        for (uint64_t edits = 1 + random_below(&random, 3); edits > 0; edits--) {
            size_t at = random_below(&random, size);
            if (random_below(&random, 3) == 0)
                memmove(text + at, text + at + 1, size-- - at);
            else
                text[at] = bytes[random_below(&random, sizeof bytes - 1)];
        }
        memcpy(repaired, text, size);
        memcpy(parsable, text, size);
        struct json_repair repair = {repaired, parsable, 0, 0};
        struct simdjson_result result;
        struct error error = {0};
        bool scanned = json_scan((struct span){text, size}, 64, &repair, &error) == 0;
        const char *reason = simdjson_parse(parser, scanned ? parsable : text, size, 256, 65, &result);
        ck_assert_msg(scanned == !reason, "%.*s: %s; %s", (int)size, text, error.message, reason ? reason : "taken");
        valid += scanned;
    }
    ck_assert_uint_gt(valid, rounds / 20);
    ck_assert_uint_lt(valid, rounds / 2);
    simdjson_parser_free(parser);
}
END_TEST

/* The tape's offsets must give every value exactly as it was written. */
START_TEST(tape_gives_source_of_values) {
    const char *text = " { \"a\" : [ 1 , { } ] ,\"b\\u0041\": \"x \" , \"c\":-1.50\t,\"d\" : true }\r";
    static const char *const sources[] = {"[ 1 , { } ]", "\"x \"", "-1.50", "true"};
    static const char *const wholes[] = {"\"a\" : [ 1 , { } ]", "\"b\\u0041\": \"x \"", "\"c\":-1.50", "\"d\" : true"};
    struct json_reader *reader = json_reader_new();
    struct json_tape tape;
    struct json_item item;
    struct error error;
    ck_assert_int_eq(json_reader_parse(reader, span_of(text), 3, &tape, &error), 0);
    struct json_cursor at = json_tape_enter((struct json_cursor){1, 0});
    for (size_t i = 0; i < 4; i++) {
        ck_assert(json_tape_next(&tape, &at, true, &item));
        expect_text(item.source, sources[i]);
        expect_text(item.whole, wholes[i]);
    }
    ck_assert(!json_tape_next(&tape, &at, true, &item));
    json_reader_free(reader);
}
END_TEST

/* Escapes one byte at a time, as the header says. */
static void append_reference(struct bytes *out, struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char *p = (const unsigned char *)text.data + i;
        const char *letter = *p ? strchr("\bb\tt\nn\ff\rr", *p) : NULL;
        if (*p == '"' || *p == '\\')
            bytes_append_format(out, "\\%c", *p);
        else if (*p < 0x20 && letter)
            bytes_append_format(out, "\\%c", letter[1]);
        else if (*p < 0x20)
            bytes_append_format(out, "\\u%04x", *p);
        else if (text.size - i > 1 && p[0] == 0xC2 && p[1] == 0x85)
            bytes_append_text(out, "\\u0085"), i += 1;
        else if (text.size - i > 2 && (!memcmp(p, "\u2028", 3) || !memcmp(p, "\u2029", 3)))
            bytes_append_text(out, p[2] == 0xA8 ? "\\u2028" : "\\u2029"), i += 2;
        else
            bytes_append_byte(out, (char)*p);
    }
}

START_TEST(escapes_equal_a_slow_reference) {
    static const char *const pieces[] = {"\"",     "\\",     "\n",     "\x01", "\x1f", "\xC2\x85", "\xC2\x84", "\u2028",
                                         "\u2029", "\u202a", "\u2027", "é",    "没",   "😀",        " ",        "\x7f"};
    struct random random;
    struct bytes text = {0}, out = {0}, expected = {0};
    random_seed(&random, 3);
    for (int round = 0; round < 30000; round++) {
        bytes_clear(&text);
        for (size_t n = random_below(&random, 6); n > 0; n--) {
            for (size_t plain = random_below(&random, 40); plain > 0; plain--)
                bytes_append_byte(&text, 'x');
            bytes_append_text(&text, pieces[random_below(&random, sizeof pieces / sizeof *pieces)]);
        }
        if (random_below(&random, 8) == 0)
            bytes_append(&text, "\0", 1);
        bytes_clear(&out);
        bytes_clear(&expected);
        json_append_escaped(&out, span_of_bytes(&text));
        append_reference(&expected, span_of_bytes(&text));
        ck_assert(span_equal(span_of_bytes(&out), span_of_bytes(&expected)));
        /* And what was written reads back as the text. */
        struct json_document *document;
        bytes_clear(&out);
        json_append_string(&out, span_of_bytes(&text));
        ck_assert_int_eq(json_parse(&document, span_of_bytes(&out), NULL), 0);
        ck_assert(json_root(document)->string.size == text.size &&
                  !memcmp(json_root(document)->string.data, text.data ? text.data : "", text.size));
        json_free(document);
    }
    bytes_release(&text);
    bytes_release(&out);
    bytes_release(&expected);
}
END_TEST

START_TEST(source_escapes_separators_only) {
    struct bytes out = {0};
    json_append_source(&out, span_of("{\"a\": \"\\n\u2028 and a good deal more text \xC2\x85\", \"\u2029\":1}"));
    expect_text(span_of_bytes(&out), "{\"a\": \"\\n\\u2028 and a good deal more text \\u0085\", \"\\u2029\":1}");
    bytes_release(&out);
}
END_TEST

static struct bytes number_text(double number) {
    struct bytes out = {0};
    json_append_number(&out, number);
    bytes_text(&out);
    return out;
}

START_TEST(numbers_print_shortest) {
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0.0"},
        {1, "1"},
        {-17, "-17"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {100, "100"},
        {1e15, "1000000000000000"},
        {9007199254740992, "9007199254740992"},
        {1e20, "1e20"},
        {1.5e-7, "1.5e-7"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
        {0.30000000000000004, "0.30000000000000004"},
        {HUGE_VAL, "null"},
        {NAN, "null"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {0.0001, "0.0001"},
        {7.120236347223045e-307, "7.120236347223045e-307"}, /* 2^-1017: the nearest 16 digits do not read back */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes out = number_text(cases[i].number);
        ck_assert_str_eq(out.data, cases[i].text);
        bytes_release(&out);
    }
}
END_TEST

START_TEST(numbers_read_back_equal) {
    struct random random;
    random_seed(&random, 9);
    for (int round = 0; round < 50000; round++) {
        uint64_t bits = random_next(&random);
        double number;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        if (round % 3 == 0)
            number = (double)(int64_t)bits / 1000;
        struct bytes out = number_text(number);
        struct json_document *document = parse(out.data);
        ck_assert_msg(json_root(document)->number == number, "%.17g gave %s", number, out.data);
        json_free(document);
        bytes_release(&out);
    }
}
END_TEST

START_TEST(integers_print) {
    static const int64_t cases[] = {0, 7, -7, INT64_MAX, INT64_MIN, 1000000};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes out = {0};
        char expected[32];
        json_append_integer(&out, cases[i]);
        snprintf(expected, sizeof expected, "%lld", (long long)cases[i]);
        expect_text(span_of_bytes(&out), expected);
        bytes_release(&out);
    }
}
END_TEST

START_TEST(tree_writes_back) {
    const char *compact = "{\"a\":[1,1e999,\"x\\n\\u2028é\",{}],\"b\":{\"c\":null,\"d\":[]},\"e\":[true,false,-0.10]}";
    struct json_document *document = parse(compact);
    struct bytes out = {0};
    json_append_value(&out, json_root(document));
    expect_text(span_of_bytes(&out), compact);
    json_free(document);
    bytes_release(&out);
}
END_TEST

START_TEST(load_names_the_file) {
    char path[] = "/tmp/json-test-XXXXXX";
    struct json_document *document;
    struct error error;
    int file = mkstemp(path);
    FILE *stream = fdopen(file, "w");
    fputs("\xEF\xBB\xBF[1,]", stream);
    fclose(stream);
    ck_assert_int_eq(json_load(&document, path, 1000, &error), -1);
    ck_assert_msg(strstr(error.message, path) && strstr(error.message, "byte 7: "), "%s", error.message);
    ck_assert_int_eq(json_load(&document, path, 3, &error), -1);
    ck_assert_msg(strstr(error.message, path), "%s", error.message);
    remove(path);
    ck_assert_int_eq(json_load(&document, path, 1000, &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("json");
    TCase *read = tcase_create("read"), *write = tcase_create("write");
    tcase_set_timeout(read, 120);
    tcase_set_timeout(write, 120);
    tcase_add_test(read, tree_has_every_type_and_key);
    tcase_add_test(read, look_ups_fall_back_on_other_types);
    tcase_add_test(read, numbers_of_any_size_are_read);
    tcase_add_test(read, numbers_equal_strtod);
    tcase_add_test(read, strings_are_unescaped);
    tcase_add_test(read, errors_name_the_byte);
    tcase_add_test(read, depth_is_bounded);
    tcase_add_test(read, suite_is_judged_right);
    tcase_add_test(read, scan_agrees_with_simdjson);
    tcase_add_test(read, tape_gives_source_of_values);
    tcase_add_test(read, load_names_the_file);
    tcase_add_test(write, escapes_equal_a_slow_reference);
    tcase_add_test(write, source_escapes_separators_only);
    tcase_add_test(write, numbers_print_shortest);
    tcase_add_test(write, numbers_read_back_equal);
    tcase_add_test(write, integers_print);
    tcase_add_test(write, tree_writes_back);
    suite_add_tcase(suite, read);
    suite_add_tcase(suite, write);
    return run_suite(suite);
}
