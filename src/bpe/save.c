/* Owns the two files of a tokenizer and where they go. */
#include "bpe/save.h"

#include <string.h>

#include "base/output.h"

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

int bpe_save(const struct tokenizer *tokenizer, const char *output, const char *config, struct error *error) {
    struct bytes text = {0}, path = {0};
    int result = 0;
    config_path(output, config, &path);
    if (path.size > 0) {
        tokenizer_append_config(tokenizer, &text);
        result = output_save(bytes_text(&path), span_of_bytes(&text), error);
    }
    bytes_clear(&text);
    tokenizer_append_json(tokenizer, &text);
    if (result == 0)
        result = output_save(output, span_of_bytes(&text), error);
    bytes_release(&text);
    bytes_release(&path);
    return result;
}
