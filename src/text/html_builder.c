/*
 * The stack of open elements and the insertion of nodes. Every node and every token counts as work, and the stack is
 * never deeper than HTML_DEPTH_MAX, so time is bounded by the work allowed times that depth.
 */
#include "text/html_builder.h"

#include <string.h>

#include "text/html_entities.h"

/* So much work is done between looks at the clock. */
#define CLOCK_INTERVAL 1024

void html_builder_count(struct html_builder *builder) {
    if (++builder->work > builder->max_work)
        builder->halted = "more work than --max-work allows";
    if (builder->deadline && builder->work % CLOCK_INTERVAL == 0 && html_is_late(builder->deadline))
        builder->halted = "more time than --max-time allows";
}

struct html_node *html_builder_current(const struct html_builder *builder) {
    return builder->depth ? builder->open[builder->depth - 1] : NULL;
}

bool html_builder_is(const struct html_builder *builder, enum html_name name) {
    const struct html_node *node = html_builder_current(builder);
    return node && node->name == name && !node->foreign;
}

bool html_builder_in_foreign(const struct html_builder *builder) {
    const struct html_node *node = html_builder_current(builder);
    return node && node->foreign && !(html_name_traits(node->name) & HTML_HTML_INSIDE);
}

/* Linking */

void html_builder_unlink(struct html_node *node) {
    struct html_node *parent = node->parent;
    if (!parent)
        return;
    *(node->previous ? &node->previous->next : &parent->children) = node->next;
    *(node->next ? &node->next->previous : &parent->last) = node->previous;
    node->parent = node->previous = node->next = NULL;
}

void html_builder_append(struct html_node *parent, struct html_node *node) {
    node->parent = parent;
    node->previous = parent->last;
    *(parent->last ? &parent->last->next : &parent->children) = node;
    parent->last = node;
}

static void insert_before(struct html_node *next, struct html_node *node) {
    node->parent = next->parent;
    node->previous = next->previous;
    node->next = next;
    *(next->previous ? &next->previous->next : &next->parent->children) = node;
    next->previous = node;
}

static bool holds_table_parts(const struct html_node *node) {
    return !node->foreign && html_name_traits(node->name) & HTML_TABLE_FRAME;
}

void html_builder_place(struct html_builder *builder, struct html_node *target, struct html_node *node) {
    bool part = !node->is_text && html_name_traits(node->name) & HTML_TABLE_PART;
    size_t place = builder->depth;
    while (!part && holds_table_parts(target) && place > 0) {
        struct html_node *open = builder->open[--place];
        if (open->name == HTML_TEMPLATE && !open->foreign) {
            html_builder_append(open, node);
            return;
        }
        if (open->name != HTML_TABLE || open->foreign)
            continue;
        if (open->parent)
            insert_before(open, node);
        else
            html_builder_append(builder->open[place - 1], node);
        return;
    }
    html_builder_append(target, node);
}

/* Nodes */

static struct html_node *new_node(struct html_builder *builder) {
    html_builder_count(builder);
    struct html_node *node = region_take(&builder->tree->memory, sizeof *node);
    memset(node, 0, sizeof *node);
    return node;
}

static struct html_node *new_element(struct html_builder *builder, enum html_name name) {
    struct html_node *node = new_node(builder);
    node->name = name;
    node->tag = html_name_tag(name);
    return node;
}

static struct span decode(struct html_builder *builder, struct span text, bool attribute) {
    if (text.size == 0 || !memchr(text.data, '&', text.size))
        return text;
    char *decoded = region_take(&builder->tree->memory, HTML_ENTITIES_ROOM(text.size));
    return (struct span){decoded, html_entities_decode(text, attribute, decoded)};
}

static struct span lower_case(struct html_builder *builder, struct span text) {
    char *lower = region_take(&builder->tree->memory, text.size);
    for (size_t i = 0; i < text.size; i++)
        lower[i] = (char)(text.data[i] >= 'A' && text.data[i] <= 'Z' ? text.data[i] | 0x20 : text.data[i]);
    return (struct span){lower, text.size};
}

/* Adds what the start tag at hand has and the node lacks. */
void html_builder_merge_attributes(struct html_builder *builder, struct html_node *node) {
    const struct html_token *token = &builder->tokenizer.token;
    struct html_attribute found[ATTRIBUTE_NAMES];
    size_t count = 0;
    uint32_t seen = 0;
    for (size_t i = 0; i < node->attribute_count; i++) {
        found[count++] = node->attributes[i];
        seen |= 1U << node->attributes[i].name;
    }
    for (size_t i = 0; i < token->attribute_count; i++) {
        enum html_attribute_name name = html_attribute_find(token->attributes[i].name, node->name);
        if (name == ATTRIBUTE_OTHER || seen & 1U << name)
            continue;
        seen |= 1U << name;
        found[count].name = name;
        found[count++].value = decode(builder, token->attributes[i].value, true);
    }
    if (count == node->attribute_count)
        return;
    struct html_attribute *attributes = region_take(&builder->tree->memory, count * sizeof *attributes);
    memcpy(attributes, found, count * sizeof *attributes);
    node->attributes = attributes;
    node->attribute_count = (uint8_t)count;
    node->class = html_classes_number(&builder->tree->classes, html_tree_attribute(node, ATTRIBUTE_CLASS));
}

