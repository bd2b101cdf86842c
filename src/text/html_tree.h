/*
 * A parsed page with facts about each node, shared by the modules of text/html.
 */
#ifndef TEXT_HTML_TREE_H
#define TEXT_HTML_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/region.h"
#include "text/html.h"
#include "text/html_classes.h"
#include "text/html_names.h"

struct html_attribute {
    enum html_attribute_name name;
    struct span value; /* references decoded */
};

/* An element, or a run of text. Counts are in characters that are not white space, of the node and all below it. */
struct html_node {
    struct html_node *parent, *children, *last, *previous, *next;
    struct span text; /* of a text node; of an element that html_names.h does not list, its name in lower case */
    const struct html_attribute *attributes; /* in the order of the page; none twice */
    uint8_t attribute_count;
    bool is_text;
    bool foreign; /* of SVG or MathML */
    bool dropped; /* with all below it */
    enum html_name name;
    enum html_tag tag;
    uint32_t index; /* place in the document's order */
    uint32_t class; /* number of its class attribute among the page's */
    uint32_t characters;
    uint32_t linked;    /* of these, inside links */
    uint32_t sentences; /* of these, in text outside links and headings that looks like sentences */
};

struct html_tree {
    struct html_node *root;   /* <html>; NULL for an empty page */
    struct html_node **nodes; /* in the document's order */
    size_t count;
    struct html_classes classes;
    struct region memory; /* where nodes, attributes and decoded text lie */
};

/* Parses and gathers facts, by the options' xhtml and max_work, at most until a deadline of html_deadline. Text is
 * borrowed from the page where nothing in it had to be decoded. The tree is released by the caller, also after an
 * error. */
int html_tree_parse(struct html_tree *tree, struct span utf8, const struct html_options *options, uint64_t deadline,
                    struct error *error);
/* The time that is `seconds` from now, in nanoseconds of a monotonic clock; 0, never, for 0. */
uint64_t html_deadline(double seconds);
bool html_is_late(uint64_t deadline);
void html_tree_release(struct html_tree *tree);

/* The next node in document order after `node` within `top`: its first child unless skip_children, else what follows.
 * NULL at the end. */
struct html_node *html_tree_next(struct html_node *node, const struct html_node *top, bool skip_children);
/* An attribute's value; absent where there is none. */
struct span html_tree_attribute(const struct html_node *node, enum html_attribute_name name);
/* An element's name in lower case. */
struct span html_tree_name(const struct html_node *node);

/* html_main.c: marks what is not the page's own content as dropped and returns the node that holds the content. */
struct html_node *html_main_select(struct html_tree *tree);
/* Whether the element's own attributes say that it is not shown. */
bool html_is_invisible(const struct html_node *node);
/* html_score.c: marks by the model what is not the page's own content; what html_main_select says is one of many hints.
 */
void html_model_select(struct html_tree *tree, struct html_model *model);
/* html_text.c: appends the text of what is not dropped below top (top included). */
void html_text_append(struct html_node *top, struct bytes *out);
/* html_meta.c: fills everything in page but its text. */
void html_meta_collect(const struct html_tree *tree, struct html_page *page);

/* Appends with white space collapsed and trimmed. */
void html_append_collapsed(struct bytes *out, struct span text);

#endif
