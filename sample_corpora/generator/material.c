/* Reads and checks the material files. Knows the line format and the names of the slots, not what texts are made of
 * them. */
#include "material.h"

#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/memory.h"

const char *const LANGUAGES[LANGUAGE_COUNT] = {"en", "sv", "nl", "fr", "zh"};

#define FILE_MAX ((size_t)1 << 20)

/* Sections of words.txt that texts are made with. */
static const char *const REQUIRED[] = {
    "product",     "the_product",    "my_product",   "city",           "name",      "month",       "date",
    "amount",      "phone",          "iban",         "prefix",         "connector", "suffix",      "customer_label",
    "agent_label", "question_label", "answer_label", "colon",          "faq_title", "forum_title", "menu",
    "cookie",      "footer",         "sidebar",      "newsletter_box", "not_found", "spam",        "personal",
    "category",    "see_also",       "greeting",     "thanks",
};

/* Slots that are computed, not looked up in words.txt. */
static const char *const COMPUTED[] = {"day", "tens", "digit", "order", "email", "address"};

static bool is_slot(const struct material *material, struct span name) {
    static const char capital[] = "_start";
    for (size_t i = 0; i < sizeof COMPUTED / sizeof *COMPUTED; i++)
        if (span_is(name, COMPUTED[i]))
            return true;
    size_t size = sizeof capital - 1;
    if (name.size > size && memcmp(name.data + name.size - size, capital, size) == 0)
        name.size -= size;
    return material_find(material, name) != NULL;
}

/* NULL where the template is well formed, else what is wrong with it. */
static const char *template_fault(const struct material *material, struct span text) {
    size_t depth = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '(')
            depth++;
        else if (text.data[i] == ')' && depth-- == 0)
            return "a ) without its (";
        else if (text.data[i] == '{') {
            const char *end = memchr(text.data + i, '}', text.size - i);
            if (!end)
                return "a { without its }";
            struct span name = {text.data + i + 1, (size_t)(end - text.data) - i - 1};
            if (!is_slot(material, name))
                return "an unknown slot";
            i += name.size + 1;
        }
    }
    return depth ? "a ( without its )" : NULL;
}

static int add_line(struct material *material, struct span line) {
    if (line.size == 0 || line.data[0] == '#')
        return 0;
    if (line.data[0] == '[' && line.data[line.size - 1] == ']') {
        if (material->count == SECTION_MAX)
            return -1;
        material->sections[material->count++].name = (struct span){line.data + 1, line.size - 2};
        return 0;
    }
    if (material->count == 0 || line.size < 3 || !strchr("?=-", line.data[0]) || line.data[1] != ' ')
        return -1;
    struct section *section = &material->sections[material->count - 1];
    section->entries = memory_resize(section->entries, section->count + 1, sizeof *section->entries);
    section->entries[section->count++] = (struct entry){line.data[0], {line.data + 2, line.size - 2}};
    return 0;
}

static int load_file(struct material *material, const char *path, struct bytes *source, struct error *error) {
    if (input_load(path, FILE_MAX, source, error))
        return -1;
    size_t number = 1;
    for (size_t at = 0; at < source->size; number++) {
        const char *end = memchr(source->data + at, '\n', source->size - at);
        size_t size = end ? (size_t)(end - source->data) - at : source->size - at;
        if (add_line(material, (struct span){source->data + at, size}))
            return error_set(error, ERROR_DATA, at, "%s:%zu: neither a section nor an entry of one", path, number);
        at += size + 1;
    }
    return 0;
}

static int check(const struct material *material, struct error *error) {
    for (size_t i = 0; i < sizeof REQUIRED / sizeof *REQUIRED; i++) {
        const struct section *section = material_find(material, span_of(REQUIRED[i]));
        if (!section || section->count == 0)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: no section [%s]", material->language,
                             REQUIRED[i]);
    }
    size_t products = material_words(material, "product")->count;
    if (material_words(material, "the_product")->count != products ||
        material_words(material, "my_product")->count != products)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: lists of products differ in length",
                         material->language);
    for (size_t i = 0; i < material->count; i++) {
        const struct section *section = &material->sections[i];
        if (span_is(section->name, "menu"))
            continue; /* shown as it stands */
        for (size_t j = 0; j < section->count; j++) {
            struct span text = section->entries[j].text;
            const char *fault = template_fault(material, text);
            if (fault)
                return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: [%.*s]: %s in: %.*s", material->language,
                                 (int)section->name.size, section->name.data, fault, (int)text.size, text.data);
        }
    }
    return 0;
}

int material_load(struct material *material, const char *folder, const char *language, struct error *error) {
    static const char *const names[] = {"words", "intents", "articles"};
    *material = (struct material){.language = language};
    struct bytes path = {0};
    int result = 0;
    for (size_t i = 0; result == 0 && i < sizeof names / sizeof *names; i++) {
        bytes_clear(&path);
        bytes_append_format(&path, "%s/%s/%s.txt", folder, language, names[i]);
        result = load_file(material, bytes_text(&path), &material->sources[i], error);
    }
    bytes_release(&path);
    return result ? result : check(material, error);
}

void material_release(struct material *material) {
    for (size_t i = 0; i < material->count; i++)
        free(material->sections[i].entries);
    for (size_t i = 0; i < sizeof material->sources / sizeof *material->sources; i++)
        bytes_release(&material->sources[i]);
}

const struct section *material_find(const struct material *material, struct span name) {
    for (size_t i = 0; i < material->count; i++)
        if (span_equal(material->sections[i].name, name))
            return &material->sections[i];
    return NULL;
}

const struct section *material_words(const struct material *material, const char *name) {
    return material_find(material, span_of(name));
}

size_t section_count(const struct section *section, char marker) {
    size_t count = 0;
    for (size_t i = 0; i < section->count; i++)
        count += section->entries[i].marker == marker;
    return count;
}

struct span section_entry(const struct section *section, char marker, size_t index) {
    for (size_t i = 0; i < section->count; i++)
        if (section->entries[i].marker == marker && index-- == 0)
            return section->entries[i].text;
    return (struct span){NULL, 0};
}