static struct html_node *new_tag_element(struct html_builder *builder) {
    const struct html_token *token = &builder->tokenizer.token;
    struct html_node *node = new_element(builder, token->name);
    if (token->name == HTML_OTHER)
        node->text = lower_case(builder, token->tag);
    if (token->attribute_count)
        html_builder_merge_attributes(builder, node);
    if (html_tree_attribute(node, ATTRIBUTE_SHADOWROOTMODE).data)
        node->tag = TAG_BLOCK; /* a shadow tree, which is shown */
    node->foreign = token->name == HTML_SVG || token->name == HTML_MATH || html_builder_in_foreign(builder);
    if (node->foreign && node->name != HTML_SVG) {
        bool copy = node->name == HTML_ANNOTATION || node->name == HTML_ANNOTATION_XML; /* of the formula */
        node->tag = copy ? TAG_HIDDEN : TAG_INLINE;
    }
    return node;
}

struct html_node *html_builder_copy(struct html_builder *builder, const struct html_node *node) {
    struct html_node *copy = new_element(builder, node->name);
    copy->text = node->text;
    copy->attributes = node->attributes;
    copy->attribute_count = node->attribute_count;
    copy->class = node->class;
    return copy;
}

/* The stack */

static void push(struct html_builder *builder, struct html_node *node) {
    builder->open[builder->depth++] = node;
    builder->code += node->tag == TAG_CODE;
    if (node->foreign)
        return;
    builder->templates += node->name == HTML_TEMPLATE;
    if (html_name_traits(node->name) & HTML_MARKER)
        html_formatting_add(builder, NULL);
}

/* What ends when a node leaves the stack. */
static void leave(struct html_builder *builder, const struct html_node *node) {
    builder->code -= node->tag == TAG_CODE;
    if (node->foreign)
        return;
    builder->templates -= node->name == HTML_TEMPLATE;
    if (html_name_traits(node->name) & HTML_MARKER)
        html_formatting_clear_to_marker(builder);
}

void html_builder_pop(struct html_builder *builder) {
    leave(builder, builder->open[--builder->depth]);
}

void html_builder_pop_to(struct html_builder *builder, size_t place) {
    while (builder->depth > place)
        html_builder_pop(builder);
}

void html_builder_forget(struct html_builder *builder, const struct html_node *node) {
    for (size_t place = builder->depth; place-- > 0;) {
        if (builder->open[place] != node)
            continue;
        builder->depth--;
        memmove(builder->open + place, builder->open + place + 1, (builder->depth - place) * sizeof *builder->open);
        leave(builder, node);
        return;
    }
}

size_t html_builder_find(const struct html_builder *builder, enum html_name name, unsigned bounds, enum html_name bound,
                         enum html_name other_bound) {
    for (size_t place = builder->depth; place-- > 0;) {
        const struct html_node *node = builder->open[place];
        unsigned traits = html_name_traits(node->name);
        if (node->foreign) {
            if (bounds && traits & HTML_HTML_INSIDE)
                break;
            continue;
        }
        if (node->name == name)
            return place;
        if (traits & bounds || (node->name != HTML_OTHER && (node->name == bound || node->name == other_bound)))
            break;
    }
    return HTML_NOT_OPEN;
}

void html_builder_imply_end(struct html_builder *builder, enum html_name except) {
    for (const struct html_node *node = html_builder_current(builder);
         node && !node->foreign && node->name != except && html_name_traits(node->name) & HTML_IMPLIED_END;
         node = html_builder_current(builder))
        html_builder_pop(builder);
}

size_t html_builder_find_in_scope(const struct html_builder *builder, enum html_name name) {
    return html_builder_find(builder, name, HTML_SCOPE, HTML_OTHER, HTML_OTHER);
}

size_t html_builder_find_in_button_scope(const struct html_builder *builder, enum html_name name) {
    return html_builder_find(builder, name, HTML_SCOPE, HTML_BUTTON, HTML_OTHER);
}

void html_builder_close(struct html_builder *builder, size_t place, enum html_name name) {
    if (place == HTML_NOT_OPEN)
        return;
    html_builder_imply_end(builder, name);
    html_builder_pop_to(builder, place);
}

void html_builder_close_paragraph(struct html_builder *builder) {
    html_builder_close(builder, html_builder_find_in_button_scope(builder, HTML_P), HTML_P);
}

/* Insertion */

static struct html_node *open_node(struct html_builder *builder, struct html_node *node) {
    if (!builder->tree->root)
        builder->tree->root = node;
    else
        html_builder_place(builder, html_builder_current(builder), node);
    push(builder, node);
    return node;
}

/* What would stand too deep comes to stand beside its parent. */
static void limit_depth(struct html_builder *builder) {
    if (builder->depth == HTML_DEPTH_MAX)
        html_builder_pop(builder);
}

struct html_node *html_builder_open(struct html_builder *builder) {
    limit_depth(builder);
    return open_node(builder, new_tag_element(builder));
}

struct html_node *html_builder_open_implied(struct html_builder *builder, enum html_name name) {
    limit_depth(builder);
    return open_node(builder, new_element(builder, name));
}

void html_builder_insert_void(struct html_builder *builder) {
    struct html_node *node = new_tag_element(builder);
    html_builder_place(builder, html_builder_current(builder), node);
}

void html_builder_insert_text(struct html_builder *builder, struct span text, bool literal) {
    if (text.size == 0)
        return;
    struct html_node *node = new_node(builder);
    node->is_text = true;
    node->text = literal ? text : decode(builder, text, false);
    html_builder_place(builder, html_builder_current(builder), node);
}
