/* White space and line ends. */
#ifndef CLEAN_SPACE_H
#define CLEAN_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* True for white space that space_tidy changes wherever it stands: any but tab, space and LF. */
bool space_is_odd(uint32_t code);

/*
 * One form of white space in valid UTF-8: every line end (CRLF, CR, VT, FF, U+0085, U+2028, U+2029) becomes LF, every
 * space of Unicode but the tab becomes U+0020, blanks at line ends go, runs of blank lines become one blank line, blank
 * lines at the start and white space at the end go. Indentation, tabs and runs of spaces inside lines stay: code and
 * tables need them. Returns true and appends the text to *out where it changed.
 */
bool space_tidy(struct span text, struct bytes *out);

#endif
