/* Bytes that are no UTF-8, in lines that should be. */
#ifndef CLEAN_BROKEN_UTF8_H
#define CLEAN_BROKEN_UTF8_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Makes a line of JSON valid UTF-8: returns true and appends it to *out where it was not, else appends nothing. Halves
 * of surrogate pairs that were written as three bytes each (CESU-8) are put together. In a stretch (between quotes and
 * escaped line ends) without any character of valid UTF-8 beyond ASCII, bytes that can be Windows-1252 are read as
 * that; elsewhere each maximal subpart of an ill-formed sequence (Unicode 15, section 3.9) becomes one U+FFFD.
 */
bool broken_utf8_mend(struct span line, struct bytes *out);

#endif
