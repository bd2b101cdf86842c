/*
 * Which script a character is of and which byte stands for it, and n-grams of those bytes. Knows no language.
 */
#include "text/language_letters.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "base/hash.h"
#include "text/utf8.h"

static const struct {
    const char *name;
    UScriptCode code;
} scripts[SCRIPT_COUNT] = {
    [SCRIPT_LATIN] = {"Latn", USCRIPT_LATIN},
    [SCRIPT_CYRILLIC] = {"Cyrl", USCRIPT_CYRILLIC},
    [SCRIPT_ARABIC] = {"Arab", USCRIPT_ARABIC},
    [SCRIPT_DEVANAGARI] = {"Deva", USCRIPT_DEVANAGARI},
    [SCRIPT_ETHIOPIC] = {"Ethi", USCRIPT_ETHIOPIC},
    [SCRIPT_BENGALI] = {"Beng", USCRIPT_BENGALI},
    [SCRIPT_HEBREW] = {"Hebr", USCRIPT_HEBREW},
    [SCRIPT_HAN] = {"Hani", USCRIPT_HAN},
    [SCRIPT_KANA] = {"Kana", USCRIPT_KATAKANA},
    [SCRIPT_HANGUL] = {"Hang", USCRIPT_HANGUL},
    [SCRIPT_GREEK] = {"Grek", USCRIPT_GREEK},
    [SCRIPT_ARMENIAN] = {"Armn", USCRIPT_ARMENIAN},
    [SCRIPT_GEORGIAN] = {"Geor", USCRIPT_GEORGIAN},
    [SCRIPT_THAI] = {"Thai", USCRIPT_THAI},
    [SCRIPT_LAO] = {"Laoo", USCRIPT_LAO},
    [SCRIPT_KHMER] = {"Khmr", USCRIPT_KHMER},
    [SCRIPT_BURMESE] = {"Mymr", USCRIPT_MYANMAR},
    [SCRIPT_TIBETAN] = {"Tibt", USCRIPT_TIBETAN},
    [SCRIPT_SINHALA] = {"Sinh", USCRIPT_SINHALA},
    [SCRIPT_TAMIL] = {"Taml", USCRIPT_TAMIL},
    [SCRIPT_TELUGU] = {"Telu", USCRIPT_TELUGU},
    [SCRIPT_KANNADA] = {"Knda", USCRIPT_KANNADA},
    [SCRIPT_MALAYALAM] = {"Mlym", USCRIPT_MALAYALAM},
    [SCRIPT_GUJARATI] = {"Gujr", USCRIPT_GUJARATI},
    [SCRIPT_GURMUKHI] = {"Guru", USCRIPT_GURMUKHI},
    [SCRIPT_ORIYA] = {"Orya", USCRIPT_ORIYA},
};

const char *language_script_name(enum language_script script) {
    return scripts[script].name;
}

enum language_script language_script_find(struct span name) {
    enum language_script script = 0;
    while (script < SCRIPT_COUNT && !span_is(name, scripts[script].name))
        script++;
    return script < SCRIPT_COUNT ? script : SCRIPT_NONE;
}

/* ---- the table ---- */

#define CODE_APOSTROPHE 254U

/* The byte for a small letter. Letters that share one are never both common in the languages of a script. */
static unsigned code_of(enum language_script script, uint32_t c) {
    switch (script) {
    case SCRIPT_LATIN:
        if (c < 0x80)
            return c - 'a' + 1;
        if (c < 0x100) /* U+00DF.. : 27..59 */
            return c >= 0xDF ? c - 0xDF + 27 : 59;
        if (c < 0x180) /* Extended-A: pairs of a capital and a small letter: 60..123 */
            return 60 + ((c - 0x100) >> 1);
        if (c < 0x250) /* Extended-B */
            return 124 + ((c - 0x180) >> 1) % 24;
        if (c < 0x300) /* IPA */
            return 148 + (c - 0x250) % 15;
        if (c >= 0x1EA0) /* Vietnamese, Yoruba */
            return 163 + ((c - 0x1EA0) >> 1) % 48;
        return 211 + ((c - 0x1E00) >> 1) % 24;
    case SCRIPT_CYRILLIC:
        return c < 0x460 ? c - 0x430 + 1 : 49 + ((c - 0x460) >> 1) % 120;
    case SCRIPT_ETHIOPIC:
        return (c - 0x1200) % 253 + 1;
    default:
        return (c & 0xFF) ? c & 0xFF : 253;
    }
}

static void set_letter(struct language_letters *letters, uint32_t c, UScriptCode found) {
    enum language_script script = SCRIPT_LATIN;
    if (found == USCRIPT_HIRAGANA)
        found = USCRIPT_KATAKANA;
    if (found == USCRIPT_BOPOMOFO)
        found = USCRIPT_HAN;
    while (script < SCRIPT_COUNT && scripts[script].code != found)
        script++;
    letters->script[c] = (uint8_t)script;
    if (script < SCRIPT_CODED)
        letters->code[c] = (uint8_t)code_of(script, (uint32_t)u_tolower((UChar32)c));
}

