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
    size_t block_capacity, text_count;
    bool open;      /* the last block goes on */
    unsigned links; /* open <a> */
    enum html_verdict outside, verdict;
    const struct html_node *dropped; /* the outermost open element that the rules dropped */
    bool titled;
};

static bool is_white(unsigned char byte) {
    return byte <= ' ' || byte == 0x7F;
}

/* Whether a mark of sentences stands at i, in one of many scripts: ASCII, Arabic, Urdu, Devanagari, Chinese and
 * Japanese. (Valid UTF-8: what begins there ends within the text.) */
static bool is_mark(const unsigned char *text, size_t i, size_t size) {
    switch (text[i]) {
    case ',':
    case '.':
    case ';':
    case '?':
    case '!':
        return i + 1 == size || is_white(text[i + 1]) || text[i + 1] == '"';
    case 0xD8:
        return text[i + 1] == 0x8C || text[i + 1] == 0x9B || text[i + 1] == 0x9F;
    case 0xDB:
        return text[i + 1] == 0x94;
    case 0xE0:
        return text[i + 1] == 0xA5 && (text[i + 2] == 0xA4 || text[i + 2] == 0xA5);
    case 0xE3:
        return text[i + 1] == 0x80 && (text[i + 2] == 0x81 || text[i + 2] == 0x82);
    case 0xEF:
        return text[i + 1] == 0xBC &&
               (text[i + 2] == 0x8C || text[i + 2] == 0x9F || text[i + 2] == 0x81 || text[i + 2] == 0x9B);
    default:
        return false;
    }
}

static struct span trim(struct span text) {
    while (text.size && is_white((unsigned char)text.data[text.size - 1]))
        text.size--;
    while (text.size && is_white((unsigned char)*text.data)) {
        text.data++;
        text.size--;
    }
    return text;
}

/* What is counted of bytes, side by side in one number: digits, capitals, and what may begin a mark. */
#define DIGIT ((uint64_t)1)
#define CAPITAL ((uint64_t)1 << 21)
#define MARK ((uint64_t)1 << 42)
#define COUNTED_AT_ONCE (((size_t)1 << 21) - 1)

static const uint64_t COUNTED[256] = {
    ['0' ... '9'] = DIGIT, ['A' ... 'Z'] = CAPITAL, [','] = MARK,  ['.'] = MARK,  [';'] = MARK,  ['?'] = MARK,
    ['!'] = MARK,          [0xD8] = MARK,           [0xDB] = MARK, [0xE0] = MARK, [0xE3] = MARK, [0xEF] = MARK};

/* Adds a text's counts to its block. */
static void count_text(struct html_block *block, struct span span) {
    const unsigned char *text = (const unsigned char *)span.data;
    for (size_t start = 0, end; start < span.size; start = end) {
        uint64_t counts = 0;
        end = span.size - start < COUNTED_AT_ONCE ? span.size : start + COUNTED_AT_ONCE;
        for (size_t i = start; i < end; i++)
            counts += COUNTED[text[i]];
        block->digits += (uint32_t)(counts & COUNTED_AT_ONCE);
        block->capitals += (uint32_t)(counts >> 21 & COUNTED_AT_ONCE);
        for (size_t i = start; counts >= MARK && i < end; i++) {
            if (COUNTED[text[i]] == MARK) {
                counts -= MARK;
                block->marks += is_mark(text, i, span.size);
            }
        }
    }
    block->hash = hash_mix(block->hash) ^ hash64(span, 0);
}

/* The element whose block the text belongs to: the innermost around it that is no inline element. */
static const struct html_node *block_around(const struct html_node *text) {
    const struct html_node *up = text->parent;
    while ((up->tag == TAG_INLINE || up->tag == TAG_LINK) && up->parent)
        up = up->parent;
    return up;
}

static struct html_block *begin_block(struct cutter *cutter, const struct html_node *around) {
    struct html_blocks *blocks = cutter->blocks;
    if (blocks->count == cutter->block_capacity) {
        cutter->block_capacity = cutter->block_capacity ? cutter->block_capacity * 2 : 256;
        blocks->items = memory_resize(blocks->items, cutter->block_capacity, sizeof *blocks->items);
    }
    if (!cutter->titled && around->name == HTML_H1) {
        cutter->titled = true;
        blocks->title = (uint32_t)blocks->count;
    }
    struct html_block *block = &blocks->items[blocks->count++];
    *block = (struct html_block){.texts = blocks->texts + cutter->text_count,
                                 .element = around->index,
                                 .heading = around->tag == TAG_HEADING,
                                 .item = around->tag == TAG_ITEM,
                                 .code = around->tag == TAG_CODE,
                                 .verdict = cutter->dropped ? VERDICT_DROPPED : cutter->outside};
    cutter->open = true;
    return block;
}

