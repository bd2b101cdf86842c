/*
 * Encodings: labels, byte order marks, declarations in markup, detection and conversion, on top of ICU. Knows nothing
 * of where the bytes came from (files, HTTP) and nothing of what the text means.
 */
#include "text/charset.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#define MARKUP_WINDOW 4096
#define ASCII_MASK 0x8080808080808080U /* the high bits of eight bytes */
#define DETECTION_WINDOW ((size_t)64 << 10)

/* Labels that the web means differently from what ICU takes them for. Where a label is missing here, ICU's own alias
 * table is asked. */
static const char *const LABELS[][2] = {
    {"ansi_x3.4-1968", "windows-1252"},
    {"ascii", "windows-1252"},
    {"us-ascii", "windows-1252"},
    {"cp1252", "windows-1252"},
    {"x-cp1252", "windows-1252"},
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"iso88591", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"iso_8859-1:1987", "windows-1252"},
    {"iso-ir-100", "windows-1252"},
    {"l1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"csisolatin1", "windows-1252"},
    {"cp819", "windows-1252"},
    {"ibm819", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso8859-9", "windows-1254"},
    {"iso88599", "windows-1254"},
    {"iso_8859-9", "windows-1254"},
    {"latin5", "windows-1254"},
    {"l5", "windows-1254"},
    {"x-cp1254", "windows-1254"},
    {"iso-8859-11", "windows-874-2000"},
    {"iso8859-11", "windows-874-2000"},
    {"tis-620", "windows-874-2000"},
    {"dos-874", "windows-874-2000"},
    {"windows-874", "windows-874-2000"},
    {"x-cp1250", "windows-1250"},
    {"x-cp1251", "windows-1251"},
    {"x-cp1253", "windows-1253"},
    {"x-cp1255", "windows-1255"},
    {"x-cp1256", "windows-1256"},
    {"x-cp1257", "windows-1257"},
    {"x-cp1258", "windows-1258"},
    {"win-1251", "windows-1251"},
    {"win1251", "windows-1251"},
    {"gb2312", "gb18030"},
    {"gb_2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"csgb2312", "gb18030"},
    {"chinese", "gb18030"},
    {"gbk", "gb18030"},
    {"x-gbk", "gb18030"},
    {"cp936", "gb18030"},
    {"iso-ir-58", "gb18030"},
    {"big5", "Big5-HKSCS"},
    {"big-5", "Big5-HKSCS"},
    {"big5-hkscs", "Big5-HKSCS"},
    {"cn-big5", "Big5-HKSCS"},
    {"csbig5", "Big5-HKSCS"},
    {"x-x-big5", "Big5-HKSCS"},
    {"shift_jis", "ibm-943_P15A-2003"},
    {"shift-jis", "ibm-943_P15A-2003"},
    {"sjis", "ibm-943_P15A-2003"},
    {"x-sjis", "ibm-943_P15A-2003"},
    {"ms_kanji", "ibm-943_P15A-2003"},
    {"ms932", "ibm-943_P15A-2003"},
    {"windows-31j", "ibm-943_P15A-2003"},
    {"csshiftjis", "ibm-943_P15A-2003"},
    {"euc-kr", "windows-949-2000"},
    {"ks_c_5601-1987", "windows-949-2000"},
    {"ks_c_5601-1989", "windows-949-2000"},
    {"ksc5601", "windows-949-2000"},
    {"ksc_5601", "windows-949-2000"},
    {"korean", "windows-949-2000"},
    {"cseuckr", "windows-949-2000"},
    {"iso-ir-149", "windows-949-2000"},
    {"windows-949", "windows-949-2000"},
    {"x-euc-jp", "EUC-JP"},
    {"utf8", "UTF-8"},
    {"utf-8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"x-unicode20utf8", "UTF-8"},
    {"unicode11utf8", "UTF-8"},
    {"unicode20utf8", "UTF-8"},
    {"utf-16", "UTF-16LE"},
    {"utf-16le", "UTF-16LE"},
    {"unicode", "UTF-16LE"},
    {"ucs-2", "UTF-16LE"},
    {"iso-10646-ucs-2", "UTF-16LE"},
    {"csunicode", "UTF-16LE"},
    {"utf-16be", "UTF-16BE"},
    {"unicodefffe", "UTF-16BE"},
    {"x-mac-roman", "macintosh"},
    {"mac", "macintosh"},
    {"x-mac-cyrillic", "x-mac-cyrillic"},
    {"koi8", "KOI8-R"},
    {"koi", "KOI8-R"},
    {"koi8_r", "KOI8-R"},
    {"koi8-ru", "KOI8-U"},
    {"logical", "ISO-8859-8"},
    {"visual", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
};

static void charset_name(struct charset *charset, const char *name) {
    snprintf(charset->name, sizeof charset->name, "%s", name);
}

/* Whether ICU has the converter, and it takes ASCII for ASCII: no page is in EBCDIC, and UTF-7 hides markup, so
 * browsers refuse both. */
static bool is_usable(const char *name) {
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(name, &status);
    if (U_FAILURE(status))
        return false;
    UChar decoded[8] = {0};
    ucnv_toUChars(converter, decoded, 8, "<a=+ADw", 7, &status);
    ucnv_close(converter);
    return U_SUCCESS(status) && u_strcmp(decoded, u"<a=+ADw") == 0;
}

bool charset_of_label(struct span label, struct charset *charset) {
    while (label.size && strchr(" \t\r\n\f\"'", label.data[0])) {
        label.data++;
        label.size--;
    }
    while (label.size && strchr(" \t\r\n\f\"'", label.data[label.size - 1]))
        label.size--;
    char name[CHARSET_NAME_SIZE];
    if (label.size == 0 || label.size >= sizeof name)
        return false;
    for (size_t i = 0; i < label.size; i++) {
        if (label.data[i] <= ' ' || (unsigned char)label.data[i] > '~')
            return false;
        name[i] = (char)tolower((unsigned char)label.data[i]);
    }
    name[label.size] = '\0';
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++) {
        if (strcmp(name, LABELS[i][0]) == 0) {
            charset_name(charset, LABELS[i][1]);
            return true;
        }
    }
    UErrorCode status = U_ZERO_ERROR;
    const char *known = ucnv_getStandardName(name, "IANA", &status);
    if (!known) {
        status = U_ZERO_ERROR;
        known = ucnv_getAlias(name, 0, &status);
    }
    if (!known || strlen(known) >= CHARSET_NAME_SIZE || !is_usable(known))
        return false;
    charset_name(charset, known);
    return true;
}

bool charset_of_mark(struct span data, struct charset *charset, size_t *mark_size) {
    static const struct {
        const char *mark;
        size_t size;
        const char *name;
    } marks[] = {{"\xEF\xBB\xBF", 3, "UTF-8"},
                 {"\xFF\xFE\0\0", 4, "UTF-32LE"},
                 {"\0\0\xFE\xFF", 4, "UTF-32BE"},
                 {"\xFF\xFE", 2, "UTF-16LE"},
                 {"\xFE\xFF", 2, "UTF-16BE"}};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (data.size >= marks[i].size && memcmp(data.data, marks[i].mark, marks[i].size) == 0) {
            charset_name(charset, marks[i].name);
            if (mark_size)
                *mark_size = marks[i].size;
            return true;
        }
    }
    return false;
}

/* The value after NAME = at or after `from` and before `end`: quoted or bare. */
static struct span value_after(const char *from, const char *end, const char *name) {
    size_t length = strlen(name);
    for (; from + length < end; from++) {
        if (strncasecmp(from, name, length) != 0)
            continue;
        const char *at = from + length;
        while (at < end && isspace((unsigned char)*at))
            at++;
        if (at == end || *at != '=')
            continue;
        at++;
        while (at < end && (isspace((unsigned char)*at) || *at == '"' || *at == '\''))
            at++;
        const char *start = at;
        while (at < end && !isspace((unsigned char)*at) && !strchr("\"';/>?", *at))
            at++;
        return (struct span){start, (size_t)(at - start)};
    }
    return (struct span){NULL, 0};
}

bool charset_of_markup(struct span page, struct charset *charset) {
    const char *at = page.data, *end = page.data + (page.size < MARKUP_WINDOW ? page.size : MARKUP_WINDOW);
    while (at < end && (at = memchr(at, '<', (size_t)(end - at)))) {
        const char *close = memchr(at, '>', (size_t)(end - at));
        bool meta = end - at > 5 && strncasecmp(at, "<meta", 5) == 0;
        bool declaration = end - at > 5 && strncasecmp(at, "<?xml", 5) == 0;
        if (end - at > 4 && memcmp(at, "<!--", 4) == 0) {
            const char *comment = memmem(at, (size_t)(end - at), "-->", 3);
            close = comment ? comment + 2 : NULL;
        }
        if (!close)
            return false;
        if (meta || declaration) {
            struct span label = value_after(at, close, meta ? "charset" : "encoding");
            if (label.data && charset_of_label(label, charset)) {
                /* Bytes in which this declaration could be read are not UTF-16. */
                if (strncmp(charset->name, "UTF-16", 6) == 0)
                    charset_name(charset, "UTF-8");
                return true;
            }
        }
        at = close + 1;
    }
    return false;
}

/* Counts well-formed non-ASCII characters and malformed sequences. */
static void utf8_census(struct span data, uint64_t *good, uint64_t *bad) {
    const uint8_t *bytes = (const uint8_t *)data.data;
    *good = *bad = 0;
    /* U8_NEXT works in int32_t. */
    for (size_t base = 0; base < data.size;) {
        int32_t length = (int32_t)(data.size - base < (1 << 30) ? data.size - base : (1 << 30));
        int32_t i = 0;
        while (i < length && (length - i >= 4 || base + (size_t)length == data.size)) {
            uint64_t eight;
            if (length - i >= 8 && (memcpy(&eight, bytes + base + (size_t)i, 8), (eight & ASCII_MASK) == 0)) {
                i += 8;
                continue;
            }
            if (bytes[base + (size_t)i] < 0x80) {
                i++;
                continue;
            }
            UChar32 character;
            U8_NEXT(bytes + base, i, length, character);
            ++*(character < 0 ? bad : good);
        }
        base += (size_t)i;
    }
}

bool charset_is_utf8(struct span data) {
    uint64_t good, bad;
    utf8_census(data, &good, &bad);
    return bad == 0;
}

/* ICU's guess. Its answers for legacy Latin text are read as the Windows code page that contains them. */
static void detect_statistically(struct span data, bool is_markup, struct charset *charset) {
    charset_name(charset, "windows-1252");
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&status);
    if (U_FAILURE(status))
        return;
    size_t size = data.size < DETECTION_WINDOW ? data.size : DETECTION_WINDOW;
    ucsdet_setText(detector, data.data, (int32_t)size, &status);
    ucsdet_enableInputFilter(detector, is_markup);
    const UCharsetMatch *match = ucsdet_detect(detector, &status);
    const char *name = U_SUCCESS(status) && match ? ucsdet_getName(match, &status) : NULL;
    if (U_SUCCESS(status) && name)
        charset_of_label(span_of(name), charset);
    ucsdet_close(detector);
}

void charset_detect(struct span data, struct span declared, bool is_markup, struct charset *charset) {
    if (charset_of_mark(data, charset, NULL))
        return;
    uint64_t good, bad;
    utf8_census(data, &good, &bad);
    bool utf8_possible = bad * 4 <= good;
    bool found =
        (declared.data && charset_of_label(declared, charset)) || (is_markup && charset_of_markup(data, charset));
    if (found && (strcmp(charset->name, "UTF-8") != 0 || utf8_possible))
        return;
    if (bad == 0)
        charset_name(charset, "UTF-8");
    else
        detect_statistically(data, is_markup, charset);
}

/* Substitutes as ICU does, and counts. */
static void U_CALLCONV count_replaced(const void *context, UConverterToUnicodeArgs *arguments, const char *units,
                                      int32_t length, UConverterCallbackReason reason, UErrorCode *status) {
    if (reason <= UCNV_IRREGULAR)
        ++*(uint64_t *)(uintptr_t)context;
    UCNV_TO_U_CALLBACK_SUBSTITUTE(NULL, arguments, units, length, reason, status);
}

int charset_decode(struct span data, const struct charset *charset, struct bytes *out, uint64_t *replaced,
                   struct error *error) {
    uint64_t ignored;
    if (!replaced)
        replaced = &ignored;
    *replaced = 0;
    if (data.size > CHARSET_INPUT_MAX)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "text of %zu bytes is too long to convert", data.size);
    struct charset mark;
    size_t mark_size = 0;
    if (charset_of_mark(data, &mark, &mark_size) && strcmp(mark.name, charset->name) == 0) {
        data.data += mark_size;
        data.size -= mark_size;
    }
    if (strcmp(charset->name, "UTF-8") == 0 && charset_is_utf8(data)) {
        bytes_append_span(out, data);
        return 0;
    }
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(charset->name, &status);
    if (U_FAILURE(status))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no converter for the encoding %s", charset->name);
    ucnv_setToUCallBack(converter, count_replaced, replaced, NULL, NULL, &status);
    /* No encoding needs more than three bytes of UTF-8 for one of its own (a pair of bytes that gives two characters
     * included). */
    size_t room = data.size * 3 + 64;
    char *target = bytes_reserve(out, room);
    int32_t size =
        ucnv_toAlgorithmic(UCNV_UTF8, converter, target, (int32_t)room, data.data, (int32_t)data.size, &status);
    if (status == U_STRING_NOT_TERMINATED_WARNING)
        status = U_ZERO_ERROR;
    ucnv_close(converter);
    if (U_FAILURE(status))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "cannot convert from %s: %s", charset->name,
                         u_errorName(status));
    out->size += (size_t)size;
    return 0;
}
