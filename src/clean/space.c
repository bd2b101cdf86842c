/*
 * White space, in one pass from one line end or odd space to the next. Most text that comes here needs it (survey.h).
 */
#include "clean/space.h"

#include <string.h>

#include "text/utf8.h"

enum { SPACE_NONE, SPACE_BLANK, SPACE_LINE_END };

static int space_kind(uint32_t code) {
    if (code == '\v' || code == '\f' || code == '\r' || code == 0x85 || code == 0x2028 || code == 0x2029)
        return SPACE_LINE_END;
    return code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x202F || code == 0x205F ||
                   code == 0x3000
               ? SPACE_BLANK
               : SPACE_NONE;
}

bool space_is_odd(uint32_t code) {
    return space_kind(code) != SPACE_NONE;
}

/* Reads the white space character at data (which is neither tab nor space nor LF): its kind, and its size in *length.
 */
static int space_read(const char *data, size_t size, size_t *length) {
    uint32_t code;
    *length = utf8_decode_valid(data, &code);
    if (code == '\r' && size > 1 && data[1] == '\n')
        *length = 2;
    return space_kind(code);
}

/* First bytes of white space but tab, space and LF. */
static const bool may_begin_space[256] = {
    ['\v'] = true, ['\f'] = true, ['\r'] = true, [0xC2] = true, [0xE1] = true, [0xE2] = true, [0xE3] = true,
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Ends a line in out: removes the blanks before the end, and keeps at most one blank line in a row and none at the
 * start. */
static void line_end(struct bytes *out, size_t start) {
    while (out->size > start && is_blank(out->data[out->size - 1]))
        out->size--;
    size_t size = out->size - start;
    if (size == 0 || (size >= 2 && out->data[out->size - 1] == '\n' && out->data[out->size - 2] == '\n'))
        return;
    bytes_append_byte(out, '\n');
}

/* The next white space at or after a position that is no tab, space or LF: its position (text.size where there is
 * none), its kind, and its size in *length. */
static size_t find_odd_space(struct span text, size_t at, int *kind, size_t *length) {
    while ((at = utf8_find(text, at, may_begin_space)) < text.size) {
        *kind = space_read(text.data + at, text.size - at, length);
        if (*kind != SPACE_NONE)
            return at;
        at += *length;
    }
    return text.size;
}

static size_t find_newline(struct span text, size_t at) {
    const char *newline = at < text.size ? memchr(text.data + at, '\n', text.size - at) : NULL;
    return newline ? (size_t)(newline - text.data) : text.size;
}

bool space_tidy(struct span text, struct bytes *out) {
    size_t start = out->size, at = 0, odd_length = 0;
    int odd_kind = SPACE_NONE;
    size_t newline = find_newline(text, 0), odd = find_odd_space(text, 0, &odd_kind, &odd_length);
    bytes_reserve(out, text.size);
    while (at < text.size) {
        bool is_newline = newline < odd;
        size_t next = is_newline ? newline : odd;
        bytes_append(out, text.data + at, next - at);
        at = next;
        if (at == text.size)
            break;
        if (is_newline || odd_kind == SPACE_LINE_END)
            line_end(out, start);
        else
            bytes_append_byte(out, ' ');
        at += is_newline ? 1 : odd_length;
        if (newline < at)
            newline = find_newline(text, at);
        if (odd < at)
            odd = find_odd_space(text, at, &odd_kind, &odd_length);
    }
    while (out->size > start && (is_blank(out->data[out->size - 1]) || out->data[out->size - 1] == '\n'))
        out->size--;
    if (out->size - start < text.size || memcmp(out->data + start, text.data, text.size) != 0)
        return true;
    out->size = start;
    return false;
}
