/*
 * The table of features and its file. Knows nothing of pages.
 */
#include "text/html_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/input.h"
#include "base/memory.h"

#define FILE_SIZE_MAX ((size_t)16 << 20)
/* Weights nearer to 0 than this are left out of the file. */
#define WEIGHT_MIN 0.02F
/* The largest number of a feature: some tens are in use. */
#define NUMBER_MAX 511

static const char *const FEATURE_NAMES[FEATURE_COUNT] = {
    [FEATURE_BIAS] = "bias",
    [FEATURE_IN_TAG] = "in-tag",
    [FEATURE_IN_NAME] = "in-name",
    [FEATURE_IN_ROLE] = "in-role",
    [FEATURE_IN_ITEM] = "in-item",
    [FEATURE_IN_HIDDEN] = "in-hidden",
    [FEATURE_AT_TAG] = "at-tag",
    [FEATURE_AT_NAME] = "at-name",
    [FEATURE_TAG_LENGTH] = "tag-length",
    [FEATURE_TAG_LINKS] = "tag-links",
    [FEATURE_LENGTH_LINKS] = "length-links",
    [FEATURE_LENGTH_MARKS] = "length-marks",
    [FEATURE_RULE_LENGTH] = "rule-length",
    [FEATURE_RULE_LINKS] = "rule-links",
    [FEATURE_RULE_PAGE] = "rule-page",
    [FEATURE_PAGE_LENGTH] = "page-length",
    [FEATURE_PAGE_LINKS] = "page-links",
    [FEATURE_TYPE_RULE] = "type-rule",
    [FEATURE_TYPE_LENGTH] = "type-length",
    [FEATURE_POSITION] = "position",
    [FEATURE_POSITION_RULE] = "position-rule",
    [FEATURE_BEFORE] = "before",
    [FEATURE_BEHIND] = "behind",
    [FEATURE_BEFORE_LINKS] = "before-links",
    [FEATURE_BEHIND_LINKS] = "behind-links",
    [FEATURE_LONG_BEFORE] = "long-before",
    [FEATURE_LONG_BEHIND] = "long-behind",
    [FEATURE_HEADING] = "heading",
    [FEATURE_TITLE] = "title",
    [FEATURE_GROUP] = "group",
    [FEATURE_GROUP_TEXT] = "group-text",
    [FEATURE_REPEATED] = "repeated",
    [FEATURE_DIGITS] = "digits",
    [FEATURE_CAPITALS] = "capitals",
    [FEATURE_ARTICLE] = "article",
    [FEATURE_ARTICLE_LINKS] = "article-links",
    [FEATURE_AROUND_1] = "around-1",
    [FEATURE_AROUND_2] = "around-2",
    [FEATURE_AROUND_3] = "around-3",
    [FEATURE_AROUND_4] = "around-4",
    [FEATURE_AROUND_5] = "around-5",
    [FEATURE_IN_NAME_KIND] = "in-name-kind",
    [FEATURE_KIND_RULE] = "kind-rule",
    [FEATURE_KIND_LENGTH] = "kind-length",
    [FEATURE_TEASER] = "teaser",
    [FEATURE_CORE] = "core",
    [FEATURE_CORE_KIND] = "core-kind",
};

struct html_model *html_model_new(void) {
    struct html_model *model = memory_zeroed(1, sizeof *model);
    model->slot_count = 1024;
    model->slots = memory_zeroed(model->slot_count, sizeof *model->slots);
    return model;
}

void html_model_free(struct html_model *model) {
    if (!model)
        return;
    for (size_t i = 0; i < model->count; i++)
        free((char *)(uintptr_t)model->names[i].token.data);
    for (size_t feature = 0; feature < FEATURE_COUNT; feature++)
        free(model->tables[feature].weights);
    free(model->weights);
    free(model->names);
    free(model->slots);
    free(model);
}

uint64_t html_model_token(struct span token) {
    return token.size ? hash64(token, 0) : 0;
}

/* Keys are 64-bit hashes that are taken to be distinct; 0 marks an empty slot. */
static uint64_t key_of(enum html_feature feature, uint64_t token, unsigned first, unsigned second) {
    uint64_t key = hash_mix(token ^ hash_mix((uint64_t)feature << 40 | (uint64_t)first << 20 | second));
    return key ? key : 1;
}

