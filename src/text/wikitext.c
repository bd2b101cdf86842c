/*
 * A page's lines: which are headings, list items, text or debris, and what becomes of them. Markup within lines is
 * wikitext_markup.c's.
 */
#include "text/wikitext.h"

#include <ctype.h>
#include <string.h>

#include "text/wikitext_markup.h"

#define LEVELS 7

struct lines {
    struct bytes *out;
    size_t start;
    struct bytes heading[LEVELS]; /* by level: waiting for text below them */
    bool paragraph;               /* an empty line is owed */
    bool list;                    /* the last line was a list item */
    struct bytes line;
};

struct span wikitext_redirect_target(struct span text) {
    struct span none = {"", 0};
    size_t at = 0;
    while (at < text.size && isspace((unsigned char)text.data[at]))
        at++;
    if (at == text.size || text.data[at] != '#')
        return none;
    size_t word = ++at;
    while (at < text.size && ((unsigned char)text.data[at] >= 0x80 || isalpha((unsigned char)text.data[at])))
        at++;
    if (at - word < 3)
        return none;
    while (at < text.size && (text.data[at] == ' ' || text.data[at] == ':' || text.data[at] == '\n'))
        at++;
    if (at + 1 >= text.size || text.data[at] != '[' || text.data[at + 1] != '[')
        return none;
    size_t end = at += 2;
    while (end < text.size && !strchr("]|#\n", text.data[end]))
        end++;
    return wiki_trimmed((struct span){text.data + at, end - at});
}

bool wikitext_is_redirect(struct span text) {
    return wikitext_redirect_target(text).size > 0;
}

/* The size of the character at text, one of a few in ASCII or full width, or 0. */
static size_t one_of(struct span text, const char *const *characters) {
    for (; *characters; characters++) {
        if (text.size == 0 || text.data[0] != **characters)
            continue;
        size_t size = strlen(*characters);
        if (text.size >= size && memcmp(text.data, *characters, size) == 0)
            return size;
    }
    return 0;
}

static struct span rest_of(const struct bytes *line, size_t from) {
    return (struct span){line->data + from, line->size - from};
}

/* What dropped templates leave behind goes: "( ; born 1950)" → "(born 1950)", " ()" → "", "（、伯林）" → "（伯林）",
 * "word ," → "word,". */
static void drop_debris(struct bytes *line) {
    static const char *const opening[] = {"(", "（", NULL}, *const closing[] = {")", "）", NULL};
    static const char *const filler[] = {" ", ",", ";", ":", "、", "，", "；", "：", NULL};
    size_t to = 0, size;
    for (size_t i = 0; i < line->size;) {
        size_t open = one_of(rest_of(line, i), opening);
        size_t next = i + open;
        if (open) {
            while ((size = one_of(rest_of(line, next), filler)) > 0)
                next += size;
            size = one_of(rest_of(line, next), closing);
            if (size) {
                while (to > 0 && line->data[to - 1] == ' ')
                    to--;
                i = next + size;
                continue;
            }
            memmove(line->data + to, line->data + i, open);
            to += open;
            i = next;
            continue;
        }
        size_t marks = i;
        while ((size = one_of(rest_of(line, marks), filler)) > 0)
            marks += size;
        bool closes = marks > i && one_of(rest_of(line, marks), closing) > 0;
        bool before_comma = line->data[i] == ' ' && i + 1 < line->size && line->data[i + 1] == ',';
        if (closes || before_comma) {
            i = closes ? marks : i + 1;
            continue;
        }
        size_t step = marks > i ? marks - i : 1;
        memmove(line->data + to, line->data + i, step);
        to += step;
        i += step;
    }
    line->size = to;
}

/* Into lines->line: white space collapsed, marks of what was dropped or is literal removed, filler dropped. */
static void clean_line(struct lines *lines, struct span text) {
    static const bool special[256] = {
        [' '] = true, ['\t'] = true, ['\r'] = true, [WIKI_LITERAL] = true, [WIKI_DROPPED] = true};
    struct bytes *line = &lines->line;
    bool dropped = false;
    bytes_clear(line);
    for (size_t i = 0; i < text.size;) {
        size_t end = i;
        while (end < text.size && !special[(unsigned char)text.data[end]])
            end++;
        bytes_append(line, text.data + i, end - i);
        if (end < text.size && text.data[end] == WIKI_DROPPED)
            dropped = true;
        else if (end < text.size && text.data[end] != WIKI_LITERAL && line->size > 0 &&
                 line->data[line->size - 1] != ' ')
            bytes_append_byte(line, ' ');
        i = end + 1;
    }
    if (dropped)
        drop_debris(line);
    while (line->size > 0 && line->data[line->size - 1] == ' ')
        line->size--;
}

static bool has_text(const struct bytes *line) {
    for (size_t i = 0; i < line->size; i++) {
        if ((unsigned char)line->data[i] >= 0x80 || isalnum((unsigned char)line->data[i]))
            return true;
    }
    return false;
}

