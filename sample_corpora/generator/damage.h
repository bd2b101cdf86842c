/* The faults that dumps from outside have, put into clean text on purpose. */
#ifndef GENERATOR_DAMAGE_H
#define GENERATOR_DAMAGE_H

#include "sample.h"

enum damage {
    DAMAGE_MOJIBAKE,        /* UTF-8 read as Windows-1252 */
    DAMAGE_MOJIBAKE_DOUBLE, /* twice over */
    DAMAGE_DECOMPOSED,      /* NFD */
    DAMAGE_INVISIBLE,       /* zero-width spaces and soft hyphens inside words */
    DAMAGE_SPACES,          /* no-break, narrow, em and ideographic spaces for plain ones */
    DAMAGE_ENTITIES,        /* HTML entities left in text */
    DAMAGE_CRLF,            /* line ends */
    DAMAGE_COUNT
};

void damage_text(enum damage damage, struct span text, struct bytes *out);
/* Damages *text in place with that chance in a thousand, the kind being drawn. */
void damage_some(struct sample *sample, unsigned per_thousand, struct bytes *text);

#endif
