/*
 * What start tags and text do to the tree (HTML Standard, sections 13.2.6.4 and 13.2.6.5), by the element at hand and
 * those that are open.
 */
#include <string.h>

#include "text/html_builder.h"

static bool is_blank(struct span text) {
    for (size_t i = 0; i < text.size; i++) {
        if ((unsigned char)text.data[i] > ' ')
            return false;
    }
    return true;
}

/* The beginning of a page, whose tags are often left out */

static void ensure_root(struct html_builder *builder) {
    if (!builder->tree->root)
        html_builder_open_implied(builder, HTML_HTML);
}

static void ensure_head(struct html_builder *builder) {
    ensure_root(builder);
    if (!builder->head)
        builder->head = html_builder_open_implied(builder, HTML_HEAD);
}

void html_rules_ensure_body(struct html_builder *builder) {
    ensure_root(builder);
    if (builder->body || builder->templates)
        return;
    html_builder_pop_to(builder, 1);
    builder->body = html_builder_open_implied(builder, HTML_BODY);
}

/* True for the tags that the page itself consists of, which are dealt with. */
static bool start_page(struct html_builder *builder) {
    switch (builder->tokenizer.token.name) {
    case HTML_HTML:
        if (!builder->tree->root)
            html_builder_open(builder);
        else
            html_builder_merge_attributes(builder, builder->tree->root);
        return true;
    case HTML_HEAD:
        ensure_root(builder);
        if (!builder->head && !builder->body)
            builder->head = html_builder_open(builder);
        return true;
    case HTML_BODY:
        ensure_root(builder);
        if (builder->body) {
            html_builder_merge_attributes(builder, builder->body);
        } else if (!builder->templates) {
            html_builder_pop_to(builder, 1);
            builder->body = html_builder_open(builder);
        }
        return true;
    case HTML_FRAMESET:
    case HTML_FRAME:
        return true;
    default:
        return false;
    }
}

/* Elements without markup */

static bool is_json_ld(const struct html_node *script) {
    return html_contains(html_tree_attribute(script, ATTRIBUTE_TYPE), "ld+json");
}

/* An element whose text runs to its end tag whatever is in it. Of what nobody reads, nothing is kept. */
static void insert_raw(struct html_builder *builder) {
    struct span tag = builder->tokenizer.token.tag;
    const struct html_node *node = html_builder_open(builder);
    struct span text = {NULL, 0};
    if (!builder->xhtml || !builder->tokenizer.token.self_closing)
        text = html_tokenizer_take_raw(&builder->tokenizer, tag);
    bool wanted = node->name == HTML_TITLE || node->name == HTML_XMP || (node->name == HTML_SCRIPT && is_json_ld(node));
    if (wanted)
        html_builder_insert_text(builder, text, node->name != HTML_TITLE);
    html_builder_pop(builder);
}

static void insert_plain_text(struct html_builder *builder) {
    html_builder_close_paragraph(builder);
    html_builder_open(builder);
    struct html_tokenizer *tokenizer = &builder->tokenizer;
    html_builder_insert_text(builder, (struct span){tokenizer->at, (size_t)(tokenizer->end - tokenizer->at)}, true);
    tokenizer->at = tokenizer->end;
}

static void start_head_part(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    if (name == HTML_NOFRAMES && !builder->body)
        return; /* what stands for the frames is all that a page of frames has to say */
    if (!builder->body && !builder->templates)
        ensure_head(builder);
    if (html_name_traits(name) & HTML_VOID)
        html_builder_insert_void(builder);
    else if (name == HTML_TEMPLATE || (name == HTML_NOSCRIPT && builder->body))
        html_builder_open(builder);
    else
        insert_raw(builder);
}

/* SVG and MathML */

/* False where the tag is HTML, which has then ended what is foreign. */
static bool start_foreign(struct html_builder *builder) {
    const struct html_token *token = &builder->tokenizer.token;
    if (html_name_traits(token->name) & HTML_BREAKOUT) {
        while (html_builder_in_foreign(builder))
            html_builder_pop(builder);
        return false;
    }
    html_builder_open(builder);
    if (token->self_closing)
        html_builder_pop(builder);
    return true;
}

