/*
 * A page's lines: which are headings, list items, text or debris, and what becomes of them. Markup within lines is
 * wikitext_markup.c's.
 */
#include "text/wikitext.h"

#include <ctype.h>
#include <string.h>

#include "text/wikitext_markup.h"
#include "text/wikitext_scan.h"

#define LEVELS 7
/* Lists within lists beyond these are not told apart. */
#define DEPTH_MAX 8

static const struct span NO_PREFIX = {"", 0};

struct lines {
    struct bytes *out;
    size_t start;
    struct bytes heading[LEVELS]; /* by level: waiting for text below them */
    bool paragraph;               /* an empty line is owed */
    bool list;                    /* the last line was a list item */
    bool wrapped;                 /* the last line's paragraph goes on with the next one */
    size_t depth;                 /* of the last item; 0 outside of lists */
    unsigned numbers[DEPTH_MAX];  /* of the last numbered items, by depth */
    struct bytes line, prefix;
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

/* Whether the eight bytes at data, and the one before them, are no control characters and have no two blanks in a row.
 * (False for some of the kind; callers look at single bytes then.) */
static bool is_tidy(const char *data) {
    uint64_t word = wiki_scan_load(data), blanks = wiki_scan_equal(word, ' ');
    return !wiki_scan_below(word, ' ') && !(blanks & blanks << 8) && (data[0] != ' ' || data[-1] != ' ');
}

/* Into lines->line: white space collapsed, marks of what was dropped or is literal removed, filler dropped. */
static void clean_line(struct lines *lines, struct span text) {
    enum { PLAIN, BLANK, SPECIAL };
    static const unsigned char class[256] = {
        [' '] = BLANK,         ['\t'] = SPECIAL, ['\r'] = SPECIAL, [WIKI_LITERAL] = SPECIAL, [WIKI_DROPPED] = SPECIAL,
        [WIKI_BREAK] = SPECIAL};
    struct bytes *line = &lines->line;
    bool dropped = false, first_dropped = false;
    bytes_clear(line);
    for (size_t i = 0; i < text.size;) {
        size_t end = i;
        while (end < text.size) {
            if (end > i && end + WIKI_SCAN_STEP <= text.size && is_tidy(text.data + end)) {
                end += WIKI_SCAN_STEP;
                continue;
            }
            /* A blank before a plain character needs no look of its own. */
            unsigned char kind = class[(unsigned char)text.data[end]];
            bool single = kind == BLANK && end > i && text.data[end - 1] != ' ' && end + 1 < text.size &&
                          !class[(unsigned char)text.data[end + 1]];
            if (kind != PLAIN && !single)
                break;
            end += 1 + single;
        }
        bytes_append(line, text.data + i, end - i);
        if (end < text.size && text.data[end] == WIKI_DROPPED) {
            first_dropped = first_dropped || line->size == 0;
            dropped = true;
            /* "word {{x}}; next" */
            bool closed_up = end + 1 < text.size && text.data[end + 1] && strchr(".,;:)", text.data[end + 1]);
            if (closed_up && line->size > 0 && line->data[line->size - 1] == ' ')
                line->size--;
        } else if (end < text.size && text.data[end] != WIKI_LITERAL && line->size > 0 &&
                   line->data[line->size - 1] != ' ') {
            bytes_append_byte(line, ' ');
        }
        i = end + 1;
    }
    if (dropped)
        wiki_debris_drop(line, first_dropped);
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

static void write_line(struct lines *lines, struct span prefix, bool item) {
    struct bytes *out = lines->out;
    if (out->size > lines->start)
        bytes_append_text(out, lines->paragraph || lines->list != item ? "\n\n" : "\n");
    bytes_append_span(out, prefix);
    bytes_append_span(out, span_of_bytes(&lines->line));
    lines->paragraph = lines->wrapped = false;
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
        write_line(lines, NO_PREFIX, false);
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

/* "colspan="2"" is all that is left of a cell whose text a template would have shown. */
static bool is_attributes(struct span cell) {
    static const char *const names[] = {
        "colspan=", "rowspan=", "style=", "class=", "align=", "valign=", "scope=", "bgcolor=", "width=", "nowrap"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = strlen(names[i]);
        if (cell.size > size && memcmp(cell.data, names[i], size) == 0)
            return !memchr(cell.data, '|', cell.size);
    }
    return false;
}

/* A bar too many at either end. */
static struct span without_bars(struct span cell) {
    while (cell.size > 0 && (cell.data[0] == '|' || cell.data[0] == ' ')) {
        cell.data++;
        cell.size--;
    }
    while (cell.size > 0 && (cell.data[cell.size - 1] == '|' || cell.data[cell.size - 1] == ' '))
        cell.size--;
    return cell;
}

/* A row of a table: its cells divided by bars, empty ones too but for those at the end, so that columns can be told. */
static void take_row(struct lines *lines, struct span row) {
    struct bytes joined = {0};
    size_t bars = 0; /* owed before the next text */
    for (size_t at = 0, end; at < row.size; at = end + 1) {
        const char *stop = memchr(row.data + at, WIKI_CELL, row.size - at);
        end = stop ? (size_t)(stop - row.data) : row.size;
        clean_line(lines, (struct span){row.data + at, end - at});
        struct span cell = without_bars(span_of_bytes(&lines->line));
        bool empty = cell.size == 0 || is_attributes(cell);
        if (empty && at == 0)
            continue; /* what stands before the first cell */
        for (; bars > 0 && !empty; bars--)
            bytes_append_text(&joined, joined.size ? " |" : "|");
        if (!empty && joined.size)
            bytes_append_byte(&joined, ' ');
        if (!empty)
            bytes_append_span(&joined, cell);
        bars++;
    }
    if (has_text(&joined)) {
        bytes_clear(&lines->line);
        bytes_append_span(&lines->line, span_of_bytes(&joined));
        write_headings(lines);
        write_line(lines, NO_PREFIX, false);
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
    write_line(lines, NO_PREFIX, false);
}

/* What stands before a list's item: two blanks for each list around it, then a dash or its number. marks: "*#:". */
static void set_prefix(struct lines *lines, struct span marks) {
    struct bytes *prefix = &lines->prefix;
    char last = marks.data[marks.size - 1];
    /* No deeper than one below the item before, which may have been dropped, or was only indented. */
    size_t depth = marks.size < lines->depth + 1 ? marks.size : lines->depth + 1;
    depth = depth < DEPTH_MAX ? depth : DEPTH_MAX;
    lines->depth = depth;
    bytes_clear(prefix);
    for (size_t i = 1; i < depth; i++)
        bytes_append_text(prefix, "  ");
    for (size_t i = depth; i < DEPTH_MAX; i++)
        lines->numbers[i] = 0;
    if (last == '#')
        bytes_append_format(prefix, "%u. ", ++lines->numbers[depth - 1]);
    else if (last == '*')
        bytes_append_text(prefix, "- ");
    if (last == '*')
        lines->numbers[depth - 1] = 0;
}

/* Chinese and Japanese, which are written without blanks. */
static bool is_east_asian(const char *text, size_t size) {
    return size >= 3 && (unsigned char)text[0] >= 0xE3 && (unsigned char)text[0] <= 0xE9;
}

/* Goes on with the paragraph. */
static void append_wrapped(struct lines *lines) {
    struct bytes *out = lines->out;
    bool closed_up = out->size >= 3 && is_east_asian(out->data + out->size - 3, 3) &&
                     is_east_asian(lines->line.data, lines->line.size);
    if (!closed_up)
        bytes_append_byte(out, ' ');
    bytes_append_span(out, span_of_bytes(&lines->line));
}

/* A paragraph's line or a list's item. What is only indented, or is a definition, is a paragraph. broken: the next line
 * is not part of it. */
static void take_text(struct lines *lines, struct span line, bool broken) {
    size_t depth = 0;
    bool item = false;
    while (depth < line.size && strchr("*#:;", line.data[depth]) && line.data[depth]) {
        item = item || line.data[depth] == '*' || line.data[depth] == '#';
        depth++;
    }
    size_t start = depth;
    while (start < line.size && line.data[start] == ' ')
        start++;
    clean_line(lines, (struct span){line.data + start, line.size - start});
    if (!has_text(&lines->line))
        return;
    bool goes_on = lines->wrapped && !lines->paragraph && depth == 0;
    if (goes_on) {
        append_wrapped(lines);
        lines->wrapped = !broken;
        return;
    }
    write_headings(lines);
    if (item) {
        set_prefix(lines, (struct span){line.data, depth});
    } else {
        memset(lines->numbers, 0, sizeof lines->numbers);
        lines->depth = 0;
        bytes_clear(&lines->prefix);
    }
    write_line(lines, span_of_bytes(&lines->prefix), item);
    lines->wrapped = depth == 0 && !broken;
}

static void take_line(struct lines *lines, struct span line) {
    if (line.size > 0 && line.data[0] == WIKI_VERBATIM) {
        take_verbatim(lines, (struct span){line.data + 1, line.size - 1});
        return;
    }
    line = wiki_trimmed(line);
    bool broken = line.size > 0 && line.data[line.size - 1] == WIKI_BREAK;
    if (broken)
        line = wiki_trimmed((struct span){line.data, line.size - 1});
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
    if (line.data[0] == '|' || line.data[0] == '!' || (line.size >= 4 && memcmp(line.data, "----", 4) == 0)) {
        lines->wrapped = false;
        return;
    }
    take_text(lines, line, broken);
}

/* Begins with a blank, which makes it preformatted: how wikis about programs write code. What else follows the blank
 * was meant as markup. */
static bool is_indented(struct span line) {
    size_t at = 0;
    while (at < line.size && line.data[at] == ' ')
        at++;
    if (at == 0 || at == line.size || strchr("|!*#:;{<", line.data[at]))
        return false;
    for (; at < line.size; at++) {
        if ((unsigned char)line.data[at] <= WIKI_BREAK && line.data[at] != WIKI_LITERAL && line.data[at] != '\t')
            return false;
    }
    return true;
}

static struct span line_at(const struct bytes *text, size_t at) {
    if (at >= text->size)
        return (struct span){"", 0};
    const char *stop = memchr(text->data + at, '\n', text->size - at);
    return (struct span){text->data + at, stop ? (size_t)(stop - text->data) - at : text->size - at};
}

void wikitext_append(struct span wikitext, const struct wikitext_wiki *wiki, struct bytes *out) {
    struct bytes stripped = {0};
    wikitext_strip_markup(wikitext, wiki, &stripped);
    struct lines lines = {.out = out, .start = out->size};
    bool indented = false; /* one line may be so by accident, several are code */
    for (size_t at = 0; at < stripped.size;) {
        struct span line = line_at(&stripped, at);
        at += line.size + 1;
        indented = is_indented(line) && (indented || is_indented(line_at(&stripped, at)));
        if (indented)
            take_verbatim(&lines, (struct span){line.data + 1, line.size - 1});
        else
            take_line(&lines, line);
    }
    bytes_release(&stripped);
    bytes_release(&lines.line);
    bytes_release(&lines.prefix);
    for (size_t level = 0; level < LEVELS; level++)
        bytes_release(&lines.heading[level]);
}
