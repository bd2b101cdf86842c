/*
 * The grammar of rule files (gpt-rules.5): sections, rules, examples, stop words. Files and folders are rule_file.c's.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "clean/rule_condition.h"
#include "clean/rule_file.h"
#include "clean/rule_lexer.h"
#include "clean/rules.h"

#define INCLUDE_DEPTH_MAX 16

struct parser {
    struct rule_lexer lexer;
    struct rules *rules;
    unsigned scopes;      /* of the section; 0 before the first */
    struct span language; /* of the section; absent: the default */
    unsigned depth;       /* of includes */
};

static const char *const scope_names[SCOPE_KINDS] = {"page", "turn", "thread", "answer"};

const char *scope_name(enum scope scope) {
    return scope_names[scope_index(scope)];
}

static char *place_of(const struct parser *parser, size_t at) {
    struct bytes place = {0};
    bytes_append_format(&place, "%s:%zu", parser->lexer.file, rule_lexer_line(&parser->lexer, at));
    bytes_text(&place);
    return place.data;
}

/* ---- sections ---- */

/* Begins with a language of two or three letters: names of languages would never be met. */
static bool is_language(struct span tag) {
    size_t letters = 0;
    while (letters < tag.size && isalpha((unsigned char)tag.data[letters]))
        letters++;
    return (letters == 2 || letters == 3) && (letters == tag.size || tag.data[letters] == '-');
}

/* "[page turn lang sv]": scopes, a language, or both. A section of a language alone keeps the scopes of the one before.
 */
static int parse_section(struct parser *parser) {
    struct rule_lexer *lexer = &parser->lexer;
    unsigned scopes = 0;
    size_t start = lexer->at - 1;
    parser->language = (struct span){NULL, 0};
    while (!rule_lexer_take(lexer, ']')) {
        struct span word;
        rule_lexer_at_end(lexer);
        size_t at = lexer->at, scope = 0;
        if (rule_lexer_word(lexer, "page, turn, thread, answer, lang or ]", &word))
            return -1;
        if (span_is(word, "lang")) {
            if (parser->language.data)
                return rule_lexer_fail(lexer, at, "a section has one language");
            rule_lexer_at_end(lexer);
            at = lexer->at;
            if (rule_lexer_word(lexer, "a language tag", &parser->language))
                return -1;
            if (!is_language(parser->language))
                return rule_lexer_fail(lexer, at, "'%.*s' is no language tag, such as sv or zh-Hant",
                                       (int)parser->language.size, parser->language.data);
            continue;
        }
        while (scope < SCOPE_KINDS && !span_is(word, scope_names[scope]))
            scope++;
        if (scope == SCOPE_KINDS)
            return rule_lexer_fail(lexer, at, "unknown scope '%.*s': there are page, turn, thread and answer",
                                   (int)word.size, word.data);
        scopes |= 1U << scope;
    }
    if (scopes)
        parser->scopes = scopes;
    if (!parser->scopes)
        return rule_lexer_fail(lexer, start, "the first section must say its scope: page, turn, thread or answer");
    return rule_lexer_expect_end(lexer);
}

static int expect_section(struct parser *parser, size_t at) {
    return parser->scopes
               ? 0
               : rule_lexer_fail(&parser->lexer, at,
                                 "this stands before the first section, which says what its rules judge: [page], say");
}

/* ---- rules ---- */

static bool is_rule_name(struct span word) {
    for (size_t i = 0; i < word.size; i++)
        if ((signed char)word.data[i] < 0 || word.data[i] == '\'')
            return false;
    return word.size > 0 && word.size <= 64;
}

/* Two rules of one name may differ in scope, or one stands in for the other in a language; else one is a mistake. */
static int check_unique(struct parser *parser, const struct rule *rule, size_t at) {
    for (size_t i = 0; i < parser->rules->count; i++) {
        const struct rule *other = &parser->rules->items[i];
        bool same_language = (!rule->language && !other->language) ||
                             (rule->language && other->language && strcmp(rule->language, other->language) == 0);
        if (strcmp(other->name, rule->name) == 0 && same_language && (other->scopes & rule->scopes))
            return rule_lexer_fail(&parser->lexer, at, "there is a rule named '%s' already, at %s", rule->name,
                                   other->place);
    }
    return 0;
}

static int parse_rule_body(struct parser *parser, struct rule *rule, size_t at) {
    if (rule->scopes & SCOPE_THREAD && rule->action < RULE_DROP)
        return rule_lexer_fail(&parser->lexer, at, "scope thread has only drop and require: text is changed by turn");
    if (rule->action == RULE_STRIP || rule->action == RULE_REPLACE)
        return rule_edit_parse(&parser->lexer, rule);
    if (rule->action == RULE_OFF)
        return 0;
    if (rule_condition_parse(&parser->lexer, parser->rules, &rule->condition))
        return -1;
    if (rule->action == RULE_DROP_LINE && rule->condition.part != PART_TEXT)
        return rule_lexer_fail(&parser->lexer, at, "lines are dropped for what is in them");
    return 0;
}

