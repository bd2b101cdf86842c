/*
 * What is worth knowing of each element and block, as indices into the model. Features of an element hold for all
 * blocks within it, so they are found once; the words of class and id attributes are learned, not listed here.
 */
#include "text/html_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define TOKEN_MAX 24
#define LONG_TEXT 80 /* characters of a block that is surely prose or a post */
#define NO_TOKEN ((struct token){{NULL, 0}, 0})

struct finder {
    struct html_blocks *blocks;
    struct html_model *model;
    float sum; /* of the weights of what was added; where the model learns, a list is kept instead */
};

struct token {
    struct span text;
    uint64_t hash;
};

static bool is_small(char byte) {
    return byte >= 'a' && byte <= 'z';
}

static bool is_capital(char byte) {
    return byte >= 'A' && byte <= 'Z';
}

static struct token token_of(struct span text) {
    return (struct token){text, html_model_token(text)};
}

static void add(struct finder *finder, enum html_feature feature, struct token token, unsigned first, unsigned second) {
    struct html_blocks *blocks = finder->blocks;
    if (!finder->model->learning) {
        finder->sum += html_model_weight(finder->model, feature, token.hash, first, second);
        return;
    }
    if (blocks->feature_count == blocks->feature_capacity) {
        blocks->feature_capacity = blocks->feature_capacity ? blocks->feature_capacity * 2 : 4096;
        blocks->features = memory_resize(blocks->features, blocks->feature_capacity, sizeof *blocks->features);
    }
    blocks->features[blocks->feature_count++] = html_model_find(finder->model, feature, token.text, first, second);
}

static void add_number(struct finder *finder, enum html_feature feature, unsigned first, unsigned second) {
    if (finder->model->learning)
        add(finder, feature, NO_TOKEN, first, second);
    else
        finder->sum += html_model_number_weight(finder->model, feature, first, second);
}

/* The next word of an attribute from *at on, in lower case: they are divided by what is no letter, and where a capital
 * follows a small letter. Those of one letter or very many are passed over. False at the end. */
static bool next_word(struct span text, size_t *at, char word[TOKEN_MAX], struct token *token) {
    size_t size = 0;
    while (*at < text.size) {
        char byte = text.data[(*at)++], next = *at < text.size ? text.data[*at] : ' ';
        bool capital = is_capital(byte);
        if (!capital && !is_small(byte))
            continue;
        if (size < TOKEN_MAX)
            word[size++] = capital ? (char)(byte + ('a' - 'A')) : byte;
        if (is_small(next) || (is_capital(next) && capital))
            continue;
        if (size >= 2 && size < TOKEN_MAX) {
            *token = token_of((struct span){word, size});
            return true;
        }
        size = 0;
    }
    return false;
}

/* Words of classes and ids around a block. */
static void add_names_in(struct finder *finder, struct span names) {
    char text[TOKEN_MAX];
    struct token word;
    for (size_t at = 0; next_word(names, &at, text, &word);) {
        add(finder, FEATURE_IN_NAME, word, 0, 0);
        add(finder, FEATURE_IN_NAME_KIND, word, finder->blocks->kind, 0);
    }
}

/* Words of the classes of the block's own element, or of one above. */
static void add_names_at(struct finder *finder, struct span names, bool above) {
    char text[TOKEN_MAX];
    struct token word;
    for (size_t at = 0; next_word(names, &at, text, &word);)
        add(finder, FEATURE_AT_NAME, word, above, 0);
}

static bool is_word(struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] == 0x7F)
            return false;
    }
    return text.size > 0 && text.size < TOKEN_MAX;
}

static struct span last_segment(struct span address) {
    size_t start = address.size;
    while (start > 0 && address.data[start - 1] != '/')
        start--;
    return (struct span){address.data + start, address.size - start};
}

/* The scores of a class: found once for all elements that have it, where features need not be listed for each. */
static const struct html_class *class_of(struct finder *finder, const struct html_node *node) {
    struct html_class *class = &finder->blocks->classes[node->class];
    if (class->scored || finder->model->learning || !node->class)
        return class;
    struct span names = html_tree_attribute(node, ATTRIBUTE_CLASS);
    struct finder apart = *finder;
    apart.sum = 0;
    add_names_in(&apart, names);
    class->in_score = apart.sum;
    for (unsigned above = 0; above < 2; above++) {
        apart.sum = 0;
        add_names_at(&apart, names, above);
        class->at_score[above] = apart.sum;
    }
    class->scored = true;
    return class;
}

