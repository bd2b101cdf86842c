/*
 * From tokens to a tree, and counting its text node by node. Owns the bounds on work; knows nothing of what content is.
 */
#include "text/html_tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unicode/uchar.h>

#include "base/memory.h"
#include "text/html_builder.h"
#include "text/utf8.h"

#define SPARSE_PAGE 500 /* characters */

uint64_t html_deadline(double seconds) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return seconds > 0 ? (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec + (uint64_t)(seconds * 1e9) : 0;
}

bool html_is_late(uint64_t deadline) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return deadline && (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec > deadline;
}

struct html_node *html_tree_next(struct html_node *node, const struct html_node *top, bool skip_children) {
    if (!skip_children && node->children)
        return node->children;
    while (node != top && !node->next)
        node = node->parent;
    return node == top ? NULL : node->next;
}

/* Characters but white space, and whether the text looks like a sentence: fairly long, with punctuation that sentences
 * have. */
static uint32_t count_characters(struct span text, bool *sentence) {
    uint32_t count = 0, wide = 0;
    bool marks = false;
    const unsigned char *data = (const unsigned char *)text.data;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = data[i];
        count += (byte > ' ') & (byte != 0x7F) & ((byte & 0xC0) != 0x80);
        marks |= (byte == ',') | (byte == '.') | (byte == ';') | (byte == '?') | (byte == '!');
        wide += byte >= 0xE3;
    }
    /* U+3001, U+3002, U+FF0C, U+FF1F, U+FF01: the same marks in Chinese and Japanese. */
    for (size_t i = 0; wide && !marks && i < text.size; i++) {
        marks = (data[i] == 0xE3 && data[i + 1] == 0x80 && (data[i + 2] == 0x81 || data[i + 2] == 0x82)) ||
                (data[i] == 0xEF && data[i + 1] == 0xBC &&
                 (data[i + 2] == 0x8C || data[i + 2] == 0x9F || data[i + 2] == 0x81));
    }
    *sentence = count >= 20 && marks;
    return count;
}

/* What holds of all text below an element. */
enum { BELOW_HIDDEN = 1, BELOW_LINK = 2, BELOW_HEADING = 4 };

static unsigned char below(enum html_tag tag) {
    return tag == TAG_HIDDEN ? BELOW_HIDDEN : tag == TAG_LINK ? BELOW_LINK : tag == TAG_HEADING ? BELOW_HEADING : 0;
}

static void count_text(struct html_node *text, unsigned where) {
    bool sentence;
    if (where & BELOW_HIDDEN)
        return;
    text->characters = count_characters(text->text, &sentence);
    text->linked = where & BELOW_LINK ? text->characters : 0;
    text->sentences = sentence && !(where & (BELOW_LINK | BELOW_HEADING)) ? text->characters : 0;
}

/*
 * Where an end tag is missing, a button, a video or the like holds the rest of the page. What holds the page's headings
 * is therefore not hidden, whatever it is.
 */
static void unhide_above(struct html_node *node) {
    for (struct html_node *up = node->parent; up; up = up->parent) {
        switch (up->tag == TAG_HIDDEN ? up->name : HTML_OTHER) {
        case HTML_AUDIO:
        case HTML_BUTTON:
        case HTML_CANVAS:
        case HTML_DATALIST:
        case HTML_MAP:
        case HTML_NOSCRIPT:
        case HTML_OBJECT:
        case HTML_OPTGROUP:
        case HTML_OPTION:
        case HTML_PICTURE:
        case HTML_SELECT:
        case HTML_SVG:
        case HTML_VIDEO:
            up->tag = TAG_BLOCK;
            break;
        default:
            break;
        }
    }
}

/* Whether text has no letter and no digit, and is none of the marks of notes. */
static bool is_signs(struct span text) {
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        if (u_isalnum((UChar32)code) || code == '*' || code == 0x2020 || code == 0x2021)
            return false;
    }
    return text.size > 0;
}

/* A link within the page whose whole text is a sign: the pilcrow behind a heading, the arrow behind a note. */
static bool is_anchor(const struct html_node *node) {
    struct span address = html_tree_attribute(node, ATTRIBUTE_HREF);
    if (address.size == 0 || address.data[0] != '#')
        return false;
    while (!node->is_text && node->children && !node->children->next)
        node = node->children;
    return node->is_text && is_signs(node->text);
}

/* What MediaWiki sets beside headings and notes for editors and for the way back, and its list of headings. */
static bool is_wiki_tool(const struct html_node *node) {
    struct span class = node->class ? html_tree_attribute(node, ATTRIBUTE_CLASS) : (struct span){NULL, 0};
    if (class.size < sizeof "vector-toc" - 1)
        return false;
    return memcmp(class.data, "vector-toc", 10) == 0 ||
           (memcmp(class.data, "mw-", 3) == 0 &&
            (html_contains(class, "mw-editsection") || html_contains(class, "mw-cite-backlink")));
}

