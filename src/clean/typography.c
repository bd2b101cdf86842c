/*
 * Folding of characters, one at a time: each is removed, or becomes the characters that stand for it, and of those a
 * run may be cut short. Knows nothing of words or languages.
 */
#include "clean/typography.h"

#include <string.h>
#include <unicode/uchar.h>

#include "text/utf8.h"

/* ---- what is asked for ---- */

static const struct {
    const char *name;
    unsigned fold;
} folds[] = {{"quotes", FOLD_QUOTES},
             {"dashes", FOLD_DASHES},
             {"ellipsis", FOLD_ELLIPSIS},
             {"width", FOLD_WIDTH},
             {"punctuation", FOLD_PUNCTUATION}};

/* General categories by their two letters, in the order of ICU's numbers. */
static const char categories[] = "CnLuLlLtLmLoMnMeMcNdNlNoZsZlZpCcCfCoCsPdPsPePcPoSmScSkSoPiPf";

bool typography_is_wanted(const struct typography *typography) {
    return typography->folds || typography->max_repeats || typography->removed || typography->remove_emoji;
}

/* The next name of a list, which *list is moved behind; false at its end. */
static bool next_name(const char **list, struct span *name) {
    if (!*list)
        return false;
    size_t size = strcspn(*list, ",");
    *name = (struct span){*list, size};
    *list = (*list)[size] ? *list + size + 1 : NULL;
    return true;
}

int typography_parse_folds(struct typography *typography, const char *list, struct error *error) {
    for (struct span name; next_name(&list, &name);) {
        size_t i = 0;
        while (i < sizeof folds / sizeof folds[0] && !span_is(name, folds[i].name))
            i++;
        if (i == sizeof folds / sizeof folds[0])
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                             "--fold: no fold '%.*s': there are quotes, dashes, ellipsis, width and punctuation",
                             (int)name.size, name.data);
        typography->folds |= folds[i].fold;
    }
    return 0;
}

/* The categories whose names begin with the name, as a mask; letters and white space may not be removed. */
static uint32_t category_mask(struct span name) {
    uint32_t mask = 0;
    for (size_t i = 0; categories[2 * i] && name.size >= 1 && name.size <= 2; i++)
        if (memcmp(categories + 2 * i, name.data, name.size) == 0)
            mask |= (uint32_t)1 << i;
    return mask & (U_GC_L_MASK | U_GC_Z_MASK) ? 0 : mask;
}

int typography_parse_removed(struct typography *typography, const char *list, struct error *error) {
    for (struct span name; next_name(&list, &name);) {
        uint32_t mask = category_mask(name);
        bool emoji = span_is(name, "emoji");
        if (mask == 0 && !emoji)
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                             "--remove: no class '%.*s': there are emoji and Unicode's general categories but letters "
                             "and white space, such as So, P or Nd",
                             (int)name.size, name.data);
        typography->removed |= mask;
        typography->remove_emoji |= emoji;
    }
    return 0;
}

/* ---- single characters ---- */

static char fold_quote(uint32_t code) {
    switch (code) {
    case 0xB4:
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2039:
    case 0x203A:
        return '\'';
    case 0xAB:
    case 0xBB:
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
        return '"';
    default:
        return 0;
    }
}

/* Hyphen, non-breaking hyphen, figure dash, en dash, minus. */
static bool is_dash(uint32_t code) {
    return (code >= 0x2010 && code <= 0x2013) || code == 0x2212;
}

/* Em dash, horizontal bar. */
static bool is_long_dash(uint32_t code) {
    return code == 0x2014 || code == 0x2015;
}

static bool is_fullwidth_alphanumeric(uint32_t code) {
    return (code >= 0xFF10 && code <= 0xFF19) || (code >= 0xFF21 && code <= 0xFF3A) ||
           (code >= 0xFF41 && code <= 0xFF5A);
}

/* Of full-width ASCII, and of ideographic marks. */
static char fold_punctuation(uint32_t code) {
    if (code == 0x3001)
        return ',';
    if (code == 0x3002 || code == 0xFF61)
        return '.';
    if (code == 0xFF64)
        return ',';
    return code >= 0xFF01 && code <= 0xFF5E && !is_fullwidth_alphanumeric(code) ? (char)(code - 0xFEE0) : 0;
}

static bool is_halfwidth_letter(uint32_t code) {
    return code >= 0xFF65 && code <= 0xFFDC;
}

/* What only emoji sequences have: skin tones, selectors, tags, the keycap, regional letters. */
static bool is_emoji_part(uint32_t code) {
    return code == 0xFE0F || code == 0x20E3 || (code >= 0x1F1E6 && code <= 0x1F1FF) ||
           (code >= 0x1F3FB && code <= 0x1F3FF) || (code >= 0xE0020 && code <= 0xE007F);
}

