/* Owns reading Hugging Face's tokenizer_config.json, as far as it tells how dialogues are written. Writing it is
 * tokenizer_write.c's affair. */
#include "token/tokenizer.h"

#include "base/json.h"

#define FILE_LIMIT ((size_t)64 << 20)

/* A token is a string or an object with its content. */
static void read_token(const struct json_value *root, const char *key, struct bytes *token) {
    struct span text = json_string(root, key);
    if (!text.data)
        text = json_string(json_member(root, key), "content");
    bytes_append_span(token, text);
}

/* The template is a string, or a list of named ones, of which "default" is the one for dialogues. */
static void read_template(const struct json_value *value, struct bytes *template) {
    if (value && value->type == JSON_STRING)
        bytes_append_span(template, value->string);
    for (size_t i = 0; value && value->type == JSON_ARRAY && i < value->count; i++)
        if (span_is(json_string(&value->items[i], "name"), "default"))
            bytes_append_span(template, json_string(&value->items[i], "template"));
}

int tokenizer_config_load(struct tokenizer_config *config, const char *path, struct error *error) {
    struct json_document *document;
    *config = (struct tokenizer_config){0};
    if (json_load(&document, path, FILE_LIMIT, error) != 0)
        return -1;
    const struct json_value *root = json_root(document);
    int result = 0;
    if (root->type != JSON_OBJECT)
        result = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s: no object", path);
    read_token(root, "bos_token", &config->bos);
    read_token(root, "eos_token", &config->eos);
    read_template(json_member(root, "chat_template"), &config->chat_template);
    json_free(document);
    return result;
}

void tokenizer_config_release(struct tokenizer_config *config) {
    bytes_release(&config->bos);
    bytes_release(&config->eos);
    bytes_release(&config->chat_template);
    *config = (struct tokenizer_config){0};
}
