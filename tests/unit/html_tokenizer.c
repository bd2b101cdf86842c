/*
 * text/html_tokenizer.h and text/html_entities.h against html5lib-tests, from build/corpora; skipped where absent. Of
 * its tokens comments and doctypes are left out, since ours are; NUL and U+FFFD count as one, since what shows text
 * decides about NUL.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "suite.h"
#include "text/html_entities.h"
#include "text/html_tokenizer.h"

#define FOLDER "build/corpora/conf_html/html5lib-tests/tokenizer/"
#define FILE_MAX ((size_t)16 << 20)

static size_t checked;

/* Line ends as the standard's preprocessing leaves them. */
static void append_input(struct bytes *out, struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        bool cr = text.data[i] == '\r';
        if (!(cr && i + 1 < text.size && text.data[i + 1] == '\n'))
            bytes_append_byte(out, cr ? '\n' : text.data[i]);
    }
}

static void append_text(struct bytes *out, struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\0')
            bytes_append_text(out, "\xEF\xBF\xBD");
        else
            bytes_append_byte(out, text.data[i]);
    }
}

static void append_decoded(struct bytes *out, struct span text, bool attribute) {
    char *decoded = malloc(HTML_ENTITIES_ROOM(text.size) + 1);
    size_t size = html_entities_decode(text, attribute, decoded);
    ck_assert_uint_le(size, HTML_ENTITIES_ROOM(text.size));
    append_text(out, (struct span){decoded, size});
    free(decoded);
}

static void append_lower(struct bytes *out, struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        append_text(out, (struct span){&(char){(char)(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte)}, 1});
    }
}

/* Attributes as lines, sorted by nothing: both sides are in the order of the page or of the file. */
static void append_attributes(struct bytes *out, const struct html_token *token) {
    for (size_t i = 0; i < token->attribute_count; i++) {
        struct bytes name = {0};
        bool before = false;
        append_lower(&name, token->attributes[i].name);
        for (size_t j = 0; j < i; j++) {
            struct bytes other = {0};
            append_lower(&other, token->attributes[j].name);
            before |= span_equal(span_of_bytes(&name), span_of_bytes(&other));
            bytes_release(&other);
        }
        if (!before) {
            bytes_append_text(out, "\n@");
            bytes_append_span(out, span_of_bytes(&name));
            bytes_append_byte(out, '=');
            append_decoded(out, token->attributes[i].value, true);
        }
        bytes_release(&name);
    }
}

static void append_token(struct bytes *out, const struct html_token *token) {
    if (token->type == HTML_TEXT) {
        if (token->literal)
            append_text(out, token->text);
        else
            append_decoded(out, token->text, false);
        return;
    }
    bytes_append_text(out, token->type == HTML_START_TAG ? "\n<" : "\n</");
    append_lower(out, token->tag);
    if (token->type == HTML_START_TAG)
        append_attributes(out, token);
    bytes_append_text(out, token->type == HTML_START_TAG && token->self_closing ? "\n/>\n" : "\n>\n");
}

static void append_expected(struct bytes *out, const struct json_value *token) {
    struct span type = token->items[0].string;
    if (span_is(type, "Character")) {
        append_text(out, token->items[1].string);
    } else if (span_is(type, "StartTag") || span_is(type, "EndTag")) {
        bool start = span_is(type, "StartTag");
        bytes_append_text(out, start ? "\n<" : "\n</");
        append_text(out, token->items[1].string);
        for (size_t i = 0; start && i < token->items[2].count; i++) {
            bytes_append_text(out, "\n@");
            append_text(out, token->items[2].items[i].key);
            bytes_append_byte(out, '=');
            append_text(out, token->items[2].items[i].string);
        }
        bytes_append_text(out, token->count > 3 ? "\n/>\n" : "\n>\n");
    }
}

/* Tokens of the input in that state of the standard's tokenizer. */
static void tokenize(struct bytes *out, struct span input, struct span state, struct span last_tag) {
    struct html_tokenizer tokenizer;
    html_tokenizer_init(&tokenizer, input);
    bool rcdata = span_is(state, "RCDATA state");
    if (span_is(state, "PLAINTEXT state")) {
        append_text(out, input);
        tokenizer.at = tokenizer.end;
    } else if (rcdata || span_is(state, "RAWTEXT state") || span_is(state, "Script data state")) {
        struct span tag = last_tag.data        ? last_tag
                          : rcdata             ? SPAN_LITERAL("title")
                          : *state.data == 'S' ? SPAN_LITERAL("script")
                                               : SPAN_LITERAL("style");
        struct span raw = html_tokenizer_take_raw(&tokenizer, tag);
        if (rcdata)
            append_decoded(out, raw, false);
        else
            append_text(out, raw);
    }
    while (html_tokenizer_next(&tokenizer) != HTML_END_OF_PAGE)
        append_token(out, &tokenizer.token);
    html_tokenizer_release(&tokenizer);
}

