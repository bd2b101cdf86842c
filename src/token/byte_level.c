/* Owns GPT-2's mapping between bytes and the code points that spell them. Knows nothing of vocabularies. */
#include "token/byte_level.h"

/* Code points stay below U+0144: 188 bytes stand for themselves, 68 for U+0100–0143. */
#define PRINTABLE_COUNT 188
#define CODE_LIMIT (0x100 + BYTE_LEVEL_COUNT - PRINTABLE_COUNT)

static bool byte_is_printable(unsigned byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

/* The bytes that are not printable, in order: 0–32, 127–160, 173. */
static unsigned char unprintable_byte(unsigned index) {
    if (index <= 32)
        return (unsigned char)index;
    return index == 67 ? 173 : (unsigned char)(127 + index - 33);
}

static unsigned code_of_byte(unsigned byte) {
    if (byte_is_printable(byte))
        return byte;
    if (byte == 173)
        return 0x100 + 67;
    return 0x100 + (byte <= 32 ? byte : byte - 127 + 33);
}

unsigned char byte_level_byte(unsigned index) {
    if (index >= PRINTABLE_COUNT)
        return unprintable_byte(index - PRINTABLE_COUNT);
    if (index < 94)
        return (unsigned char)(33 + index);
    return index < 106 ? (unsigned char)(161 + index - 94) : (unsigned char)(174 + index - 106);
}

void byte_level_append(struct bytes *out, struct span data) {
    char *place = bytes_reserve(out, 2 * data.size), *end = place;
    for (size_t i = 0; i < data.size; i++) {
        unsigned code = code_of_byte((unsigned char)data.data[i]);
        if (code >= 0x80) {
            *end++ = (char)(0xC0 | code >> 6);
            code = 0x80 | (code & 0x3F);
        }
        *end++ = (char)code;
    }
    out->size += (size_t)(end - place);
}

bool byte_level_decode(struct span text, struct bytes *out) {
    size_t before = out->size;
    for (size_t i = 0; i < text.size; i++) {
        unsigned code = (unsigned char)text.data[i];
        if (code >= 0x80) {
            unsigned next = i + 1 < text.size ? (unsigned char)text.data[i + 1] : 0;
            if (code < 0xC2 || code > 0xC5 || (next & 0xC0) != 0x80)
                code = CODE_LIMIT;
            else
                code = (code & 0x1F) << 6 | (next & 0x3F);
            i++;
        }
        if (code >= CODE_LIMIT || (code < 0x100 && !byte_is_printable(code))) {
            out->size = before;
            return false;
        }
        bytes_append_byte(out, code < 0x100 ? (char)code : (char)unprintable_byte(code - 0x100));
    }
    return true;
}
