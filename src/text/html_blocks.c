/*
 * Cutting a page into blocks. Owns the counts of each block and element; knows nothing of weights.
 */
#include "text/html_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

struct cutter {
    struct html_blocks *blocks;
    const struct html_tree *tree;
    size_t block_capacity, text_count;
    bool open;      /* the last block goes on */
    unsigned links; /* open <a> */
    enum html_verdict outside, verdict;
    const xmlNode *dropped; /* the outermost open element that the rules dropped */
    bool titled;
};

static bool is_white(unsigned char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Marks of sentences in many scripts: ASCII, Arabic, Devanagari, Thai (none), Chinese and Japanese. */
static size_t mark_size(const unsigned char *text) {
    if (*text == ',' || *text == '.' || *text == ';' || *text == '?' || *text == '!')
        return is_white(text[1]) || text[1] == '\0' || text[1] == '"' ? 1 : 0;
    if (*text == 0xD8 && (text[1] == 0x8C || text[1] == 0x9B || text[1] == 0x9F))
        return 2;
    if (*text == 0xDB && text[1] == 0x94)
        return 2;
    if (*text == 0xE0 && text[1] == 0xA5 && (text[2] == 0xA4 || text[2] == 0xA5))
        return 3;
    if (*text == 0xE3 && text[1] == 0x80 && (text[2] == 0x81 || text[2] == 0x82))
        return 3;
    if (*text == 0xEF && text[1] == 0xBC && (text[2] == 0x8C || text[2] == 0x9F || text[2] == 0x81 || text[2] == 0x9B))
        return 3;
    return 0;
}

/* Adds a text's counts to its block; white space is not hashed. Returns the characters. */
static uint32_t count_text(struct html_block *block, const unsigned char *text) {
    uint32_t count = 0;
    uint64_t hash = block->hash;
    for (; *text; text++) {
        if (is_white(*text))
            continue;
        hash = (hash ^ *text) * 0x100000001B3U;
        count += (*text & 0xC0) != 0x80;
        if (*text >= '0' && *text <= '9')
            block->digits++;
        else if (*text >= 'A' && *text <= 'Z')
            block->capitals++;
        else if (*text < '0' || *text >= 0xD8)
            block->marks += mark_size(text) > 0;
        else if (*text == ';' || *text == '?')
            block->marks += mark_size(text) > 0;
    }
    block->hash = hash;
    block->characters += count;
    return count;
}

static bool is_blank(const xmlChar *text) {
    while (is_white(*text))
        text++;
    return *text == '\0';
}

static void on_text(struct cutter *cutter, xmlNodePtr node) {
    struct html_blocks *blocks = cutter->blocks;
    if (!node->content || is_blank(node->content))
        return;
    if (!cutter->open) {
        if (blocks->count == cutter->block_capacity) {
            cutter->block_capacity = cutter->block_capacity ? cutter->block_capacity * 2 : 256;
            blocks->items = memory_resize(blocks->items, cutter->block_capacity, sizeof *blocks->items);
        }
        const xmlNode *up = node->parent;
        for (;;) {
            enum html_tag tag = html_tree_facts(cutter->tree, up)->tag;
            if ((tag != TAG_INLINE && tag != TAG_LINK) || !up->parent || up->parent->type != XML_ELEMENT_NODE)
                break;
            up = up->parent;
        }
        struct html_block *block = &blocks->items[blocks->count++];
        *block = (struct html_block){.texts = blocks->texts + cutter->text_count,
                                     .element = (uint32_t)(uintptr_t)up->_private,
                                     .heading = html_tree_facts(cutter->tree, up)->tag == TAG_HEADING,
                                     .item = html_tree_facts(cutter->tree, up)->tag == TAG_ITEM,
                                     .code = html_tree_facts(cutter->tree, up)->tag == TAG_CODE,
                                     .verdict = cutter->dropped ? VERDICT_DROPPED : cutter->outside};
        cutter->open = true;
        if (!cutter->titled && strcmp((const char *)up->name, "h1") == 0) {
            cutter->titled = true;
            blocks->title = (uint32_t)blocks->count - 1;
        }
    }
    struct html_block *block = &blocks->items[blocks->count - 1];
    blocks->texts[cutter->text_count++] = node;
    block->text_count++;
    uint32_t count = count_text(block, node->content);
    if (cutter->links)
        block->linked += count;
}

static bool breaks_block(enum html_tag tag) {
    return tag != TAG_INLINE && tag != TAG_LINK && tag != TAG_BREAK && tag != TAG_HIDDEN;
}

static void on_open(struct cutter *cutter, const xmlNode *node, const xmlNode *top) {
    struct html_facts *facts = html_tree_facts(cutter->tree, node);
    if (facts->dropped && !cutter->dropped)
        cutter->dropped = node;
    if (node == top)
        cutter->outside = VERDICT_KEPT;
    cutter->open &= !breaks_block(facts->tag);
    cutter->links += facts->tag == TAG_LINK;
}

static void on_close(struct cutter *cutter, const xmlNode *node, const xmlNode *top) {
    enum html_tag tag = html_tree_facts(cutter->tree, node)->tag;
    if (cutter->dropped == node)
        cutter->dropped = NULL;
    if (node == top)
        cutter->outside = VERDICT_OUTSIDE;
    cutter->open &= !breaks_block(tag);
    cutter->links -= tag == TAG_LINK;
}

/* Elements by their index, parents before children. */
static void list_elements(struct html_blocks *blocks, const struct html_tree *tree) {
    blocks->elements = memory_zeroed(tree->count + 1, sizeof *blocks->elements);
    blocks->element_count = tree->count;
    for (xmlNodePtr node = tree->root; node; node = html_tree_next(node, tree->root, false)) {
        struct html_element *element = &blocks->elements[(size_t)(uintptr_t)node->_private];
        if (node->type != XML_ELEMENT_NODE)
            continue;
        element->node = node;
        if (node != tree->root)
            element->parent = (uint32_t)(uintptr_t)node->parent->_private;
        enum html_tag tag = html_tree_facts(tree, node)->tag;
        element->in_article = blocks->elements[element->parent].in_article || tag == TAG_ARTICLE;
        element->in_main = blocks->elements[element->parent].in_main || tag == TAG_MAIN;
        blocks->articles += tag == TAG_ARTICLE;
        if (strcmp((const char *)node->name, "meta") == 0 && html_is(html_tree_attribute(node, "property"), "og:type"))
            blocks->type = html_tree_attribute(node, "content");
    }
}

static void sum_elements(struct html_blocks *blocks) {
    for (size_t i = 0; i < blocks->count; i++) {
        const struct html_block *block = &blocks->items[i];
        struct html_element *element = &blocks->elements[block->element];
        element->characters += block->characters;
        element->linked += block->linked;
        element->blocks++;
        blocks->characters += block->characters;
        blocks->linked += block->linked;
        if (block->characters >= 40 && block->marks > 0 && block->linked * 2 < block->characters)
            blocks->in_sentences += block->characters;
    }
    for (size_t i = blocks->element_count; i-- > 1;) {
        struct html_element *element = &blocks->elements[i];
        if (!element->node)
            continue;
        struct html_element *parent = &blocks->elements[element->parent];
        parent->characters += element->characters;
        parent->linked += element->linked;
        parent->blocks += element->blocks;
    }
}

/* The signature of an element: its tag and class, and those of the two around it. Lengths stand for numbered classes'
 * digits. */
static uint64_t signature_of(const struct html_blocks *blocks, uint32_t index) {
    uint64_t signature = 0;
    for (int level = 0; level < 4; level++) {
        const xmlNode *node = blocks->elements[index].node;
        struct span name = html_tree_attribute(node, "class");
        uint64_t hash = 0;
        for (size_t i = 0; i < name.size; i++) {
            if (name.data[i] < '0' || name.data[i] > '9')
                hash = (hash ^ (unsigned char)name.data[i]) * 0x100000001B3U;
        }
        signature = hash_mix(signature ^ hash ^ hash64(span_of((const char *)node->name), (uint64_t)level));
        index = blocks->elements[index].parent;
    }
    return signature;
}

static void group_blocks(struct html_blocks *blocks) {
    size_t slots = 64;
    while (slots < blocks->count * 2)
        slots *= 2;
    uint32_t *table = memory_zeroed(slots, sizeof *table); /* group + 1 */
    blocks->groups = memory_zeroed(blocks->count + 1, sizeof *blocks->groups);
    for (size_t i = 0; i < blocks->count; i++) {
        struct html_block *block = &blocks->items[i];
        struct html_element *element = &blocks->elements[block->element];
        if (!element->signature)
            element->signature = signature_of(blocks, block->element) | 1;
        size_t slot = element->signature & (slots - 1);
        while (table[slot] && blocks->groups[table[slot] - 1].signature != element->signature)
            slot = (slot + 1) & (slots - 1);
        if (!table[slot]) {
            blocks->groups[blocks->group_count++].signature = element->signature;
            table[slot] = (uint32_t)blocks->group_count;
        }
        struct html_group *group = &blocks->groups[table[slot] - 1];
        block->group = table[slot] - 1;
        group->blocks++;
        group->characters += block->characters;
        group->linked += block->linked;
    }
    free(table);
}

void html_blocks_cut(struct html_blocks *blocks, const struct html_tree *tree, const xmlNode *top) {
    *blocks = (struct html_blocks){0};
    list_elements(blocks, tree);
    blocks->texts = memory_zeroed(tree->count + 1, sizeof *blocks->texts);
    blocks->title = UINT32_MAX;
    struct cutter cutter = {.blocks = blocks, .tree = tree, .outside = VERDICT_OUTSIDE};
    xmlNodePtr node = tree->root;
    while (node) {
        bool enter = node->type == XML_ELEMENT_NODE && html_tree_facts(tree, node)->tag != TAG_HIDDEN;
        if (enter)
            on_open(&cutter, node, top);
        else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
            on_text(&cutter, node);
        if (enter && node->children) {
            node = node->children;
            continue;
        }
        if (enter)
            on_close(&cutter, node, top);
        while (node != tree->root && !node->next) {
            node = node->parent;
            on_close(&cutter, node, top);
        }
        node = node == tree->root ? NULL : node->next;
    }
    sum_elements(blocks);
    group_blocks(blocks);
}

void html_blocks_release(struct html_blocks *blocks) {
    free(blocks->items);
    free(blocks->elements);
    free(blocks->groups);
    free(blocks->features);
    free(blocks->texts);
    *blocks = (struct html_blocks){0};
}
