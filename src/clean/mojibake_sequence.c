/*
 * Reading of sequences, and what neighbours say of them. Good text holds such sequences too (É… or Brontë”), so each is
 * weighed by its neighbours: what is `certain` cannot be good text, and only where something certain stands in the text
 * is the merely `likely` repaired as well.
 */
#include "clean/mojibake_sequence.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "text/utf8.h"

/* ---- reading ---- */

/* Reads tails into bytes[1..]; returns the position behind them, 0 where they are none. */
static size_t tails_read(const struct codepages *pages, enum codepage page, struct span text, size_t at, bool damaged,
                         struct sequence *s, char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t code;
        if (at >= text.size)
            return 0;
        at += utf8_decode_valid(text.data + at, &code);
        uint8_t byte = code < 0x80 ? 0 : codepage_byte(pages, page, code);
        if (damaged && code == UTF8_REPLACEMENT) {
            s->lossy = true;
            byte = 0x80;
        } else if (damaged && code == ' ' && count > 1 && page < CODEPAGE_MACINTOSH) {
            s->spaced = true;
            byte = 0xA0;
        }
        if (byte < 0x80 || byte >= 0xC0)
            return 0;
        s->tail[s->tails++] = code;
        bytes[i] = (char)byte;
    }
    return at;
}

/* The second half of a surrogate pair in CESU-8, which begins at `at`. */
static size_t pair_read(const struct codepages *pages, enum codepage page, struct span text, size_t at,
                        struct sequence *s, const char *high) {
    char low[2];
    uint32_t lead;
    if (at >= text.size)
        return 0;
    at += utf8_decode_valid(text.data + at, &lead);
    if (codepage_byte(pages, page, lead) != 0xED)
        return 0;
    s->tail[s->tails++] = lead;
    at = tails_read(pages, page, text, at, false, s, low, 2);
    if (at == 0 || (uint8_t)low[0] < 0xB0)
        return 0;
    s->code = 0x10000 + ((uint32_t)(high[0] & 0x0F) << 16 | (uint32_t)(high[1] & 0x3F) << 10 |
                         (uint32_t)(low[0] & 0x0F) << 6 | (uint32_t)(low[1] & 0x3F));
    return at;
}

bool sequence_read(const struct codepages *pages, enum codepage page, struct span text, size_t at, bool damaged,
                   struct sequence *s) {
    char bytes[4];
    *s = (struct sequence){0};
    size_t end = at + utf8_decode_valid(text.data + at, &s->lead);
    if (s->lead < 0x80 || (s->lead < CODEPAGE_CHARACTERS && !(pages->leads[s->lead] >> page & 1)))
        return false;
    s->first = codepage_byte(pages, page, s->lead);
    if (s->first < 0xC2 || s->first > 0xF4)
        return false;
    bytes[0] = (char)s->first;
    size_t count = s->first < 0xE0 ? 1 : s->first < 0xF0 ? 2 : 3;
    end = tails_read(pages, page, text, end, damaged, s, bytes + 1, count);
    if (end == 0 || (s->lossy && s->spaced))
        return false;
    /* Of bytes that programs lose, Windows-1252 lacking them, the closing quote's is the one in use. */
    bool quote = s->first == 0xE2 && bytes[1] == (char)0x80 && s->tail[0] != UTF8_REPLACEMENT;
    s->code = s->lossy && quote ? 0x201D : UTF8_REPLACEMENT;
    if (s->first == 0xED && (uint8_t)bytes[1] >= 0xA0 && (uint8_t)bytes[1] < 0xB0 && !s->lossy && !s->spaced)
        end = pair_read(pages, page, text, end, s, bytes + 1);
    else if (!s->lossy)
        utf8_decode(bytes, count + 1, &s->code);
    if (end == 0 || s->code == UTF8_INVALID)
        return false;
    s->size = end - at;
    int8_t type = u_charType((UChar32)s->code);
    return type != U_UNASSIGNED && type != U_PRIVATE_USE_CHAR && (type != U_CONTROL_CHAR || page == CODEPAGE_1252);
}

/* ---- neighbours ---- */

static bool is_capital(uint32_t code) {
    return u_isUUppercase((UChar32)code);
}

static bool is_small(uint32_t code) {
    return u_isULowercase((UChar32)code);
}

static bool is_c1(uint32_t code) {
    return code >= 0x80 && code < 0xA0;
}

/* Characters that good text puts between two letters: dashes, apostrophes, the ellipsis, the soft hyphen. */
static bool is_joining(uint32_t code) {
    return code == 0x2013 || code == 0x2014 || code == 0x2026 || code == 0x2018 || code == 0x2019 || code == 0xA0 ||
           code == 0xAD || code == 0xB7;
}

/* Characters that good text puts right before a letter: those, and opening quotes. */
static bool is_opening(uint32_t code) {
    return is_joining(code) || code == 0x201C || code == 0x201E || code == 0x201A || code == 0x2039 || code == 0xAB ||
           code == 0xA1 || code == 0xBF;
}