static void describe_attribute(struct finder *finder, const struct html_attribute *attribute) {
    struct span text = attribute->value;
    switch (attribute->name) {
    case ATTRIBUTE_CLASS:
        if (finder->model->learning)
            add_names_in(finder, text);
        break;
    case ATTRIBUTE_ID:
        add_names_in(finder, text);
        break;
    case ATTRIBUTE_ROLE:
        if (is_word(text))
            add(finder, FEATURE_IN_ROLE, token_of(text), 0, 0);
        break;
    case ATTRIBUTE_ITEMPROP:
        if (is_word(text))
            add(finder, FEATURE_IN_ITEM, token_of(text), 0, 0);
        break;
    case ATTRIBUTE_ITEMTYPE:
        if (is_word(last_segment(text)))
            add(finder, FEATURE_IN_ITEM, token_of(last_segment(text)), 1, 0);
        break;
    case ATTRIBUTE_HIDDEN:
        add_number(finder, FEATURE_IN_HIDDEN, 0, 0);
        break;
    case ATTRIBUTE_ARIA_HIDDEN:
        if (html_is(text, "true"))
            add_number(finder, FEATURE_IN_HIDDEN, 1, 0);
        break;
    case ATTRIBUTE_STYLE:
        if (html_contains(text, "display:none") || html_contains(text, "display: none"))
            add_number(finder, FEATURE_IN_HIDDEN, 2, 0);
        break;
    default:
        break;
    }
}

/* NULL where features are to be listed, or the element is not one of those with a name of their own. */
static const struct html_tag_weights *known_tag(const struct finder *finder, const struct html_node *node) {
    return finder->model->learning || node->name == HTML_OTHER ? NULL : &finder->model->tags[node->name];
}

static void describe_element(struct finder *finder, struct html_element *element) {
    const struct html_node *node = element->node;
    element->feature = finder->blocks->feature_count;
    finder->sum = class_of(finder, node)->in_score;
    const struct html_tag_weights *known = known_tag(finder, node);
    if (known)
        finder->sum += known->in;
    else if (is_word(html_tree_name(node)))
        add(finder, FEATURE_IN_TAG, token_of(html_tree_name(node)), 0, 0);
    for (size_t i = 0; i < node->attribute_count; i++)
        describe_attribute(finder, &node->attributes[i]);
    element->feature_count = finder->blocks->feature_count - element->feature;
    element->own_score = finder->sum;
}

/* 0, 1, 2–3, 4–7, …: the number of binary digits, at most `most`. */
static unsigned size_class(uint32_t count, unsigned most) {
    unsigned class = 0;
    while (count && class < most) {
        count >>= 1;
        class ++;
    }
    return class;
}

/* Share in quarters, with both ends apart: 0 none … 5 all. */
static unsigned share_class(uint32_t part, uint32_t whole) {
    if (part == 0 || whole == 0)
        return 0;
    return part >= whole ? 5 : 1 + (unsigned)((uint64_t)part * 4 / whole);
}

static unsigned length_class(const struct html_block *block) {
    return size_class(block->characters, 12);
}

static unsigned links_class(const struct html_block *block) {
    return share_class(block->linked, block->characters);
}

static unsigned marks_class(const struct html_block *block) {
    return size_class(block->marks, 4);
}

/* A neighbour's kind: length in pairs of classes and whether it is mostly links; 0 where there is none. */
static unsigned neighbour_class(const struct html_blocks *blocks, size_t index) {
    if (index >= blocks->count)
        return 0;
    const struct html_block *block = &blocks->items[index];
    return 1 + (length_class(block) / 2) * 3 + (block->linked * 2 > block->characters ? 2 : block->linked > 0);
}

static unsigned page_class(const struct html_blocks *blocks) {
    return share_class(blocks->in_sentences, blocks->characters) * 3 + (blocks->characters < 2000    ? 0
                                                                        : blocks->characters < 12000 ? 1
                                                                                                     : 2);
}

static bool is_long(const struct html_block *block) {
    return block->characters >= LONG_TEXT && block->linked * 3 < block->characters;
}

/* What goes from block to block while they are described in order. */
struct course {
    uint32_t characters_before;
    size_t since_long, since_heading;
    unsigned heading;
    const uint32_t *to_long;  /* of each block, blocks to the next long one */
    const uint32_t *repeated; /* of each block, how often its text stands on the page */
};

