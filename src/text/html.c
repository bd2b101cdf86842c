/*
 * The order in which a page becomes text; the parts are in html_tree.c, html_main.c, html_blocks.c,
 * html_features.c, html_score.c, html_model.c, html_text.c and html_meta.c.
 */
#include "text/html.h"

#include "text/html_tree.h"

void html_page_clear(struct html_page *page) {
    bytes_clear(&page->text);
    bytes_clear(&page->title);
    bytes_clear(&page->date);
    bytes_clear(&page->author);
    bytes_clear(&page->lang);
    bytes_clear(&page->url);
    bytes_clear(&page->license);
}

void html_page_release(struct html_page *page) {
    bytes_release(&page->text);
    bytes_release(&page->title);
    bytes_release(&page->date);
    bytes_release(&page->author);
    bytes_release(&page->lang);
    bytes_release(&page->url);
    bytes_release(&page->license);
}

int html_extract(struct span utf8, const struct html_options *options, struct html_page *page, struct error *error) {
    html_page_clear(page);
    struct html_tree tree;
    uint64_t deadline = html_deadline(options->max_seconds);
    int status = html_tree_parse(&tree, utf8, options, deadline, error);
    if (status == 0 && tree.root) {
        html_meta_collect(&tree, page);
        struct html_node *top = tree.root;
        if (!options->keep_all && options->model)
            html_model_select(&tree, options->model);
        else if (!options->keep_all)
            top = html_main_select(&tree);
        html_text_append(top, &page->text);
    }
    html_tree_release(&tree);
    if (status == 0 && html_is_late(deadline))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "the page is beyond the limits: more time than --max-time allows");
    return status;
}
