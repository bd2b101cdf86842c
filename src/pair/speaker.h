/* What a speaker's label says: roles by the words people label transcripts and question lists with, in many languages.
 */
#ifndef PAIR_SPEAKER_H
#define PAIR_SPEAKER_H

#include <stdbool.h>

#include "base/bytes.h"

enum speaker_kind { SPEAKER_OTHER, SPEAKER_USER, SPEAKER_ASSISTANT, SPEAKER_QUESTION, SPEAKER_ANSWER };

/* The kind of a label such as "Customer", "Kund 2", "客服" or "Q": the case and a number behind it do not matter. */
enum speaker_kind speaker_classify(struct span label);

/*
 * Splits "Label: text" (ASCII or full-width colon; up to four words of letters, digits, spaces, ' . - _). False where
 * the line has no label. text is what follows, without blanks around it, and may be empty.
 */
bool speaker_split(struct span line, struct span *label, struct span *text);

#endif
