/*
 * Prints the rows that gpt-train trains on, in their order, so that another trainer can take the same:
 *     training_rows DATA TOKENIZER OBJECTIVE LENGTH SEED ROWS
 * with OBJECTIVE pretrain or sft. Standard output gets ROWS times LENGTH tokens, LENGTH targets (-1: none) and LENGTH
 * starts, as int32 of this machine. It owns no order: that is the mixture's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/input.h"
#include "model/mixture.h"

static int print_rows(struct mixture *mixture, size_t length, uint64_t rows, struct error *error) {
    struct packed_rows row;
    packed_rows_init(&row, 1, length);
    int status = 0;
    for (uint64_t i = 0; i < rows && status == 0; i++) {
        status = mixture_next(mixture, &row, error);
        fwrite(row.tokens, sizeof *row.tokens, length, stdout);
        fwrite(row.targets, sizeof *row.targets, length, stdout);
        fwrite(row.starts, sizeof *row.starts, length, stdout);
    }
    packed_rows_release(&row);
    if (status == 0 && fflush(stdout))
        status = error_set_system(error, "standard output");
    return status;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: training_rows DATA TOKENIZER OBJECTIVE LENGTH SEED ROWS\n");
        return 2;
    }
    struct packing_options options = {.objective = strcmp(argv[3], "sft") == 0 ? OBJECTIVE_SFT : OBJECTIVE_PRETRAIN,
                                      .method = PACKING_CONCAT,
                                      .split = SPLIT_TRAIN,
                                      .length = strtoul(argv[4], NULL, 10),
                                      .shuffle = true,
                                      .repeat = true,
                                      .seed = strtoull(argv[5], NULL, 10)};
    struct shard_set *set = NULL;
    struct tokenizer *tokenizer = NULL;
    struct bytes text = {0};
    struct error error;
    int status = shard_set_open(&set, argv[1], &error);
    if (status == 0)
        status = input_load(argv[2], (size_t)1 << 30, &text, &error);
    if (status == 0)
        status = tokenizer_parse(&tokenizer, argv[2], span_of_bytes(&text), &error);
    if (status == 0) {
        struct mixture *mixture = mixture_new(&(struct mixture_source){set, 1}, 1, tokenizer, &options);
        status = print_rows(mixture, options.length, strtoull(argv[6], NULL, 10), &error);
        mixture_free(mixture);
    }
    if (status)
        fprintf(stderr, "training_rows: %s\n", error.message);
    tokenizer_free(tokenizer);
    shard_set_free(set);
    bytes_release(&text);
    return status ? 1 : 0;
}
