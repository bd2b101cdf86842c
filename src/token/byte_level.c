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

/* The code point at `*at`, which moves behind it; CODE_LIMIT for none that spells a byte. */
static unsigned next_code(struct span text, size_t *at) {
    unsigned lead = (unsigned char)text.data[(*at)++];
    if (lead < 0x80)
        return lead;
    unsigned next = *at < text.size ? (unsigned char)text.data[(*at)++] : 0;
    return lead < 0xC2 || lead > 0xC5 || (next & 0xC0) != 0x80 ? CODE_LIMIT : (lead & 0x1F) << 6 | (next & 0x3F);
}

bool byte_level_decode(struct span text, struct bytes *out) {
    char *place = bytes_reserve(out, text.size), *end = place;
    for (size_t at = 0; at < text.size;) {
        unsigned code = next_code(text, &at);
        if (code >= CODE_LIMIT || (code < 0x100 && !byte_is_printable(code)))
            return false;
        *end++ = code < 0x100 ? (char)code : (char)unprintable_byte(code - 0x100);
    }
    out->size += (size_t)(end - place);
    return true;
}
