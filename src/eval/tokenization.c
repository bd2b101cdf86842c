/*
 * Tokenization for scores, as sacreBLEU 2 does it, quirks included, since scores compare only under the same one. It
 * owns the rules; n-grams are ngrams.c's. The rules were regular expressions applied one after the other, each match
 * consuming what it read: so are these passes.
 */
#include "eval/tokenization.h"

#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>

#include "text/utf8.h"

const char *const tokenization_names[TOKENIZATION_COUNT + 1] = {"13a", "zh", "intl", "char", "none", NULL};

bool is_python_space(uint32_t code) {
    return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) || code == 0x85 || code == 0xA0 ||
           code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
           code == 0x205F || code == 0x3000;
}

/*
 * sacreBLEU writes Extension B as '\u20000'..'\u2a6d6', which Python reads as two-character strings, so that the range
 * holds the characters U+2001 to U+2A6D instead: Western quotes, dashes and arrows, and not Extension B.
 */
bool is_chinese(uint32_t code) {
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x2001, 0x2A6D}, {0x2E80, 0x2EFF}, {0x2F00, 0x2FDF}, {0x2FF0, 0x303F},
                  {0x3100, 0x312F}, {0x31A0, 0x31BF}, {0x31C0, 0x31EF}, {0x3200, 0x33FF},
                  {0x3400, 0x4DB5}, {0x4E00, 0x9FBB}, {0xF900, 0xFA2D}, {0xFA30, 0xFA6A},
                  {0xFA70, 0xFAD9}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE4F}, {0xFF00, 0xFFEF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

void units_append_words(struct units *units, struct span text) {
    size_t at = 0;
    while (at < text.size) {
        size_t start = at, space = 0;
        while (at < text.size) {
            uint32_t code;
            space = utf8_decode_valid(text.data + at, &code);
            if (is_python_space(code))
                break;
            at += space;
        }
        if (at > start) {
            if (units->text.size)
                bytes_append_byte(&units->text, ' ');
            bytes_append(&units->text, text.data + start, at - start);
            units_append(units, units->text.size - (at - start), units->text.size);
        }
        if (at < text.size)
            at += space;
    }
}

/* ---- the passes of 13a ---- */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_period(char c) {
    return c == '.' || c == ',';
}

/* ASCII punctuation, space included, but for ' , - . and digits and letters. */
static bool stands_apart(char c) {
    return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') ||
           (c >= ':' && c <= '@') || c == '/';
}

static void append_apart(struct bytes *out, struct span piece) {
    bytes_append_byte(out, ' ');
    bytes_append_span(out, piece);
    bytes_append_byte(out, ' ');
}

static void part_symbols(struct span in, struct bytes *out) {
    for (size_t i = 0; i < in.size; i++) {
        if (stands_apart(in.data[i]))
            append_apart(out, (struct span){in.data + i, 1});
        else
            bytes_append_byte(out, in.data[i]);
    }
}

typedef bool byte_test(char c);

static bool is_no_digit(char c) {
    return !is_digit(c);
}

static bool is_dash(char c) {
    return c == '-';
}

/* Where `first` is followed by `second`: "\1 \2 ", or " \1 \2" where before is set. */
static void part_pairs(struct span in, byte_test *first, byte_test *second, bool before, struct bytes *out) {
    for (size_t i = 0; i < in.size; i++) {
        if (i + 1 == in.size || !first(in.data[i]) || !second(in.data[i + 1])) {
            bytes_append_byte(out, in.data[i]);
            continue;
        }
        bytes_append_format(out, before ? " %c " : "%c ", in.data[i]);
        bytes_append_byte(out, in.data[++i]);
        if (!before)
            bytes_append_byte(out, ' ');
    }
}

/* Bytes instead of characters: a multi-byte character is no digit with any of its bytes. */
static void tokenize_western(struct span text, struct units *units) {
    struct bytes one = {0}, two = {0};
    part_symbols(text, &one);
    part_pairs(span_of_bytes(&one), is_no_digit, is_period, false, &two);
    bytes_clear(&one);
    part_pairs(span_of_bytes(&two), is_period, is_no_digit, true, &one);
    bytes_clear(&two);
    part_pairs(span_of_bytes(&one), is_digit, is_dash, false, &two);
    units_append_words(units, span_of_bytes(&two));
    bytes_release(&one);
    bytes_release(&two);
}

/* Appends text with every `from` replaced. */
static void replace(struct span text, const char *from, const char *to, struct bytes *out) {
    size_t size = strlen(from);
    for (size_t i = 0; i < text.size;) {
        if (text.size - i >= size && memcmp(text.data + i, from, size) == 0) {
            bytes_append_text(out, to);
            i += size;
        } else {
            bytes_append_byte(out, text.data[i++]);
        }
    }
}

/* In this order, each over all the text, so that "&amp;lt;" becomes "<". */
static void tokenize_13a(struct span text, struct units *units) {
    static const char *const replacements[][2] = {{"<skipped>", ""}, {"-\n", ""},   {"\n", " "},  {"&quot;", "\""},
                                                  {"&amp;", "&"},    {"&lt;", "<"}, {"&gt;", ">"}};
    struct bytes line = {0}, next = {0};
    bytes_append_span(&line, text);
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++) {
        bytes_clear(&next);
        replace(span_of_bytes(&line), replacements[i][0], replacements[i][1], &next);
        struct bytes swap = line;
        line = next;
        next = swap;
    }
    bytes_clear(&next);
    append_apart(&next, span_of_bytes(&line));
    tokenize_western(span_of_bytes(&next), units);
    bytes_release(&line);
    bytes_release(&next);
}