static size_t slot_of(const struct html_model *model, uint64_t key) {
    size_t slot = key & (model->slot_count - 1);
    while (model->slots[slot].key && model->slots[slot].key != key)
        slot = (slot + 1) & (model->slot_count - 1);
    return slot;
}

static void grow_slots(struct html_model *model) {
    struct html_model old = *model;
    model->slot_count *= 2;
    model->slots = memory_zeroed(model->slot_count, sizeof *model->slots);
    for (size_t i = 0; i < old.slot_count; i++) {
        if (old.slots[i].key)
            model->slots[slot_of(model, old.slots[i].key)] = old.slots[i];
    }
    free(old.slots);
}

static uint32_t add(struct html_model *model, uint64_t key, const struct html_feature_name *name) {
    if (model->count == model->capacity) {
        model->capacity = model->capacity ? model->capacity * 2 : 1024;
        model->weights = memory_resize(model->weights, model->capacity, sizeof *model->weights);
        model->names = memory_resize(model->names, model->capacity, sizeof *model->names);
    }
    if (model->count * 2 >= model->slot_count)
        grow_slots(model);
    size_t slot = slot_of(model, key);
    model->slots[slot].key = key;
    model->slots[slot].index = (uint32_t)model->count;
    model->weights[model->count] = 0;
    model->names[model->count] = *name;
    model->names[model->count].token.data = memory_copy(name->token.data ? name->token.data : "", name->token.size);
    return (uint32_t)model->count++;
}

uint32_t html_model_find(struct html_model *model, enum html_feature feature, struct span token, unsigned first,
                         unsigned second) {
    uint64_t key = key_of(feature, html_model_token(token), first, second);
    size_t slot = slot_of(model, key);
    if (model->slots[slot].key)
        return model->slots[slot].index;
    struct html_feature_name name = {feature, token, first, second};
    return add(model, key, &name);
}

float html_model_weight(const struct html_model *model, enum html_feature feature, uint64_t token, unsigned first,
                        unsigned second) {
    return model->slots[slot_of(model, key_of(feature, token, first, second))].weight;
}

static void make_tables(struct html_model *model) {
    for (size_t i = 0; i < model->count; i++) {
        const struct html_feature_name *name = &model->names[i];
        struct html_weight_table *table = &model->tables[name->feature];
        if (name->token.size == 0) {
            table->firsts = name->first < table->firsts ? table->firsts : name->first + 1;
            table->seconds = name->second < table->seconds ? table->seconds : name->second + 1;
        }
    }
    for (size_t i = 0; i < model->count; i++) {
        const struct html_feature_name *name = &model->names[i];
        struct html_weight_table *table = &model->tables[name->feature];
        if (name->token.size > 0)
            continue;
        if (!table->weights)
            table->weights = memory_zeroed((size_t)table->firsts * table->seconds, sizeof *table->weights);
        table->weights[name->first * table->seconds + name->second] = model->weights[i];
    }
}

static void weigh_tags(struct html_model *model) {
    for (size_t name = HTML_OTHER + 1; name < HTML_NAMES; name++) {
        struct html_tag_weights *tag = &model->tags[name];
        uint64_t token = html_model_token(html_name_text((enum html_name)name));
        tag->in = html_model_weight(model, FEATURE_IN_TAG, token, 0, 0);
        for (unsigned i = 0; i < HTML_LEVELS; i++)
            tag->at[i] = html_model_weight(model, FEATURE_AT_TAG, token, i, 0);
        for (unsigned i = 0; i < HTML_LENGTHS; i++)
            tag->length[i] = html_model_weight(model, FEATURE_TAG_LENGTH, token, i, 0);
        for (unsigned i = 0; i < HTML_SHARES; i++)
            tag->links[i] = html_model_weight(model, FEATURE_TAG_LINKS, token, i, 0);
    }
}

