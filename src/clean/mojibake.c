/*
 * Repair of UTF-8 read as Windows-1252 or Latin-1. The unit is a sequence: a character that stands for a lead byte
 * (U+00C2..U+00F4) and the characters that stand for its continuation bytes, which decode to one code point. Good text
 * holds such sequences too (É… or Brontë”), so each is weighed by its neighbours: what is `certain` cannot be good
 * text, and only where something certain stands in the text is the merely `likely` repaired as well. Knows nothing of
 * records or other repairs.
 */
#include "clean/mojibake.h"

#include <string.h>
#include <unicode/uchar.h>

#include "clean/windows1252.h"
#include "text/utf8.h"

/* Mojibake four times over has been seen; every pass shortens the text. */
#define PASSES_MAX 8

struct sequence {
    size_t size;   /* bytes in the text */
    uint32_t lead; /* the characters it is written with */
    uint32_t tail[3];
    size_t tails;
    uint32_t code; /* what it decodes to */
};

enum weight { WEIGHT_NONE, WEIGHT_LIKELY, WEIGHT_CERTAIN };

/* Reads the sequence at text.data[at]; false where there is none or it decodes to nothing that text holds. */
static bool sequence_read(struct span text, size_t at, struct sequence *sequence) {
    if (at + 3 >= text.size || (unsigned char)text.data[at] != 0xC3)
        return false;
    char bytes[4];
    size_t i = at + utf8_decode_valid(text.data + at, &sequence->lead);
    if (sequence->lead < 0xC2 || sequence->lead > 0xF4)
        return false;
    sequence->tails = sequence->lead < 0xE0 ? 1 : sequence->lead < 0xF0 ? 2 : 3;
    bytes[0] = (char)sequence->lead;
    for (size_t tail = 0; tail < sequence->tails; tail++) {
        if (i >= text.size || (signed char)text.data[i] >= 0)
            return false;
        i += utf8_decode_valid(text.data + i, &sequence->tail[tail]);
        uint8_t byte = windows1252_encode(sequence->tail[tail]);
        if (byte == 0)
            return false;
        bytes[tail + 1] = (char)byte;
    }
    sequence->size = i - at;
    utf8_decode(bytes, sequence->tails + 1, &sequence->code);
    if (sequence->code == UTF8_INVALID)
        return false;
    int8_t type = u_charType((UChar32)sequence->code);
    return type != U_UNASSIGNED && type != U_PRIVATE_USE_CHAR;
}

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
static bool is_odd_after_letter(uint32_t code) {
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
static bool is_european_letter(uint32_t code) {
    return (code >= 0xC0 && code <= 0x17F && code != 0xD7 && code != 0xF7) || (code >= 0x218 && code <= 0x21B);
}

/* A letter with A-tilde or the like that stands for a European letter: Ã© in fÃ©. */
static enum weight weigh_letter(const struct sequence *s, uint32_t before, uint32_t after) {
    uint32_t tail = s->tail[0];
    bool tilde = s->lead == 0xC3, tail_is_letter = u_isalpha((UChar32)tail);
    enum weight likely = tilde && !is_capital(before) ? WEIGHT_LIKELY : WEIGHT_NONE;
    if (tilde && (tail_is_letter || is_odd_after_letter(tail))) /* no language has A-tilde before S-caron or the like */
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
static enum weight sequence_weigh(const struct sequence *s, uint32_t before, uint32_t after) {
    if (s->tails == 1) {
        if (s->lead == 0xC2)
            return weigh_sign(s, before);
        return is_european_letter(s->code) && s->lead != 0xD7 && s->lead != 0xDF ? weigh_letter(s, before, after)
                                                                                 : WEIGHT_NONE;
    }
    bool odd = (s->lead == 0xF0 && s->tail[0] == 0x178) || (s->lead == 0xE2 && s->tail[0] == 0x153);
    for (size_t i = 0; i < s->tails; i++)
        odd |= is_odd_after_letter(s->tail[i]);
    if (odd)
        return s->tail[s->tails - 1] == 0xA0 ? WEIGHT_LIKELY : WEIGHT_CERTAIN;
    return s->code >= 0x1E00 && s->code < 0x2070 ? WEIGHT_LIKELY : WEIGHT_NONE; /* Vietnamese, punctuation */
}

/* Runs of sequences without a gap: mojibake of Greek, Cyrillic, Hebrew, Arabic, Han. Good text has no three in a row.
 */
struct run {
    size_t end; /* byte after it */
    bool certain;
};

static struct run run_read(struct span text, size_t at) {
    struct sequence s;
    size_t count = 0;
    bool odd = false, latin = false;
    for (; sequence_read(text, at, &s); at += s.size) {
        count++;
        latin |= s.code < 0x370;
        for (size_t i = 0; i < s.tails; i++)
            odd |= is_odd_after_letter(s.tail[i]);
    }
    return (struct run){at, !latin && (count >= 3 || (count == 2 && odd))};
}

/* One pass over a text: `repair` false only looks for something certain. */
struct pass {
    struct span text;
    struct bytes *out;
    bool repair;
    bool found;
    struct run run; /* the last one seen */
};

/*
 * UTF-8 that lost a byte, known by its lead only: a grave a, or the S-caron of twofold mojibake (ÃƒÅ  for Ê), whose
 * no-break space became a space; a closing quote whose last byte Windows-1252 does not have.
 */
static size_t damaged_repair(struct span rest, uint32_t before, bool adjoins, uint32_t *code) {
    bool begins = before == ' ' || before == '\n' || before == '\'' || before == 0;
    if (rest.size >= 3 && memcmp(rest.data, "\xC3\x83 ", 3) == 0 && (begins || is_small(before))) {
        *code = 0xE0;
        return rest.size > 3 && rest.data[3] == ' ' ? 3 : 2;
    }
    if (adjoins && rest.size >= 3 && memcmp(rest.data, "\xC3\x85 ", 3) == 0) {
        *code = 0x160;
        return 3;
    }
    if (rest.size >= 5 && memcmp(rest.data, "\xC3\xA2\xE2\x82\xAC", 5) == 0 && !begins) {
        *code = 0x201D;
        if (rest.size >= 8 && memcmp(rest.data + 5, "\xEF\xBF\xBD", 3) == 0)
            return 8;
        return rest.size == 5 || (signed char)rest.data[5] >= 0 ? 5 : 0;
    }
    return 0;
}

/* Handles the sequence at `at`, which adjoins a repaired one or not: returns its size and *code where it is to be
 * replaced, 0 where it stays. */
static size_t pass_handle(struct pass *pass, size_t at, uint32_t before, bool adjoins, uint32_t *code) {
    struct sequence s;
    struct span rest = {pass->text.data + at, pass->text.size - at};
    if (!sequence_read(pass->text, at, &s)) {
        size_t size = damaged_repair(rest, before, adjoins, code);
        pass->found |= size > 0 && *code == 0xE0 && is_small(before); /* no capital ends a word in small letters */
        return size;
    }
    uint32_t after = 0;
    if (at + s.size < pass->text.size)
        utf8_decode_valid(pass->text.data + at + s.size, &after);
    if (at >= pass->run.end)
        pass->run = run_read(pass->text, at);
    enum weight weight = pass->run.certain ? WEIGHT_CERTAIN : sequence_weigh(&s, before, after);
    if (adjoins && (s.lead == 0xC2 || is_european_letter(s.code))) /* mojibake of mojibake */
        weight = WEIGHT_CERTAIN;
    pass->found |= weight == WEIGHT_CERTAIN;
    *code = s.code;
    return weight == WEIGHT_CERTAIN || (pass->repair && weight == WEIGHT_LIKELY) ? s.size : 0;
}

/* Walks over the text by its U+00C0..U+00FF, whose first byte is C3. */
static void pass_run(struct pass *pass) {
    struct span text = pass->text;
    size_t copied = 0;
    uint32_t replaced = 0; /* the last replacement, which is what stands before the next sequence if that adjoins */
    for (size_t at = 0; at < text.size && (pass->repair || !pass->found);) {
        const char *lead = memchr(text.data + at, 0xC3, text.size - at);
        if (!lead)
            break;
        at = (size_t)(lead - text.data);
        uint32_t before = 0, code = 0;
        bool adjoins = at == copied && at > 0;
        if (adjoins)
            before = replaced;
        else if (at > 0)
            utf8_decode_valid(text.data + utf8_previous(text.data, at), &before);
        size_t size = pass_handle(pass, at, before, adjoins, &code);
        if (size > 0 && pass->repair) {
            bytes_append(pass->out, text.data + copied, at - copied);
            utf8_append(pass->out, code);
            copied = at + size;
            replaced = code;
        }
        at += size > 0 ? size : 2;
    }
    if (pass->repair)
        bytes_append(pass->out, text.data + copied, text.size - copied);
}

/*
 * Position of the next C1 control that Windows-1252 read as Latin-1 can have left; text.size where there is none. NEL
 * alone may be meant as a line end; after a letter that Latin-1 does not have, something else went wrong.
 */
static size_t c1_find(struct span text, size_t at) {
    while (at < text.size) {
        const char *lead = memchr(text.data + at, 0xC2, text.size - at);
        if (!lead)
            break;
        at = (size_t)(lead - text.data);
        uint8_t next = (uint8_t)lead[1];
        uint32_t before = 0;
        if (next < 0xA0 && at > 0)
            utf8_decode_valid(text.data + utf8_previous(text.data, at), &before);
        bool foreign = before > 0xFF && u_isalpha((UChar32)before);
        if (next < 0xA0 && next != 0x85 && windows1252_decode(next) != next && !foreign)
            return at;
        at += 2;
    }
    return text.size;
}

/* Reads all C1 controls of a text that holds such as the characters of Windows-1252. */
static void c1_repair(struct span text, struct bytes *out) {
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        utf8_append(out, code < 0x100 ? windows1252_decode((uint8_t)code) : code);
    }
}

bool mojibake_repair(struct span text, struct bytes *out) {
    struct bytes previous = {0};
    size_t start = out->size;
    bool changed = false;
    for (int i = 0; i < PASSES_MAX; i++) {
        struct pass look = {.text = text};
        pass_run(&look);
        bool c1 = !look.found && c1_find(text, 0) < text.size;
        if (!look.found && !c1)
            break;
        if (changed) { /* the last pass's result becomes this one's source */
            bytes_clear(&previous);
            bytes_append_span(&previous, text);
            text = span_of_bytes(&previous);
            out->size = start;
        }
        if (c1) {
            c1_repair(text, out);
        } else {
            struct pass repair = {.text = text, .out = out, .repair = true};
            pass_run(&repair);
        }
        changed = true;
        text = (struct span){out->data + start, out->size - start};
    }
    bytes_release(&previous);
    return changed;
}
