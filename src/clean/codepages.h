/*
 * The code pages that UTF-8 is misread in: Windows-1252 and the others of Windows, ISO 8859-2, MacRoman, the IBM PC's.
 */
#ifndef CLEAN_CODEPAGES_H
#define CLEAN_CODEPAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* In the order of preference, where a text makes sense in several. */
enum codepage {
    CODEPAGE_1252, /* with the C1 controls of Latin-1 beside its own characters */
    CODEPAGE_1251,
    CODEPAGE_1250,
    CODEPAGE_1253,
    CODEPAGE_1254,
    CODEPAGE_1257,
    CODEPAGE_8859_2,
    CODEPAGE_MACINTOSH,
    CODEPAGE_437,
    CODEPAGE_COUNT
};

#define CODEPAGE_CHARACTERS 0x2600U /* above the box drawing of the IBM PC */

/* Immutable once made: threads share it. */
struct codepages {
    uint8_t byte[CODEPAGE_COUNT][CODEPAGE_CHARACTERS]; /* the byte 80..FF of a character, 0 where it has none */
    /* Bit sets of code pages in which a character stands for a byte that leads a sequence of UTF-8, or follows one. */
    uint16_t leads[CODEPAGE_CHARACTERS], tails[CODEPAGE_CHARACTERS];
};

/* On failure (ICU lacks a converter) *pages is NULL. */
int codepages_new(struct codepages **pages, struct error *error);
void codepages_free(struct codepages *pages);

/* The byte of a character above ASCII; 0 where it has none. */
static inline uint8_t codepage_byte(const struct codepages *pages, enum codepage page, uint32_t code) {
    if (code < CODEPAGE_CHARACTERS)
        return pages->byte[page][code];
    /* Characters of MacRoman that stand far away: fi, fl, the apple. */
    return page != CODEPAGE_MACINTOSH ? 0 : code == 0xFB01 ? 0xDE : code == 0xFB02 ? 0xDF : code == 0xF8FF ? 0xF0 : 0;
}

/* The character of byte 80..9F in Windows-1252; the five bytes that have none give the C1 control of the same number.
 */
uint32_t windows1252_decode(uint8_t byte);

#endif
