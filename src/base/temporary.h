/*
 * Temporary files beside their targets, and the list of those that exist, so that a signal handler can remove them.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include "base/error.h"

struct temporary; /* a slot of the list; reused, never freed */

/* Creates ".NAME.XXXXXX" (mode 0666 less the umask) in the folder of target "…/NAME" and opens it for writing. Returns
 * the descriptor or -1. */
int temporary_create(struct temporary **temporary, const char *target, struct error *error);
/* Renames it onto target: 0, or -1 with errno. It is then no longer in the list, in both cases. */
int temporary_rename(struct temporary *temporary, const char *target);
/* Removes the file. */
void temporary_remove(struct temporary *temporary);
/* Removes all that exist; async-signal-safe. */
void temporary_remove_all(void);

#endif
