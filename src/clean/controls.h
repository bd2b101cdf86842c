/* Control and invisible characters. */
#ifndef CLEAN_CONTROLS_H
#define CLEAN_CONTROLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* True for characters that controls_remove removes, be it only in some places. */
bool controls_may_remove(uint32_t code);

/*
 * Removes from valid UTF-8 what nobody sees: C0 and C1 controls (not tab, and not what ends a line: LF, VT, FF, CR,
 * NEL), DEL, the soft hyphen, zero-width spaces, bidirectional controls, the byte order mark, annotation marks, private
 * use, noncharacters. Joiners, variation selectors and tags stay where a script's shaping or an emoji sequence needs
 * them. Returns true and appends the rest to *out where anything was removed.
 */
bool controls_remove(struct span text, struct bytes *out);

#endif
