/* Plants faults in valid UTF-8; what comes out is valid UTF-8 again. Knows nothing of formats. */
#include "damage.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/memory.h"

static void append_code_point(struct bytes *out, unsigned code) {
    if (code < 0x80) {
        bytes_append_byte(out, (char)code);
    } else if (code < 0x800) {
        bytes_append_byte(out, (char)(0xC0 | code >> 6));
        bytes_append_byte(out, (char)(0x80 | (code & 0x3F)));
    } else {
        bytes_append_byte(out, (char)(0xE0 | code >> 12));
        bytes_append_byte(out, (char)(0x80 | (code >> 6 & 0x3F)));
        bytes_append_byte(out, (char)(0x80 | (code & 0x3F)));
    }
}

/* Reads each byte as a Windows-1252 character (WHATWG's table: the five holes are C1 controls). */
static void misread(struct span text, struct bytes *out) {
    static const unsigned high[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                      0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                      0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                      0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        append_code_point(out, byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : byte);
    }
}

static void decompose(struct span text, struct bytes *out) {
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = 0, capacity = (int32_t)text.size * 4 + 1;
    UChar *wide = memory_zeroed((size_t)capacity, sizeof *wide),
          *normal = memory_zeroed((size_t)capacity, sizeof *normal);
    u_strFromUTF8(wide, capacity, &size, text.data, (int32_t)text.size, &status);
    size = unorm2_normalize(unorm2_getNFDInstance(&status), wide, size, normal, capacity, &status);
    int32_t bytes = 0;
    u_strToUTF8(bytes_reserve(out, (size_t)size * 3), size * 3, &bytes, normal, size, &status);
    if (U_SUCCESS(status))
        out->size += (size_t)bytes;
    free(wide);
    free(normal);
}

static bool starts_character(char byte) {
    return ((unsigned char)byte & 0xC0) != 0x80;
}

/* Every ninth character or so gets something that is not seen. */
static void hide(struct span text, struct bytes *out) {
    size_t since = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (starts_character(text.data[i]) && ++since % 9 == 0)
            bytes_append_text(out, since % 2 ? "\xE2\x80\x8B" : "\xC2\xAD");
        bytes_append_byte(out, text.data[i]);
    }
}

static void replace_spaces(struct span text, struct bytes *out) {
    static const char *const spaces[] = {"\xC2\xA0", " ", "\xE2\x80\xAF", "\xE2\x80\x83", "\xE3\x80\x80"};
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == ' ')
            bytes_append_text(out, spaces[count++ % 5]);
        else
            bytes_append_byte(out, text.data[i]);
}

static void leave_entities(struct span text, struct bytes *out) {
    size_t spaces = 0;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '\'')
            bytes_append_text(out, "&#39;");
        else if (text.data[i] == ' ' && ++spaces % 4 == 0)
            bytes_append_text(out, "&nbsp;");
        else if (i + 1 < text.size && memcmp(text.data + i, "\xC3\xA9", 2) == 0) {
            bytes_append_text(out, "&eacute;");
            i++;
        } else
            bytes_append_byte(out, text.data[i]);
    bytes_append_text(out, "&nbsp;");
}

static void return_carriage(struct span text, struct bytes *out) {
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\n')
            bytes_append_byte(out, '\r');
        bytes_append_byte(out, text.data[i]);
    }
}

void damage_text(enum damage damage, struct span text, struct bytes *out) {
    struct bytes once = {0};
    switch (damage) {
    case DAMAGE_MOJIBAKE:
        misread(text, out);
        break;
    case DAMAGE_MOJIBAKE_DOUBLE:
        misread(text, &once);
        misread(span_of_bytes(&once), out);
        bytes_release(&once);
        break;
    case DAMAGE_DECOMPOSED:
        decompose(text, out);
        break;
    case DAMAGE_INVISIBLE:
        hide(text, out);
        break;
    case DAMAGE_SPACES:
        replace_spaces(text, out);
        break;
    case DAMAGE_ENTITIES:
        leave_entities(text, out);
        break;
    case DAMAGE_CRLF:
    case DAMAGE_COUNT:
        return_carriage(text, out);
        break;
    }
}

void damage_some(struct sample *sample, unsigned per_thousand, struct bytes *text) {
    if (random_below(&sample->random, 1000) >= per_thousand)
        return;
    struct bytes damaged = {0};
    damage_text((enum damage)random_below(&sample->random, DAMAGE_COUNT), span_of_bytes(text), &damaged);
    bytes_release(text);
    *text = damaged;
}