static void stop_learning(struct html_model *model) {
    model->learning = false;
    for (size_t i = 0; i < model->slot_count; i++) {
        if (model->slots[i].key)
            model->slots[i].weight = model->weights[model->slots[i].index];
    }
    make_tables(model);
    weigh_tags(model);
}

/* One line: "FEATURE TOKEN FIRST SECOND WEIGHT", or "context CLASS WEIGHT...". False where it is neither. */
static bool read_line(struct html_model *model, char *line) {
    char *rest = NULL;
    const char *name = strtok_r(line, " ", &rest);
    if (!name || *name == '#')
        return true;
    char *end;
    if (strcmp(name, "context") == 0) {
        unsigned long kind = strtoul(rest, &rest, 10);
        if (kind >= HTML_CONTEXT_CLASSES)
            return false;
        for (size_t i = 0; i < HTML_CONTEXT; i++) {
            model->context[kind][i] = strtof(rest, &end);
            if (end == rest || !isfinite(model->context[kind][i]))
                return false;
            rest = end;
        }
        return *rest == '\0';
    }
    size_t feature = 0;
    while (feature < FEATURE_COUNT && strcmp(FEATURE_NAMES[feature], name) != 0)
        feature++;
    const char *token = strtok_r(NULL, " ", &rest);
    if (feature == FEATURE_COUNT || !token)
        return false;
    unsigned long first = strtoul(rest, &rest, 10), second = strtoul(rest, &rest, 10);
    float weight = strtof(rest, &end);
    if (end == rest || *end || first > NUMBER_MAX || second > NUMBER_MAX || !isfinite(weight))
        return false;
    struct span text = strcmp(token, "-") == 0 ? (struct span){NULL, 0} : span_of(token);
    uint32_t index = html_model_find(model, (enum html_feature)feature, text, (unsigned)first, (unsigned)second);
    model->weights[index] = weight;
    return true;
}

struct html_model *html_model_load(const char *path, struct error *error) {
    struct bytes content = {0};
    if (input_load(path, FILE_SIZE_MAX, &content, error) < 0) {
        bytes_release(&content);
        return NULL;
    }
    struct html_model *model = html_model_new();
    model->learning = true;
    size_t number = 1;
    char *at = content.size ? (char *)(uintptr_t)bytes_text(&content) : NULL;
    for (; at && *at; number++) {
        char *newline = strchr(at, '\n');
        if (newline)
            *newline = '\0';
        if (!read_line(model, at)) {
            error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s:%zu: not a feature and its weight", path, number);
            html_model_free(model);
            model = NULL;
            break;
        }
        at = newline ? newline + 1 : NULL;
    }
    bytes_release(&content);
    if (model)
        stop_learning(model);
    return model;
}

static int name_compare(const void *a, const void *b) {
    const struct html_feature_name *x = *(const struct html_feature_name *const *)a,
                                   *y = *(const struct html_feature_name *const *)b;
    if (x->feature != y->feature)
        return x->feature < y->feature ? -1 : 1;
    int order = span_compare(x->token, y->token);
    if (order)
        return order;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->second > y->second) - (x->second < y->second);
}

void html_model_write(const struct html_model *model, struct bytes *out) {
    const struct html_feature_name **order = memory_zeroed(model->count + 1, sizeof *order);
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (fabsf(model->weights[i]) >= WEIGHT_MIN)
            order[count++] = &model->names[i];
    }
    qsort(order, count, sizeof *order, name_compare);
    for (size_t i = 0; i < count; i++) {
        bytes_append_format(out, "%s ", FEATURE_NAMES[order[i]->feature]);
        if (order[i]->token.size)
            bytes_append_span(out, order[i]->token);
        else
            bytes_append_byte(out, '-');
        bytes_append_format(out, " %u %u %.2f\n", order[i]->first, order[i]->second,
                            (double)model->weights[order[i] - model->names]);
    }
    for (size_t kind = 0; kind < HTML_CONTEXT_CLASSES; kind++) {
        bytes_append_format(out, "context %zu", kind);
        for (size_t i = 0; i < HTML_CONTEXT; i++)
            bytes_append_format(out, " %.3f", (double)model->context[kind][i]);
        bytes_append_byte(out, '\n');
    }
    free(order);
}
