/* A dialogue being built: turns of alternating roles over one text buffer. */
#ifndef PAIR_DIALOGUE_H
#define PAIR_DIALOGUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/record.h"

/* A turn's place in the dialogue's text, and who spoke it. */
struct turn {
    enum role role;
    struct span speaker; /* borrowed; absent where not known */
    size_t start, size;
    size_t source; /* the caller's number of what was said last in it */
};

/* Zero-initialised is valid and empty. */
struct dialogue {
    struct bytes text;
    struct turn *turns;
    size_t count, capacity;
};

void dialogue_clear(struct dialogue *dialogue);
void dialogue_release(struct dialogue *dialogue);
/* Adds what a speaker said. The same speaker going on adds to the same turn, after separator. Blank text adds nothing.
 */
void dialogue_add(struct dialogue *dialogue, struct span speaker, struct span text, const char *separator);
/* Continues the last turn with another line. */
void dialogue_continue(struct dialogue *dialogue, struct span line);
/* Gives roles: known speakers theirs; of others the first is the user, and roles change with the speaker. Joins turns
 * of equal role. */
void dialogue_assign_roles(struct dialogue *dialogue);
/*
 * Makes turns [from, to) fit for training in place: starts with a user's turn and ends with an assistant's. Returns
 * false where fewer than two turns are left.
 */
bool dialogue_trim(const struct dialogue *dialogue, size_t *from, size_t *to);
struct span dialogue_text(const struct dialogue *dialogue, size_t turn);

#endif
