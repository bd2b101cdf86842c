/*
 * A page's tree as lines of text: white space collapsed, one line a block, an empty line between paragraphs, list items
 * with a dash or their number, table cells divided by bars, code as it stands. Writes what is not marked as dropped and
 * judges nothing.
 */
#include "text/html_list.h"
#include "text/html_tree.h"

#include <string.h>

/* Items of lists that are nested deeper have dashes. */
#define LISTS_NUMBERED 16

enum gap { GAP_NONE, GAP_SPACE, GAP_CELL, GAP_LINE, GAP_PARAGRAPH };

struct writer {
    struct bytes *out;
    size_t start;                          /* of this page's text in out */
    enum gap gap;                          /* owed before the next character */
    bool item;                             /* the next character begins a list item, behind marker */
    unsigned code;                         /* open elements that keep white space */
    unsigned lists;                        /* open lists */
    unsigned cells;                        /* open table cells: blocks within stay on the row's line */
    struct html_list list[LISTS_NUMBERED]; /* those that are open, the outermost first */
    char marker[HTML_MARKER_SIZE];
};

static void writer_ask(struct writer *writer, enum gap gap) {
    if (gap >= GAP_LINE && writer->cells > 0)
        gap = GAP_SPACE;
    if (gap > writer->gap)
        writer->gap = gap;
}

/* Writes the gap that is owed before the text, and a list item's marker, but not a number that the text has itself. */
static void writer_begin_text(struct writer *writer, const char *text, size_t size) {
    struct bytes *out = writer->out;
    static const char *const gaps[] = {"", " ", " | ", "\n", "\n\n"};
    if (out->size > writer->start) {
        if (writer->gap >= GAP_CELL) {
            while (out->size > writer->start &&
                   (out->data[out->size - 1] == ' ' || (writer->gap >= GAP_LINE && out->data[out->size - 1] == '\n')))
                out->size--;
        }
        if (!(writer->gap == GAP_SPACE && out->size > writer->start && out->data[out->size - 1] == '\n'))
            bytes_append_text(out, gaps[writer->gap]);
    }
    writer->gap = GAP_NONE;
    if (writer->item) {
        writer->item = false;
        for (unsigned depth = 1; depth < writer->lists && depth < 8; depth++)
            bytes_append_text(out, "  ");
        size_t marked = strlen(writer->marker) - 1;
        bool own = writer->marker[1] != ' ' && size > marked && memcmp(text, writer->marker, marked) == 0;
        if (!own)
            bytes_append_text(out, writer->marker);
    }
}

/* The size of the white space at text, 0 for none: ASCII with its control characters, and the no-break space. */
static size_t white_size(const char *text, size_t size) {
    unsigned char byte = (unsigned char)*text;
    if (byte <= ' ' || byte == 0x7F)
        return 1;
    return byte == 0xC2 && size > 1 && (unsigned char)text[1] == 0xA0 ? 2 : 0;
}

static void write_flowing(struct writer *writer, const char *text, size_t size) {
    for (size_t i = 0; i < size;) {
        size_t white = white_size(text + i, size - i);
        if (white) {
            writer_ask(writer, GAP_SPACE);
            i += white;
            continue;
        }
        /* Words with one space between are copied in one go. */
        size_t end = i + 1;
        while (end < size && (!white_size(text + end, size - end) ||
                              (text[end] == ' ' && end + 1 < size && !white_size(text + end + 1, size - end - 1))))
            end++;
        writer_begin_text(writer, text + i, end - i);
        bytes_append(writer->out, text + i, end - i);
        i = end;
    }
}

static void write_code(struct writer *writer, const char *text, size_t size) {
    if (writer->out->size == writer->start || writer->gap >= GAP_LINE) {
        while (size > 0 && (*text == '\n' || *text == '\r')) {
            text++;
            size--;
        }
    }
    if (size == 0)
        return;
    writer_begin_text(writer, text, size);
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\r' && i + 1 < size && text[i + 1] == '\n')
            continue;
        bytes_append_byte(writer->out, text[i] == '\r' ? '\n' : text[i]);
    }
}

