/*
 * Mending of ill-formed UTF-8. It knows of JSON only that quotes and escaped line ends divide texts.
 */
#include "clean/broken_utf8.h"

#include <string.h>

#include "clean/codepages.h"
#include "text/utf8.h"

/* More bytes beyond ASCII in a row are no text in Windows-1252: of two-byte encodings or of another alphabet. */
#define LEGACY_RUN_MAX 3

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where a stretch that begins at `at` ends: behind a quote or an escaped line end. */
static size_t stretch_end(struct span line, size_t at) {
    for (; at < line.size; at++) {
        if (line.data[at] == '"')
            return at + 1;
        if (line.data[at] == '\\' && at + 1 < line.size) {
            at++;
            if (line.data[at] == 'n')
                return at + 1;
        }
    }
    return line.size;
}

/* The six bytes of a surrogate pair in CESU-8, or 0. */
static size_t pair_read(struct span rest, uint32_t *code) {
    const unsigned char *p = (const unsigned char *)rest.data;
    if (rest.size < 6 || p[0] != 0xED || p[3] != 0xED || (p[1] & 0xF0) != 0xA0 || (p[4] & 0xF0) != 0xB0 ||
        (p[2] & 0xC0) != 0x80 || (p[5] & 0xC0) != 0x80)
        return 0;
    *code = 0x10000 + ((uint32_t)(p[1] & 0x0F) << 16 | (uint32_t)(p[2] & 0x3F) << 10 | (uint32_t)(p[4] & 0x0F) << 6 |
                       (uint32_t)(p[5] & 0x3F));
    return 6;
}

/* Half a surrogate pair in CESU-8. */
static bool is_half(struct span rest) {
    const unsigned char *p = (const unsigned char *)rest.data;
    return rest.size >= 3 && p[0] == 0xED && (p[1] & 0xE0) == 0xA0 && (p[2] & 0xC0) == 0x80;
}

/* Whether what is ill-formed at the end of a stretch is the front of a sequence: two bytes or more, or Â or Ã, in which
 * no word of Windows-1252 ends. */
static bool is_cut(struct span text, size_t at, size_t length) {
    uint8_t byte = (uint8_t)text.data[at];
    bool last = at + length == text.size || text.data[at + length] == '"';
    return last && (length > 1 || byte == 0xC2 || byte == 0xC3);
}

/* Whether bytes beyond ASCII stand for characters of Windows-1252, and one of them for a sign or beside a letter. */
static bool bytes_are_legacy(struct span text, size_t at, size_t length, bool *sound) {
    for (size_t i = at; i < at + length; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        if (byte < 0xA0 && windows1252_decode(byte) == byte)
            return false;
        *sound |=
            (i > 0 && is_letter(text.data[i - 1])) || (i + 1 < text.size && is_letter(text.data[i + 1])) || byte < 0xC0;
    }
    return true;
}

/* Whether a stretch is text in Windows-1252: no valid sequence in it, no long run of bytes beyond ASCII, none that the
 * code page lacks, and more than one cut sequence. */
static bool is_legacy(struct span text) {
    size_t run = 0, broken = 0;
    bool sound = false, cut = false;
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        size_t length = utf8_decode(text.data + i, text.size - i, &code);
        run = (signed char)text.data[i] >= 0 ? 0 : run + length;
        if (is_half((struct span){text.data + i, text.size - i}))
            return false;
        if (code == UTF8_INVALID) {
            if (!bytes_are_legacy(text, i, length, &sound))
                return false;
            broken++;
            cut = is_cut(text, i, length);
        } else if (code >= 0x80) {
            return false;
        }
        if (run > LEGACY_RUN_MAX)
            return false;
        i += length;
    }
    return sound && (broken > 1 || !cut);
}

static void mend_stretch(struct span text, struct bytes *out) {
    bool legacy = is_legacy(text);
    for (size_t i = 0; i < text.size;) {
        size_t valid = utf8_valid_prefix((struct span){text.data + i, text.size - i});
        bytes_append(out, text.data + i, valid);
        i += valid;
        if (i == text.size)
            break;
        uint32_t code;
        size_t length = legacy ? 0 : pair_read((struct span){text.data + i, text.size - i}, &code);
        if (length > 0) {
            utf8_append(out, code);
        } else if (legacy) {
            length = 1;
            utf8_append(out, windows1252_decode((uint8_t)text.data[i]));
        } else {
            length = utf8_decode(text.data + i, text.size - i, &code);
            utf8_append(out, UTF8_REPLACEMENT);
        }
        i += length;
    }
}

bool broken_utf8_mend(struct span line, struct bytes *out) {
    if (utf8_valid_prefix(line) == line.size)
        return false;
    for (size_t at = 0; at < line.size;) {
        size_t end = stretch_end(line, at);
        mend_stretch((struct span){line.data + at, end - at}, out);
        at = end;
    }
    return true;
}
