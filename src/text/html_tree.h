/*
 * A parsed page with facts about each node, shared by the modules of text/html.
 */
#ifndef TEXT_HTML_TREE_H
#define TEXT_HTML_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include <libxml/tree.h>

#include "base/bytes.h"
#include "base/error.h"
#include "text/html.h"

/* How an element takes part in the layout of lines. */
enum html_tag {
    TAG_INLINE = 0,
    TAG_BLOCK,     /* begins and ends a line */
    TAG_PARAGRAPH, /* stands between empty lines */
    TAG_HEADING,
    TAG_LIST,
    TAG_ITEM,
    TAG_TABLE,
    TAG_ROW,
    TAG_CELL,
    TAG_BREAK,
    TAG_CODE,   /* white space kept */
    TAG_LINK,   /* <a> */
    TAG_HIDDEN, /* never text: script, style, form controls … */
    TAG_ASIDE,  /* nav, footer, aside: text, but not the page's own */
    TAG_HEADER,
    TAG_FORM,
    TAG_MAIN,
    TAG_ARTICLE,
    TAG_BODY,
};

/* Counts are in characters that are not white space, of the node and all below it. */
struct html_facts {
    enum html_tag tag;
    bool dropped; /* with all below it */
    uint32_t characters;
    uint32_t linked;    /* of these, inside links */
    uint32_t sentences; /* of these, in text outside links and headings that looks like sentences */
};

struct html_tree {
    xmlDocPtr document;
    xmlNodePtr root;          /* <html>; NULL for an empty page */
    struct html_facts *facts; /* of the node whose _private holds the index */
    size_t count;
};

/* Parses and gathers facts, at most until a deadline of html_deadline. The tree is released by the caller, also after
 * an error. */
int html_tree_parse(struct html_tree *tree, struct span utf8, uint64_t max_nodes, uint64_t deadline,
                    struct error *error);
/* The time that is `seconds` from now, in nanoseconds of a monotonic clock; 0, never, for 0. */
uint64_t html_deadline(double seconds);
bool html_is_late(uint64_t deadline);
void html_tree_release(struct html_tree *tree);
struct html_facts *html_tree_facts(const struct html_tree *tree, const xmlNode *node);

/* The next node in document order after `node` within `top`: its first child unless skip_children, else what follows.
 * NULL at the end. */
xmlNodePtr html_tree_next(xmlNodePtr node, const xmlNode *top, bool skip_children);
/* An attribute's value, borrowed from the tree; absent where there is none. */
struct span html_tree_attribute(const xmlNode *node, const char *name);
/*
 * html_reduce.c: appends the page without comments, scripts, styles, control characters, and attributes that nobody
 * asks for: add those you need to its list. Counts end tags. ERROR_DATA for a tag with more than HTML_ATTRIBUTES_MAX
 * attributes.
 */
int html_reduce(struct span page, struct bytes *out, uint64_t *end_tags, struct error *error);

/* html_main.c: marks what is not the page's own content as dropped and returns the node that holds the content. */
xmlNodePtr html_main_select(struct html_tree *tree);
/* html_score.c: marks by the model what is not the page's own content; what html_main_select says is one of many hints.
 */
void html_model_select(struct html_tree *tree, struct html_model *model);
/* html_text.c: appends the text of what is not dropped below top (top included). */
void html_text_append(const struct html_tree *tree, xmlNodePtr top, struct bytes *out);
/* html_meta.c: fills everything in page but its text. */
void html_meta_collect(const struct html_tree *tree, struct html_page *page);

/* Appends with white space collapsed and trimmed. */
void html_append_collapsed(struct bytes *out, struct span text);

#endif
