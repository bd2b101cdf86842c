/* Writing what gpt-bpe makes. */
#ifndef BPE_SAVE_H
#define BPE_SAVE_H

#include "base/error.h"
#include "token/tokenizer.h"

/*
 * Writes tokenizer.json to output (NULL: stdout) and tokenizer_config.json to config; where config is NULL, beside an
 * output of the name tokenizer.json, where Hugging Face's libraries look for it.
 */
int bpe_save(const struct tokenizer *tokenizer, const char *output, const char *config, struct error *error);

#endif
