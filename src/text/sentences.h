/* Sentence ends of any language, as UAX #29 finds them: no list of abbreviations, so counts are estimates. */
#ifndef TEXT_SENTENCES_H
#define TEXT_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "text/classes.h"

/* Sentences in one line of valid UTF-8: the segments of UAX #29 with a visible character, so that what is left unended
 * counts as one. */
size_t sentences_count(const struct text_classes *classes, struct span line);

/* True where the last character of a line, blanks aside, is terminal punctuation or a closing quote. */
bool sentence_is_ended(const struct text_classes *classes, struct span line);

#endif