/* The item counts whether it is written or not. */
static void count_item(struct writer *writer, const struct html_node *node) {
    if (writer->lists > 0 && writer->lists <= LISTS_NUMBERED)
        html_list_mark(&writer->list[writer->lists - 1], node, writer->marker);
    else
        strcpy(writer->marker, "- ");
}

static void on_open(struct writer *writer, const struct html_node *node) {
    switch (node->tag) {
    case TAG_INLINE:
    case TAG_LINK:
    case TAG_HIDDEN:
        break;
    case TAG_CODE:
        writer->code++;
        writer_ask(writer, GAP_PARAGRAPH);
        break;
    case TAG_PARAGRAPH:
    case TAG_HEADING:
        /* A paragraph that opens a list item stays behind its marker. */
        if (!writer->item)
            writer_ask(writer, writer->lists ? GAP_LINE : GAP_PARAGRAPH);
        break;
    case TAG_TABLE:
        writer_ask(writer, GAP_PARAGRAPH);
        break;
    case TAG_LIST:
        writer->item = false;
        writer_ask(writer, writer->lists ? GAP_LINE : GAP_PARAGRAPH);
        if (writer->lists < LISTS_NUMBERED)
            html_list_begin(&writer->list[writer->lists], node);
        writer->lists++;
        break;
    case TAG_ITEM:
        writer_ask(writer, GAP_LINE);
        writer->item = writer->cells == 0;
        count_item(writer, node);
        break;
    case TAG_CELL:
        if (writer->gap < GAP_LINE)
            writer_ask(writer, GAP_CELL);
        writer->cells++;
        break;
    default:
        if (!writer->item)
            writer_ask(writer, GAP_LINE);
        break;
    }
}

static void on_close(struct writer *writer, enum html_tag tag) {
    switch (tag) {
    case TAG_INLINE:
    case TAG_LINK:
    case TAG_HIDDEN:
        break;
    case TAG_CODE:
        writer->code--;
        writer_ask(writer, GAP_PARAGRAPH);
        break;
    case TAG_PARAGRAPH:
    case TAG_HEADING:
        writer_ask(writer, writer->lists ? GAP_LINE : GAP_PARAGRAPH);
        break;
    case TAG_TABLE:
        writer_ask(writer, GAP_PARAGRAPH);
        break;
    case TAG_LIST:
        writer->lists--;
        writer_ask(writer, writer->lists ? GAP_LINE : GAP_PARAGRAPH);
        break;
    case TAG_ITEM:
        writer->item = false;
        writer_ask(writer, GAP_LINE);
        break;
    case TAG_CELL:
        writer->cells--;
        break;
    default:
        writer_ask(writer, GAP_LINE);
        break;
    }
}

void html_text_append(struct html_node *top, struct bytes *out) {
    struct writer writer = {.out = out, .start = out->size};
    struct html_node *node = top;
    while (node) {
        bool enter = !node->is_text && !node->dropped && node->tag != TAG_HIDDEN;
        if (enter) {
            if (node->tag == TAG_BREAK)
                writer_ask(&writer, GAP_LINE);
            on_open(&writer, node);
        } else if (node->is_text && !node->dropped) {
            (writer.code ? write_code : write_flowing)(&writer, node->text.data, node->text.size);
        } else if (node->tag == TAG_ITEM && !writer.item) {
            count_item(&writer, node);
        }
        if (enter && node->children) {
            node = node->children;
            continue;
        }
        if (enter)
            on_close(&writer, node->tag);
        while (node != top && !node->next) {
            node = node->parent;
            on_close(&writer, node->tag);
        }
        node = node == top ? NULL : node->next;
    }
    while (out->size > writer.start && (out->data[out->size - 1] == '\n' || out->data[out->size - 1] == ' '))
        out->size--;
}

void html_append_collapsed(struct bytes *out, struct span text) {
    bool owed = false, any = false;
    for (size_t i = 0; i < text.size;) {
        size_t white = white_size(text.data + i, text.size - i);
        if (white) {
            owed = any;
            i += white;
            continue;
        }
        if (owed)
            bytes_append_byte(out, ' ');
        owed = false;
        any = true;
        bytes_append_byte(out, text.data[i++]);
    }
}
