/*
 * Decoding of HTML character references that were left in text. Unlike text/html_entities.h it wants the semicolon, and
 * leaves what is no character alone.
 */
#include "clean/entities.h"

#include <string.h>

#include "clean/codepages.h"
#include "text/html_entities.h"
#include "text/utf8.h"

#define PASSES_MAX 8

static bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int digit_value(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 16;
}

/* True where a tag, a closing tag or a comment begins in text. */
static bool holds_tags(struct span text) {
    const char *at = text.data, *end = text.data + text.size;
    while ((at = memchr(at, '<', (size_t)(end - at))) != NULL) {
        at++;
        if (at < end && (is_alpha(*at) || *at == '/' || *at == '!'))
            return true;
    }
    return false;
}

/* Reads "&#...;" at the start of text: its size, or 0 where it is none that can be decoded. */
static size_t number_read(struct span text, uint32_t *code) {
    size_t i = 2;
    int base = i < text.size && (text.data[i] == 'x' || text.data[i] == 'X') ? 16 : 10;
    uint32_t value = 0;
    if (base == 16)
        i++;
    size_t first = i;
    for (; i < text.size && digit_value(text.data[i]) < base && value < 0x110000; i++)
        value = value * (uint32_t)base + (uint32_t)digit_value(text.data[i]);
    if (i == first || i >= text.size || text.data[i] != ';')
        return 0;
    if (value == 0 || value >= 0x110000 || (value >= 0xD800 && value < 0xE000))
        return 0;
    *code = value < 0x100 ? windows1252_decode((uint8_t)value) : value; /* as HTML reads 128 to 159 */
    return i + 1;
}

/* Reads "&name;" or "&#number;" at the start of text: its size, or 0. */
static size_t reference_read(struct span text, uint32_t *code) {
    size_t i = 1;
    if (text.size >= 4 && text.data[1] == '#')
        return number_read(text, code);
    while (i < text.size && i <= HTML_ENTITY_NAME_MAX && (is_alpha(text.data[i]) || digit_value(text.data[i]) < 10))
        i++;
    if (i == 1 || i >= text.size || text.data[i] != ';')
        return 0;
    /* The few names of two characters are rare signs of mathematics, and stay. */
    const struct html_entity *entity = html_entity_find((struct span){text.data + 1, i - 1});
    if (!entity || entity->codes[1])
        return 0;
    *code = entity->codes[0];
    return i + 1;
}

/* Reads a reference whose ampersand may itself be written as one, "&amp;amp;eacute;", to any depth: its size, or 0. */
static size_t nested_read(struct span text, uint32_t *code) {
    size_t skip = 0;
    while (text.size - skip >= 5 && memcmp(text.data + skip + 1, "amp;", 4) == 0)
        skip += 4;
    size_t size = reference_read((struct span){text.data + skip, text.size - skip}, code);
    if (size > 0)
        return skip + size;
    *code = '&';
    return skip > 0 ? skip + 1 : 0;
}

/* One pass; false, with nothing appended, where nothing changes. */
static bool decode_once(struct span text, struct bytes *out) {
    size_t copied = 0, at = 0;
    const char *ampersand;
    while (at < text.size && (ampersand = memchr(text.data + at, '&', text.size - at)) != NULL) {
        uint32_t code;
        at = (size_t)(ampersand - text.data);
        size_t size = nested_read((struct span){ampersand, text.size - at}, &code);
        if (size > 0) {
            bytes_append(out, text.data + copied, at - copied);
            utf8_append(out, code);
            copied = at + size;
        }
        at += size > 0 ? size : 1;
    }
    if (copied > 0)
        bytes_append(out, text.data + copied, text.size - copied);
    return copied > 0;
}

bool entities_decode(struct span text, struct bytes *out) {
    struct bytes next = {0};
    size_t start = out->size;
    if (holds_tags(text) || !decode_once(text, out))
        return false;
    /* "&#38;lt;" takes a second pass. The bound keeps hostile nesting from taking time quadratic in its size. */
    for (int i = 0; i < PASSES_MAX; i++) {
        struct span decoded = {out->data + start, out->size - start};
        bytes_clear(&next);
        if (holds_tags(decoded) || !decode_once(decoded, &next))
            break;
        out->size = start;
        bytes_append_span(out, span_of_bytes(&next));
    }
    bytes_release(&next);
    return true;
}
