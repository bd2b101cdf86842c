/*
 * Encodings: labels, byte order marks and conversion, on top of ICU, with what ICU does otherwise than the WHATWG
 * Encoding Standard put right. Knows nothing of where the bytes came from (files, HTTP) and nothing of what the text
 * means.
 */
#include "text/charset.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>
#include <unicode/ustring.h>

#include "text/charset_sequences.h"
#include "text/charset_tables.h"
#include "text/utf8.h"

#define REPLACEMENT 0xFFFD
#define PRIVATE_FIRST 0xE000
#define PRIVATE_LAST 0xF8FF
/* Big5-HKSCS reads the user's area 0x8140–0x84FE as private characters from here on, 157 a lead byte. */
#define BIG5_USER_FIRST 0xEEB8
#define BIG5_USER_LAST 0xF12B
#define BIG5_TRAILS 157
#define BIG5_LOW_TRAILS 63 /* of them from 0x40, the others from 0xA1 */

static void charset_name(struct charset *charset, const char *name) {
    snprintf(charset->name, sizeof charset->name, "%s", name);
}

static const struct charset_encoding *encoding_of(const struct charset *charset) {
    const struct charset_encoding *encoding = CHARSET_ENCODINGS;
    while (encoding->name && strcmp(encoding->name, charset->name) != 0)
        encoding++;
    return encoding->name ? encoding : NULL;
}

