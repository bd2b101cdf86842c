/*
 * Owns how JSON is spelt on output: escapes, numbers, separators. It knows nothing of records and never looks at what a
 * value means.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "find_special counts trailing zeros to find the first byte");

typedef uint8_t block __attribute__((vector_size(16)));

static block load(const unsigned char *data) {
    block bytes;
    memcpy(&bytes, data, sizeof bytes);
    return bytes;
}

/*
 * The offset in the block at data, of which two more bytes can be read, of the first byte that cannot be written as it
 * is; sizeof(block) where there is none. In text those are control characters, quote, backslash and the separators
 * U+0085 (C2 85), U+2028 and U+2029 (E2 80 A8, E2 80 A9); in JSON source the separators alone.
 */
static inline __attribute__((always_inline)) size_t find_in_block(const unsigned char *data, bool source) {
    block first = load(data), hit = (block)((first & 0xDF) == 0xC2); /* C2 or E2 */
    uint64_t half[2];
    if (!source)
        hit |= (block)((first < 0x20) | (first == '"') | (first == '\\'));
    memcpy(half, &hit, sizeof half);
    if ((half[0] | half[1]) == 0)
        return sizeof(block);
    block second = load(data + 1), third = load(data + 2);
    hit =
        (block)(((first == 0xC2) & (second == 0x85)) | ((first == 0xE2) & (second == 0x80) & ((third & 0xFE) == 0xA8)));
    if (!source)
        hit |= (block)((first < 0x20) | (first == '"') | (first == '\\'));
    memcpy(half, &hit, sizeof half);
    if (half[0])
        return (size_t)__builtin_ctzll(half[0]) / 8;
    return 8 + (half[1] ? (size_t)__builtin_ctzll(half[1]) / 8 : 8);
}

/* The same for any number of bytes: the offset, or size. */
static inline __attribute__((always_inline)) size_t find_special(const unsigned char *data, size_t size, bool source) {
    size_t at = 0, found;
    for (; size - at >= sizeof(block) + 2; at += sizeof(block))
        if ((found = find_in_block(data + at, source)) < sizeof(block))
            return at + found;
    /* What is left goes where bytes can be read past its end. */
    unsigned char rest[2 * sizeof(block) + 2];
    memset(rest, ' ', sizeof rest);
    if (size > at)
        memcpy(rest, data + at, size - at);
    for (size_t i = 0; i < size - at; i += sizeof(block))
        if ((found = find_in_block(rest + i, source)) < sizeof(block))
            return at + i + found;
    return size;
}

/* Writes the escape of the special character at data; returns how many bytes of the text it stands for. */
static size_t append_escape(struct bytes *out, const unsigned char *data) {
    static const char hexadecimal[] = "0123456789abcdef";
    static const char letters[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    char *to = bytes_reserve(out, 6);
    unsigned char byte = data[0];
    if (byte == 0xC2 || byte == 0xE2) {
        memcpy(to, byte == 0xC2 ? "\\u0085" : data[2] == 0xA8 ? "\\u2028" : "\\u2029", 6);
        out->size += 6;
        return byte == 0xC2 ? 2 : 3;
    }
    to[0] = '\\';
    if (byte >= 0x20 || letters[byte]) {
        to[1] = byte >= 0x20 ? (char)byte : letters[byte];
        out->size += 2;
        return 1;
    }
    memcpy(to + 1, "u00", 3);
    to[4] = hexadecimal[byte >> 4];
    to[5] = hexadecimal[byte & 15];
    out->size += 6;
    return 1;
}

void json_append_escaped(struct bytes *out, struct span text) {
    const unsigned char *data = (const unsigned char *)text.data, *end = data + text.size;
    while (data < end) {
        size_t plain = find_special(data, (size_t)(end - data), false);
        bytes_append(out, data, plain);
        data += plain;
        if (data < end)
            data += append_escape(out, data);
    }
}

void json_append_string(struct bytes *out, struct span text) {
    bytes_reserve(out, text.size + 2);
    bytes_append_byte(out, '"');
    json_append_escaped(out, text);
    bytes_append_byte(out, '"');
}

void json_append_source(struct bytes *out, struct span source) {
    const unsigned char *data = (const unsigned char *)source.data, *end = data + source.size;
    while (data < end) {
        size_t plain = find_special(data, (size_t)(end - data), true);
        bytes_append(out, data, plain);
        data += plain;
        if (data < end)
            data += append_escape(out, data);
    }
}

/* Removes what JSON does not need from an exponent: 1e+20 becomes 1e20, 1e-07 becomes 1e-7. */
static void shorten_exponent(char *text) {
    char *exponent = strchr(text, 'e');
    if (!exponent)
        return;
    char *to = exponent + 1, *from = to;
    if (*from == '+')
        from++;
    else if (*from == '-')
        *to++ = *from++;
    while (*from == '0')
        from++;
    memmove(to, from, strlen(from) + 1);
}

/*
 * Below a power of two the doubles lie closer than above it, so that its nearest 16 digits can fail to read back where
 * the next ones up do. Writes those; false where they fail too.
 */
static bool print_power_of_two(char *text, size_t size, double number) {
    snprintf(text, size, "%.15e", number);
    char *digit = strchr(text, 'e') - 1;
    while (*digit == '9')
        *digit-- = '0';
    if (*digit < '0' || *digit > '8')
        return false;
    ++*digit;
    return strtod(text, NULL) == number;
}

void json_append_number(struct bytes *out, double number) {
    const double exact = 9007199254740992; /* 2^53 */
    char text[40];
    if (!isfinite(number)) {
        bytes_append_text(out, "null");
        return;
    }
    if (number == 0 && signbit(number)) {
        bytes_append_text(out, "-0.0"); /* many readers take -0 for the integer 0 */
        return;
    }
    if (number == trunc(number) && fabs(number) <= exact) {
        json_append_integer(out, (int64_t)number);
        return;
    }
    /* Up to 15 digits survive the way to a double and back, so if 15 read back equal, %g has cut them to the fewest.
     * Subnormals hold fewer. */
    int precision = fabs(number) < 2.2250738585072014e-308 ? 1 : 15;
    do
        snprintf(text, sizeof text, "%.*g", precision, number);
    while (strtod(text, NULL) != number && ++precision < 17);
    if (precision == 17 && !print_power_of_two(text, sizeof text, number))
        snprintf(text, sizeof text, "%.17g", number);
    shorten_exponent(text);
    bytes_append_text(out, text);
}

void json_append_integer(struct bytes *out, int64_t number) {
    char digits[20], *at = digits + sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--at = '-';
    bytes_append(out, at, (size_t)(digits + sizeof digits - at));
}

void json_append_value(struct bytes *out, const struct json_value *value) {
    switch (value->type) {
    case JSON_NULL:
        bytes_append_text(out, "null");
        break;
    case JSON_FALSE:
        bytes_append_text(out, "false");
        break;
    case JSON_TRUE:
        bytes_append_text(out, "true");
        break;
    case JSON_NUMBER:
        bytes_append_span(out, value->string);
        break;
    case JSON_STRING:
        json_append_string(out, value->string);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        bytes_append_byte(out, value->type == JSON_ARRAY ? '[' : '{');
        for (size_t i = 0; i < value->count; i++) {
            if (i > 0)
                bytes_append_byte(out, ',');
            if (value->type == JSON_OBJECT) {
                json_append_string(out, value->items[i].key);
                bytes_append_byte(out, ':');
            }
            json_append_value(out, &value->items[i]);
        }
        bytes_append_byte(out, value->type == JSON_ARRAY ? ']' : '}');
        break;
    }
}
