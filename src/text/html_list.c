/*
 * Numbers of list items (HTML Standard, section 4.4: ol, li): start, reversed, type and value. Knows nothing of how
 * text is laid out.
 */
#include "text/html_list.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Larger numbers are no numbers of items. */
#define NUMBER_MAX 1000000000
#define ROMAN_MAX 3999

/* An attribute's integer, by the rules of HTML: white space, a sign, digits, then anything. */
static bool read_number(const struct html_node *node, enum html_attribute_name name, int64_t *number) {
    struct span text = html_tree_attribute(node, name);
    size_t at = 0;
    while (at < text.size && strchr(" \t\n\f\r", text.data[at]) && text.data[at])
        at++;
    bool negative = at < text.size && text.data[at] == '-';
    at += at < text.size && (text.data[at] == '-' || text.data[at] == '+');
    int64_t value = 0;
    size_t digits = at;
    for (; at < text.size && text.data[at] >= '0' && text.data[at] <= '9'; at++) {
        value = value * 10 + (text.data[at] - '0');
        if (value > NUMBER_MAX)
            return false;
    }
    if (at == digits)
        return false;
    *number = negative ? -value : value;
    return true;
}

/* Posts are items of ordered lists on many pages, but no page shows these numbers. */
static bool is_numbered(const struct html_node *node) {
    return node->name == HTML_OL && !html_contains(html_tree_attribute(node, ATTRIBUTE_CLASS), "comment") &&
           !html_contains(html_tree_attribute(node, ATTRIBUTE_ID), "comment");
}

void html_list_begin(struct html_list *list, const struct html_node *node) {
    struct span type = html_tree_attribute(node, ATTRIBUTE_TYPE);
    *list = (struct html_list){0, 1, 1};
    if (!is_numbered(node))
        return;
    list->type = type.size == 1 && memchr("aAiI", *type.data, 4) ? *type.data : '1';
    if (html_tree_attribute(node, ATTRIBUTE_REVERSED).data) {
        list->step = -1;
        list->next = 0;
        for (const struct html_node *child = node->children; child; child = child->next)
            list->next += child->name == HTML_LI && !child->is_text;
    }
    read_number(node, ATTRIBUTE_START, &list->next);
}

/* 1 is a, 26 is z, 27 is aa. */
static void write_letters(uint64_t number, char first, char *to) {
    char letters[16];
    size_t count = 0;
    for (; number > 0; number = (number - 1) / 26)
        letters[count++] = (char)(first + (char)((number - 1) % 26));
    while (count > 0)
        *to++ = letters[--count];
    *to = '\0';
}

static void write_roman(unsigned number, bool small, char *to) {
    static const struct {
        unsigned value;
        char digits[3];
    } parts[] = {{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
                 {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        for (; number >= parts[i].value; number -= parts[i].value) {
            for (const char *digit = parts[i].digits; *digit; digit++)
                *to++ = (char)(small ? *digit : *digit - 'a' + 'A');
        }
    }
    *to = '\0';
}

void html_list_mark(struct html_list *list, const struct html_node *item, char marker[static HTML_MARKER_SIZE]) {
    if (list->type == 0 || item->name != HTML_LI) {
        strcpy(marker, "- ");
        return;
    }
    read_number(item, ATTRIBUTE_VALUE, &list->next);
    int64_t number = list->next;
    list->next += list->step;
    if ((list->type == 'a' || list->type == 'A') && number > 0)
        write_letters((uint64_t)number, list->type, marker);
    else if ((list->type == 'i' || list->type == 'I') && number > 0 && number <= ROMAN_MAX)
        write_roman((unsigned)number, list->type == 'i', marker);
    else
        snprintf(marker, HTML_MARKER_SIZE, "%" PRId64, number);
    strcat(marker, ". ");
}
