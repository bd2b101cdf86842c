/*
 * Removal of control and invisible characters. One pass; what stays of the characters that some sequences need depends
 * on the neighbours only.
 */
#include "clean/controls.h"

#include <unicode/uchar.h>

#include "text/utf8.h"

#define ZERO_WIDTH_SPACE 0x200B
#define ZERO_WIDTH_NON_JOINER 0x200C
#define ZERO_WIDTH_JOINER 0x200D
#define MONGOLIAN_VOWEL_SEPARATOR 0x180E
#define BLACK_FLAG 0x1F3F4

/* First bytes of every character that this module may remove. */
static const bool may_begin_invisible[256] = {
    [0x00 ... 0x08] = true,                               /* C0 but tab and line ends */
    [0x0E ... 0x1F] = true, [0x7F] = true, [0xC2] = true, /* C1, soft hyphen */
    [0xD8] = true,                                        /* Arabic letter mark */
    [0xE1] = true,                                        /* Mongolian vowel separator */
    [0xE2] = true,                                        /* U+2000.. */
    [0xEE ... 0xEF] = true,                               /* private use, variation selectors, BOM, specials */
    [0xF0 ... 0xF4] = true,
};

static bool is_between(uint32_t code, uint32_t first, uint32_t last) {
    return code >= first && code <= last;
}

static bool is_variation_selector(uint32_t code) {
    return is_between(code, 0xFE00, 0xFE0F) || is_between(code, 0xE0100, 0xE01EF);
}

static bool is_tag(uint32_t code) {
    return is_between(code, 0xE0020, 0xE007F);
}

/* Invisible wherever it stands. */
static bool is_always_invisible(uint32_t code) {
    if (code < 0xA0)
        return code != 0x85; /* a line end; other lines ends and the tab never get here */
    return code == 0xAD || code == 0x61C || is_between(code, 0x200E, 0x200F) || is_between(code, 0x202A, 0x202E) ||
           is_between(code, 0x2060, 0x206F) || code == 0xFEFF || is_between(code, 0xFFF9, 0xFFFC) ||
           is_between(code, 0xFDD0, 0xFDEF) || is_between(code, 0xE000, 0xF8FF) || code >= 0xF0000 ||
           (code & 0xFFFE) == 0xFFFE || code == 0xE0001;
}

/* Scripts whose letters join, stack or change shape: Arabic and its neighbours, those of India and South-East Asia,
 * Mongolian. */
static bool is_shaping_script(uint32_t code) {
    return is_between(code, 0x600, 0x109F) || is_between(code, 0x1700, 0x18AF) || is_between(code, 0x1900, 0x1CFF) ||
           is_between(code, 0xA800, 0xABFF) || is_between(code, 0xFB50, 0xFDCF) || is_between(code, 0xFDF0, 0xFDFF) ||
           is_between(code, 0xFE70, 0xFEFC) || is_between(code, 0x10A00, 0x11FFF) || is_between(code, 0x1E900, 0x1E95F);
}

/* Scripts that mark word breaks with zero-width spaces: Thai, Lao, Tibetan, Burmese, Khmer and their neighbours. */
static bool is_break_marking_script(uint32_t code) {
    return is_between(code, 0xE00, 0x109F) || is_between(code, 0x1780, 0x17FF) || is_between(code, 0x1950, 0x1AAF) ||
           is_between(code, 0xA980, 0xAADF);
}

static bool is_pictographic(uint32_t code) {
    return u_hasBinaryProperty((UChar32)code, UCHAR_EXTENDED_PICTOGRAPHIC);
}

/* What may stand before the joiner of an emoji sequence: a pictograph, its skin tone, or its variation selector. */
static bool may_be_joined(uint32_t code) {
    return is_pictographic(code) || code == 0xFE0F || is_between(code, 0x1F3FB, 0x1F3FF);
}

/* What a variation selector may follow: a character with a variation, which letters of alphabets have not. */
static bool may_vary(uint32_t code, uint32_t selector) {
    if (selector >= 0xE0100)
        return u_hasBinaryProperty((UChar32)code, UCHAR_IDEOGRAPHIC);
    if (selector >= 0xFE0E)
        return u_hasBinaryProperty((UChar32)code, UCHAR_EMOJI) || is_pictographic(code);
    return code >= 0x1000 && !is_variation_selector(code) && !u_isspace((UChar32)code);
}

/* `before` is the last character kept, `after` the next one in the text; 0 at the ends. */
static bool is_kept(uint32_t code, uint32_t before, uint32_t after, bool in_tags) {
    if (code == ZERO_WIDTH_SPACE)
        return is_break_marking_script(before) && is_break_marking_script(after);
    if (code == ZERO_WIDTH_NON_JOINER)
        return is_shaping_script(before);
    if (code == ZERO_WIDTH_JOINER)
        return is_shaping_script(before) || (may_be_joined(before) && is_pictographic(after));
    if (code == MONGOLIAN_VOWEL_SEPARATOR)
        return is_between(before, 0x1800, 0x18AF) && is_between(after, 0x1800, 0x18AF);
    if (is_variation_selector(code))
        return may_vary(before, code);
    if (is_tag(code))
        return in_tags && (before == BLACK_FLAG || is_tag(before));
    return !is_always_invisible(code);
}

bool controls_may_remove(uint32_t code) {
    if (code == '\t' || (code >= '\n' && code <= '\r') || (code >= 0x20 && code < 0x7F))
        return false;
    return is_always_invisible(code) || code == ZERO_WIDTH_SPACE || code == ZERO_WIDTH_NON_JOINER ||
           code == ZERO_WIDTH_JOINER || code == MONGOLIAN_VOWEL_SEPARATOR || is_variation_selector(code) ||
           is_tag(code);
}

/* True where a flag's tags at data end properly: U+1F3F4, tags, U+E007F. */
static bool flag_is_sound(struct span rest) {
    uint32_t code = 0;
    size_t i = 0, tags = 0;
    while (i < rest.size && tags <= 8) {
        i += utf8_decode_valid(rest.data + i, &code);
        if (!is_tag(code))
            return false;
        if (code == 0xE007F)
            return tags > 0;
        tags++;
    }
    return false;
}

bool controls_remove(struct span text, struct bytes *out) {
    size_t copied = 0;
    uint32_t before = 0; /* last kept character, where before_end says it was decoded; else found when needed */
    size_t before_end = 0;
    bool in_tags = false, removed = false;
    for (size_t i = 0; (i = utf8_find(text, i, may_begin_invisible)) < text.size;) {
        uint32_t code, after = 0;
        size_t length = utf8_decode_valid(text.data + i, &code);
        if (before_end != i)
            utf8_decode_valid(text.data + utf8_previous(text.data, i), &before);
        if (i + length < text.size)
            utf8_decode_valid(text.data + i + length, &after);
        if (code == BLACK_FLAG)
            in_tags = flag_is_sound((struct span){text.data + i + length, text.size - i - length});
        if (is_kept(code, before, after, in_tags)) {
            before = code;
        } else {
            bytes_append(out, text.data + copied, i - copied);
            copied = i + length;
            removed = true;
        }
        i += length;
        before_end = i;
    }
    if (removed)
        bytes_append(out, text.data + copied, text.size - copied);
    return removed;
}
