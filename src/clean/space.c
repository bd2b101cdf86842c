/*
 * White space. A scan finds whether anything is to be done, which for most text it is not; then one pass rewrites.
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

/* True where text holds any white space but tab, space and LF. */
static bool has_odd_space(struct span text) {
    for (size_t i = 0; (i = utf8_find(text, i, may_begin_space)) < text.size;) {
        size_t length;
        if (space_read(text.data + i, text.size - i, &length) != SPACE_NONE)
            return true;
        i += length;
    }
    return false;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* True where lines have blanks at their ends, or blank lines stand in runs or at the text's ends. */
static bool has_untidy_lines(struct span text) {
    const char *at = text.data, *end = text.data + text.size;
    if (text.size == 0)
        return false;
    if (end[-1] == '\n' || is_blank(end[-1]) || *at == '\n')
        return true;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (at > text.data && is_blank(at[-1]))
            return true;
        if (end - at > 2 && at[1] == '\n' && at[2] == '\n')
            return true;
        at++;
    }
    return false;
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

bool space_tidy(struct span text, struct bytes *out) {
    size_t start = out->size, copied = 0;
    if (!has_odd_space(text) && !has_untidy_lines(text))
        return false;
    for (size_t i = 0; i < text.size;) {
        unsigned char byte = (unsigned char)text.data[i];
        size_t length = 1;
        int kind = byte == '\n' ? SPACE_LINE_END : SPACE_NONE;
        if (may_begin_space[byte])
            kind = space_read(text.data + i, text.size - i, &length);
        if (kind != SPACE_NONE) {
            bytes_append(out, text.data + copied, i - copied);
            copied = i + length;
            if (kind == SPACE_BLANK)
                bytes_append_byte(out, ' ');
            else
                line_end(out, start);
        }
        i += length;
    }
    bytes_append(out, text.data + copied, text.size - copied);
    while (out->size > start && (is_blank(out->data[out->size - 1]) || out->data[out->size - 1] == '\n'))
        out->size--;
    return true;
}
