/*
 * UTF-8 decoding, validation and repair. Knows code points and bytes, nothing of what characters mean.
 */
#include "text/utf8.h"

#include "base/simdjson_c.h"

#include <string.h>

/* The lowest and highest second byte that may follow a lead byte; other continuation bytes are always 80..BF (table
 * 3-7). */
static void second_byte_range(unsigned char lead, unsigned char *low, unsigned char *high) {
    *low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    *high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
}

size_t utf8_decode(const char *data, size_t size, uint32_t *code) {
    const unsigned char *p = (const unsigned char *)data;
    unsigned char lead = p[0], low, high;
    size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (length == 1) {
        *code = lead;
        return 1;
    }
    *code = UTF8_INVALID;
    if (length == 0)
        return 1;
    second_byte_range(lead, &low, &high);
    if (size < 2 || p[1] < low || p[1] > high)
        return 1;
    for (size_t i = 2; i < length; i++)
        if (i >= size || (p[i] & 0xC0) != 0x80)
            return i;
    return utf8_decode_valid(data, code);
}

size_t utf8_previous(const char *data, size_t end) {
    do
        end--;
    while (end > 0 && ((unsigned char)data[end] & 0xC0) == 0x80);
    return end;
}

size_t utf8_encode(uint32_t code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

void utf8_append(struct bytes *out, uint32_t code) {
    char *end = bytes_reserve(out, 4);
    out->size += utf8_encode(code, end);
}

/* Bytes below 0x80 from the start, eight at a time. */
static size_t ascii_prefix(const char *data, size_t size) {
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, data + i, 8);
        word &= 0x8080808080808080U;
        if (word) /* the first bit says which byte: the end of a loop over them, nothing would foresee */
            return i + (size_t)__builtin_ctzll(word) / 8;
    }
    while (i < size && (signed char)data[i] >= 0)
        i++;
    return i;
}

size_t utf8_valid_prefix(struct span text) {
    size_t i = 0;
    /* Long texts are mostly valid, which simdjson sees with vectors. */
    if (text.size >= 64 && simdjson_is_utf8(text.data, text.size))
        return text.size;
    for (;;) {
        i += ascii_prefix(text.data + i, text.size - i);
        while (i < text.size && (signed char)text.data[i] < 0) {
            uint32_t code;
            size_t length = utf8_decode(text.data + i, text.size - i, &code);
            if (code == UTF8_INVALID)
                return i;
            i += length;
        }
        if (i >= text.size)
            return text.size;
    }
}

uint64_t utf8_repair(struct span text, struct bytes *out) {
    uint64_t replaced = 0;
    while (text.size > 0) {
        size_t valid = utf8_valid_prefix(text);
        bytes_append(out, text.data, valid);
        text.data += valid;
        text.size -= valid;
        if (text.size == 0)
            break;
        uint32_t code;
        size_t length = utf8_decode(text.data, text.size, &code);
        utf8_append(out, UTF8_REPLACEMENT);
        replaced++;
        text.data += length;
        text.size -= length;
    }
    return replaced;
}

size_t utf8_find(struct span text, size_t from, const bool wanted[256]) {
    size_t i = from;
    while (i < text.size) {
        if (i + 8 <= text.size && utf8_block_is_plain(text.data + i)) {
            i += 8;
            continue;
        }
        size_t end = i + 8 < text.size ? i + 8 : text.size;
        while (i < end && !wanted[(unsigned char)text.data[i]])
            i++;
        if (i < end)
            return i;
    }
    return text.size;
}

bool utf8_is_ascii(struct span text) {
    return ascii_prefix(text.data, text.size) == text.size;
}

size_t utf8_ascii_end(struct span text, size_t from) {
    return from + ascii_prefix(text.data + from, text.size - from);
}

typedef int8_t block __attribute__((vector_size(16)));

size_t utf8_length(struct span text) {
    size_t length = 0, i = 0;
    while (text.size - i >= sizeof(block)) {
        block starts = {0}, bytes; /* of code points, by lane; a lane holds no more than 127 */
        for (size_t round = 0; round < 127 && text.size - i >= sizeof(block); round++, i += sizeof(block)) {
            memcpy(&bytes, text.data + i, sizeof bytes);
            starts -= bytes > -65; /* true is -1 */
        }
        for (size_t lane = 0; lane < sizeof(block); lane++)
            length += (size_t)starts[lane];
    }
    for (; i < text.size; i++)
        length += (signed char)text.data[i] > -65;
    return length;
}
