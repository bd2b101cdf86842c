/* Dialogues inside one text: speaker-labelled transcripts and question/answer lists. */
#ifndef PAIR_TRANSCRIPT_H
#define PAIR_TRANSCRIPT_H

#include <stddef.h>

#include "base/error.h"
#include "pair/dialogue.h"

/* Takes turns [from, to) of a dialogue whose roles are set; returns 0 or -1. */
typedef int dialogue_emit(void *context, const struct dialogue *dialogue, size_t from, size_t to, struct error *error);

/*
 * Finds labelled turns in text and hands each dialogue on. A text is a transcript where at least two different labels
 * speak and either the labels are role words (Customer, Agent, Q, A, in many languages) or they recur on most lines.
 * Blank lines divide dialogues where the turns between them stand together, and turns where each stands alone; a
 * question label starts a dialogue. Dialogues over max_turns are cut into pieces of that length. *found gets the number
 * handed on. dialogue is scratch.
 */
int transcript_parse(struct span text, size_t max_turns, struct dialogue *dialogue, dialogue_emit *emit, void *context,
                     size_t *found, struct error *error);

#endif