static struct rule *rule_append(struct parser *parser, enum rule_action action, struct span name, size_t at) {
    struct rules *rules = parser->rules;
    if (rules->count == rules->capacity) {
        rules->capacity = rules->capacity ? 2 * rules->capacity : 32;
        rules->items = memory_resize(rules->items, rules->capacity, sizeof *rules->items);
    }
    struct rule *rule = &rules->items[rules->count];
    *rule = (struct rule){.name = memory_copy(name.data, name.size),
                          .place = place_of(parser, at),
                          .action = action,
                          .scopes = parser->scopes};
    if (parser->language.data)
        rule->language = memory_copy(parser->language.data, parser->language.size);
    return rule;
}

static int parse_rule(struct parser *parser, enum rule_action action, size_t at) {
    struct rule_lexer *lexer = &parser->lexer;
    struct span name;
    if (expect_section(parser, at))
        return -1;
    if (action == RULE_DROP && span_is(rule_lexer_peek_word(lexer), "line")) {
        rule_lexer_take_word(lexer, "line");
        action = RULE_DROP_LINE;
    }
    if (action == RULE_OFF && !parser->language.data)
        return rule_lexer_fail(lexer, at, "off stands in the section of a language");
    rule_lexer_at_end(lexer);
    size_t name_at = lexer->at;
    if (rule_lexer_word(lexer, "the rule's name", &name))
        return -1;
    if (!is_rule_name(name))
        return rule_lexer_fail(lexer, name_at, "a rule's name is at most 64 ASCII letters, digits, _, - and .");
    struct rule *rule = rule_append(parser, action, name, at);
    int result = check_unique(parser, rule, name_at);
    parser->rules->count++; /* from here on rules_release frees it */
    if (result || parse_rule_body(parser, rule, at))
        return -1;
    return rule_lexer_expect_end(lexer);
}

/* ---- the rest ---- */

/* stop_words "file" or stop_words the be to of */
static int parse_stop_words(struct parser *parser, size_t at) {
    struct rule_lexer *lexer = &parser->lexer;
    struct stop_words *stop_words = &parser->rules->stop_words;
    if (!parser->language.data)
        return rule_lexer_fail(lexer, at, "stop words stand in the section of a language");
    if (rule_lexer_peek(lexer) == '"') {
        struct bytes name = {0};
        size_t name_at = lexer->at;
        struct error inner;
        int result = rule_lexer_string(lexer, &name);
        if (result == 0 && rule_file_stop_words(lexer->file, bytes_text(&name), parser->language, stop_words, &inner))
            result = rule_lexer_fail(lexer, name_at, "%s", inner.message);
        bytes_release(&name);
        return result ? result : rule_lexer_expect_end(lexer);
    }
    while (!rule_lexer_at_end(lexer)) {
        struct span word;
        if (rule_lexer_word(lexer, "a word", &word))
            return -1;
        if (stop_words_add(stop_words, parser->language, word))
            return rule_lexer_fail(lexer, at, STOP_LISTS_FULL);
    }
    return 0;
}

/* list NAME "file", or list NAME and words: adds to a list. */
static int parse_list(struct parser *parser) {
    struct rule_lexer *lexer = &parser->lexer;
    struct span name;
    if (rule_lexer_word(lexer, "the list's name", &name))
        return -1;
    size_t place = rule_lists_add(&parser->rules->lists, name); /* may move the lists */
    struct rule_list *list = &parser->rules->lists.items[place];
    if (rule_lexer_peek(lexer) == '"') {
        struct bytes file = {0};
        size_t file_at = lexer->at;
        struct error inner;
        int result = rule_lexer_string(lexer, &file);
        if (result == 0 && rule_file_list(lexer->file, bytes_text(&file), list, &inner))
            result = rule_lexer_fail(lexer, file_at, "%s", inner.message);
        bytes_release(&file);
        return result ? result : rule_lexer_expect_end(lexer);
    }
    while (!rule_lexer_at_end(lexer)) {
        struct span word;
        if (rule_lexer_word(lexer, "a word", &word))
            return -1;
        rule_list_add(list, word);
    }
    return 0;
}

