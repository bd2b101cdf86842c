/* gpt-bpe import: a published rank file or vocab.bpe to tokenizer.json. */
#ifndef BPE_IMPORT_H
#define BPE_IMPORT_H

/* argv[0] is skipped, as in main. Returns the exit status. */
int bpe_import(int argc, char **argv);

#endif