static void list_nodes(struct html_tree *tree, size_t most) {
    tree->nodes = memory_allocate((most + 1) * sizeof(struct html_node *));
    for (struct html_node *node = tree->root; node; node = html_tree_next(node, tree->root, false)) {
        node->index = (uint32_t)tree->count;
        tree->nodes[tree->count++] = node;
    }
}

static void gather_facts(struct html_tree *tree) {
    for (size_t i = 0; i < tree->count; i++) {
        enum html_tag tag = tree->nodes[i]->tag;
        if (tag == TAG_HEADING || tag == TAG_MAIN || tag == TAG_ARTICLE)
            unhide_above(tree->nodes[i]);
        else if (tag == TAG_LINK ? is_anchor(tree->nodes[i]) : is_wiki_tool(tree->nodes[i]))
            tree->nodes[i]->tag = TAG_HIDDEN;
    }
    unsigned char *where = memory_zeroed(tree->count + 1, 1); /* what holds below each node */
    for (size_t i = 0; i < tree->count; i++) {
        struct html_node *node = tree->nodes[i];
        unsigned char around = node->parent ? where[node->parent->index] : 0;
        where[i] = around | below(node->tag);
        if (node->is_text)
            count_text(node, around);
    }
    free(where);
    for (size_t i = tree->count; i-- > 1;) {
        const struct html_node *node = tree->nodes[i];
        node->parent->characters += node->characters;
        node->parent->linked += node->linked;
        node->parent->sentences += node->sentences;
    }
}

/* A page that shows nearly nothing without scripts may say it all in <noscript>. */
static void show_noscript(struct html_tree *tree) {
    for (size_t i = 0; i < tree->count; i++) {
        struct html_node *node = tree->nodes[i];
        if (node->name == HTML_NOSCRIPT)
            node->tag = TAG_BLOCK;
        node->characters = node->linked = node->sentences = 0;
    }
}

static void start_tag(struct html_builder *builder) {
    const struct html_token *token = &builder->tokenizer.token;
    html_rules_start_tag(builder);
    if (builder->xhtml && token->self_closing && !(html_name_traits(token->name) & HTML_VOID))
        html_rules_end_tag(builder);
}

static void build(struct html_builder *builder) {
    for (;;) {
        builder->tokenizer.foreign = html_builder_in_foreign(builder);
        enum html_token_type type = html_tokenizer_next(&builder->tokenizer);
        html_builder_count(builder);
        if (type == HTML_END_OF_PAGE || builder->halted)
            return;
        if (type == HTML_TEXT)
            html_rules_text(builder);
        else if (type == HTML_START_TAG)
            start_tag(builder);
        else
            html_rules_end_tag(builder);
    }
}

int html_tree_parse(struct html_tree *tree, struct span utf8, const struct html_options *options, uint64_t deadline,
                    struct error *error) {
    *tree = (struct html_tree){0};
    struct html_builder builder = {
        .tree = tree, .xhtml = options->xhtml, .max_work = options->max_work, .deadline = deadline};
    html_tokenizer_init(&builder.tokenizer, utf8);
    build(&builder);
    html_tokenizer_release(&builder.tokenizer);
    if (builder.halted)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the page is beyond the limits: %s", builder.halted);
    list_nodes(tree, builder.work);
    gather_facts(tree);
    if (tree->root && tree->root->characters < SPARSE_PAGE) {
        show_noscript(tree);
        gather_facts(tree);
    }
    return 0;
}

void html_tree_release(struct html_tree *tree) {
    free(tree->nodes);
    html_classes_release(&tree->classes);
    region_release(&tree->memory);
    *tree = (struct html_tree){0};
}

struct span html_tree_attribute(const struct html_node *node, enum html_attribute_name name) {
    for (size_t i = 0; i < node->attribute_count; i++) {
        if (node->attributes[i].name == name)
            return node->attributes[i].value;
    }
    return (struct span){NULL, 0};
}

struct span html_tree_name(const struct html_node *node) {
    return node->name == HTML_OTHER ? node->text : html_name_text(node->name);
}

bool html_contains(struct span text, const char *word) {
    size_t length = strlen(word);
    if (text.size < length)
        return false;
    const char *last = text.data + text.size - length;
    for (const char *at = text.data; at <= last; at++) {
        /* Letters in either case; other characters may pass here and fail below. */
        if ((*at | 0x20) == (*word | 0x20) && strncasecmp(at, word, length) == 0)
            return true;
    }
    return false;
}
