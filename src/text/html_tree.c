/*
 * Parsing a page with libxml2 and counting its text node by node. Owns the limits on depth and work; knows nothing of
 * what content is.
 */
#include "text/html_tree.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <libxml/HTMLparser.h>
#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>

#include "base/memory.h"

/* So many nodes are taken between looks at the clock. */
#define CLOCK_INTERVAL 1024
#define SPARSE_PAGE 500 /* characters */
#define RECENT_TAGS 64

struct parse_state {
    htmlParserCtxtPtr parser;
    size_t open;    /* elements started and not ended, deeper ones than HTML_DEPTH_MAX too */
    uint64_t nodes; /* elements and text nodes so far */
    uint64_t deadline;
    uint64_t limit;
    uint64_t end_tags;  /* in the whole page */
    const char *halted; /* reason, where we stopped the parser */
    struct {
        const xmlChar *name;
        enum html_tag tag;
    } recent[RECENT_TAGS]; /* by the address of their name */
};

/* In order of strcmp, for bsearch. Elements that are not here are inline. */
static const struct tag_name {
    const char *name;
    enum html_tag tag;
} TAGS[] = {
    {"a", TAG_LINK},          {"address", TAG_BLOCK},    {"article", TAG_ARTICLE},
    {"aside", TAG_ASIDE},     {"audio", TAG_HIDDEN},     {"blockquote", TAG_PARAGRAPH},
    {"body", TAG_BODY},       {"br", TAG_BREAK},         {"button", TAG_HIDDEN},
    {"canvas", TAG_HIDDEN},   {"caption", TAG_BLOCK},    {"center", TAG_BLOCK},
    {"datalist", TAG_HIDDEN}, {"dd", TAG_ITEM},          {"details", TAG_BLOCK},
    {"dialog", TAG_BLOCK},    {"dir", TAG_LIST},         {"div", TAG_BLOCK},
    {"dl", TAG_LIST},         {"dt", TAG_BLOCK},         {"embed", TAG_HIDDEN},
    {"fieldset", TAG_BLOCK},  {"figcaption", TAG_BLOCK}, {"figure", TAG_BLOCK},
    {"footer", TAG_ASIDE},    {"form", TAG_FORM},        {"frameset", TAG_HIDDEN},
    {"h1", TAG_HEADING},      {"h2", TAG_HEADING},       {"h3", TAG_HEADING},
    {"h4", TAG_HEADING},      {"h5", TAG_HEADING},       {"h6", TAG_HEADING},
    {"head", TAG_HIDDEN},     {"header", TAG_HEADER},    {"hgroup", TAG_BLOCK},
    {"hr", TAG_PARAGRAPH},    {"iframe", TAG_HIDDEN},    {"input", TAG_HIDDEN},
    {"legend", TAG_BLOCK},    {"li", TAG_ITEM},          {"link", TAG_HIDDEN},
    {"listing", TAG_CODE},    {"main", TAG_MAIN},        {"map", TAG_HIDDEN},
    {"math", TAG_INLINE},     {"menu", TAG_LIST},        {"meta", TAG_HIDDEN},
    {"nav", TAG_ASIDE},       {"noembed", TAG_HIDDEN},   {"noframes", TAG_HIDDEN},
    {"noscript", TAG_HIDDEN}, {"object", TAG_HIDDEN},    {"ol", TAG_LIST},
    {"optgroup", TAG_HIDDEN}, {"option", TAG_HIDDEN},    {"p", TAG_PARAGRAPH},
    {"param", TAG_HIDDEN},    {"picture", TAG_HIDDEN},   {"plaintext", TAG_CODE},
    {"pre", TAG_CODE},        {"progress", TAG_HIDDEN},  {"rp", TAG_HIDDEN},
    {"script", TAG_HIDDEN},   {"section", TAG_BLOCK},    {"select", TAG_HIDDEN},
    {"style", TAG_HIDDEN},    {"summary", TAG_BLOCK},    {"svg", TAG_HIDDEN},
    {"table", TAG_TABLE},     {"tbody", TAG_INLINE},     {"td", TAG_CELL},
    {"template", TAG_HIDDEN}, {"textarea", TAG_HIDDEN},  {"th", TAG_CELL},
    {"title", TAG_HIDDEN},    {"tr", TAG_ROW},           {"ul", TAG_LIST},
    {"video", TAG_HIDDEN},    {"xmp", TAG_CODE},
};

static int tag_compare(const void *key, const void *entry) {
    return strcmp(key, ((const struct tag_name *)entry)->name);
}

/* name is the parser's and of its dictionary, in which equal names are one string; the node has it without a prefix. */
static enum html_tag tag_of(struct parse_state *state, const xmlChar *name, const xmlNode *node) {
    size_t slot = ((uintptr_t)name >> 2) % RECENT_TAGS;
    if (state->recent[slot].name != name) {
        const struct tag_name *found =
            bsearch(node->name, TAGS, sizeof TAGS / sizeof TAGS[0], sizeof TAGS[0], tag_compare);
        state->recent[slot].name = name;
        state->recent[slot].tag = found ? found->tag : TAG_INLINE;
    }
    return state->recent[slot].tag;
}

