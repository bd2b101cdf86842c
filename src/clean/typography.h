/* Optional simplifications of characters: quotes, dashes, widths, repeated marks, kinds of characters that are not
 * wanted. */
#ifndef CLEAN_TYPOGRAPHY_H
#define CLEAN_TYPOGRAPHY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "text/normalize.h"

enum typography_fold {
    FOLD_QUOTES = 1,      /* quotation marks and apostrophes become " and ' */
    FOLD_DASHES = 2,      /* hyphens, dashes and the minus sign become -, the em dash with a space on each side */
    FOLD_ELLIPSIS = 4,    /* the ellipsis becomes three stops */
    FOLD_WIDTH = 8,       /* full-width letters and digits, half-width kana and Hangul become the usual ones */
    FOLD_PUNCTUATION = 16 /* full-width and ideographic punctuation becomes ASCII's */
};

/* What to do; zero is nothing. */
struct typography {
    unsigned folds;                   /* of enum typography_fold */
    uint64_t max_repeats;             /* the longest run of one punctuation mark or symbol; 0: any */
    uint32_t removed;                 /* characters of these general categories go: ICU's U_GC masks */
    bool remove_emoji;                /* and emoji, sequences as a whole */
    const struct normalizer *compose; /* NFKC, borrowed; for FOLD_WIDTH */
};

bool typography_is_wanted(const struct typography *typography);

/* Reads the names of a comma-separated list: folds, or categories ("So", "S", "emoji"). ERROR_USAGE for other names. */
int typography_parse_folds(struct typography *typography, const char *list, struct error *error);
int typography_parse_removed(struct typography *typography, const char *list, struct error *error);

/* Returns true and appends the text to *out where it changes. Doing it again changes nothing. */
bool typography_apply(const struct typography *typography, struct span text, struct bytes *out);

#endif
