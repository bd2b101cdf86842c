/*
 * Words of runs of Han, hiragana and katakana: the segmentation of ICU's break engine, by ICU's dictionary, without
 * what makes that engine slow (texts behind an interface, normalisation, a table of breaks).
 */
#ifndef TEXT_CJK_WORDS_H
#define TEXT_CJK_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct cjk_words; /* for one thread at a time */

/* NULL where ICU's data does not hold its dictionary in the form that is known here. */
struct cjk_words *cjk_words_new(void);
void cjk_words_free(struct cjk_words *words);

/*
 * Cuts a run. Returns how many words there are, and sets *ends to where each ends, in characters; it borrows from words
 * until the next call. 0 where the run holds characters beyond the common ones (ICU normalises those first).
 */
size_t cjk_words_cut(struct cjk_words *words, struct span run, const uint32_t **ends);

#endif
