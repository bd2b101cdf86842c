/* gpt-bpe: chooses the command. What the commands do is train.c's, import.c's and show.c's affair. */
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "bpe/import.h"
#include "bpe/show.h"
#include "bpe/train.h"

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "train") == 0)
        return bpe_train(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "import") == 0)
        return bpe_import(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "show") == 0)
        return bpe_show(argc - 1, argv + 1);
    struct common_options common = {0};
    const struct program program = {.name = "gpt-bpe",
                                    .purpose =
                                        "Learn a byte-level BPE tokenizer, or look at one.\n\n"
                                        "Commands, each with its own --help:\n"
                                        "  train                     learn a tokenizer from records\n"
                                        "  import                    make a tokenizer of a rank file or vocab.bpe\n"
                                        "  show                      describe a tokenizer",
                                    .usage = "train|import|show [OPTIONS] [FILE...]",
                                    .values = &common,
                                    .maximum_operands = SIZE_MAX};
    int first;
    options_parse(&program, argc, argv, &first);
    if (first < argc)
        fprintf(stderr, "gpt-bpe: unknown command '%s': it is train, import or show\n", argv[first]);
    else
        fprintf(stderr, "gpt-bpe: no command: it is train, import or show\n");
    fprintf(stderr, "gpt-bpe: try 'gpt-bpe --help'\n");
    return 2;
}
