/*
 * Reverse tables of code pages, made with ICU's converters. Bytes that a code page leaves undefined stand for the C1
 * control of the same number, as most programs read them.
 */
#include "clean/codepages.h"

#include <stdlib.h>
#include <unicode/ucnv.h>

#include "base/memory.h"

static const char *const converters[CODEPAGE_COUNT] = {
    [CODEPAGE_1252] = "windows-1252", [CODEPAGE_1251] = "windows-1251",   [CODEPAGE_1250] = "windows-1250",
    [CODEPAGE_1253] = "windows-1253", [CODEPAGE_1254] = "windows-1254",   [CODEPAGE_1257] = "windows-1257",
    [CODEPAGE_8859_2] = "ISO-8859-2", [CODEPAGE_MACINTOSH] = "macintosh", [CODEPAGE_437] = "ibm-437",
};

/* The half-column of Windows-1252 that differs from Latin-1 (as the WHATWG Encoding Standard has it). */
static const uint16_t windows1252[32] = {
    0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
    0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178,
};

uint32_t windows1252_decode(uint8_t byte) {
    return byte >= 0x80 && byte < 0xA0 ? windows1252[byte - 0x80] : byte;
}

/*
 * Bytes that can lead a sequence, in a code page. Where MacRoman has dashes and quotes, no: good text puts those before
 * any letter ("été", “Été”).
 */
static bool can_lead(enum codepage page, unsigned byte) {
    bool quote = page == CODEPAGE_MACINTOSH && ((byte >= 0xC7 && byte <= 0xCA) || (byte >= 0xD0 && byte <= 0xD5));
    return byte >= 0xC2 && byte <= 0xF4 && !quote;
}

static int page_fill(struct codepages *pages, enum codepage page, struct error *error) {
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(converters[page], &status);
    if (U_FAILURE(status))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "ICU: %s: %s", converters[page], u_errorName(status));
    for (unsigned byte = 0x80; byte < 0x100; byte++) {
        char source = (char)byte;
        UChar wide[4];
        UErrorCode failed = U_ZERO_ERROR;
        int32_t size = ucnv_toUChars(converter, wide, 4, &source, 1, &failed);
        unsigned code = U_SUCCESS(failed) && size == 1 ? wide[0] : 0xFFFD;
        if (page == CODEPAGE_1252 && byte < 0xA0)
            pages->byte[page][byte] = (uint8_t)byte;
        if (code == 0xFFFD)
            code = byte;
        if (code < CODEPAGE_CHARACTERS)
            pages->byte[page][code] = (uint8_t)byte;
    }
    ucnv_close(converter);
    return 0;
}

int codepages_new(struct codepages **made, struct error *error) {
    struct codepages *pages = memory_zeroed(1, sizeof *pages);
    *made = NULL;
    for (enum codepage page = 0; page < CODEPAGE_COUNT; page++) {
        if (page_fill(pages, page, error)) {
            free(pages);
            return -1;
        }
        for (uint32_t code = 0x80; code < CODEPAGE_CHARACTERS; code++) {
            uint8_t byte = pages->byte[page][code];
            if (can_lead(page, byte))
                pages->leads[code] |= (uint16_t)(1U << page);
            if (byte >= 0x80 && byte < 0xC0)
                pages->tails[code] |= (uint16_t)(1U << page);
        }
    }
    *made = pages;
    return 0;
}

void codepages_free(struct codepages *pages) {
    free(pages);
}