static void halt(struct parse_state *state, const char *reason) {
    if (!state->halted)
        state->halted = reason;
    xmlStopParser(state->parser);
}

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

static void count_node(struct parse_state *state) {
    if (++state->nodes > state->limit)
        halt(state, "more nodes than --max-work allows");
    if (state->deadline && state->nodes % CLOCK_INTERVAL == 0 && html_is_late(state->deadline))
        halt(state, "more time than --max-time allows");
}

/* libxml2 hands its own context to the handlers; ours hangs in _private. */
static void on_start(void *context, const xmlChar *name, const xmlChar **attributes) {
    struct parse_state *state = ((htmlParserCtxtPtr)context)->_private;
    count_node(state);
    /* libxml2 looks for what an end tag closes among all open elements, one by one. */
    if (++state->open > HTML_OPEN_MAX ||
        (state->open > HTML_DEPTH_MAX && state->open * state->end_tags > HTML_SEARCH_MAX))
        halt(state, "too many elements are open at once");
    if (state->open > HTML_DEPTH_MAX || state->halted)
        return;
    xmlSAX2StartElement(context, name, attributes);
    xmlNodePtr node = state->parser->node;
    if (node)
        node->_private = (void *)(uintptr_t)tag_of(state, name, node);
}

static void on_end(void *context, const xmlChar *name) {
    struct parse_state *state = ((htmlParserCtxtPtr)context)->_private;
    if (state->open-- <= HTML_DEPTH_MAX && !state->halted)
        xmlSAX2EndElement(context, name);
}

static void on_text(void *context, const xmlChar *text, int size) {
    struct parse_state *state = ((htmlParserCtxtPtr)context)->_private;
    count_node(state);
    if (!state->halted)
        xmlSAX2Characters(context, text, size);
}

xmlNodePtr html_tree_next(xmlNodePtr node, const xmlNode *top, bool skip_children) {
    if (!skip_children && node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node != top && !node->next)
        node = node->parent;
    return node == top ? NULL : node->next;
}

struct html_facts *html_tree_facts(const struct html_tree *tree, const xmlNode *node) {
    return &tree->facts[(size_t)(uintptr_t)node->_private];
}

static bool is_white(unsigned char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Characters but white space, and whether the text looks like a sentence: fairly long, with punctuation that sentences
 * have. */
static uint32_t count_characters(const xmlChar *text, bool *sentence) {
    uint32_t count = 0, marks = 0;
    for (; *text; text++) {
        count += !is_white(*text) && (*text & 0xC0) != 0x80;
        marks += *text == ',' || *text == '.' || *text == ';' || *text == '?' || *text == '!';
        /* U+3001, U+3002, U+FF0C, U+FF1F, U+FF01: the same marks in Chinese and Japanese. */
        if (*text == 0xE3 && text[1] == 0x80 && (text[2] == 0x81 || text[2] == 0x82))
            marks++;
        if (*text == 0xEF && text[1] == 0xBC && (text[2] == 0x8C || text[2] == 0x9F || text[2] == 0x81))
            marks++;
    }
    *sentence = count >= 20 && marks > 0;
    return count;
}

static void count_text(struct html_tree *tree, xmlNodePtr text) {
    bool sentence;
    uint32_t count = count_characters(text->content, &sentence);
    if (count == 0)
        return;
    bool linked = false;
    for (xmlNodePtr up = text->parent; up && up->type == XML_ELEMENT_NODE; up = up->parent) {
        enum html_tag tag = html_tree_facts(tree, up)->tag;
        if (tag == TAG_HIDDEN)
            return;
        linked |= tag == TAG_LINK;
        if (tag == TAG_HEADING)
            sentence = false;
    }
    for (xmlNodePtr node = text; node && (node == text || node->type == XML_ELEMENT_NODE); node = node->parent) {
        struct html_facts *facts = html_tree_facts(tree, node);
        facts->characters += count;
        facts->linked += linked ? count : 0;
        facts->sentences += sentence && !linked ? count : 0;
    }
}

/*
 * Under libxml2's rules an end tag may fail to close a button, a video or the like, and the rest of the page ends up
 * inside. What holds the page's headings is therefore not hidden, whatever it is.
 */
static void unhide_above(struct html_tree *tree, const xmlNode *node) {
    static const char *const swallowing[] = {"audio",    "button", "canvas",  "datalist", "map", "noscript", "object",
                                             "optgroup", "option", "picture", "select",   "svg", "video"};
    for (const xmlNode *up = node->parent; up && up->type == XML_ELEMENT_NODE; up = up->parent) {
        for (size_t i = 0; i < sizeof swallowing / sizeof swallowing[0]; i++) {
            if (html_tree_facts(tree, up)->tag == TAG_HIDDEN && strcmp((const char *)up->name, swallowing[i]) == 0)
                html_tree_facts(tree, up)->tag = TAG_BLOCK;
        }
    }
}

/* Gives every node its place among the facts; until then an element's _private is its tag. */
static void number_nodes(struct html_tree *tree) {
    for (xmlNodePtr node = tree->root; node; node = html_tree_next(node, tree->root, false)) {
        if (node->type == XML_ELEMENT_NODE)
            tree->facts[tree->count].tag = (enum html_tag)(uintptr_t)node->_private;
        node->_private = (void *)(uintptr_t)tree->count++;
    }
}

/* Work: nodes × HTML_DEPTH_MAX at most. */
static void gather_facts(struct html_tree *tree) {
    for (xmlNodePtr node = tree->root; node; node = html_tree_next(node, tree->root, false)) {
        if (node->type == XML_ELEMENT_NODE) {
            enum html_tag tag = html_tree_facts(tree, node)->tag;
            if (tag == TAG_HEADING || tag == TAG_MAIN || tag == TAG_ARTICLE)
                unhide_above(tree, node);
        } else if ((node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) && node->content) {
            count_text(tree, node);
        }
    }
}

/* A page that shows nearly nothing without scripts may say it all in <noscript>. */
static void show_noscript(struct html_tree *tree) {
    for (xmlNodePtr node = tree->root; node; node = html_tree_next(node, tree->root, false)) {
        struct html_facts *facts = html_tree_facts(tree, node);
        bool shown = node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, "noscript") == 0;
        *facts = (struct html_facts){.tag = shown ? TAG_BLOCK : facts->tag};
    }
}

