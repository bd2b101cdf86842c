/*
 * Finding out an encoding, from what is declared and from the bytes. Knows nothing of conversion.
 */
#include <string.h>
#include <strings.h>

#include <unicode/ucsdet.h>

#include "text/charset.h"
#include "text/charset_markup.h"
#include "text/utf8.h"

#define DETECTION_WINDOW ((size_t)64 << 10)
#define CONTEXT_SIZE 512 /* of ASCII before the first other byte */
/* So many characters of UTF-8 in a row are no chance in a text of double bytes. */
#define UTF8_CERTAIN 8
/* What a guess must reach, and what the language's own encodings are given, of ICU's 100. */
#define CONFIDENCE_MIN 10
#define CONFIDENCE_OF_LANGUAGE 30
#define CANDIDATES_MAX 16

/* Languages and countries with the legacy encodings that their pages are in, the most common one first. */
static const struct {
    const char *codes; /* a space before and after each */
    const char *labels;
} HINTS[] = {
    {" ru by kz su ", " windows-1251 koi8-r iso-8859-5 ibm866 "},
    {" uk ua ", " windows-1251 koi8-u koi8-r "},
    {" bg mk sr ", " windows-1251 iso-8859-5 "},
    {" zh cn zh-cn zh-hans ", " gbk gb18030 big5 "},
    {" tw hk zh-tw zh-hk zh-hant ", " big5 gbk gb18030 "},
    {" ja jp ", " shift_jis euc-jp iso-2022-jp "},
    {" ko kr ", " euc-kr iso-2022-kr "},
    {" el gr ", " windows-1253 iso-8859-7 "},
    {" tr ", " windows-1254 iso-8859-9 "},
    {" he iw il ", " windows-1255 iso-8859-8-i iso-8859-8 "},
    {" ar fa ur sa eg ae ir ", " windows-1256 iso-8859-6 "},
    {" pl cs cz sk hu ro hr sl si ", " windows-1250 iso-8859-2 "},
    {" et ee lv lt ", " windows-1257 iso-8859-13 "},
    {" th ", " windows-874 "},
    {" vi vn ", " windows-1258 "},
};

struct census {
    uint64_t good, bad; /* well-formed characters over ASCII, malformed sequences */
};

struct candidate {
    struct charset charset;
    int confidence;
};

/* Of valid text, the characters over ASCII; in blocks, whose counts fit into bytes of vectors. */
static uint64_t count_leads(struct span valid) {
    uint64_t count = 0;
    for (size_t start = 0; start < valid.size; start += 255) {
        size_t size = valid.size - start < 255 ? valid.size - start : 255;
        unsigned char leads = 0;
        for (size_t i = 0; i < size; i++)
            leads = (unsigned char)(leads + ((unsigned char)valid.data[start + i] >= 0xC0));
        count += leads;
    }
    return count;
}

static struct census take_census(struct span data) {
    if (charset_is_utf8(data))
        return (struct census){.good = count_leads(data)};
    struct census census = {0, 0};
    static const bool wanted[256] = {[0x80 ... 0xFF] = true};
    for (size_t i = utf8_find(data, 0, wanted); i < data.size;) {
        uint32_t code;
        size_t length = utf8_decode(data.data + i, data.size - i, &code);
        bool cut = data.size - i < 4 && length == data.size - i; /* the last character may be half there */
        if (length > 1 && code != UTF8_INVALID)
            census.good++;
        else if (!cut)
            census.bad++;
        i += length;
        if (i < data.size && (unsigned char)data.data[i] < 0x80)
            i = utf8_find(data, i, wanted);
    }
    return census;
}

static bool list_has(const char *list, struct span word) {
    const char *at = word.size ? list : NULL;
    while (at && (at = strchr(at, ' ')) && *++at) {
        if (strncasecmp(at, word.data, word.size) == 0 && at[word.size] == ' ')
            return true;
    }
    return false;
}

/* The top level domain of a URL; absent where it has none. */
static struct span top_domain(struct span url) {
    const char *host = url.data ? memmem(url.data, url.size, "://", 3) : NULL;
    if (!host)
        return (struct span){NULL, 0};
    host += 3;
    const char *end = url.data + url.size, *stop = host, *dot = NULL;
    for (; stop < end && !strchr("/?#:", *stop); stop++)
        dot = *stop == '.' ? stop + 1 : dot;
    return dot ? (struct span){dot, (size_t)(stop - dot)} : (struct span){NULL, 0};
}

