/* gpt-bpe show: a look at a tokenizer, and at how well it fits given records. */
#ifndef BPE_SHOW_H
#define BPE_SHOW_H

/* argv[0] is skipped, as in main. Returns the exit status. */
int bpe_show(int argc, char **argv);

#endif
