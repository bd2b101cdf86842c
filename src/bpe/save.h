/* Writing what gpt-bpe makes. */
#ifndef BPE_SAVE_H
#define BPE_SAVE_H

#include "base/error.h"
#include "base/output.h"
#include "token/tokenizer.h"

/* The open files of a tokenizer; zero-initialised is none. */
struct bpe_files {
    struct output *tokenizer, *config; /* config NULL: not written */
};

/*
 * Opens output (NULL: stdout) for tokenizer.json and config for tokenizer_config.json; where config is NULL, beside an
 * output of the name tokenizer.json, where Hugging Face's libraries look for it.
 */
int bpe_files_open(struct bpe_files *files, const char *output, const char *config, struct error *error);
/* Writes both and closes them, in any case. */
int bpe_files_save(struct bpe_files *files, const struct tokenizer *tokenizer, struct error *error);
/* Leaves what had their names as it was. Does nothing to closed ones. */
void bpe_files_abort(struct bpe_files *files);

#endif
