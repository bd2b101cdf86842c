/*
 * Letters as language identification sees them: by script, each as one byte, in words. The judge and the tool that
 * trains its weights read text through this, so that both see the same.
 */
#ifndef TEXT_LANGUAGE_LETTERS_H
#define TEXT_LANGUAGE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Scripts of several languages come first: their letters become codes, of which n-grams are made. */
enum language_script {
    SCRIPT_LATIN,
    SCRIPT_CYRILLIC,
    SCRIPT_ARABIC,
    SCRIPT_DEVANAGARI,
    SCRIPT_ETHIOPIC,
    SCRIPT_BENGALI,
    SCRIPT_HEBREW,
    SCRIPT_CODED,              /* so many of these */
    SCRIPT_HAN = SCRIPT_CODED, /* letters of these and the following are only counted */
    SCRIPT_KANA,
    SCRIPT_HANGUL,
    SCRIPT_GREEK,
    SCRIPT_ARMENIAN,
    SCRIPT_GEORGIAN,
    SCRIPT_THAI,
    SCRIPT_LAO,
    SCRIPT_KHMER,
    SCRIPT_BURMESE,
    SCRIPT_TIBETAN,
    SCRIPT_SINHALA,
    SCRIPT_TAMIL,
    SCRIPT_TELUGU,
    SCRIPT_KANNADA,
    SCRIPT_MALAYALAM,
    SCRIPT_GUJARATI,
    SCRIPT_GURMUKHI,
    SCRIPT_ORIYA,
    SCRIPT_COUNT,
    SCRIPT_NONE = SCRIPT_COUNT, /* no letter: parts words */
    SCRIPT_ANY                  /* of the word it stands in: apostrophes, accents */
};

/* "Latn" and the like (ISO 15924), and back; SCRIPT_NONE where there is none of that name. */
const char *language_script_name(enum language_script script);
enum language_script language_script_find(struct span name);

/* What each character below LANGUAGE_TABLE_SIZE is; immutable once made. */
#define LANGUAGE_TABLE_SIZE 0x3200U
struct language_letters {
    uint8_t script[LANGUAGE_TABLE_SIZE];
    uint8_t code[LANGUAGE_TABLE_SIZE]; /* 1 to 255; 0: parts words (SCRIPT_NONE), or is passed over */
    uint8_t ascii[128];                /* the codes of ASCII; LANGUAGE_SPECIAL: may begin what is no text */
};
#define LANGUAGE_SPECIAL 0xFF

void language_letters_init(struct language_letters *letters);

/* A text's letters taken apart. Codes of a script: words, a 0 before, between and behind them. */
#define LANGUAGE_CODES_MAX 1024
struct language_codes {
    uint32_t weight[SCRIPT_COUNT]; /* bytes of letters, and of blanks between Latin words */
    size_t size[SCRIPT_CODED];
    uint8_t codes[SCRIPT_CODED][LANGUAGE_CODES_MAX + 8];
};

/*
 * Takes apart valid UTF-8 of at most LANGUAGE_CODES_MAX bytes. Addresses of the web and of mail and names behind @ are
 * left out.
 */
void language_letters_read(const struct language_letters *letters, struct span text, struct language_codes *codes);

/*
 * A 64-bit hash for each n-gram of the codes: those of 3 and 4 codes that end at each code, and behind a word the word,
 * or the end of a long one. Returns their number; hashes has room for LANGUAGE_GRAMS_MAX.
 */
#define LANGUAGE_GRAMS 3
#define LANGUAGE_GRAMS_MAX ((LANGUAGE_CODES_MAX + 8) * LANGUAGE_GRAMS)
size_t language_grams(enum language_script script, const uint8_t *codes, size_t size, uint64_t *hashes);
/*
 * What tells siblings (language_model.h) apart: n-grams of 4 and 6 codes, words of any length, and two words together.
 * Hashes of different groups are different.
 */
size_t language_sibling_grams(size_t group, const uint8_t *codes, size_t size, uint64_t *hashes);

#endif