/* The labels that the language, or else the country, suggests; NULL for none. */
static const char *hinted_labels(struct span language, struct span url) {
    struct span subtag = language;
    for (size_t i = 0; i < subtag.size; i++)
        subtag.size = language.data[i] == '-' || language.data[i] == '_' ? i : subtag.size;
    const struct span codes[] = {language, subtag, top_domain(url)};
    for (size_t c = 0; c < sizeof codes / sizeof codes[0]; c++) {
        for (size_t i = 0; i < sizeof HINTS / sizeof HINTS[0]; i++) {
            if (list_has(HINTS[i].codes, codes[c]))
                return HINTS[i].labels;
        }
    }
    return NULL;
}

/* Whether the bytes are text in that encoding: hardly a byte in fifty without a character, and no C1 controls, which
 * are in nobody's text. */
static bool is_plausible(struct span data, const struct charset *charset) {
    struct bytes text = {0};
    struct error error;
    uint64_t wrong = 0, total = 0;
    bool converted = charset_decode(data, charset, &text, &wrong, &error) == 0;
    for (size_t i = 0; i < text.size;) {
        uint32_t code;
        i += utf8_decode_valid(text.data + i, &code);
        total += code >= 0x80;
        wrong += code >= 0x80 && code < 0xA0 && code != 0x85;
    }
    bytes_release(&text);
    return converted && wrong * 50 <= total;
}

static bool is_plausible_label(struct span data, const char *label, struct charset *charset) {
    return charset_of_label(span_of(label), charset) && is_plausible(data, charset);
}

static bool label_in(const char *labels, const struct charset *charset) {
    for (const char *at = labels; at && *at; at++) {
        struct charset other;
        size_t length = strcspn(++at, " ");
        if (charset_of_label((struct span){at, length}, &other) && strcmp(other.name, charset->name) == 0)
            return true;
        at += length - 1;
    }
    return false;
}

static size_t ask_icu(struct span data, bool is_markup, struct candidate candidates[CANDIDATES_MAX]) {
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&status);
    size_t count = 0;
    int32_t found = 0;
    ucsdet_setText(detector, data.data, (int32_t)data.size, &status);
    if (U_SUCCESS(status))
        ucsdet_enableInputFilter(detector, is_markup);
    const UCharsetMatch **matches = ucsdet_detectAll(detector, &found, &status);
    for (int32_t i = 0; U_SUCCESS(status) && i < found && count < CANDIDATES_MAX; i++) {
        const char *name = ucsdet_getName(matches[i], &status);
        int confidence = ucsdet_getConfidence(matches[i], &status);
        struct candidate *candidate = &candidates[count];
        candidate->confidence = confidence;
        count += U_SUCCESS(status) && charset_of_label(span_of(name), &candidate->charset);
    }
    ucsdet_close(detector);
    return count;
}

/* ICU knows no KOI8-U, which has letters where KOI8-R has frames: beside other letters they are letters. */
static bool is_koi8_u(struct span data) {
    for (size_t i = 1; i < data.size; i++) {
        unsigned char byte = (unsigned char)data.data[i], before = (unsigned char)data.data[i - 1];
        if (byte >= 0xA4 && byte <= 0xBD && strchr("\xA4\xA6\xA7\xAD\xB4\xB6\xB7\xBD", (char)byte) && before >= 0xC0)
            return true;
    }
    return false;
}

/* Nor does it know Thai: marks above and below make a good part of it, and stand on consonants or other marks. */
static bool is_thai(struct span data) {
    size_t letters = 0, marks = 0, misplaced = 0;
    for (size_t i = 0; i < data.size; i++) {
        unsigned char byte = (unsigned char)data.data[i], before = i ? (unsigned char)data.data[i - 1] : 0;
        letters += byte >= 0xA1;
        if (byte != 0xD1 && !(byte >= 0xD4 && byte <= 0xDA) && !(byte >= 0xE7 && byte <= 0xEE))
            continue;
        marks++;
        misplaced += before < 0xA1 || (before > 0xCE && before < 0xD1) || before == 0xD2 || before == 0xD3 ||
                     (before > 0xDA && before < 0xE7) || before > 0xEE;
    }
    return marks * 10 >= letters && misplaced * 50 <= marks;
}