void language_letters_init(struct language_letters *letters) {
    memset(letters->script, SCRIPT_NONE, sizeof letters->script);
    memset(letters->code, 0, sizeof letters->code);
    for (uint32_t c = 'A'; c < LANGUAGE_TABLE_SIZE; c++) {
        UErrorCode status = U_ZERO_ERROR;
        UScriptCode script = uscript_getScript((UChar32)c, &status);
        bool mark = (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK) != 0;
        if (c >= 0x300 && c < 0x370) {
            letters->script[c] = SCRIPT_ANY;
            letters->code[c] = (uint8_t)(235 + c % 18);
        } else if (mark && (script == USCRIPT_ARABIC || script == USCRIPT_HEBREW || script == USCRIPT_INHERITED)) {
            letters->script[c] = SCRIPT_ANY; /* vowel signs, mostly left out */
        } else if (u_isalpha((UChar32)c) || mark) {
            set_letter(letters, c, script);
        }
    }
    letters->script[0x640] = letters->script[0x200C] = letters->script[0x200D] = SCRIPT_ANY;
    letters->code[0x640] = 0;
    letters->script['\''] = letters->script[0x2019] = letters->script[0x2BC] = SCRIPT_ANY;
    letters->code['\''] = letters->code[0x2019] = letters->code[0x2BC] = CODE_APOSTROPHE;
    memcpy(letters->ascii, letters->code, sizeof letters->ascii);
    for (int digit = '0'; digit <= '9'; digit++)
        letters->ascii[digit] = LANGUAGE_SPECIAL;
    letters->ascii[':'] = letters->ascii['@'] = letters->ascii['.'] = letters->ascii['\''] = LANGUAGE_SPECIAL;
}

/* ---- reading text ---- */

