/*
 * Unicode normalisation (UAX #15) of UTF-8 by ICU, with a quick check of our own, so that text that is normal already
 * (nearly all) is never converted. The tables are ICU's; the Unicode version is the linked ICU's.
 */
#ifndef TEXT_NORMALIZE_H
#define TEXT_NORMALIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

enum normal_form { NORMAL_FORM_NONE, NORMAL_FORM_C, NORMAL_FORM_KC };

/* Immutable once made: threads share one. */
struct normalizer;

/* On failure (ICU's data cannot be loaded) *normalizer is NULL. */
int normalizer_new(struct normalizer **normalizer, enum normal_form form, struct error *error);
void normalizer_free(struct normalizer *normalizer);

/* What becomes of a character. */
enum normal_effect {
    NORMAL_STAYS,     /* whatever stands beside it: another segment begins before it */
    NORMAL_MARK,      /* stays, unless normalizer_reorders it */
    NORMAL_MAY_CHANGE /* or may change what stands before it */
};

enum normal_effect normalizer_effect(const struct normalizer *normalizer, uint32_t code);
/* Whether a mark and the mark behind it change places: the second one's combining class is lower. */
bool normalizer_reorders(uint32_t mark, uint32_t next);

/*
 * Brings valid UTF-8 into the normal form: 1 and the result appended to *out where it differs from text, 0 with nothing
 * appended where text is normal already, -1 on error.
 */
int normalizer_apply(const struct normalizer *normalizer, struct span text, struct bytes *out, struct error *error);

#endif
