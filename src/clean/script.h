/* The language that a script alone tells: Chinese, Japanese, Korean. For records that do not say their language. */
#ifndef CLEAN_SCRIPT_H
#define CLEAN_SCRIPT_H

#include <stddef.h>

#include "base/bytes.h"

/* Letters seen, by script. Zero-initialised is none. */
struct script_counts {
    size_t han, kana, hangul, other;
};

/* Counts the letters of valid UTF-8 text, or of the beginning of a long one. */
void script_count(struct script_counts *counts, struct span text);
/* "zh", "ja" or "ko" where most letters are Han, kana or Hangul; absent otherwise. */
struct span script_language(const struct script_counts *counts);

#endif
