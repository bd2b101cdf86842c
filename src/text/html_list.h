/*
 * What stands before the items of a list.
 */
#ifndef TEXT_HTML_LIST_H
#define TEXT_HTML_LIST_H

#include <stdint.h>

#include "text/html_tree.h"

#define HTML_MARKER_SIZE 24

/* An open list. */
struct html_list {
    char type;    /* of its numbers: 1, a, A, i or I; 0 for a list without */
    int step;     /* 1 or -1 */
    int64_t next; /* the number of its next item */
};

void html_list_begin(struct html_list *list, const struct html_node *node);
/* What a browser shows before the item, which is the list's next one: "- ", "3. ", "c. ". */
void html_list_mark(struct html_list *list, const struct html_node *item, char marker[static HTML_MARKER_SIZE]);

#endif