static void write_line(struct lines *lines, const char *prefix, bool item) {
    struct bytes *out = lines->out;
    if (out->size > lines->start)
        bytes_append_text(out, lines->paragraph || lines->list != item ? "\n\n" : "\n");
    bytes_append_text(out, prefix);
    bytes_append_span(out, span_of_bytes(&lines->line));
    lines->paragraph = false;
    lines->list = item;
}

/* Text follows: the headings it stands under are written first. */
static void write_headings(struct lines *lines) {
    struct bytes body = lines->line;
    for (size_t level = 0; level < LEVELS; level++) {
        if (lines->heading[level].size == 0)
            continue;
        lines->paragraph = true;
        lines->line = lines->heading[level];
        write_line(lines, "", false);
        bytes_clear(&lines->heading[level]);
        lines->paragraph = true;
    }
    lines->line = body;
}

/* "== Title ==": its level, with the title in *title; 0 where it is no heading. */
static size_t heading_level(struct span line, struct span *title) {
    size_t level = 0, closing = 0;
    while (level < line.size && line.data[level] == '=')
        level++;
    while (closing + level < line.size && line.data[line.size - 1 - closing] == '=')
        closing++;
    if (closing < level)
        level = closing;
    if (level == 0 || level * 2 >= line.size)
        return 0;
    *title = (struct span){line.data + level, line.size - 2 * level};
    return level < LEVELS ? level : LEVELS - 1;
}

static void take_heading(struct lines *lines, size_t level, struct span title) {
    for (size_t other = level; other < LEVELS; other++)
        bytes_clear(&lines->heading[other]);
    clean_line(lines, title);
    struct span text = span_of_bytes(&lines->line);
    while (text.size && text.data[0] == ' ') {
        text.data++;
        text.size--;
    }
    bytes_append_span(&lines->heading[level], text);
    lines->paragraph = true;
}

/* A row of a table: its cells that are not empty, divided by bars. */
static void take_row(struct lines *lines, struct span row) {
    struct bytes joined = {0};
    for (size_t at = 0, end; at < row.size; at = end + 1) {
        const char *stop = memchr(row.data + at, WIKI_CELL, row.size - at);
        end = stop ? (size_t)(stop - row.data) : row.size;
        clean_line(lines, (struct span){row.data + at, end - at});
        if (lines->line.size == 0)
            continue;
        bytes_append_text(&joined, joined.size ? " | " : "");
        bytes_append_span(&joined, span_of_bytes(&lines->line));
    }
    if (has_text(&joined)) {
        bytes_clear(&lines->line);
        bytes_append_span(&lines->line, span_of_bytes(&joined));
        write_headings(lines);
        write_line(lines, "", false);
    }
    bytes_release(&joined);
}

/* A line of code or of a preformatted text. */
static void take_verbatim(struct lines *lines, struct span text) {
    bytes_clear(&lines->line);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != WIKI_LITERAL)
            bytes_append_byte(&lines->line, text.data[i]);
    }
    while (lines->line.size > 0 && strchr(" \t\r", lines->line.data[lines->line.size - 1]) &&
           lines->line.data[lines->line.size - 1])
        lines->line.size--;
    if (lines->line.size == 0) {
        lines->paragraph = true;
        return;
    }
    write_headings(lines);
    write_line(lines, "", false);
}

static void take_line(struct lines *lines, struct span line) {
    if (line.size > 0 && line.data[0] == WIKI_VERBATIM) {
        take_verbatim(lines, (struct span){line.data + 1, line.size - 1});
        return;
    }
    line = wiki_trimmed(line);
    struct span title;
    size_t level;
    if (line.size == 0) {
        lines->paragraph = true;
        return;
    }
    if ((level = heading_level(line, &title)) > 0) {
        take_heading(lines, level, title);
        return;
    }
    /* What is left of tables and templates that were never closed; and rulers. */
    if (memchr(line.data, WIKI_CELL, line.size)) {
        take_row(lines, line);
        return;
    }
    if (line.data[0] == '|' || line.data[0] == '!' || (line.size >= 4 && memcmp(line.data, "----", 4) == 0))
        return;
    size_t depth = 0;
    bool item = false;
    while (depth < line.size && strchr("*#:;", line.data[depth]) && line.data[depth]) {
        item = item || line.data[depth] == '*' || line.data[depth] == '#';
        depth++;
    }
    while (depth < line.size && line.data[depth] == ' ')
        depth++;
    clean_line(lines, (struct span){line.data + depth, line.size - depth});
    if (!has_text(&lines->line))
        return;
    write_headings(lines);
    write_line(lines, item ? "- " : "", item);
}

void wikitext_append(struct span wikitext, struct span local_names, struct bytes *out) {
    struct bytes stripped = {0};
    wikitext_strip_markup(wikitext, local_names, &stripped);
    struct lines lines = {.out = out, .start = out->size};
    for (size_t at = 0; at < stripped.size;) {
        const char *stop = memchr(stripped.data + at, '\n', stripped.size - at);
        size_t end = stop ? (size_t)(stop - stripped.data) : stripped.size;
        take_line(&lines, (struct span){stripped.data + at, end - at});
        at = end + 1;
    }
    bytes_release(&stripped);
    bytes_release(&lines.line);
    for (size_t level = 0; level < LEVELS; level++)
        bytes_release(&lines.heading[level]);
}