static void add_class_at(struct finder *finder, const struct html_node *node, bool above) {
    if (finder->model->learning)
        add_names_at(finder, html_tree_attribute(node, ATTRIBUTE_CLASS), above);
    else
        finder->sum += class_of(finder, node)->at_score[above];
}

static void add_tag(struct finder *finder, const struct html_node *node, unsigned length, unsigned links) {
    const struct html_tag_weights *known = known_tag(finder, node);
    if (known) {
        finder->sum += known->length[length / 2];
        finder->sum += known->links[links];
        return;
    }
    struct token tag = is_word(html_tree_name(node)) ? token_of(html_tree_name(node)) : NO_TOKEN;
    add(finder, FEATURE_TAG_LENGTH, tag, length / 2, 0);
    add(finder, FEATURE_TAG_LINKS, tag, links, 0);
}

static void describe_self(struct finder *finder, const struct html_block *block) {
    const struct html_blocks *blocks = finder->blocks;
    const struct html_element *element = &blocks->elements[block->element];
    unsigned length = length_class(block), links = links_class(block), page = page_class(blocks);
    add_number(finder, FEATURE_BIAS, 0, 0);
    add_tag(finder, element->node, length, links);
    add_number(finder, FEATURE_LENGTH_LINKS, length, links);
    add_number(finder, FEATURE_LENGTH_MARKS, length, marks_class(block));
    add_number(finder, FEATURE_RULE_LENGTH, block->verdict, length);
    add_number(finder, FEATURE_RULE_LINKS, block->verdict * 6U + links, length / 3);
    add_number(finder, FEATURE_RULE_PAGE, block->verdict, page);
    add_number(finder, FEATURE_PAGE_LENGTH, page, length);
    add_number(finder, FEATURE_PAGE_LINKS, page, links);
    struct token type = is_word(blocks->type) ? token_of(blocks->type) : NO_TOKEN;
    add(finder, FEATURE_TYPE_RULE, type, block->verdict, links);
    add(finder, FEATURE_TYPE_LENGTH, type, length, 0);
    add_number(finder, FEATURE_KIND_RULE, blocks->kind * VERDICTS + block->verdict, links);
    add_number(finder, FEATURE_KIND_LENGTH, blocks->kind, length);
    add_number(finder, FEATURE_DIGITS, share_class(block->digits, block->characters), length / 3);
    add_number(finder, FEATURE_CAPITALS, share_class(block->capitals, block->characters), length / 3);
    unsigned article = size_class(blocks->articles, 4) * 6 + element->articles * 2U + element->in_main;
    add_number(finder, FEATURE_ARTICLE, article, length / 3);
    add_number(finder, FEATURE_ARTICLE_LINKS, article, links);
    uint32_t at = block->element;
    for (unsigned level = 0; level < HTML_LEVELS; level++) {
        const struct html_node *node = blocks->elements[at].node;
        const struct html_tag_weights *known = known_tag(finder, node);
        if (known)
            finder->sum += known->at[level];
        else if (is_word(html_tree_name(node)))
            add(finder, FEATURE_AT_TAG, token_of(html_tree_name(node)), level, 0);
        add_class_at(finder, node, level > 0);
        at = blocks->elements[at].parent;
    }
}

static void describe_place(struct finder *finder, size_t index, const struct course *course) {
    const struct html_blocks *blocks = finder->blocks;
    const struct html_block *block = &blocks->items[index];
    unsigned length = length_class(block), links = links_class(block);
    unsigned position = (unsigned)((uint64_t)course->characters_before * 16 / (blocks->characters + 1));
    add_number(finder, FEATURE_POSITION, position, 0);
    add_number(finder, FEATURE_POSITION_RULE, position / 2, block->verdict);
    unsigned before = neighbour_class(blocks, index - 1), behind = neighbour_class(blocks, index + 1);
    add_number(finder, FEATURE_BEFORE, before, length / 2);
    add_number(finder, FEATURE_BEHIND, behind, length / 2);
    add_number(finder, FEATURE_BEFORE_LINKS, before, links);
    add_number(finder, FEATURE_BEHIND_LINKS, behind, links);
    add_number(finder, FEATURE_LONG_BEFORE, size_class((uint32_t)course->since_long, 6), length / 3);
    add_number(finder, FEATURE_LONG_BEHIND, size_class(course->to_long[index], 6), length / 3);
    unsigned heading = block->heading;
    add_number(finder, FEATURE_HEADING, course->heading, size_class((uint32_t)course->since_heading, 5));
    add_number(finder, FEATURE_HEADING, 16 + heading * 32 + behind, 0);
    add_number(finder, FEATURE_TITLE,
               blocks->title == UINT32_MAX ? 0
               : index < blocks->title     ? 1
               : index == blocks->title    ? 2
               : index < blocks->title + 6 ? 3
                                           : 4,
               length / 3);
    const struct html_group *group = &blocks->groups[block->group];
    unsigned size = size_class(group->blocks, 7);
    const struct html_block *last = index ? block - 1 : block;
    add_number(finder, FEATURE_TEASER, (size * 2 + last->heading) * 6 + links_class(last), length / 3);
    unsigned core = blocks->elements[block->element].core;
    add_number(finder, FEATURE_CORE, core, length);
    add_number(finder, FEATURE_CORE_KIND, core * 6 + links, blocks->kind);
    add_number(finder, FEATURE_GROUP, size * 6 + share_class(group->linked, group->characters), length / 3);
    add_number(finder, FEATURE_GROUP_TEXT, size_class(group->characters / group->blocks, 10),
               share_class(group->characters, blocks->characters));
    add_number(finder, FEATURE_REPEATED, size_class(course->repeated[index], 4), length / 2);
}

