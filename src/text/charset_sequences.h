/*
 * The shapes of byte sequences in the multi-byte encodings of the WHATWG Encoding Standard. For charset.c alone.
 */
#ifndef TEXT_CHARSET_SEQUENCES_H
#define TEXT_CHARSET_SEQUENCES_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Rewrites text of the encoding so that ICU's converter makes of it what the standard's decoder makes of data: every
 * malformed sequence becomes one byte 0xFF, which no converter has a character for, and bytes that ICU reads otherwise
 * become what it reads so. Returns false, with *mended empty, where data can stay as it is.
 */
bool charset_mend_sequences(const char *encoding, struct span data, struct bytes *mended);

#endif
