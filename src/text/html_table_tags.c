/*
 * Tables: their parts open and close each other, and open what is missing between them (HTML Standard, sections
 * 13.2.6.4.9 to 15).
 */
#include "text/html_builder.h"

static size_t find_in_table_scope(const struct html_builder *builder, enum html_name name) {
    return html_builder_find(builder, name, 0, HTML_TABLE, HTML_TEMPLATE);
}

/* The innermost open element that says where in a table we are: a cell, a caption, or the table. */
static size_t find_table_place(const struct html_builder *builder) {
    for (size_t place = builder->depth; place-- > 0;) {
        const struct html_node *node = builder->open[place];
        if (node->foreign)
            continue;
        switch (node->name) {
        case HTML_TD:
        case HTML_TH:
        case HTML_CAPTION:
        case HTML_TABLE:
            return place;
        case HTML_TEMPLATE:
            return HTML_NOT_OPEN;
        default:
            break;
        }
    }
    return HTML_NOT_OPEN;
}

/* Pops what does not belong right into an element of the table: up to the innermost of the names given, or the table.
 */
static void clear_to(struct html_builder *builder, bool section, bool row) {
    for (;;) {
        enum html_name name = html_builder_current(builder)->name;
        bool is_section = name == HTML_TBODY || name == HTML_THEAD || name == HTML_TFOOT;
        if (!html_builder_in_foreign(builder) &&
            (name == HTML_TABLE || (section && is_section) || (row && name == HTML_TR)))
            return;
        html_builder_pop(builder);
    }
}

void html_rules_start_table_part(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    size_t place = find_table_place(builder);
    while (place != HTML_NOT_OPEN && builder->open[place]->name != HTML_TABLE) {
        html_builder_pop_to(builder, place);
        place = find_table_place(builder);
    }
    if (place == HTML_NOT_OPEN) {
        /* Outside of a table such tags mean nothing; a template may hold parts of one. */
        if (builder->templates)
            html_builder_open(builder);
        return;
    }
    bool cell = name == HTML_TD || name == HTML_TH;
    clear_to(builder, cell || name == HTML_TR, cell);
    if ((cell || name == HTML_TR) && html_builder_is(builder, HTML_TABLE))
        html_builder_open_implied(builder, HTML_TBODY);
    if (cell && !html_builder_is(builder, HTML_TR))
        html_builder_open_implied(builder, HTML_TR);
    if (name == HTML_COL)
        html_builder_insert_void(builder);
    else
        html_builder_open(builder);
}

void html_rules_start_table(struct html_builder *builder) {
    size_t place = find_table_place(builder);
    if (place != HTML_NOT_OPEN && builder->open[place]->name == HTML_TABLE)
        html_builder_pop_to(builder, place);
    html_builder_close_paragraph(builder);
    html_builder_open(builder);
}

void html_rules_end_table_part(struct html_builder *builder) {
    enum html_name name = builder->tokenizer.token.name;
    size_t place = find_in_table_scope(builder, name);
    if (place != HTML_NOT_OPEN)
        html_builder_pop_to(builder, place);
}
