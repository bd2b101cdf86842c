/*
 * One fast look at a text that says which repairs can have anything to do. Most text needs none, so this look is what
 * most text costs.
 */
#ifndef CLEAN_SURVEY_H
#define CLEAN_SURVEY_H

#include <stdbool.h>

#include "base/bytes.h"
#include "clean/codepages.h"
#include "text/normalize.h"

/* What may be wrong with a text. */
enum finding {
    FINDING_REPLACEMENT = 1 << 0, /* U+FFFD */
    FINDING_AMPERSAND = 1 << 1,
    FINDING_MOJIBAKE = 1 << 2,     /* what mojibake.h may repair */
    FINDING_UNNORMALIZED = 1 << 3, /* what the normal form may change */
    FINDING_CONTROL = 1 << 4,      /* what controls.h may remove */
    FINDING_SPACE = 1 << 5,        /* what space.h changes */
    FINDING_ALL = (1 << 6) - 1
};

/* What single characters say; immutable once made, so that threads share it. */
struct survey;

/* A survey that looks for the wanted findings. Borrows normalizer and code pages while it lives. */
struct survey *survey_new(const struct normalizer *normalizer, const struct codepages *pages, unsigned wanted);
void survey_free(struct survey *survey);

/* The wanted findings in valid UTF-8. Without one of them, the step it is for changes nothing. */
unsigned survey_text(const struct survey *survey, struct span text);
/* The same without the processor's vector instructions: what survey_text is held against. */
unsigned survey_text_plain(const struct survey *survey, struct span text);

#endif
