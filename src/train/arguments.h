/* The command line of gpt-train. */
#ifndef TRAIN_ARGUMENTS_H
#define TRAIN_ARGUMENTS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/options.h"
#include "train/settings.h"

struct arguments {
    struct common_options common;
    struct settings settings;
    const char *tokenizer, *out, *init; /* NULL where not given */
    struct option_list data, prompts;
    bool resume;
    const char *config; /* file of --config, or NULL */
    int size;           /* of --size: 0 none, else enum size_preset + 1 */
    bool fit;
    bool overcommit; /* start whatever memory there is */
};

/* Ends the process itself as options_parse does; ERROR_USAGE where something needed is missing. Released by the caller
 * after an error too. */
int arguments_parse(struct arguments *arguments, int argc, char **argv, struct error *error);
void arguments_release(struct arguments *arguments);

#endif