/* Lists and choices */

/* <li> ends the item before it, <dd> and <dt> what came before them. */
static void start_item(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    for (size_t place = builder->depth; place-- > 0;) {
        const struct html_node *node = builder->open[place];
        bool before = name == HTML_LI ? node->name == HTML_LI : node->name == HTML_DD || node->name == HTML_DT;
        if (before && !node->foreign) {
            html_builder_close(builder, place, node->name);
            break;
        }
        bool passed = node->name == HTML_ADDRESS || node->name == HTML_DIV || node->name == HTML_P;
        if (!passed && !node->foreign && html_name_traits(node->name) & HTML_SPECIAL)
            break;
    }
    html_builder_close_paragraph(builder);
    html_builder_open(builder);
}

/* The place of the <select> that only <option>s stand between, or HTML_NOT_OPEN. */
static size_t find_select(const struct html_builder *builder) {
    for (size_t place = builder->depth; place-- > 0;) {
        enum html_name name = builder->open[place]->name;
        if (name == HTML_SELECT)
            return place;
        if (name != HTML_OPTION && name != HTML_OPTGROUP)
            break;
    }
    return HTML_NOT_OPEN;
}

/* In a <select> most tags mean nothing. True where the tag is dealt with. */
static bool start_in_select(struct html_builder *builder) {
    size_t place = find_select(builder);
    if (place == HTML_NOT_OPEN)
        return false;
    enum html_name name = builder->tokenizer.token.name;
    switch (name) {
    case HTML_OPTION:
    case HTML_OPTGROUP:
        if (html_builder_is(builder, HTML_OPTION))
            html_builder_pop(builder);
        if (name == HTML_OPTGROUP && html_builder_is(builder, HTML_OPTGROUP))
            html_builder_pop(builder);
        html_builder_open(builder);
        return true;
    case HTML_SCRIPT:
    case HTML_TEMPLATE:
        return false;
    case HTML_SELECT:
        html_builder_pop_to(builder, place);
        return true;
    case HTML_INPUT:
    case HTML_KEYGEN:
    case HTML_TEXTAREA:
    case HTML_TABLE:
        html_builder_pop_to(builder, place);
        return false;
    default:
        if (!(html_name_traits(name) & HTML_TABLE_PART))
            return true;
        html_builder_pop_to(builder, place);
        return false;
    }
}

/* Everything else */

static void start_heading(struct html_builder *builder) {
    html_builder_close_paragraph(builder);
    const struct html_node *current = html_builder_current(builder);
    if (current->name >= HTML_H1 && current->name <= HTML_H6)
        html_builder_pop(builder);
    html_builder_open(builder);
}

static void start_formatting(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    bool alone =
        name == HTML_A || (name == HTML_NOBR && html_builder_find_in_scope(builder, HTML_NOBR) != HTML_NOT_OPEN);
    const struct html_node *open = alone ? html_formatting_find(builder, name) : NULL;
    if (open) {
        html_formatting_adopt(builder, name);
        html_formatting_forget(builder, open);
        html_builder_forget(builder, open);
    }
    html_formatting_reconstruct(builder);
    html_formatting_add(builder, html_builder_open(builder));
}

static void start_form(struct html_builder *builder) {
    if (builder->form && !builder->templates)
        return;
    html_builder_close_paragraph(builder);
    struct html_node *form = html_builder_open(builder);
    if (!builder->templates)
        builder->form = form;
}

static void start_inline(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    html_formatting_reconstruct(builder);
    if (html_name_traits(name) & HTML_VOID || name == HTML_IMAGE)
        html_builder_insert_void(builder);
    else if (name == HTML_TEXTAREA || name == HTML_IFRAME || name == HTML_NOEMBED)
        insert_raw(builder);
    else
        html_builder_open(builder);
    if ((name == HTML_SVG || name == HTML_MATH) && builder->tokenizer.token.self_closing)
        html_builder_pop(builder);
}