/* Characters that good text does not put right after a letter. The others are letters, or quotes, dashes, marks and
 * signs that it does. */
bool is_odd_after_letter(uint32_t code) {
    switch (code) {
    case 0x20AC: /* euro */
    case 0x192:  /* florin */
    case 0x2C6:  /* circumflex */
    case 0x2030: /* per mille */
    case 0x2DC:  /* small tilde */
    case 0xA2:
    case 0xA3:
    case 0xA4:
    case 0xA5:
    case 0xA6:
    case 0xA7:
    case 0xAC:
    case 0xAF:
    case 0xB1:
    case 0xB6:
    case 0xB8:
    case 0xBC:
    case 0xBD:
    case 0xBE:
        return true;
    default:
        return is_c1(code);
    }
}

/* Latin letters with marks, as European languages use them. */
bool is_european_letter(uint32_t code) {
    return (code >= 0xC0 && code <= 0x17F && code != 0xD7 && code != 0xF7) || (code >= 0x218 && code <= 0x21B);
}

/* A letter with A-tilde or the like that stands for a European letter: Ã© in fÃ©. */
static enum weight weigh_letter(const struct sequence *s, uint32_t before, uint32_t after) {
    uint32_t tail = s->tail[0];
    bool tilde = s->lead == 0xC3, tail_is_letter = u_isalpha((UChar32)tail);
    enum weight likely = tilde && !is_capital(before) ? WEIGHT_LIKELY : WEIGHT_NONE;
    if (tilde && (tail_is_letter || is_odd_after_letter(tail))) /* no language has A-tilde before S-caron or the like */
        return WEIGHT_CERTAIN;
    if (tilde && tail == 0xA0 && (is_small(after) || after == ' ')) /* voilÃ  is one word */
        return is_capital(before) && after == ' ' ? likely : WEIGHT_CERTAIN;
    if (tilde && tail == 0x2122 && before < 0x80 && before && strchr("AEIOU", (int)before)) /* OÃ™ */
        return WEIGHT_CERTAIN;
    if (is_capital(before) && !is_small(after) && is_small(s->code))
        return likely; /* a small letter would end a word in capitals */
    if (is_odd_after_letter(tail) && (u_isalpha((UChar32)before) || u_isalpha((UChar32)after)))
        return WEIGHT_CERTAIN;
    if (tilde && tail == 0x2018 && is_capital(before) && is_capital(after)) /* AÃ‘OS */
        return WEIGHT_CERTAIN;
    if (is_small(before)) /* a capital after a small letter */
        return WEIGHT_CERTAIN;
    if (is_small(after) && !tail_is_letter && !(u_isalpha((UChar32)before) ? is_joining(tail) : is_opening(tail)))
        return WEIGHT_CERTAIN;
    if (tilde && is_capital(after) && !is_opening(tail))
        return WEIGHT_CERTAIN;
    if (tilde && !u_isalpha((UChar32)before) && tail >= 0xA1 && tail < 0xC0 && tail != 0xAB && tail != 0xBB)
        return WEIGHT_CERTAIN; /* no word is a lone A-tilde with a sign */
    return likely;
}

/* A-circumflex before the sign that it stands for: Â£, Â°, or Â before a no-break space. */
static enum weight weigh_sign(const struct sequence *s, uint32_t before) {
    if (is_capital(before))
        return WEIGHT_NONE;
    return s->tail[0] < 0x100 ? WEIGHT_CERTAIN : WEIGHT_LIKELY;
}

/* A sequence by itself, between two characters (0 at the ends of the text). */
static enum weight weigh_1252(const struct sequence *s, uint32_t before, uint32_t after) {
    if (s->tails == 1) {
        if (s->lead == 0xC2)
            return weigh_sign(s, before);
        return is_european_letter(s->code) && s->lead != 0xD7 && s->lead != 0xDF ? weigh_letter(s, before, after)
                                                                                 : WEIGHT_NONE;
    }
    bool odd = (s->lead == 0xF0 && s->tail[0] == 0x178) || (s->lead == 0xE2 && s->tail[0] == 0x153);
    /* Arrows, symbols: no word ends in â before a sign that is no quote and no dash. */
    odd |= s->lead == 0xE2 && s->code >= 0x2190 && s->code < 0x2C00 && !is_joining(s->tail[0]) &&
           s->tail[0] != 0x201C && s->tail[0] != 0x201D && s->tail[0] != 0x2022;
    /* Vietnamese: a guillemet or an ordinal sign inside a word. */
    odd |= (s->tail[0] == 0xBA || s->tail[0] == 0xBB) && u_isalpha((UChar32)before) && u_isalpha((UChar32)after);
    for (size_t i = 0; i < s->tails; i++)
        odd |= is_odd_after_letter(s->tail[i]);
    if (odd)
        return s->tail[s->tails - 1] == 0xA0 ? WEIGHT_LIKELY : WEIGHT_CERTAIN;
    return s->code >= 0x1E00 && s->code < 0x2070 ? WEIGHT_LIKELY : WEIGHT_NONE; /* Vietnamese, punctuation */
}

