/*
 * Inline elements that go on behind the end of a block they were opened in, and end tags that come in another order
 * than their start tags (HTML Standard, sections 13.2.4.3 and 13.2.6.4.7, "adoption agency algorithm").
 */
#include <string.h>

#include "text/html_builder.h"

/* Of elements alike, so many at most are kept. */
#define ALIKE_MAX 3
#define ADOPTIONS_MAX 8
#define COPIES_MAX 3

static void remove_at(struct html_builder *builder, size_t index) {
    builder->formatting_count--;
    memmove(builder->formatting + index, builder->formatting + index + 1,
            (builder->formatting_count - index) * sizeof *builder->formatting);
}

static void insert_at(struct html_builder *builder, size_t index, struct html_node *node) {
    if (builder->formatting_count == HTML_FORMATTING_MAX) {
        remove_at(builder, 0);
        index -= index > 0;
    }
    memmove(builder->formatting + index + 1, builder->formatting + index,
            (builder->formatting_count - index) * sizeof *builder->formatting);
    builder->formatting[index] = node;
    builder->formatting_count++;
}

/* The node's place in the list; HTML_FORMATTING_MAX for none. */
static size_t place_of(const struct html_builder *builder, const struct html_node *node) {
    for (size_t i = builder->formatting_count; i-- > 0;) {
        if (builder->formatting[i] == node)
            return i;
    }
    return HTML_FORMATTING_MAX;
}

static bool is_alike(const struct html_node *a, const struct html_node *b) {
    if (a->name != b->name || a->attribute_count != b->attribute_count)
        return false;
    for (size_t i = 0; i < a->attribute_count; i++) {
        if (a->attributes[i].name != b->attributes[i].name ||
            !span_equal(a->attributes[i].value, b->attributes[i].value))
            return false;
    }
    return true;
}

void html_formatting_add(struct html_builder *builder, struct html_node *node) {
    size_t alike = 0;
    for (size_t i = builder->formatting_count; node && i-- > 0 && builder->formatting[i];) {
        if (is_alike(builder->formatting[i], node) && ++alike == ALIKE_MAX) {
            remove_at(builder, i);
            break;
        }
    }
    insert_at(builder, builder->formatting_count, node);
}

void html_formatting_forget(struct html_builder *builder, const struct html_node *node) {
    size_t place = place_of(builder, node);
    if (place < HTML_FORMATTING_MAX)
        remove_at(builder, place);
}

void html_formatting_clear_to_marker(struct html_builder *builder) {
    while (builder->formatting_count > 0 && builder->formatting[--builder->formatting_count])
        ;
}

struct html_node *html_formatting_find(const struct html_builder *builder, enum html_name name) {
    for (size_t i = builder->formatting_count; i-- > 0 && builder->formatting[i];) {
        if (builder->formatting[i]->name == name)
            return builder->formatting[i];
    }
    return NULL;
}

static size_t place_in_stack(const struct html_builder *builder, const struct html_node *node) {
    for (size_t place = builder->depth; place-- > 0;) {
        if (builder->open[place] == node)
            return place;
    }
    return HTML_NOT_OPEN;
}

void html_formatting_reconstruct(struct html_builder *builder) {
    size_t from = builder->formatting_count;
    while (from > 0 && builder->formatting[from - 1] &&
           place_in_stack(builder, builder->formatting[from - 1]) == HTML_NOT_OPEN)
        from--;
    for (; from < builder->formatting_count && builder->depth < HTML_DEPTH_MAX && !builder->halted; from++) {
        struct html_node *copy = html_builder_copy(builder, builder->formatting[from]);
        html_builder_place(builder, html_builder_current(builder), copy);
        builder->open[builder->depth++] = copy;
        builder->code += copy->tag == TAG_CODE;
        builder->formatting[from] = copy;
    }
}