static enum language_script look_up(const struct language_letters *letters, uint32_t c, uint8_t *code) {
    *code = 0;
    if (c < LANGUAGE_TABLE_SIZE) {
        *code = letters->code[c];
        return letters->script[c];
    }
    if ((c >= 0x3400 && c < 0x4DC0) || (c >= 0x4E00 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) ||
        (c >= 0x20000 && c < 0x32000))
        return SCRIPT_HAN;
    if ((c >= 0xAC00 && c < 0xD7A4) || (c >= 0xA960 && c < 0xA980))
        return SCRIPT_HANGUL;
    if (c >= 0xFF66 && c < 0xFFA0)
        return SCRIPT_KANA;
    return SCRIPT_NONE;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Where at a special byte an address begins or goes on: its end; else the byte behind. */
static size_t pass_special(struct span text, size_t at) {
    const char *data = text.data;
    size_t left = text.size - at;
    bool address = data[at] == '@' || (data[at] == ':' && left > 2 && data[at + 1] == '/' && data[at + 2] == '/') ||
                   (data[at] == '.' && at >= 3 && memcmp(data + at - 3, "www", 3) == 0);
    at++;
    while (address && at < text.size && !is_blank(data[at]))
        at++;
    return at;
}

/* The word at hand: its script, and where its codes go. */
struct writer {
    struct language_codes *codes;
    enum language_script script;
    uint8_t *out; /* behind the last code of that script */
};

static void writer_turn(struct writer *writer, enum language_script script) {
    if (writer->out) {
        if (writer->out[-1] != 0)
            *writer->out++ = 0;
        writer->codes->size[writer->script] = (size_t)(writer->out - writer->codes->codes[writer->script]);
    }
    writer->script = script;
    writer->out = script < SCRIPT_CODED ? writer->codes->codes[script] + writer->codes->size[script] : NULL;
}

static bool is_ascii_word(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/*
 * What begins with a special byte at a position of the text: an apostrophe is a code of its own within a word; words
 * that hold digits are names and numbers of things, so the word before goes again; so does an address. Returns
 * the position behind; *out moves with what was written or taken back.
 */
static size_t read_special(struct span text, size_t at, uint8_t **out) {
    char byte = text.data[at];
    if (byte == '\'') {
        if ((*out)[-1] != 0)
            *(*out)++ = CODE_APOSTROPHE;
        return at + 1;
    }
    if (byte >= '0' && byte <= '9') {
        while ((*out)[-1] != 0)
            --*out;
        while (at < text.size && is_ascii_word((unsigned char)text.data[at]))
            at++;
        return at;
    }
    size_t end = pass_special(text, at);
    while (end > at + 1 && (*out)[-1] != 0) /* what an address begins with: https, a name */
        --*out;
    if ((*out)[-1] != 0)
        *(*out)++ = 0;
    return end;
}

/* Latin letters of ASCII, and what parts words, from a position on; returns where something else comes. */
static size_t read_ascii(const struct language_letters *letters, struct span text, size_t at, struct writer *writer) {
    const unsigned char *data = (const unsigned char *)text.data, *in = data + at, *end = data + text.size;
    uint8_t *out = writer->out, *start = out, code, previous = out[-1];
    while (in < end && *in < 0x80) {
        code = letters->ascii[*in];
        if (code == LANGUAGE_SPECIAL) {
            in = data + read_special(text, (size_t)(in - data), &out);
            previous = out[-1];
            continue;
        }
        *out = code;
        out += (code | previous) != 0;
        previous = code;
        in++;
    }
    if (out > start)
        writer->codes->weight[SCRIPT_LATIN] += (uint32_t)(out - start);
    writer->out = out;
    return (size_t)(in - data);
}

/* One character above ASCII. */
static size_t read_beyond(const struct language_letters *letters, struct span text, size_t at, struct writer *writer) {
    uint32_t c;
    uint8_t code;
    size_t size = utf8_decode_valid(text.data + at, &c);
    enum language_script script = look_up(letters, c, &code);
    if (script == SCRIPT_ANY) {
        if (code && writer->out && writer->out[-1] != 0)
            *writer->out++ = code;
        return at + size;
    }
    if (script == SCRIPT_NONE) {
        if (writer->out && writer->out[-1] != 0)
            *writer->out++ = 0;
        return at + size;
    }
    if (script != writer->script)
        writer_turn(writer, script);
    if (writer->out)
        *writer->out++ = code;
    writer->codes->weight[script] += (uint32_t)size;
    return at + size;
}

void language_letters_read(const struct language_letters *letters, struct span text, struct language_codes *codes) {
    memset(codes->weight, 0, sizeof codes->weight);
    for (size_t script = 0; script < SCRIPT_CODED; script++) {
        codes->size[script] = 1;
        codes->codes[script][0] = 0;
    }
    if (text.size > LANGUAGE_CODES_MAX)
        text.size = LANGUAGE_CODES_MAX;
    struct writer writer = {codes, SCRIPT_NONE, NULL};
    writer_turn(&writer, SCRIPT_LATIN);
    for (size_t at = 0; at < text.size;) {
        unsigned char byte = (unsigned char)text.data[at];
        if (byte >= 0x80) {
            at = read_beyond(letters, text, at, &writer);
        } else if (writer.script == SCRIPT_LATIN) {
            at = read_ascii(letters, text, at, &writer);
        } else if (letters->script[byte] == SCRIPT_LATIN || byte == '@' || byte == ':' || byte == '.') {
            writer_turn(&writer, SCRIPT_LATIN);
        } else {
            if (writer.out && writer.out[-1] != 0)
                *writer.out++ = letters->code[byte]; /* an apostrophe, or what parts words */
            at++;
        }
    }
    writer_turn(&writer, SCRIPT_NONE);
}

/* ---- n-grams ---- */

#define WORD_MULTIPLIER UINT64_C(0x9E3779B97F4A7C15)

/* Odd multipliers, one for each kind of n-gram in each script; the high bits of the products are well mixed. */
static uint64_t multiplier(enum language_script script, unsigned kind) {
    return hash_mix(script * LANGUAGE_GRAMS + kind + 1) | 1;
}

size_t language_grams(enum language_script script, const uint8_t *codes, size_t size, uint64_t *hashes) {
    const uint64_t three = multiplier(script, 0), four = multiplier(script, 1), whole = multiplier(script, 2);
    uint64_t window = 0, *out = hashes;
    size_t start = 0;
    for (size_t i = 1; i < size; i++) {
        window = window << 8 | codes[i];
        out[0] = (window & 0xFFFFFF) * three;
        out[1] = (window & 0xFFFFFFFF) * four;
        out += 2;
        if (codes[i] == 0) {
            size_t length = i - start + 1; /* of the word and the 0s around it; an n-gram of 4 is whole already */
            start = i;
            if (length > 4)
                *out++ = (length < 8 ? window & ((UINT64_C(1) << 8 * length) - 1) : window) * whole;
        }
    }
    return (size_t)(out - hashes);
}

size_t language_sibling_grams(size_t group, const uint8_t *codes, size_t size, uint64_t *hashes) {
    uint64_t multipliers[4], window = 0, word = 0, before = 0, *out = hashes;
    for (size_t kind = 0; kind < 4; kind++)
        multipliers[kind] = hash_mix((group + 1) << 8 | kind) | 1;
    for (size_t i = 1; i < size; i++) {
        window = window << 8 | codes[i];
        out[0] = (window & 0xFFFFFFFF) * multipliers[0];
        out[1] = (window & 0xFFFFFFFFFFFF) * multipliers[1];
        out += 2;
        if (codes[i] != 0) {
            word = (word + codes[i]) * WORD_MULTIPLIER;
        } else if (word != 0) {
            out[0] = hash_mix(word) * multipliers[2];
            out[1] = hash_mix(word + (before << 1)) * multipliers[3];
            out += 2;
            before = word;
            word = 0;
        }
    }
    return (size_t)(out - hashes);
}