/* Signs that good text puts next to no letter, on either side. */
static bool is_odd_beside_letter(uint32_t code) {
    switch (code) {
    case 0xA4:
    case 0xA6:
    case 0xA8:
    case 0xAC:
    case 0xAF:
    case 0xB6:
    case 0xB8:
    case 0x192:
    case 0x2C6:
    case 0x2C7:
    case 0x2D8:
    case 0x2DB:
    case 0x2DC:
    case 0x2DD:
    case 0x2021:
    case 0x2030:
    case 0x2310: /* reversed not */
    case 0x25CA: /* lozenge */
        return true;
    default:
        return is_c1(code) || (code >= 0x2202 && code <= 0x2265); /* mathematics */
    }
}

static bool is_box(uint32_t code) {
    return code >= 0x2500 && code < 0x2600;
}

static bool is_letter(uint32_t code) {
    return u_isalpha((UChar32)code) && code != 0xAA && code != 0xBA;
}

/* Letters of two alphabets: no word has both, but for the micro sign and the ohm. */
static bool is_mixed(uint32_t first, uint32_t second) {
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode a = uscript_getScript((UChar32)first, &status), b = uscript_getScript((UChar32)second, &status);
    return a != b && a > USCRIPT_INHERITED && b > USCRIPT_INHERITED;
}

/* Superscripts and fractions, which end what they stand in. */
static bool is_ending(uint32_t code) {
    return code == 0xB2 || code == 0xB3 || code == 0xB9 || (code >= 0xBC && code <= 0xBE);
}

static bool is_low_quote(uint32_t code) {
    return code == 0x201A || code == 0x201E || code == 0x2039;
}

/* How odd two neighbouring letters are. */
static size_t letters_count_odd(uint32_t first, uint32_t second) {
    if (is_small(first) && is_capital(second))
        return first >= 0x400 ? 2 : 1; /* ASCII has camelCase */
    return is_mixed(first, second);
}

/* How odd two neighbours are: 0, 1 or 2. */
static size_t pair_count_odd(uint32_t first, uint32_t second) {
    bool after_letter = is_letter(first), before_letter = is_letter(second);
    if (first < 0x80 && second < 0x80)
        return 0;
    if (is_c1(first) || is_c1(second))
        return 1;
    if (is_box(first) || is_box(second)) /* tables stand beside ASCII, too */
        return (after_letter && first >= 0x80) || (before_letter && second >= 0x80) || first == 0x2310 ||
               second == 0x2310;
    if (first == 0x221A)
        return second >= 0x80;
    if (after_letter && before_letter)
        return letters_count_odd(first, second);
    if (after_letter && is_low_quote(second))
        return 2;
    if (after_letter)
        return is_odd_after_letter(second) || is_odd_beside_letter(second);
    return before_letter && (is_odd_beside_letter(first) || is_ending(first));
}

size_t sequence_count_odd(const struct sequence *s, uint32_t before, uint32_t after) {
    uint32_t last = s->lead, next = s->tail[0];
    if (last == 0x221A && (next == 0x3C0 || next == 0x3A9 || next == 0x221E || next == 0x2211)) /* a root of pi */
        return 0;
    size_t odd = pair_count_odd(before, last);
    for (size_t i = 0; i < s->tails; i++) {
        odd += pair_count_odd(last, s->tail[i]);
        last = s->tail[i];
    }
    odd += pair_count_odd(last, after);
    /* A letter with a superscript is a measure, unless the word goes on. */
    return odd + (is_ending(s->tail[0]) && is_letter(s->lead) && is_letter(after));
}

/* Letters and signs that text in common languages holds. */
static bool is_common(uint32_t code) {
    return is_european_letter(code) || (code >= 0x370 && code < 0x460) || (code >= 0xA0 && code < 0xC0) ||
           code >= 0x1E00;
}

bool sequence_is_plausible(const struct sequence *s) {
    return is_common(s->code);
}

enum weight sequence_weigh(const struct sequence *s, enum codepage page, uint32_t before, uint32_t after) {
    if (s->lossy || s->spaced)
        return WEIGHT_NONE;
    if (s->tails > 3) /* halves of a pair, each of them odd */
        return WEIGHT_CERTAIN;
    if (page == CODEPAGE_1252)
        return weigh_1252(s, before, after);
    /* Inside a word of an alphabet of its own a letter is that. */
    if (s->lead >= 0x370 && s->lead < 0x530 && s->code < 0x2000 &&
        ((before >= 0x370 && is_letter(before)) || (after >= 0x370 && is_letter(after))))
        return WEIGHT_NONE;
    bool known = s->code >= 0x2010 ? s->code < 0x2123 || s->code >= 0xFB00 : is_european_letter(s->code);
    size_t odd = sequence_count_odd(s, before, after);
    return odd >= 2 && known ? WEIGHT_CERTAIN : odd >= 1 && known ? WEIGHT_LIKELY : WEIGHT_NONE;
}
