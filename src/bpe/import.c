/* Owns the command line of gpt-bpe import. The files' formats are token/rank_file.c's affair. */
#include "bpe/import.h"

#include "base/options.h"
#include "bpe/choose.h"
#include "bpe/save.h"
#include "token/tokenizer.h"

/* Many of them tell that a vocab.bpe lacks merges that its encoder.json has the tokens of. */
static uint32_t count_specials(const struct tokenizer *tokenizer) {
    uint32_t count = 0;
    for (uint32_t id = 0; id < tokenizer_vocabulary_size(tokenizer); id++)
        count += tokenizer_is_special(tokenizer, id);
    return count;
}

int bpe_import(int argc, char **argv) {
    struct common_options common = {0};
    const char *output = NULL, *config = NULL, *name = NULL, *regex = NULL;
    const struct option options[] = {
        {'o', "output", OPTION_TEXT, &output, "FILE", "write tokenizer.json to FILE, not to stdout", 0, 0, NULL},
        {0, "config", OPTION_TEXT, &config, "FILE",
         "write tokenizer_config.json to FILE (default: beside -o tokenizer.json)", 0, 0, NULL},
        {0, "pretokenizer", OPTION_TEXT, &name, "NAME", "of a file that is not one of the published ones", 0, 0, NULL},
        {0, "regex", OPTION_TEXT, &regex, "PATTERN", "as --pretokenizer, but a pattern of its own", 0, 0, NULL},
        OPTION_END,
    };
    const struct program program = {.name = "gpt-bpe import",
                                    .purpose = "Make a tokenizer.json of a tiktoken rank file or GPT-2's vocab.bpe.",
                                    .usage = "[OPTIONS] FILE [ENCODER.JSON]",
                                    .options = options,
                                    .common = COMMON_QUIET,
                                    .values = &common,
                                    .minimum_operands = 1,
                                    .maximum_operands = 2};
    int first;
    options_parse(&program, argc, argv, &first);
    struct error error;
    struct tokenizer *tokenizer;
    struct pretokenizer *pretokenizer;
    if (bpe_choose_pretokenizer(&pretokenizer, name, regex, &error) != 0)
        return program_fail(&error);
    if (tokenizer_import(&tokenizer, argv[first], first + 1 < argc ? argv[first + 1] : NULL, pretokenizer, &error) != 0)
        return program_fail(&error);
    int status = 0;
    struct bpe_files files;
    if (bpe_files_open(&files, output, config, &error) != 0 || bpe_files_save(&files, tokenizer, &error) != 0)
        status = program_fail(&error);
    else
        program_say(&common, "vocabulary %u, merges %zu, special tokens %u, pretokenizer %s",
                    tokenizer_vocabulary_size(tokenizer), tokenizer_merge_count(tokenizer), count_specials(tokenizer),
                    pretokenizer_name(tokenizer_pretokenizer(tokenizer)));
    tokenizer_free(tokenizer);
    return status;
}