static void start_in_body(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    switch (name) {
    case HTML_H1:
    case HTML_H2:
    case HTML_H3:
    case HTML_H4:
    case HTML_H5:
    case HTML_H6:
        start_heading(builder);
        return;
    case HTML_LI:
    case HTML_DD:
    case HTML_DT:
        start_item(builder);
        return;
    case HTML_P:
        html_builder_close_paragraph(builder);
        html_builder_open(builder);
        return;
    case HTML_HR:
        html_builder_close_paragraph(builder);
        html_builder_insert_void(builder);
        return;
    case HTML_FORM:
        start_form(builder);
        return;
    case HTML_TABLE:
        html_rules_start_table(builder);
        return;
    case HTML_PLAINTEXT:
        insert_plain_text(builder);
        return;
    case HTML_XMP:
        html_builder_close_paragraph(builder);
        html_formatting_reconstruct(builder);
        insert_raw(builder);
        return;
    case HTML_BUTTON:
        html_builder_close(builder, html_builder_find_in_scope(builder, HTML_BUTTON), HTML_OTHER);
        break;
    case HTML_OPTION:
    case HTML_OPTGROUP:
        if (html_builder_is(builder, HTML_OPTION))
            html_builder_pop(builder);
        break;
    case HTML_RB:
    case HTML_RTC:
    case HTML_RP:
    case HTML_RT:
        if (html_builder_find_in_scope(builder, HTML_RUBY) != HTML_NOT_OPEN)
            html_builder_imply_end(builder, name == HTML_RP || name == HTML_RT ? HTML_RTC : HTML_OTHER);
        html_builder_open(builder);
        return;
    default:
        if (html_name_traits(name) & HTML_BLOCK) {
            html_builder_close_paragraph(builder);
            html_builder_open(builder);
            return;
        }
        if (html_name_traits(name) & HTML_FORMATTING) {
            start_formatting(builder);
            return;
        }
        break;
    }
    start_inline(builder);
}

void html_rules_start_tag(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    if (html_builder_in_foreign(builder) && start_foreign(builder))
        return;
    if (start_page(builder))
        return;
    if (html_name_traits(name) & HTML_HEAD_PART) {
        if (!builder->body || !start_in_select(builder))
            start_head_part(builder);
        return;
    }
    html_rules_ensure_body(builder);
    if (start_in_select(builder))
        return;
    if (html_builder_is(builder, HTML_COLGROUP) && name != HTML_COL)
        html_builder_pop(builder);
    if (html_name_traits(name) & HTML_TABLE_PART && !(name == HTML_COL && html_builder_is(builder, HTML_COLGROUP)))
        html_rules_start_table_part(builder);
    else
        start_in_body(builder);
}

/* White space at the edge of a block shows nowhere. */
static bool is_lost(const struct html_builder *builder) {
    const struct html_node *parent = html_builder_current(builder);
    const struct html_node *around = parent->last ? parent->last : parent;
    return builder->code == 0 && !around->is_text && around->tag != TAG_INLINE && around->tag != TAG_LINK &&
           around->tag != TAG_HIDDEN;
}

void html_rules_text(struct html_builder *builder) {
    const struct html_token *token = &builder->tokenizer.token;
    bool blank = is_blank(token->text);
    if (!builder->body && !builder->templates) {
        if (blank)
            return;
        html_rules_ensure_body(builder);
    }
    if (html_builder_in_foreign(builder)) {
        html_builder_insert_text(builder, token->text, token->literal);
        return;
    }
    bool among_parts = html_name_traits(html_builder_current(builder)->name) & HTML_TABLE_FRAME ||
                       html_builder_is(builder, HTML_COLGROUP);
    if (blank && (among_parts || is_lost(builder)))
        return;
    if (html_builder_is(builder, HTML_COLGROUP))
        html_builder_pop(builder);
    if (!blank)
        html_formatting_reconstruct(builder);
    html_builder_insert_text(builder, token->text, token->literal);
}