/* The part that tells: around the first byte over ASCII. */
static struct span detection_window(struct span data) {
    static const bool wanted[256] = {[0x80 ... 0xFF] = true};
    size_t first = utf8_find(data, 0, wanted);
    size_t start = first < data.size && first > CONTEXT_SIZE ? first - CONTEXT_SIZE : 0;
    size_t size = data.size - start;
    return (struct span){data.data + start, size < DETECTION_WINDOW ? size : DETECTION_WINDOW};
}

/* ICU's best guess that the bytes and the language do not speak against, else the language's own first, else
 * windows-1252. */
static void detect_statistically(struct span data, struct span language, const struct charset_evidence *evidence,
                                 struct charset *charset) {
    struct candidate candidates[CANDIDATES_MAX];
    const char *hinted = hinted_labels(language, evidence->url);
    int best = CONFIDENCE_MIN - 1;
    struct charset other;
    data = detection_window(data);
    if (is_thai(data) && is_plausible_label(data, "windows-874", charset) &&
        !is_plausible_label(data, "euc-kr", &other) && !is_plausible_label(data, "big5", &other) &&
        !is_plausible_label(data, "gbk", &other))
        return;
    charset_of_label(SPAN_LITERAL("windows-1252"), charset);
    if (hinted) {
        struct charset first;
        size_t length = strcspn(hinted + 1, " ");
        if (charset_of_label((struct span){hinted + 1, length}, &first) && is_plausible(data, &first)) {
            *charset = first;
            best = CONFIDENCE_OF_LANGUAGE;
        }
    }
    size_t count = ask_icu(data, evidence->is_markup, candidates);
    for (size_t i = 0; i < count; i++) {
        int confidence = candidates[i].confidence;
        confidence += label_in(hinted, &candidates[i].charset) ? CONFIDENCE_OF_LANGUAGE : 0;
        if (confidence > best && is_plausible(data, &candidates[i].charset)) {
            best = confidence;
            *charset = candidates[i].charset;
        }
    }
    if (strcmp(charset->name, "KOI8-R") == 0 && is_koi8_u(data))
        charset_of_label(SPAN_LITERAL("koi8-u"), charset);
}

/* Whether bytes that are mostly UTF-8 refute a declaration. In single bytes hardly a letter is followed by what makes
 * UTF-8 of it; text in double bytes may be UTF-8 by chance, if it is short. */
static bool utf8_refutes(const struct census *census, const struct charset *declared) {
    if (charset_is_single_byte(declared))
        return (census->bad == 0 && census->good > 0) ||
               (census->good >= UTF8_CERTAIN && census->bad * 8 <= census->good);
    return census->good >= UTF8_CERTAIN && census->bad == 0;
}

void charset_detect(struct span data, const struct charset_evidence *evidence, struct charset *charset) {
    if (charset_of_mark(data, charset, NULL))
        return;
    struct census census = take_census(data);
    struct charset utf8;
    struct span language = {NULL, 0};
    charset_of_label(SPAN_LITERAL("utf-8"), &utf8);
    bool found = evidence->declared.data && charset_of_label(evidence->declared, charset);
    struct charset inner;
    if (evidence->is_markup && charset_of_markup(data, &inner, &language) && !found) {
        *charset = inner;
        found = true;
    }
    bool wide = found && (strncmp(charset->name, "UTF-16", 6) == 0 || strncmp(charset->name, "UTF-32", 6) == 0);
    if (found && strcmp(charset->name, "UTF-8") == 0) {
        if (census.bad * 4 <= census.good)
            return;
    } else if (found && !wide) {
        if (utf8_refutes(&census, charset))
            *charset = utf8;
        return;
    } else if (wide && memchr(data.data, '\0', data.size)) {
        return; /* in two bytes or four a character, the first 128 have zeros */
    }
    if (census.good + census.bad == 0 && memmem(data.data, data.size, "\x1B$", 2))
        charset_of_label(SPAN_LITERAL("iso-2022-jp"), charset); /* seven bits, and escapes to Japanese sets */
    else if (census.bad == 0 || (census.good >= UTF8_CERTAIN && census.bad * 4 <= census.good))
        *charset = utf8;
    else
        detect_statistically(data, language, evidence, charset);
}

bool charset_is_utf8(struct span data) {
    return utf8_valid_prefix(data) == data.size;
}