static void on_text(struct cutter *cutter, struct html_node *node) {
    struct html_blocks *blocks = cutter->blocks;
    struct span text = trim(node->text);
    if (text.size == 0)
        return;
    struct html_block *block =
        cutter->open ? &blocks->items[blocks->count - 1] : begin_block(cutter, block_around(node));
    blocks->texts[cutter->text_count++] = node;
    block->text_count++;
    count_text(block, text);
    block->characters += node->characters;
    if (cutter->links)
        block->linked += node->characters;
}

static bool breaks_block(enum html_tag tag) {
    return tag != TAG_INLINE && tag != TAG_LINK && tag != TAG_BREAK && tag != TAG_HIDDEN;
}

static void on_open(struct cutter *cutter, const struct html_node *node, const struct html_node *top) {
    if (node->dropped && !cutter->dropped)
        cutter->dropped = node;
    if (node == top)
        cutter->outside = VERDICT_KEPT;
    cutter->open &= !breaks_block(node->tag);
    cutter->links += node->tag == TAG_LINK;
}

static void on_close(struct cutter *cutter, const struct html_node *node, const struct html_node *top) {
    if (cutter->dropped == node)
        cutter->dropped = NULL;
    if (node == top)
        cutter->outside = VERDICT_OUTSIDE;
    cutter->open &= !breaks_block(node->tag);
    cutter->links -= node->tag == TAG_LINK;
}

static const struct {
    const char *name; /* of schema.org, with quotation marks; or of og:type */
    enum html_kind kind;
} KINDS[] = {
    {"\"DiscussionForumPosting\"", KIND_FORUM},
    {"\"QAPage\"", KIND_FORUM},
    {"\"Product\"", KIND_PRODUCT},
    {"\"ProductGroup\"", KIND_PRODUCT},
    {"\"NewsArticle\"", KIND_ARTICLE},
    {"\"Article\"", KIND_ARTICLE},
    {"\"BlogPosting\"", KIND_ARTICLE},
    {"\"TechArticle\"", KIND_ARTICLE},
    {"\"CollectionPage\"", KIND_LIST},
    {"\"ItemList\"", KIND_LIST},
    {"article", KIND_ARTICLE},
    {"product", KIND_PRODUCT},
};
#define SCHEMA_KINDS 10 /* of these; og:type is believed where none of them stands in a script */

static enum html_kind kind_of(const struct html_tree *tree, struct span type) {
    for (size_t k = 0; k < SCHEMA_KINDS; k++) {
        for (size_t i = 0; i < tree->count; i++) {
            const struct html_node *script = tree->nodes[i];
            if (script->name == HTML_SCRIPT && script->children &&
                memmem(script->children->text.data, script->children->text.size, KINDS[k].name, strlen(KINDS[k].name)))
                return KINDS[k].kind;
        }
    }
    for (size_t k = SCHEMA_KINDS; k < sizeof KINDS / sizeof KINDS[0]; k++) {
        if (type.data && html_is(type, KINDS[k].name))
            return KINDS[k].kind;
    }
    for (size_t i = 0; i < tree->count && i < 4096; i++) {
        if (tree->nodes[i]->name == HTML_BODY &&
            html_contains(html_tree_attribute(tree->nodes[i], ATTRIBUTE_CLASS), "single-post"))
            return KIND_ARTICLE;
    }
    return KIND_UNSAID;
}

static const bool FIRST_OF_COMMENTS[256] = {['c'] = true, ['d'] = true, ['k'] = true, ['r'] = true};

/* Whether an attribute names comments. */
static bool names_comments(struct span names) {
    static const char *const words[] = {"comment", "kommentar", "comentario", "commentaire", "reactie", "disqus"};
    for (size_t at = 0; at + strlen("disqus") <= names.size; at++) {
        unsigned char first = (unsigned char)(names.data[at] | 0x20);
        for (size_t i = 0; FIRST_OF_COMMENTS[first] && i < sizeof words / sizeof words[0]; i++) {
            size_t size = strlen(words[i]);
            if (at + size <= names.size && strncasecmp(names.data + at, words[i], size) == 0)
                return true;
        }
    }
    return false;
}

