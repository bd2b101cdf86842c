/* Owns the two files of a tokenizer and where they go. */
#include "bpe/save.h"

#include <string.h>

static void config_path(const char *output, const char *config, struct bytes *path) {
    static const char name[] = "tokenizer.json";
    size_t size = output ? strlen(output) : 0, name_size = sizeof(name) - 1;
    bytes_clear(path);
    if (config)
        bytes_append_text(path, config);
    else if (size >= name_size && strcmp(output + size - name_size, name) == 0 &&
             (size == name_size || output[size - name_size - 1] == '/'))
        bytes_append_format(path, "%.*stokenizer_config.json", (int)(size - name_size), output);
}

int bpe_files_open(struct bpe_files *files, const char *output, const char *config, struct error *error) {
    struct bytes path = {0};
    *files = (struct bpe_files){0};
    config_path(output, config, &path);
    int result = output_open(&files->tokenizer, output, error);
    if (result == 0 && path.size > 0)
        result = output_open(&files->config, bytes_text(&path), error);
    if (result == 0 && files->config && output_is_same(files->tokenizer, files->config))
        result = error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--output and --config are one file: %s",
                           bytes_text(&path));
    bytes_release(&path);
    if (result != 0)
        bpe_files_abort(files);
    return result;
}

static int write_text(struct output *output, const struct bytes *text, struct error *error) {
    int result = output_write(output, text->data, text->size, error);
    return result == 0 ? output_flush(output, error) : result;
}

/* Closes an output that is open; after an error its name is left as it was. */
static int finish(struct output **output, int result, struct error *error) {
    if (result == 0 && *output)
        result = output_close(*output, error);
    else
        output_abort(*output);
    *output = NULL;
    return result;
}

int bpe_files_save(struct bpe_files *files, const struct tokenizer *tokenizer, struct error *error) {
    struct bytes text = {0};
    tokenizer_append_json(tokenizer, &text);
    int result = write_text(files->tokenizer, &text, error);
    bytes_clear(&text);
    if (result == 0 && files->config) {
        tokenizer_append_config(tokenizer, &text);
        result = write_text(files->config, &text, error);
    }
    bytes_release(&text);
    result = finish(&files->config, result, error);
    return finish(&files->tokenizer, result, error);
}

void bpe_files_abort(struct bpe_files *files) {
    output_abort(files->tokenizer);
    output_abort(files->config);
    *files = (struct bpe_files){0};
}
