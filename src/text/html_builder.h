/*
 * Tree construction (HTML Standard, section 13.2.6): html_builder.c owns the stack of open elements; html_start_tags.c,
 * html_end_tags.c, html_table_tags.c and html_formatting.c say what each tag does. Differs from the standard in what no
 * text depends on: no quirks mode, framesets are passed over, and instead of one insertion mode after the other the
 * open elements tell where things stand.
 */
#ifndef TEXT_HTML_BUILDER_H
#define TEXT_HTML_BUILDER_H

#include "text/html_tokenizer.h"
#include "text/html_tree.h"

#define HTML_FORMATTING_MAX 400
#define HTML_NOT_OPEN HTML_DEPTH_MAX /* no place in the stack */

struct html_builder {
    struct html_tree *tree;
    struct html_tokenizer tokenizer;
    struct html_node *open[HTML_DEPTH_MAX]; /* the stack of open elements, <html> first */
    size_t depth;
    struct html_node *formatting[HTML_FORMATTING_MAX]; /* active formatting elements; NULL is a marker */
    size_t formatting_count;
    struct html_node *head, *body, *form;
    bool xhtml;       /* a tag that closes itself is an element with nothing in it */
    size_t templates; /* open ones */
    size_t code;      /* open elements that keep white space */
    uint64_t work, max_work, deadline;
    const char *halted; /* reason, where a limit is reached: nothing more is to be built */
};

/* html_start_tags.c: what start tags and text do; <body> is there behind html_rules_ensure_body. */
void html_rules_start_tag(struct html_builder *builder);
void html_rules_text(struct html_builder *builder);
void html_rules_ensure_body(struct html_builder *builder);
/* html_end_tags.c */
void html_rules_end_tag(struct html_builder *builder);
/* html_table_tags.c: <table>, and the tags of its parts. */
void html_rules_start_table(struct html_builder *builder);
void html_rules_start_table_part(struct html_builder *builder);
void html_rules_end_table_part(struct html_builder *builder);

/* html_builder.c. Inserts an element for the start tag at hand, which stays open. */
struct html_node *html_builder_open(struct html_builder *builder);
/* The same for a tag that is not there. */
struct html_node *html_builder_open_implied(struct html_builder *builder, enum html_name name);
/* The same, closed at once. */
void html_builder_insert_void(struct html_builder *builder);
void html_builder_insert_text(struct html_builder *builder, struct span text, bool literal);
/* Adds the attributes of the start tag at hand that the node lacks. */
void html_builder_merge_attributes(struct html_builder *builder, struct html_node *node);

/* The innermost open element; NULL before the first. */
struct html_node *html_builder_current(const struct html_builder *builder);
/* Whether markup here is SVG or MathML. */
bool html_builder_in_foreign(const struct html_builder *builder);
bool html_builder_is(const struct html_builder *builder, enum html_name name); /* the current node's */
void html_builder_pop(struct html_builder *builder);
/* Pops until the node at that place of the stack is closed too. */
void html_builder_pop_to(struct html_builder *builder, size_t place);
/* Closes the current nodes whose end tags may be missing, but not one of that name. */
void html_builder_imply_end(struct html_builder *builder, enum html_name except);
/* Takes a node that need not be the last out of the stack. */
void html_builder_forget(struct html_builder *builder, const struct html_node *node);
/* The place in the stack of the innermost open element of that name; HTML_NOT_OPEN where it is not open, or something
 * with one of the traits, or of the two other names, stands between. */
size_t html_builder_find(const struct html_builder *builder, enum html_name name, unsigned bounds, enum html_name bound,
                         enum html_name other_bound);

/* The same with the standard's usual bounds, and with <button> among them. */
size_t html_builder_find_in_scope(const struct html_builder *builder, enum html_name name);
size_t html_builder_find_in_button_scope(const struct html_builder *builder, enum html_name name);
/* Closes what may be implied, but not one of that name, then all from `place` on; nothing for HTML_NOT_OPEN. */
void html_builder_close(struct html_builder *builder, size_t place, enum html_name except);
void html_builder_close_paragraph(struct html_builder *builder);

/* html_formatting.c: the list of active formatting elements. */
void html_formatting_add(struct html_builder *builder, struct html_node *node);
void html_formatting_forget(struct html_builder *builder, const struct html_node *node);
void html_formatting_clear_to_marker(struct html_builder *builder);
/* The last one of that name behind the last marker, or NULL. */
struct html_node *html_formatting_find(const struct html_builder *builder, enum html_name name);
/* Opens again what was cut off by the end of the block it was opened in. */
void html_formatting_reconstruct(struct html_builder *builder);
/* What the end tag of a formatting element does: the "adoption agency algorithm". False where it is to be handled as
 * any other end tag. */
bool html_formatting_adopt(struct html_builder *builder, enum html_name name);

/* For html_formatting.c: a copy of an element without its children; linking and unlinking of nodes. */
struct html_node *html_builder_copy(struct html_builder *builder, const struct html_node *node);
void html_builder_append(struct html_node *parent, struct html_node *node);
void html_builder_unlink(struct html_node *node);
/* Hangs node where content of target belongs: before the table where target holds table parts only. */
void html_builder_place(struct html_builder *builder, struct html_node *target, struct html_node *node);
/* Counts one unit of work. */
void html_builder_count(struct html_builder *builder);

#endif
