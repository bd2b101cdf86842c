/*
 * Finding and decoding character references.
 */
#include "text/html_entities.h"

#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

/* What the numbers 128 to 159 mean: the characters of Windows-1252, where it has one. */
static const uint16_t WINDOWS[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                     0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                     0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                     0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

static bool is_digit(char byte) {
    return (unsigned char)(byte - '0') < 10;
}

static bool is_alphanumeric(char byte) {
    return is_digit(byte) || (unsigned char)((byte | 0x20) - 'a') < 26;
}

static int compare(const void *key, const void *entry) {
    const struct span *name = key;
    const char *other = ((const struct html_entity *)entry)->name;
    int order = strncmp(name->data, other, name->size);
    return order ? order : other[name->size] ? -1 : 0;
}

const struct html_entity *html_entity_find(struct span name) {
    if (name.size == 0 || memchr(name.data, '\0', name.size))
        return NULL;
    return bsearch(&name, html_entity_table, html_entity_count, sizeof html_entity_table[0], compare);
}

/* "&#…" at the start of text: its size, 0 where no digit follows. */
static size_t read_number(struct span text, uint32_t *code) {
    bool hexadecimal = text.size > 2 && (text.data[2] | 0x20) == 'x';
    size_t i = hexadecimal ? 3 : 2, first = i;
    uint32_t value = 0;
    for (; i < text.size; i++) {
        char byte = text.data[i];
        bool letter = (unsigned char)((byte | 0x20) - 'a') < 6;
        if (!is_digit(byte) && !(hexadecimal && letter))
            break;
        uint32_t digit = (uint32_t)(letter ? (byte | 0x20) - 'a' + 10 : byte - '0');
        if (value < 0x110000)
            value = value * (hexadecimal ? 16 : 10) + digit;
    }
    if (i == first)
        return 0;
    if (value >= 0x80 && value < 0xA0)
        value = WINDOWS[value - 0x80];
    *code = value == 0 || value >= 0x110000 || (value >= 0xD800 && value < 0xE000) ? UTF8_REPLACEMENT : value;
    return i + (i < text.size && text.data[i] == ';');
}

/* "&name;" or "&name" at the start of text: its size, 0 for none; the longest name wins. */
static size_t read_name(struct span text, bool attribute, const struct html_entity **entity) {
    size_t size = 1;
    while (size < text.size && size <= HTML_ENTITY_NAME_MAX && is_alphanumeric(text.data[size]))
        size++;
    if (size < text.size && text.data[size] == ';') {
        *entity = html_entity_find((struct span){text.data + 1, size - 1});
        if (*entity)
            return size + 1;
    }
    for (; size > 2; size--) {
        *entity = html_entity_find((struct span){text.data + 1, size - 1});
        if (!*entity || !(*entity)->bare)
            continue;
        bool in_address = attribute && size < text.size && (text.data[size] == '=' || is_alphanumeric(text.data[size]));
        return in_address ? 0 : size;
    }
    return 0;
}

/* Writes what stands at the start of text, an "&", and returns its size. */
static size_t decode_reference(struct span text, bool attribute, char **out) {
    uint32_t code;
    const struct html_entity *entity;
    size_t size = 0;
    if (text.size > 1 && text.data[1] == '#') {
        size = read_number(text, &code);
        if (size)
            *out += utf8_encode(code, *out);
    } else {
        size = read_name(text, attribute, &entity);
        for (size_t i = 0; size && i < 2 && entity->codes[i]; i++)
            *out += utf8_encode(entity->codes[i], *out);
    }
    if (size)
        return size;
    *(*out)++ = '&';
    return 1;
}

size_t html_entities_decode(struct span text, bool attribute, char *out) {
    const char *start = out;
    for (size_t at = 0; at < text.size;) {
        const char *reference = memchr(text.data + at, '&', text.size - at);
        size_t plain = (reference ? (size_t)(reference - text.data) : text.size) - at;
        memcpy(out, text.data + at, plain);
        out += plain;
        at += plain;
        if (reference)
            at += decode_reference((struct span){text.data + at, text.size - at}, attribute, &out);
    }
    return (size_t)(out - start);
}
