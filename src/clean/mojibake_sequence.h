/*
 * A sequence of mojibake: the characters that the bytes of one UTF-8 sequence were misread as in a code page, and how
 * odd they would be in sound text. For mojibake.c alone.
 */
#ifndef CLEAN_MOJIBAKE_SEQUENCE_H
#define CLEAN_MOJIBAKE_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "clean/codepages.h"

#define SEQUENCE_TAILS_MAX 5 /* of a surrogate pair in CESU-8 */

struct sequence {
    size_t size;   /* bytes in the text */
    uint32_t lead; /* the characters it is written with */
    uint32_t tail[SEQUENCE_TAILS_MAX];
    size_t tails;
    uint8_t first; /* the first byte behind it */
    uint32_t code; /* what it decodes to; U+FFFD where a byte is lost */
    bool lossy;    /* a byte is lost: a tail is U+FFFD */
    bool spaced;   /* a tail is a space that was a no-break space */
};

/* Reads the sequence at text.data[at] (valid UTF-8); false where there is none or it decodes to nothing that text
 * holds. Lossy and spaced ones only where asked for. */
bool sequence_read(const struct codepages *pages, enum codepage page, struct span text, size_t at, bool damaged,
                   struct sequence *sequence);

/* How much speaks against a sequence being sound text, between two characters (0 at the ends of the text). */
enum weight { WEIGHT_NONE, WEIGHT_LIKELY, WEIGHT_CERTAIN };
enum weight sequence_weigh(const struct sequence *sequence, enum codepage page, uint32_t before, uint32_t after);

/* Pairs of neighbours that sound text does not have, in the sequence and at its ends. */
size_t sequence_count_odd(const struct sequence *sequence, uint32_t before, uint32_t after);

/* True where it decodes to what texts commonly hold. */
bool sequence_is_plausible(const struct sequence *sequence);

/* Latin letters with marks, as European languages use them. */
bool is_european_letter(uint32_t code);
/* True for characters that good text does not put right after a letter, C1 controls among them. */
bool is_odd_after_letter(uint32_t code);

#endif
