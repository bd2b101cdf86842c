/*
 * What end tags do to the tree (HTML Standard, sections 13.2.6.4.7 and 13.2.6.5).
 */
#include <strings.h>

#include "text/html_builder.h"

static bool has_name(const struct html_node *node, const struct html_token *token) {
    return node->name == token->name &&
           (node->name != HTML_OTHER || (node->text.size == token->tag.size &&
                                         strncasecmp(node->text.data, token->tag.data, token->tag.size) == 0));
}

/* True where an element of SVG or MathML ended. */
static bool end_foreign(struct html_builder *builder) {
    for (size_t place = builder->depth; place-- > 0 && builder->open[place]->foreign;) {
        if (has_name(builder->open[place], &builder->tokenizer.token)) {
            html_builder_pop_to(builder, place);
            return true;
        }
    }
    return false;
}

/* </p> without a paragraph makes an empty one. */
static void end_paragraph(struct html_builder *builder) {
    if (html_builder_find_in_button_scope(builder, HTML_P) == HTML_NOT_OPEN)
        html_builder_open_implied(builder, HTML_P);
    html_builder_close_paragraph(builder);
}

static void end_item(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    size_t place = name == HTML_LI ? html_builder_find(builder, name, HTML_SCOPE, HTML_OL, HTML_UL)
                                   : html_builder_find_in_scope(builder, name);
    html_builder_close(builder, place, name);
}

/* Any heading's end tag ends any heading. */
static void end_heading(struct html_builder *builder) {
    size_t innermost = HTML_NOT_OPEN;
    for (enum html_name name = HTML_H1; name <= HTML_H6; name++) {
        size_t place = html_builder_find_in_scope(builder, name);
        if (place != HTML_NOT_OPEN && (innermost == HTML_NOT_OPEN || place > innermost))
            innermost = place;
    }
    html_builder_close(builder, innermost, HTML_OTHER);
}

static void end_form(struct html_builder *builder) {
    const struct html_node *form = builder->form;
    if (builder->templates) {
        html_builder_close(builder, html_builder_find_in_scope(builder, HTML_FORM), HTML_OTHER);
        return;
    }
    builder->form = NULL;
    if (form && html_builder_find_in_scope(builder, HTML_FORM) != HTML_NOT_OPEN) {
        html_builder_imply_end(builder, HTML_OTHER);
        html_builder_forget(builder, form);
    }
}

static void end_any(struct html_builder *builder) {
    const struct html_token *token = &builder->tokenizer.token;
    for (size_t place = builder->depth; place-- > 0;) {
        const struct html_node *node = builder->open[place];
        if (node->foreign)
            continue;
        if (has_name(node, token)) {
            html_builder_imply_end(builder, node->name);
            html_builder_pop_to(builder, place);
            return;
        }
        if (html_name_traits(node->name) & HTML_SPECIAL)
            return;
    }
}

static void end_in_body(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    switch (name) {
    case HTML_HTML:
    case HTML_HEAD:
    case HTML_BODY:
    case HTML_COL:
        return;
    case HTML_P:
        end_paragraph(builder);
        return;
    case HTML_BR:
        html_formatting_reconstruct(builder);
        html_builder_open_implied(builder, HTML_BR);
        html_builder_pop(builder);
        return;
    case HTML_LI:
    case HTML_DD:
    case HTML_DT:
        end_item(builder);
        return;
    case HTML_H1:
    case HTML_H2:
    case HTML_H3:
    case HTML_H4:
    case HTML_H5:
    case HTML_H6:
        end_heading(builder);
        return;
    case HTML_FORM:
        end_form(builder);
        return;
    case HTML_SELECT:
    case HTML_TEMPLATE: {
        size_t place = html_builder_find(builder, name, 0, HTML_TABLE, HTML_OTHER);
        if (place != HTML_NOT_OPEN)
            html_builder_pop_to(builder, place);
        return;
    }
    case HTML_BUTTON:
    case HTML_APPLET:
    case HTML_MARQUEE:
    case HTML_OBJECT:
        html_builder_close(builder, html_builder_find_in_scope(builder, name), HTML_OTHER);
        return;
    default:
        if (html_name_traits(name) & HTML_BLOCK)
            html_builder_close(builder, html_builder_find_in_scope(builder, name), HTML_OTHER);
        else if (!(html_name_traits(name) & HTML_FORMATTING) || !html_formatting_adopt(builder, name))
            end_any(builder);
        return;
    }
}

void html_rules_end_tag(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    const struct html_node *current = html_builder_current(builder);
    if (current && current->foreign && name != HTML_P && name != HTML_BR && end_foreign(builder))
        return;
    if (!builder->body && !builder->templates) {
        /* Before the body only these are more than noise. */
        if (name != HTML_BR && name != HTML_P)
            return;
        html_rules_ensure_body(builder);
    }
    if (name == HTML_TABLE || (html_name_traits(name) & HTML_TABLE_PART && name != HTML_COL))
        html_rules_end_table_part(builder);
    else
        end_in_body(builder);
}
