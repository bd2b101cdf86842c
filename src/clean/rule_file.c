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

int rule_file_stop_words(const char *from, const char *name, struct span language, struct stop_words *stop_words,
                         struct error *error) {
    struct bytes path = {0}, content = {0};
    rule_file_resolve(from, name, &path);
    int result = rule_file_read(bytes_text(&path), &content, error);
    for (size_t i = 0; result == 0 && i < content.size;) {
        if (content.data[i] == '#') {
            while (i < content.size && content.data[i] != '\n')
                i++;
            continue;
        }
        size_t end = i;
        while (end < content.size && !strchr(" \t\r\n#", content.data[end]))
            end++;
        if (end > i && stop_words_add(stop_words, language, (struct span){content.data + i, end - i}))
            result = error_set(error, ERROR_DATA, ERROR_NO_POSITION, STOP_LISTS_FULL);
        i = end > i ? end : i + 1;
    }
    bytes_release(&path);
    bytes_release(&content);
    return result;
}

int rules_find_folder(struct bytes *folder, struct error *error) {
    static const char preset[] = "gopher.rules";
    if (data_folder_find("filters/gopher.rules", folder, error) < 0)
        return -1;
    folder->size -= sizeof preset - 1;
    return 0;
}

int rules_load(struct rules *rules, const char *name, struct error *error) {
    struct bytes path = {0}, content = {0};
    size_t size = strlen(name);
    bool is_path = strchr(name, '/') || (size > 6 && strcmp(name + size - 6, ".rules") == 0);
    int result = 0;
    if (is_path) {
        bytes_append_text(&path, name);
    } else {
        result = rules_find_folder(&path, error);
        bytes_append_format(&path, "%s.rules", name);
        if (result == 0 && access(bytes_text(&path), F_OK) != 0)
            result = error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                               "there is no preset '%s' (a file's name has a slash or ends in .rules)", name);
    }
    if (result == 0)
        result = rule_file_read(bytes_text(&path), &content, error);
    if (result == 0)
        result = rules_parse(rules, is_path ? name : bytes_text(&path), span_of_bytes(&content), error);
    bytes_release(&path);
    bytes_release(&content);
    return result;
}

void rules_finish(struct rules *rules) {
    stop_words_finish(&rules->stop_words);
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
    for (size_t i = 0; i < rules->example_count; i++) {
        struct rule_example *example = &rules->examples[i];
        free(example->place);
        free(example->language);
        free(example->rule);
        bytes_release(&example->text);
        bytes_release(&example->result);
    }
    free(rules->items);
    free(rules->examples);
    stop_words_release(&rules->stop_words);
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