/* The elements that hold more than those within them: how much of the page, and how much of it links. */
static void describe_around(struct finder *finder, const struct html_block *block) {
    const struct html_blocks *blocks = finder->blocks;
    uint32_t at = block->element, held = block->characters;
    for (unsigned level = 0; level < 5; level++) {
        while (blocks->elements[at].characters <= held && at)
            at = blocks->elements[at].parent;
        const struct html_element *around = &blocks->elements[at];
        unsigned mean = size_class(around->characters / (around->blocks + 1), 8);
        held = around->characters;
        add_number(finder, (enum html_feature)(FEATURE_AROUND_1 + level),
                   share_class(around->linked, around->characters) * 6 + share_class(held, blocks->characters), mean);
    }
}

/* How often each block's text stands on the page. */
static uint32_t *count_repeated(const struct html_blocks *blocks) {
    size_t slots = 64;
    while (slots < blocks->count * 2)
        slots *= 2;
    uint32_t *table = memory_zeroed(slots, sizeof *table), *counts = memory_zeroed(blocks->count + 1, sizeof *counts);
    uint32_t *first = memory_zeroed(blocks->count + 1, sizeof *first);
    for (size_t i = 0; i < blocks->count; i++) {
        size_t slot = hash_mix(blocks->items[i].hash) & (slots - 1);
        while (table[slot] && blocks->items[table[slot] - 1].hash != blocks->items[i].hash)
            slot = (slot + 1) & (slots - 1);
        if (!table[slot])
            table[slot] = (uint32_t)i + 1;
        first[i] = table[slot] - 1;
        counts[first[i]]++;
    }
    for (size_t i = blocks->count; i-- > 0;)
        counts[i] = counts[first[i]];
    free(table);
    free(first);
    return counts;
}

static uint32_t *find_long(const struct html_blocks *blocks) {
    uint32_t *to_long = memory_zeroed(blocks->count + 1, sizeof *to_long);
    uint32_t distance = 1000;
    for (size_t i = blocks->count; i-- > 0;) {
        to_long[i] = distance++;
        if (is_long(&blocks->items[i]))
            distance = 0;
    }
    return to_long;
}

void html_blocks_describe(struct html_blocks *blocks, struct html_model *model) {
    struct finder finder = {.blocks = blocks, .model = model};
    for (size_t i = 0; i < blocks->element_count; i++) {
        if (blocks->elements[i].node && blocks->elements[i].characters)
            describe_element(&finder, &blocks->elements[i]);
    }
    uint32_t *repeated = count_repeated(blocks), *to_long = find_long(blocks);
    struct course course = {.since_long = 1000, .since_heading = 1000, .to_long = to_long, .repeated = repeated};
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i];
        block->feature = blocks->feature_count;
        finder.sum = 0;
        describe_self(&finder, block);
        describe_place(&finder, i, &course);
        describe_around(&finder, block);
        block->feature_count = blocks->feature_count - block->feature;
        block->own_score = finder.sum;
        course.characters_before += block->characters;
        course.since_long = is_long(block) ? 0 : course.since_long + 1;
        const struct html_node *node = blocks->elements[block->element].node;
        course.since_heading = block->heading ? 0 : course.since_heading + 1;
        if (block->heading)
            course.heading = (unsigned)(node->name - HTML_H1) + 1;
    }
    free(repeated);
    free(to_long);
}