/* A pictograph that is shown as one: by itself, by the selector behind it, or as the next link of a sequence. */
static bool is_emoji(uint32_t code, uint32_t previous, uint32_t next) {
    if (code == 0x200D)
        return is_emoji_part(previous) || u_hasBinaryProperty((UChar32)previous, UCHAR_EXTENDED_PICTOGRAPHIC);
    if (is_emoji_part(code) || u_hasBinaryProperty((UChar32)code, UCHAR_EMOJI_PRESENTATION))
        return true;
    return (next == 0xFE0F || previous == 0x200D) && u_hasBinaryProperty((UChar32)code, UCHAR_EXTENDED_PICTOGRAPHIC);
}

static bool is_removed(const struct typography *typography, uint32_t code, uint32_t previous, uint32_t next) {
    if (typography->remove_emoji && code >= 0x80 && is_emoji(code, previous, next))
        return true;
    return typography->removed && code != '\n' && code != '\t' &&
           (U_GET_GC_MASK((UChar32)code) & typography->removed) != 0;
}

/* ---- texts ---- */

/* What was written so far. */
struct writer {
    const struct typography *typography;
    struct bytes *out;
    size_t start;
    uint32_t last; /* the last character */
    uint64_t run;  /* how many of it stand there */
};

static void put(struct writer *writer, uint32_t code) {
    uint64_t limit = writer->typography->max_repeats;
    writer->run = code == writer->last ? writer->run + 1 : 1;
    writer->last = code;
    if (limit > 0 && writer->run > limit && (U_GET_GC_MASK((UChar32)code) & (U_GC_P_MASK | U_GC_S_MASK)))
        return;
    utf8_append(writer->out, code);
}

static bool is_blank(uint32_t code) {
    return code == 0 || code == ' ' || code == '\n' || code == '\t';
}

/* A run of em dashes becomes a hyphen with blanks around it; returns the position behind the run. */
static size_t put_long_dash(struct writer *writer, struct span text, size_t at) {
    uint32_t code = 0;
    size_t end = at;
    while (end < text.size) {
        size_t length = utf8_decode_valid(text.data + end, &code);
        if (!is_long_dash(code))
            break;
        end += length;
        code = 0;
    }
    if (!is_blank(writer->last))
        put(writer, ' ');
    put(writer, '-');
    if (!is_blank(code))
        put(writer, ' ');
    return end;
}

/* A run of half-width letters, whose sound marks join them; returns the position behind it. */
static size_t put_halfwidth(struct writer *writer, struct span text, size_t at) {
    struct bytes wide = {0};
    struct error ignored;
    uint32_t code;
    size_t end = at;
    while (end < text.size) {
        size_t length = utf8_decode_valid(text.data + end, &code);
        if (!is_halfwidth_letter(code))
            break;
        end += length;
    }
    struct span run = {text.data + at, end - at};
    if (normalizer_apply(writer->typography->compose, run, &wide, &ignored) > 0)
        run = span_of_bytes(&wide);
    for (size_t i = 0; i < run.size;) {
        i += utf8_decode_valid(run.data + i, &code);
        put(writer, code);
    }
    bytes_release(&wide);
    return end;
}

/* Writes what the character at a position becomes; returns the position behind it. */
static size_t put_folded(struct writer *writer, struct span text, size_t at) {
    unsigned wanted = writer->typography->folds;
    uint32_t code;
    char simple = 0;
    size_t end = at + utf8_decode_valid(text.data + at, &code);
    if (code < 0x80) {
        put(writer, code);
        return end;
    }
    if (wanted & FOLD_WIDTH && is_halfwidth_letter(code))
        return put_halfwidth(writer, text, at);
    if (wanted & FOLD_DASHES && is_long_dash(code))
        return put_long_dash(writer, text, at);
    if (wanted & FOLD_QUOTES)
        simple = fold_quote(code);
    if (!simple && wanted & FOLD_DASHES && is_dash(code))
        simple = '-';
    if (!simple && wanted & FOLD_PUNCTUATION)
        simple = fold_punctuation(code);
    if (!simple && wanted & FOLD_WIDTH && is_fullwidth_alphanumeric(code))
        simple = (char)(code - 0xFEE0);
    bool ellipsis = wanted & FOLD_ELLIPSIS && (code == 0x2026 || code == 0x22EF);
    for (int i = 0; i < (ellipsis ? 3 : 1); i++)
        put(writer, ellipsis ? '.' : simple ? (uint32_t)simple : code);
    return end;
}

bool typography_apply(const struct typography *typography, struct span text, struct bytes *out) {
    struct writer writer = {.typography = typography, .out = out, .start = out->size};
    bool removes = typography->removed || typography->remove_emoji;
    uint32_t previous = 0;
    bytes_reserve(out, text.size);
    for (size_t at = 0; at < text.size;) {
        uint32_t code, next = 0;
        size_t length = utf8_decode_valid(text.data + at, &code);
        if (removes && at + length < text.size)
            utf8_decode_valid(text.data + at + length, &next);
        if (removes && is_removed(typography, code, previous, next))
            at += length;
        else
            at = put_folded(&writer, text, at);
        previous = code;
    }
    if (out->size - writer.start == text.size && memcmp(out->data + writer.start, text.data, text.size) == 0) {
        out->size = writer.start;
        return false;
    }
    return true;
}