bool charset_is_single_byte(const struct charset *charset) {
    const struct charset_encoding *encoding = encoding_of(charset);
    return encoding && encoding->kind == CHARSET_SINGLE_BYTE;
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

/* Labels that the standard does not have, by ICU's own table of aliases. */
static bool label_of_icu(const char *name, struct charset *charset) {
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

/* Whether the space-bounded word stands in the list. */
static bool list_has(const char *list, const char *word, size_t size) {
    for (const char *at = list; (at = strstr(at, word)); at += size) {
        if (at[-1] == ' ' && at[size] == ' ')
            return true;
    }
    return false;
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
    for (const struct charset_encoding *encoding = CHARSET_ENCODINGS; encoding->name; encoding++) {
        if (list_has(encoding->labels, name, label.size)) {
            charset_name(charset, encoding->name);
            return true;
        }
    }
    return label_of_icu(name, charset);
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

/* The characters of the bytes from 0x80 on. Returns -1 where ICU lacks the converter. */
static int fill_high_half(const struct charset_encoding *encoding, uint16_t characters[128]) {
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(encoding->converter, &status);
    if (U_FAILURE(status))
        return -1;
    for (unsigned i = 0; i < 128; i++) {
        char byte = (char)(0x80 + i);
        UChar decoded[4] = {0};
        status = U_ZERO_ERROR;
        ucnv_resetToUnicode(converter);
        bool one = ucnv_toUChars(converter, decoded, 4, &byte, 1, &status) == 1 && U_SUCCESS(status);
        characters[i] = one ? decoded[0] : REPLACEMENT;
    }
    ucnv_close(converter);
    for (const struct charset_byte_patch *patch = CHARSET_BYTE_PATCHES; patch->encoding; patch++) {
        if (strcmp(patch->encoding, encoding->name) == 0)
            characters[patch->byte - 0x80] = patch->character;
    }
    if (strcmp(encoding->name, "x-user-defined") == 0) {
        for (unsigned i = 0; i < 128; i++)
            characters[i] = (uint16_t)(0xF780 + i);
    }
    return 0;
}

static void decode_single_bytes(struct span data, const uint16_t characters[128], struct bytes *out,
                                uint64_t *replaced) {
    size_t start = 0;
    for (size_t i = 0; i < data.size; i++) {
        unsigned char byte = (unsigned char)data.data[i];
        if (byte < 0x80)
            continue;
        bytes_append(out, data.data + start, i - start);
        utf8_append(out, characters[byte - 0x80]);
        *replaced += characters[byte - 0x80] == REPLACEMENT;
        start = i + 1;
    }
    bytes_append(out, data.data + start, data.size - start);
}

struct decoding {
    const struct charset_encoding *encoding; /* NULL for ICU's own */
    uint64_t *replaced;
};

static int compare_pair(const void *key, const void *element) {
    return (int)*(const uint16_t *)key - (int)((const struct charset_pair_patch *)element)->pair;
}

static UChar big5_character(const char *units) {
    uint16_t pair = (uint16_t)((unsigned char)units[0] << 8 | (unsigned char)units[1]);
    const struct charset_pair_patch *patch =
        bsearch(&pair, CHARSET_BIG5_PAIRS, CHARSET_BIG5_PAIR_COUNT, sizeof *CHARSET_BIG5_PAIRS, compare_pair);
    return patch ? patch->character : 0;
}

/* For what ICU cannot convert: characters it lacks, else U+FFFD, and the ASCII byte that ends a malformed sequence. */
static void U_CALLCONV replace_malformed(const void *context, UConverterToUnicodeArgs *arguments, const char *units,
                                         int32_t length, UConverterCallbackReason reason, UErrorCode *status) {
    const struct decoding *decoding = context;
    if (reason > UCNV_IRREGULAR)
        return;
    *status = U_ZERO_ERROR;
    UChar text[2] = {REPLACEMENT};
    int32_t count = 1;
    bool lead_bytes = decoding->encoding && decoding->encoding->kind == CHARSET_LEAD_BYTES;
    if (lead_bytes && length == 2 && strcmp(decoding->encoding->name, "Big5") == 0 && big5_character(units))
        text[0] = big5_character(units);
    else if (lead_bytes && length == 1 && units[0] == '\x80' && strcmp(decoding->encoding->name, "Shift_JIS") == 0)
        text[0] = 0x80; /* the standard has this control character there, IBM none */
    else if (lead_bytes && length == 2 && (unsigned char)units[length - 1] < 0x80 && reason == UCNV_UNASSIGNED)
        text[count++] = (UChar)units[length - 1];
    *decoding->replaced += text[0] == REPLACEMENT;
    ucnv_cbToUWriteUChars(arguments, text, count, 0, status);
}

static int compare_private(const void *key, const void *element) {
    return (int)*(const uint16_t *)key - (int)((const struct charset_private_patch *)element)->from;
}

/* Appends what the standard has for ICU's private character; returns false where that is right as it is. */
static bool append_for_private(const char *encoding, uint16_t character, struct bytes *out, uint64_t *replaced) {
    const struct charset_private_patch *patch = NULL;
    if (strcmp(encoding, "Big5") == 0)
        patch = bsearch(&character, CHARSET_BIG5_PRIVATE, CHARSET_BIG5_PRIVATE_COUNT, sizeof *patch, compare_private);
    else if (strcmp(encoding, "EUC-KR") != 0)
        patch =
            bsearch(&character, CHARSET_GB18030_PRIVATE, CHARSET_GB18030_PRIVATE_COUNT, sizeof *patch, compare_private);
    if (patch) {
        utf8_append(out, patch->to[0]);
        if (patch->to[1])
            utf8_append(out, patch->to[1]);
        return true;
    }
    bool big5_user = strcmp(encoding, "Big5") == 0 && character >= BIG5_USER_FIRST && character <= BIG5_USER_LAST;
    if (!big5_user && strcmp(encoding, "EUC-KR") != 0)
        return false;
    utf8_append(out, REPLACEMENT);
    ++*replaced;
    unsigned trail = (unsigned)(character - BIG5_USER_FIRST) % BIG5_TRAILS;
    if (big5_user && trail < BIG5_LOW_TRAILS)
        utf8_append(out, 0x40 + trail);
    return true;
}

/* Puts right the private characters of out from `begin` on. */
static void replace_private(const char *encoding, struct bytes *out, size_t begin, uint64_t *replaced) {
    struct bytes patched = {0};
    size_t done = begin;
    for (size_t i = begin; i + 2 < out->size; i++) {
        const unsigned char *bytes = (const unsigned char *)out->data + i;
        if ((bytes[0] & 0xFE) != 0xEE)
            continue;
        unsigned character = (bytes[0] & 0x0FU) << 12 | (bytes[1] & 0x3FU) << 6 | (bytes[2] & 0x3FU);
        if (character < PRIVATE_FIRST || character > PRIVATE_LAST)
            continue;
        size_t before = patched.size;
        bytes_append(&patched, out->data + done, i - done);
        if (append_for_private(encoding, (uint16_t)character, &patched, replaced))
            done = i + 3;
        else
            patched.size = before;
    }
    if (done > begin) {
        bytes_append(&patched, out->data + done, out->size - done);
        out->size = begin;
        bytes_append_span(out, span_of_bytes(&patched));
    }
    bytes_release(&patched);
}

static int decode_with_icu(struct span data, const struct charset *charset, struct bytes *out, uint64_t *replaced,
                           struct error *error) {
    struct decoding decoding = {encoding_of(charset), replaced};
    struct bytes mended = {0};
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(decoding.encoding ? decoding.encoding->converter : charset->name, &status);
    if (U_FAILURE(status))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no converter for the encoding %s", charset->name);
    if (charset_mend_sequences(charset->name, data, &mended))
        data = span_of_bytes(&mended);
    ucnv_setToUCallBack(converter, replace_malformed, &decoding, NULL, NULL, &status);
    /* No encoding needs more than four bytes of UTF-8 for one of its own (U+FFFD with an ASCII byte for a pair, and a
     * pair that gives two characters, included). */
    size_t room = data.size * 3 + 64, begin = out->size;
    char *target = bytes_reserve(out, room);
    int32_t size =
        ucnv_toAlgorithmic(UCNV_UTF8, converter, target, (int32_t)room, data.data, (int32_t)data.size, &status);
    if (status == U_STRING_NOT_TERMINATED_WARNING)
        status = U_ZERO_ERROR;
    ucnv_close(converter);
    bytes_release(&mended);
    if (U_FAILURE(status))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "cannot convert from %s: %s", charset->name,
                         u_errorName(status));
    out->size += (size_t)size;
    const char *name = charset->name;
    if (strcmp(name, "Big5") == 0 || strcmp(name, "EUC-KR") == 0 || strcmp(name, "GBK") == 0 ||
        strcmp(name, "gb18030") == 0)
        replace_private(name, out, begin, replaced);
    return 0;
}

/* Behind the byte order mark of that encoding, where there is one. */
static struct span without_mark(struct span data, const struct charset *charset) {
    struct charset mark;
    size_t size = 0;
    if (!charset_of_mark(data, &mark, &size) || strcmp(mark.name, charset->name) != 0)
        return data;
    return (struct span){data.data + size, data.size - size};
}

int charset_decode(struct span data, const struct charset *charset, struct bytes *out, uint64_t *replaced,
                   struct error *error) {
    uint64_t ignored;
    if (!replaced)
        replaced = &ignored;
    *replaced = 0;
    if (data.size > CHARSET_INPUT_MAX)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "text of %zu bytes is too long to convert", data.size);
    data = without_mark(data, charset);
    if (strcmp(charset->name, "UTF-8") == 0) {
        *replaced = utf8_repair(data, out);
        return 0;
    }
    const struct charset_encoding *encoding = encoding_of(charset);
    uint16_t characters[128];
    if (encoding && encoding->kind == CHARSET_SINGLE_BYTE && fill_high_half(encoding, characters) == 0) {
        decode_single_bytes(data, characters, out, replaced);
        return 0;
    }
    return decode_with_icu(data, charset, out, replaced, error);
}

int charset_decode_in_place(struct span data, const struct charset *charset, struct bytes *out, struct span *text,
                            struct error *error) {
    *text = without_mark(data, charset);
    if (strcmp(charset->name, "UTF-8") == 0 && data.size <= CHARSET_INPUT_MAX && charset_is_utf8(*text))
        return 0;
    int status = charset_decode(data, charset, out, NULL, error);
    *text = span_of_bytes(out);
    return status;
}