static void check_case(const char *file, const struct json_value *test, struct span state) {
    struct bytes input = {0}, actual = {0}, expected = {0};
    append_input(&input, json_string(test, "input"));
    bytes_text(&input);
    tokenize(&actual, span_of_bytes(&input), state, json_string(test, "lastStartTag"));
    const struct json_value *tokens = json_member(test, "output");
    for (size_t i = 0; i < tokens->count; i++)
        append_expected(&expected, &tokens->items[i]);
    ck_assert_msg(span_equal(span_of_bytes(&actual), span_of_bytes(&expected)) || actual.size + expected.size == 0,
                  "%s: \"%s\" gives \"%s\", not \"%s\"", file, bytes_text(&input), bytes_text(&actual),
                  bytes_text(&expected));
    bytes_release(&input);
    bytes_release(&actual);
    bytes_release(&expected);
    checked++;
}

static void check_file(const char *name) {
    char path[1024];
    struct json_document *document;
    struct error error;
    snprintf(path, sizeof path, FOLDER "%s", name);
    ck_assert_msg(json_load(&document, path, FILE_MAX, &error) == 0, "%s", error.message);
    const struct json_value *tests = json_member(json_root(document), "tests");
    for (size_t i = 0; tests && i < tests->count; i++) {
        const struct json_value *test = &tests->items[i], *states = json_member(test, "initialStates");
        if (json_boolean(test, "doubleEscaped", false))
            continue; /* about what is no UTF-8 */
        if (!states)
            check_case(name, test, SPAN_LITERAL("Data state"));
        for (size_t j = 0; states && j < states->count; j++) {
            if (!span_is(states->items[j].string, "CDATA section state"))
                check_case(name, test, states->items[j].string);
        }
    }
    json_free(document);
}

START_TEST(html5lib_tests) {
    DIR *folder = opendir(FOLDER);
    if (!folder) {
        printf("skipped: %s is absent\n", FOLDER);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (strstr(entry->d_name, ".test") && strcmp(entry->d_name, "xmlViolation.test") != 0)
            check_file(entry->d_name);
    }
    closedir(folder);
    ck_assert_uint_gt(checked, 6000);
}
END_TEST

/* The room that the decoder is given must do for every name. */
START_TEST(references_fit) {
    for (size_t i = 0; i < html_entity_count; i++) {
        char text[64], out[64];
        int size =
            snprintf(text, sizeof text, "&%s%s", html_entity_table[i].name, html_entity_table[i].bare ? "" : ";");
        size_t decoded = html_entities_decode((struct span){text, (size_t)size}, false, out);
        ck_assert_msg(decoded > 0 && decoded <= HTML_ENTITIES_ROOM((size_t)size), "%s", text);
        ck_assert_msg(decoded != (size_t)size || memcmp(text, out, decoded) != 0, "%s", text);
        ck_assert(i == 0 || strcmp(html_entity_table[i - 1].name, html_entity_table[i].name) < 0);
    }
    ck_assert(html_entity_find(SPAN_LITERAL("eacute")) && !html_entity_find(SPAN_LITERAL("eacut")));
    ck_assert(!html_entity_find(SPAN_LITERAL("")) && !html_entity_find(SPAN_LITERAL("amp\0x")));
}
END_TEST

/* Every name is found, in any case, and nothing else. */
START_TEST(names) {
    for (enum html_name name = HTML_OTHER + 1; name < HTML_NAMES; name++) {
        struct span text = html_name_text(name);
        char other[HTML_NAME_SIZE + 1];
        snprintf(other, sizeof other, "%.*s", (int)text.size, text.data);
        ck_assert_msg(html_name_find(text) == name, "%s", other);
        other[0] = (char)(other[0] - 32);
        ck_assert_msg(html_name_find(span_of(other)) == name, "%s", other);
        other[0] = '~';
        ck_assert_int_eq(html_name_find(span_of(other)), HTML_OTHER);
    }
    ck_assert_int_eq(html_name_find(SPAN_LITERAL("annotation-x")), HTML_OTHER);
    ck_assert_int_eq(html_name_find(SPAN_LITERAL("di")), HTML_OTHER);
    ck_assert_int_eq(html_name_find(SPAN_LITERAL("")), HTML_OTHER);
    ck_assert_int_eq(html_attribute_find(SPAN_LITERAL("HREF"), HTML_A), ATTRIBUTE_HREF);
    ck_assert_int_eq(html_attribute_find(SPAN_LITERAL("href"), HTML_DIV), ATTRIBUTE_OTHER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("html_tokenizer");
    TCase *tests = tcase_create("html_tokenizer");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, html5lib_tests);
    tcase_add_test(tests, references_fit);
    tcase_add_test(tests, names);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
