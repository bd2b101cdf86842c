/* gpt-bpe train: records to tokenizer.json. */
#ifndef BPE_TRAIN_H
#define BPE_TRAIN_H

/* argv[0] is skipped, as in main. Returns the exit status. */
int bpe_train(int argc, char **argv);

#endif