/* example keep "text", example drop [RULE] "text", example change "text" to "text"; at "URL" may follow */
static int parse_example(struct parser *parser, size_t at) {
    struct rule_lexer *lexer = &parser->lexer;
    struct rules *rules = parser->rules;
    struct rule_example example = {.scopes = parser->scopes};
    struct span kind, rule;
    rule_lexer_at_end(lexer);
    size_t kind_at = lexer->at;
    if (expect_section(parser, at) || rule_lexer_word(lexer, "keep, drop or change", &kind))
        return -1;
    if (span_is(kind, "keep"))
        example.kind = EXAMPLE_KEEP;
    else if (span_is(kind, "drop"))
        example.kind = EXAMPLE_DROP;
    else if (span_is(kind, "change"))
        example.kind = EXAMPLE_CHANGE;
    else
        return rule_lexer_fail(lexer, kind_at, "an example is one of keep, drop or change");
    if (rules->example_count == rules->example_capacity) {
        rules->example_capacity = rules->example_capacity ? 2 * rules->example_capacity : 32;
        rules->examples = memory_resize(rules->examples, rules->example_capacity, sizeof *rules->examples);
    }
    example.place = place_of(parser, at);
    if (parser->language.data)
        example.language = memory_copy(parser->language.data, parser->language.size);
    if (example.kind == EXAMPLE_DROP && (rule = rule_lexer_peek_word(lexer)).size > 0) {
        example.rule = memory_copy(rule.data, rule.size);
        lexer->at += rule.size;
    }
    struct rule_example *kept = &rules->examples[rules->example_count++];
    *kept = example;
    if (rule_lexer_string(lexer, &kept->text))
        return -1;
    if (kept->kind == EXAMPLE_CHANGE) {
        if (!rule_lexer_take_word(lexer, "to"))
            return rule_lexer_fail(lexer, lexer->at, "'to' and the changed text should stand here");
        if (rule_lexer_string(lexer, &kept->result))
            return -1;
    }
    if (rule_lexer_take_word(lexer, "at") && rule_lexer_string(lexer, &kept->url))
        return -1;
    /* An included file's own rules pass its examples; whether these here do is not its affair. */
    if (parser->depth > 0)
        rule_example_release(&rules->examples[--rules->example_count]);
    return rule_lexer_expect_end(lexer);
}

static int parse_text(struct rules *rules, const char *file, struct span text, unsigned depth, struct error *error);

/* include "file", or include PRESET. A file that was read already is not read again. */
static int parse_include(struct parser *parser) {
    struct rule_lexer *lexer = &parser->lexer;
    struct bytes name = {0}, content = {0}, path = {0};
    struct error inner;
    rule_lexer_at_end(lexer);
    size_t at = lexer->at;
    int result = 0;
    if (rule_lexer_peek(lexer) == '"') {
        result = rule_lexer_string(lexer, &name);
        rule_file_resolve(lexer->file, bytes_text(&name), &path);
    } else {
        struct span preset;
        result = rule_lexer_word(lexer, "a file's name in double quotes or a preset", &preset);
        if (result == 0 && rule_file_preset(preset, &path, &inner))
            result = rule_lexer_fail(lexer, at, "%s", inner.message);
    }
    if (result == 0)
        result = rule_lexer_expect_end(lexer);
    if (result == 0 && parser->depth == INCLUDE_DEPTH_MAX)
        result = rule_lexer_fail(lexer, at, "files include each other more than %d deep", INCLUDE_DEPTH_MAX);
    if (result == 0 && rule_file_read(bytes_text(&path), &content, &inner))
        result = rule_lexer_fail(lexer, at, "%s", inner.message);
    if (result == 0 && rule_file_is_new(parser->rules, bytes_text(&path)))
        result = parse_text(parser->rules, bytes_text(&path), span_of_bytes(&content), parser->depth + 1, lexer->error);
    bytes_release(&name);
    bytes_release(&content);
    bytes_release(&path);
    return result;
}

static int parse_statement(struct parser *parser) {
    static const struct {
        const char *word;
        enum rule_action action;
    } actions[] = {{"strip", RULE_STRIP},
                   {"replace", RULE_REPLACE},
                   {"drop", RULE_DROP},
                   {"require", RULE_REQUIRE},
                   {"off", RULE_OFF}};
    struct rule_lexer *lexer = &parser->lexer;
    struct span word;
    size_t at = lexer->at;
    if (rule_lexer_take(lexer, '['))
        return parse_section(parser);
    if (rule_lexer_word(lexer, "a section or a rule", &word))
        return -1;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (span_is(word, actions[i].word))
            return parse_rule(parser, actions[i].action, at);
    if (span_is(word, "example"))
        return parse_example(parser, at);
    if (span_is(word, "include"))
        return parse_include(parser);
    if (span_is(word, "stop_words"))
        return parse_stop_words(parser, at);
    if (span_is(word, "list"))
        return parse_list(parser);
    return rule_lexer_fail(
        lexer, at,
        "unknown word '%.*s': there are strip, replace, drop, require, off, example, include, list and stop_words",
        (int)word.size, word.data);
}

static int parse_text(struct rules *rules, const char *file, struct span text, unsigned depth, struct error *error) {
    struct parser parser = {.lexer = {.file = file, .text = text, .error = error}, .rules = rules, .depth = depth};
    while (rule_lexer_next_line(&parser.lexer))
        if (parse_statement(&parser))
            return -1;
    return 0;
}

int rules_parse(struct rules *rules, const char *file, struct span text, struct error *error) {
    return parse_text(rules, file, text, 0, error);
}