int html_tree_parse(struct html_tree *tree, struct span utf8, uint64_t max_nodes, uint64_t deadline,
                    struct error *error) {
    memset(tree, 0, sizeof *tree);
    if (utf8.size > INT32_MAX)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "a page of %zu bytes is too long", utf8.size);
    struct parse_state state = {.limit = max_nodes, .deadline = deadline};
    struct bytes reduced = {0};
    if (html_reduce(utf8, &reduced, &state.end_tags, error) < 0) {
        bytes_release(&reduced);
        return -1;
    }
    state.parser = htmlNewParserCtxt();
    if (!state.parser) {
        bytes_release(&reduced);
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "libxml2 gives no HTML parser");
    }
    state.parser->_private = &state;
    state.parser->sax->startElement = on_start;
    state.parser->sax->endElement = on_end;
    state.parser->sax->characters = on_text;
    state.parser->sax->cdataBlock = on_text;
    state.parser->sax->ignorableWhitespace = on_text;
    /* Comments and processing instructions never become nodes. */
    state.parser->sax->comment = NULL;
    state.parser->sax->processingInstruction = NULL;
    /* Without this libxml2 halts at its own depth of 256, and the page comes out empty. */
    state.parser->options |= XML_PARSE_HUGE;
    /* No table of id attributes. */
    state.parser->loadsubset |= XML_SKIP_IDS;
    tree->document = htmlCtxtReadMemory(state.parser, bytes_text(&reduced), (int)reduced.size, NULL, "UTF-8",
                                        HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                                            HTML_PARSE_NONET | HTML_PARSE_COMPACT | HTML_PARSE_IGNORE_ENC);
    htmlFreeParserCtxt(state.parser);
    bytes_release(&reduced);
    if (state.halted)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the page is beyond the limits: %s", state.halted);
    tree->root = tree->document ? xmlDocGetRootElement(tree->document) : NULL;
    tree->facts = memory_zeroed((size_t)state.nodes + 1, sizeof *tree->facts);
    number_nodes(tree);
    gather_facts(tree);
    if (tree->facts[0].characters < SPARSE_PAGE) {
        show_noscript(tree);
        gather_facts(tree);
    }
    return 0;
}

void html_tree_release(struct html_tree *tree) {
    xmlFreeDoc(tree->document);
    free(tree->facts);
    memset(tree, 0, sizeof *tree);
}

struct span html_tree_attribute(const xmlNode *node, const char *name) {
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        if (strcmp((const char *)attribute->name, name) != 0)
            continue;
        /* The HTML parser leaves one text node at most. */
        const xmlNode *value = attribute->children;
        return value && value->content ? span_of((const char *)value->content) : SPAN_LITERAL("");
    }
    return (struct span){NULL, 0};
}

bool html_contains(struct span text, const char *word) {
    size_t length = strlen(word);
    for (size_t i = 0; i + length <= text.size; i++) {
        /* Letters in either case; other characters may pass here and fail below. */
        if ((text.data[i] | 0x20) == (*word | 0x20) && strncasecmp(text.data + i, word, length) == 0)
            return true;
    }
    return false;
}

bool html_is(struct span text, const char *word) {
    return text.size == strlen(word) && strncasecmp(text.data, word, text.size) == 0;
}
