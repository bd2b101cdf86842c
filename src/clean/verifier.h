/* Checks on what a pattern matched, for what no pattern can say: check digits, number ranges. Rules name them after the
 * pattern. */
#ifndef CLEAN_VERIFIER_H
#define CLEAN_VERIFIER_H

#include "base/bytes.h"

/* The bytes at the start of a match that pass (a pattern may have taken too much), 0 where it does not. */
typedef size_t verifier(struct span match);

/* NULL where there is none of that name. */
verifier *verifier_find(struct span name);
/* Appends the names, with commas between them. */
void verifier_list(struct bytes *out);

#endif