static bool is_in_scope(const struct html_builder *builder, size_t place) {
    while (++place < builder->depth) {
        if (!builder->open[place]->foreign && html_name_traits(builder->open[place]->name) & HTML_SCOPE)
            return false;
    }
    return true;
}

/* The outermost special element within the one at `place`; HTML_NOT_OPEN for none. */
static size_t find_furthest_block(const struct html_builder *builder, size_t place) {
    while (++place < builder->depth) {
        if (!builder->open[place]->foreign && html_name_traits(builder->open[place]->name) & HTML_SPECIAL)
            return place;
    }
    return HTML_NOT_OPEN;
}

/*
 * Goes from the furthest block up to the formatting element: what formats in between is copied around the block, what
 * does not is taken out of the stack. Returns the outermost copy, or the block. *bookmark becomes the place in the list
 * behind the innermost copy.
 */
static struct html_node *copy_between(struct html_builder *builder, size_t place, size_t block_place,
                                      size_t *bookmark) {
    struct html_node *block = builder->open[block_place], *last = block;
    size_t copies = 0;
    for (size_t at = block_place; --at > place;) {
        struct html_node *node = builder->open[at];
        size_t listed = place_of(builder, node);
        if (++copies > COPIES_MAX && listed < HTML_FORMATTING_MAX) {
            remove_at(builder, listed);
            *bookmark -= listed < *bookmark;
            listed = HTML_FORMATTING_MAX;
        }
        if (listed == HTML_FORMATTING_MAX) {
            html_builder_forget(builder, node);
            continue;
        }
        struct html_node *copy = html_builder_copy(builder, node);
        builder->formatting[listed] = builder->open[at] = copy;
        if (last == block)
            *bookmark = listed + 1;
        html_builder_unlink(last);
        html_builder_append(copy, last);
        last = copy;
    }
    return last;
}

/* Puts a copy of the formatting element between the block and its content, in place of the element itself. */
static void move_into_block(struct html_builder *builder, struct html_node *element, struct html_node *block,
                            size_t bookmark) {
    struct html_node *copy = html_builder_copy(builder, element);
    while (block->children) {
        struct html_node *child = block->children;
        html_builder_count(builder);
        html_builder_unlink(child);
        html_builder_append(copy, child);
    }
    html_builder_append(block, copy);
    size_t listed = place_of(builder, element);
    remove_at(builder, listed);
    insert_at(builder, bookmark - (listed < bookmark), copy);
    html_builder_forget(builder, element);
    size_t behind = place_in_stack(builder, block) + 1;
    memmove(builder->open + behind + 1, builder->open + behind, (builder->depth - behind) * sizeof *builder->open);
    builder->open[behind] = copy;
    builder->depth++;
}

bool html_formatting_adopt(struct html_builder *builder, enum html_name name) {
    const struct html_node *current = html_builder_current(builder);
    if (html_builder_is(builder, name) && place_of(builder, current) == HTML_FORMATTING_MAX) {
        html_builder_pop(builder);
        return true;
    }
    for (size_t i = 0; i < ADOPTIONS_MAX && !builder->halted; i++) {
        struct html_node *element = html_formatting_find(builder, name);
        if (!element)
            return i > 0;
        size_t place = place_in_stack(builder, element);
        if (place == HTML_NOT_OPEN) {
            html_formatting_forget(builder, element);
            return true;
        }
        if (!is_in_scope(builder, place))
            return true;
        size_t block_place = find_furthest_block(builder, place);
        if (block_place == HTML_NOT_OPEN) {
            html_builder_pop_to(builder, place);
            html_formatting_forget(builder, element);
            return true;
        }
        struct html_node *block = builder->open[block_place];
        size_t bookmark = place_of(builder, element);
        struct html_node *last = copy_between(builder, place, block_place, &bookmark);
        html_builder_unlink(last);
        html_builder_place(builder, builder->open[place - 1], last);
        move_into_block(builder, element, block, bookmark);
    }
    return true;
}
