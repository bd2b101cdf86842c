/* Sentence ends of any language, by rules on characters: no list of abbreviations, so counts are estimates. */
#ifndef TEXT_SENTENCES_H
#define TEXT_SENTENCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "text/classes.h"

/*
 * Sentences in one line of valid UTF-8. One ends at terminal punctuation and its closing quotes or brackets, where
 * white space follows and then anything but a small letter; after full-width punctuation no white space is needed. What
 * is left unended counts as one.
 */
size_t sentences_count(const struct text_classes *classes, struct span line);

/* True where the last character of a line, blanks aside, is terminal punctuation or a closing quote. */
bool sentence_is_ended(const struct text_classes *classes, struct span line);

#endif