static void list_classes(struct html_blocks *blocks, const struct html_tree *tree) {
    blocks->classes = memory_zeroed(tree->classes.count + 1, sizeof *blocks->classes);
    for (size_t i = 1; i < tree->classes.count; i++) {
        struct html_class *class = &blocks->classes[i];
        struct span name = tree->classes.names[i];
        class->comments = names_comments(name);
        for (size_t j = 0; j < name.size; j++) {
            if (name.data[j] < '0' || name.data[j] > '9')
                class->likeness = (class->likeness ^ (unsigned char)name.data[j]) * 0x100000001B3U;
        }
    }
}

/* Elements by their index, parents before children. */
static void list_elements(struct html_blocks *blocks, const struct html_tree *tree) {
    blocks->elements = memory_zeroed(tree->count + 1, sizeof *blocks->elements);
    blocks->element_count = tree->count;
    for (size_t i = 0; i < tree->count; i++) {
        const struct html_node *node = tree->nodes[i];
        struct html_element *element = &blocks->elements[i];
        if (node->is_text)
            continue;
        element->node = node;
        if (node->parent)
            element->parent = node->parent->index;
        const struct html_element *around = &blocks->elements[element->parent];
        element->articles = (uint8_t)(around->articles + (node->tag == TAG_ARTICLE && around->articles < 2));
        element->in_main = around->in_main || node->tag == TAG_MAIN;
        element->in_comments =
            around->in_comments ||
            (node->characters && node->tag != TAG_BODY &&
             (blocks->classes[node->class].comments || names_comments(html_tree_attribute(node, ATTRIBUTE_ID))));
        element->invisible = around->invisible || (node->characters && html_is_invisible(node));
        blocks->articles += node->tag == TAG_ARTICLE;
        if (node->name == HTML_META && html_is(html_tree_attribute(node, ATTRIBUTE_PROPERTY), "og:type"))
            blocks->type = html_tree_attribute(node, ATTRIBUTE_CONTENT);
    }
    blocks->kind = kind_of(tree, blocks->type);
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
        if (block->characters < 40 || block->marks == 0 || block->linked * 2 >= block->characters)
            continue;
        blocks->in_sentences += block->characters;
        blocks->elements[element->parent].prose += block->characters;
        blocks->beside_comments += element->in_comments ? 0 : block->characters;
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

/* The core is the element whose children have the most sentences, as a rule what holds an article's paragraphs. */
static void find_core(struct html_blocks *blocks) {
    uint32_t best = 0;
    for (uint32_t i = 0; i < blocks->element_count; i++) {
        if (blocks->elements[i].node && blocks->elements[i].prose > blocks->elements[best].prose)
            best = i;
    }
    uint8_t level = 1;
    for (uint32_t at = best;; at = blocks->elements[at].parent) {
        blocks->elements[at].core = level;
        level = (uint8_t)(level + (level < HTML_CORE_LEVELS));
        if (at == blocks->elements[at].parent)
            break;
    }
    for (uint32_t i = 0; i < blocks->element_count; i++) {
        struct html_element *element = &blocks->elements[i];
        if (element->node && !element->core)
            element->core = blocks->elements[element->parent].core;
    }
}

/* The signature of an element: its tag and class, and those of the two around it. Lengths stand for numbered classes'
 * digits. */
static uint64_t signature_of(const struct html_blocks *blocks, uint32_t index) {
    uint64_t signature = 0;
    for (int level = 0; level < 4; level++) {
        const struct html_node *node = blocks->elements[index].node;
        signature =
            hash_mix(signature ^ blocks->classes[node->class].likeness ^ hash64(html_tree_name(node), (uint64_t)level));
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

void html_blocks_cut(struct html_blocks *blocks, const struct html_tree *tree, const struct html_node *top) {
    *blocks = (struct html_blocks){0};
    list_classes(blocks, tree);
    list_elements(blocks, tree);
    blocks->texts = memory_zeroed(tree->count + 1, sizeof *blocks->texts);
    blocks->title = UINT32_MAX;
    struct cutter cutter = {.blocks = blocks, .outside = VERDICT_OUTSIDE};
    struct html_node *node = tree->root;
    while (node) {
        bool enter = !node->is_text && node->tag != TAG_HIDDEN;
        if (enter)
            on_open(&cutter, node, top);
        else if (node->is_text)
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
    find_core(blocks);
    group_blocks(blocks);
    html_blocks_find_repeats(blocks, tree);
}

void html_blocks_release(struct html_blocks *blocks) {
    free(blocks->items);
    free(blocks->elements);
    free(blocks->groups);
    free(blocks->classes);
    free(blocks->features);
    free(blocks->texts);
    *blocks = (struct html_blocks){0};
}
