/* The options of gpt-bpe that say how text is cut. */
#ifndef BPE_CHOOSE_H
#define BPE_CHOOSE_H

#include "base/error.h"
#include "token/pretokenizer.h"

/*
 * The pretokenizer of --pretokenizer name or --regex pattern, either of which may be NULL, not to be given both
 * (ERROR_USAGE, as for what is not known). *pretokenizer is the caller's, NULL where neither is given.
 */
int bpe_choose_pretokenizer(struct pretokenizer **pretokenizer, const char *name, const char *pattern,
                            struct error *error);

#endif
