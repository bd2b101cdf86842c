/*
 * Tables. Those of the class "wikitable" (in every language edition what readers compare in rows and columns) give a
 * line for each row; all others (infoboxes, navigation, layout) are left out. Knows only how rows and cells are marked.
 */
#include <string.h>

#include "text/wikitext_markup.h"

/* As far as a cell's attributes reach. */
#define ATTRIBUTES_MAX 400

static size_t line_end(struct span text, size_t at) {
    const char *stop = memchr(text.data + at, '\n', text.size - at);
    return stop ? (size_t)(stop - text.data) : text.size;
}

/* Whether the rest of a row's line are attributes up to one bar: "colspan=2 | text". Returns where the text begins. */
static size_t skip_attributes(struct span text, size_t at) {
    bool assigned = false;
    size_t limit = text.size - at < ATTRIBUTES_MAX ? text.size : at + ATTRIBUTES_MAX;
    for (size_t i = at; i < limit && text.data[i] != '\n'; i++) {
        char byte = text.data[i], next = i + 1 < text.size ? text.data[i + 1] : '\n';
        if (byte == '|')
            return next != '|' && assigned ? i + 1 : at;
        if ((byte == '[' && next == '[') || (byte == '!' && next == '!') || byte == '<')
            return at;
        assigned = assigned || byte == '=';
    }
    return at;
}

size_t wiki_table_enter(struct wiki_markup *markup, const struct wiki_bracket *pair) {
    struct span text = span_of_bytes(&markup->text);
    size_t end = line_end(text, pair->open);
    end = end < pair->close ? end : pair->close;
    bytes_append_byte(markup->out, '\n');
    bool nested = pair->open < markup->table_end;
    if (nested || !memmem(text.data + pair->open, end - pair->open, "wikitable", 9))
        return pair->close + 2;
    markup->table_end = pair->close;
    markup->heading_row = markup->after_caption = false;
    wiki_markup_expect_close(markup, pair->close, 2, (struct span){"", 0});
    return end;
}

/* A line of the table begins at `at`. */
static size_t begin_line(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    while (at < markup->table_end && (text.data[at] == ' ' || text.data[at] == '\t'))
        at++;
    char byte = at < markup->table_end ? text.data[at] : '\n', next = at + 1 < text.size ? text.data[at + 1] : '\n';
    if (byte != '|' && byte != '!') {
        /* A list or paragraph within a cell goes on with it. */
        while (at < markup->table_end && strchr("*#:;", text.data[at]) && text.data[at])
            at++;
        bytes_append_byte(markup->out, ' ');
        return at;
    }
    if (byte == '|' && next == '-') {
        bytes_append_byte(markup->out, '\n');
        markup->after_caption = false;
        size_t end = line_end(text, at);
        return end < markup->table_end ? end : markup->table_end;
    }
    bool caption = byte == '|' && next == '+';
    markup->heading_row = byte == '!';
    if (caption || markup->after_caption)
        bytes_append_byte(markup->out, '\n');
    if (!caption)
        bytes_append_byte(markup->out, WIKI_CELL);
    markup->after_caption = caption;
    return skip_attributes(text, at + 1 + caption);
}

size_t wiki_table_write(struct wiki_markup *markup, size_t at) {
    struct span text = span_of_bytes(&markup->text);
    char byte = text.data[at];
    if (byte == '\n')
        return begin_line(markup, at + 1);
    if (at + 1 < text.size && text.data[at + 1] == byte && (byte == '|' || markup->heading_row)) {
        bytes_append_byte(markup->out, WIKI_CELL);
        return skip_attributes(text, at + 2);
    }
    return 0;
}
