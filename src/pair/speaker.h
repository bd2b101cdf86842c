/* What a speaker's label says: roles by the words people label transcripts and question lists with, in many languages.
 */
#ifndef PAIR_SPEAKER_H
#define PAIR_SPEAKER_H

#include <stdbool.h>

#include "base/bytes.h"

/* SPEAKER_NOTE: the label of a remark or of data, such as "Note", "Update" or "E-mail", which nobody speaks. */
enum speaker_kind {
    SPEAKER_OTHER,
    SPEAKER_USER,
    SPEAKER_ASSISTANT,
    SPEAKER_QUESTION,
    SPEAKER_ANSWER,
    SPEAKER_NOTE,
    SPEAKER_KINDS
};

/* The kind of a label such as "Customer", "Kund 2", "客服" or "Q": the case and a number behind it do not matter. */
enum speaker_kind speaker_classify(struct span label);

/*
 * Splits "Label: text" (ASCII or full-width colon; up to four words of letters, digits, spaces, ' . - _). False where
 * the line has no label. text is what follows, without blanks around it, and may be empty. A time before the label, as
 * in "[12:30:05] Anna: text", is passed over.
 */
bool speaker_split(struct span line, struct span *label, struct span *text);

/* Whether a line holds a time and nothing else: "[00:01:06]", "12:30". */
bool speaker_is_time(struct span line);

#endif
