/*
 * Files of rules: presets and paths, what they include, and the life of what was loaded. The grammar is
 * rule_parser.c's.
 */
#include "clean/rule_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/data_folder.h"
#include "base/input.h"
#include "base/memory.h"
#include "clean/rules.h"
#include "text/utf8.h"

#define FILE_SIZE_MAX ((size_t)16 << 20)

void rule_file_resolve(const char *from, const char *name, struct bytes *path) {
    const char *slash = strrchr(from, '/');
    if (name[0] != '/' && slash)
        bytes_append(path, from, (size_t)(slash - from) + 1);
    bytes_append_text(path, name);
}

int rule_file_read(const char *path, struct bytes *content, struct error *error) {
    if (input_load(path, FILE_SIZE_MAX, content, error))
        return -1;
    size_t valid = utf8_valid_prefix(span_of_bytes(content));
    if (valid < content->size)
        return error_set(error, ERROR_DATA, valid, "%s: byte %zu: not valid UTF-8", path, valid);
    return 0;
}

/* Cuts the next word off the text, white space and comments passed over; false at its end. */
static bool word_next(struct span *text, struct span *word) {
    size_t i = 0;
    while (i < text->size && strchr(" \t\r\n#", text->data[i])) {
        if (text->data[i] == '#')
            while (i + 1 < text->size && text->data[i + 1] != '\n')
                i++;
        i++;
    }
    size_t end = i;
    while (end < text->size && !strchr(" \t\r\n", text->data[end]))
        end++;
    *word = (struct span){text->data + i, end - i};
    *text = (struct span){text->data + end, text->size - end};
    return word->size > 0;
}

int rule_file_stop_words(const char *from, const char *name, struct span language, struct stop_words *stop_words,
                         struct error *error) {
    struct bytes path = {0}, content = {0};
    struct span word;
    rule_file_resolve(from, name, &path);
    int result = rule_file_read(bytes_text(&path), &content, error);
    struct span rest = span_of_bytes(&content);
    while (result == 0 && word_next(&rest, &word))
        if (stop_words_add(stop_words, language, word))
            result = error_set(error, ERROR_DATA, ERROR_NO_POSITION, STOP_LISTS_FULL);
    bytes_release(&path);
    bytes_release(&content);
    return result;
}

int rule_file_list(const char *from, const char *name, struct rule_list *list, struct error *error) {
    struct bytes path = {0}, content = {0};
    struct span word;
    rule_file_resolve(from, name, &path);
    int result = rule_file_read(bytes_text(&path), &content, error);
    struct span rest = span_of_bytes(&content);
    while (result == 0 && word_next(&rest, &word))
        rule_list_add(list, word);
    bytes_release(&path);
    bytes_release(&content);
    return result;
}

bool rule_file_is_new(struct rules *rules, const char *path) {
    char *real = realpath(path, NULL);
    for (size_t i = 0; real && i < rules->file_count; i++) {
        if (strcmp(rules->files[i], real) == 0) {
            free(real);
            return false;
        }
    }
    if (real) {
        rules->files = memory_resize(rules->files, rules->file_count + 1, sizeof *rules->files);
        rules->files[rules->file_count++] = real;
    }
    return true;
}

int rules_find_folder(struct bytes *folder, struct error *error) {
    static const char preset[] = "gopher.rules";
    if (data_folder_find("filters/gopher.rules", folder, error) < 0)
        return -1;
    folder->size -= sizeof preset - 1;
    return 0;
}

int rule_file_preset(struct span name, struct bytes *path, struct error *error) {
    if (rules_find_folder(path, error))
        return -1;
    bytes_append_format(path, "%.*s.rules", (int)name.size, name.data);
    if (access(bytes_text(path), F_OK) != 0)
        return error_set(
            error, ERROR_USAGE, ERROR_NO_POSITION,
            "there is no preset '%.*s' (a file's name has a slash or ends in .rules, and in rule files stands in "
            "quotes)",
            (int)name.size, name.data);
    return 0;
}

int rules_load(struct rules *rules, const char *name, struct error *error) {
    struct bytes path = {0}, content = {0};
    size_t size = strlen(name);
    bool is_path = strchr(name, '/') || (size > 6 && strcmp(name + size - 6, ".rules") == 0);
    int result = 0;
    if (is_path)
        bytes_append_text(&path, name);
    else
        result = rule_file_preset(span_of(name), &path, error);
    if (result == 0)
        result = rule_file_read(bytes_text(&path), &content, error);
    if (result == 0 && rule_file_is_new(rules, bytes_text(&path)))
        result = rules_parse(rules, is_path ? name : bytes_text(&path), span_of_bytes(&content), error);
    bytes_release(&path);
    bytes_release(&content);
    return result;
}

void rules_finish(struct rules *rules) {
    stop_words_finish(&rules->stop_words);
    for (size_t i = 0; i < rules->lists.count; i++)
        rule_list_finish(&rules->lists.items[i]);
}

void rule_example_release(struct rule_example *example) {
    free(example->place);
    free(example->language);
    free(example->rule);
    bytes_release(&example->text);
    bytes_release(&example->result);
    bytes_release(&example->url);
}

void rules_release(struct rules *rules) {
    for (size_t i = 0; i < rules->count; i++) {
        struct rule *rule = &rules->items[i];
        free(rule->name);
        free(rule->place);
        free(rule->language);
        pattern_free(rule->condition.pattern);
        bytes_release(&rule->replacement);
    }
    for (size_t i = 0; i < rules->example_count; i++)
        rule_example_release(&rules->examples[i]);
    free(rules->items);
    free(rules->examples);
    stop_words_release(&rules->stop_words);
    rule_lists_release(&rules->lists);
    for (size_t i = 0; i < rules->file_count; i++)
        free(rules->files[i]);
    free(rules->files);
    *rules = (struct rules){0};
}

/* The rule for the language that stands in for a default one of the same name; of several the one with the longest tag.
 */
static const struct rule *stand_in(const struct rules *rules, const struct rule *rule, enum scope scope,
                                   struct span language) {
    const struct rule *best = NULL;
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule *other = &rules->items[i];
        if (other->language && other->scopes & scope && strcmp(other->name, rule->name) == 0 &&
            language_matches(span_of(other->language), language) &&
            (!best || strlen(other->language) > strlen(best->language)))
            best = other;
    }
    return best;
}

const struct rule *rules_effective(const struct rules *rules, size_t index, enum scope scope, struct span language) {
    const struct rule *rule = &rules->items[index];
    if (!(rule->scopes & scope))
        return NULL;
    const struct rule *best = language.data ? stand_in(rules, rule, scope, language) : NULL;
    if (rule->language) {
        /* It has its own place only where no default of its name holds that place already. */
        if (best != rule)
            return NULL;
        for (size_t i = 0; i < rules->count; i++)
            if (!rules->items[i].language && rules->items[i].scopes & scope &&
                strcmp(rules->items[i].name, rule->name) == 0)
                return NULL;
    }
    if (best)
        rule = best;
    return rule->action == RULE_OFF ? NULL : rule;
}