static void tokenize_zh(struct span text, struct units *units) {
    struct bytes parted = {0};
    uint32_t code;
    for (size_t i = 0, size; i < text.size; i += size) {
        size = utf8_decode_valid(text.data + i, &code);
        if (is_chinese(code))
            append_apart(&parted, (struct span){text.data + i, size});
        else
            bytes_append(&parted, text.data + i, size);
    }
    tokenize_western(span_of_bytes(&parted), units);
    bytes_release(&parted);
}

/* ---- the passes of intl ---- */

static bool has_category(uint32_t code, uint32_t mask) {
    return (U_MASK(u_charType((UChar32)code)) & mask) != 0;
}

/* As part_pairs, for characters: a punctuation mark behind (or before) what is no number. */
static void part_punctuation(struct span in, bool before, struct bytes *out) {
    for (size_t i = 0; i < in.size;) {
        uint32_t first, second = 0;
        size_t size = utf8_decode_valid(in.data + i, &first), next = 0;
        if (i + size < in.size)
            next = utf8_decode_valid(in.data + i + size, &second);
        uint32_t mark = before ? first : second, other = before ? second : first;
        bool match = next && has_category(mark, U_GC_P_MASK) && !has_category(other, U_GC_N_MASK);
        if (match && before)
            bytes_append_byte(out, ' ');
        bytes_append(out, in.data + i, size);
        i += size;
        if (!match)
            continue;
        bytes_append_byte(out, ' ');
        bytes_append(out, in.data + i, next);
        if (!before)
            bytes_append_byte(out, ' ');
        i += next;
    }
}

static void tokenize_intl(struct span text, struct units *units) {
    struct bytes one = {0}, two = {0};
    part_punctuation(text, false, &one);
    part_punctuation(span_of_bytes(&one), true, &two);
    bytes_clear(&one);
    uint32_t code;
    for (size_t i = 0, size; i < two.size; i += size) {
        size = utf8_decode_valid(two.data + i, &code);
        if (has_category(code, U_GC_S_MASK))
            append_apart(&one, (struct span){two.data + i, size});
        else
            bytes_append(&one, two.data + i, size);
    }
    units_append_words(units, span_of_bytes(&one));
    bytes_release(&one);
    bytes_release(&two);
}

static void tokenize_characters(struct span text, struct units *units) {
    for (size_t i = 0, size; i < text.size; i += size) {
        uint32_t code;
        size = utf8_decode_valid(text.data + i, &code);
        units_append_words(units, (struct span){text.data + i, size});
    }
}

static struct span strip_end(struct span text) {
    while (text.size) {
        size_t last = utf8_previous(text.data, text.size);
        uint32_t code;
        utf8_decode_valid(text.data + last, &code);
        if (!is_python_space(code))
            break;
        text.size = last;
    }
    return text;
}

static struct span strip_start(struct span text) {
    while (text.size) {
        uint32_t code;
        size_t size = utf8_decode_valid(text.data, &code);
        if (!is_python_space(code))
            break;
        text.data += size;
        text.size -= size;
    }
    return text;
}

void tokenize(enum tokenization tokenization, struct span segment, struct units *units) {
    units_clear(units);
    segment = strip_end(segment);
    switch (tokenization) {
    case TOKENIZATION_13A:
        tokenize_13a(segment, units);
        break;
    case TOKENIZATION_ZH:
        tokenize_zh(strip_start(segment), units);
        break;
    case TOKENIZATION_INTL:
        tokenize_intl(segment, units);
        break;
    case TOKENIZATION_CHAR:
        tokenize_characters(segment, units);
        break;
    default:
        units_append_words(units, segment);
        break;
    }
}

int append_lower_case(struct span text, struct bytes *out, struct error *error) {
    UErrorCode code = U_ZERO_ERROR;
    UCaseMap *map = ucasemap_open("", 0, &code);
    /* One character becomes at most three (U+0130's lower case has a combining mark). */
    int32_t room = (int32_t)(3 * text.size + 8);
    char *at = bytes_reserve(out, (size_t)room);
    int32_t size = ucasemap_utf8ToLower(map, at, room, text.data, (int32_t)text.size, &code);
    ucasemap_close(map);
    if (U_FAILURE(code))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "lower case: %s", u_errorName(code));
    out->size += (size_t)size;
    return 0;
}
