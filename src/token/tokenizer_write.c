/*
 * Owns writing Hugging Face's tokenizer.json and tokenizer_config.json: one entry a line, in id and rank order, so that
 * equal tokenizers are equal bytes. Knows nothing of reading them.
 */
#include "token/tokenizer.h"

#include "base/json.h"
#include "token/byte_level.h"
#include "token/vocabulary.h"

/* Writes <|bos|>, then each message as <|role|>content<|end|>, as encoder_append_record gives the ids. */
#define CHAT_TEMPLATE                                                                                            \
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}" \
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"

const char *tokenizer_chat_template(void) {
    return CHAT_TEMPLATE;
}

static void append_separator(struct bytes *out, bool *first) {
    bytes_append_text(out, *first ? "\n" : ",\n");
    *first = false;
}

static void append_spelled(struct bytes *out, struct span text, struct bytes *scratch) {
    bytes_clear(scratch);
    byte_level_append(scratch, text);
    json_append_string(out, span_of_bytes(scratch));
}

static void append_added_tokens(const struct tokenizer *tokenizer, struct bytes *out) {
    bool first = true;
    for (uint32_t id = 0; id < tokenizer->size; id++) {
        if (!tokenizer_is_special(tokenizer, id))
            continue;
        append_separator(out, &first);
        bytes_append_format(out, "    {\"id\": %u, \"content\": ", id);
        json_append_string(out, tokenizer_token(tokenizer, id));
        bytes_append_text(out, ", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, "
                               "\"normalized\": false, \"special\": true}");
    }
}

static void append_vocabulary(const struct tokenizer *tokenizer, struct bytes *out, struct bytes *scratch) {
    bool first = true;
    for (uint32_t id = 0; id < tokenizer->size; id++) {
        if (tokenizer->tokens[id].kind == TOKEN_HOLE)
            continue;
        append_separator(out, &first);
        bytes_append_text(out, "      ");
        if (tokenizer_is_special(tokenizer, id))
            json_append_string(out, tokenizer_token(tokenizer, id));
        else
            append_spelled(out, tokenizer_token(tokenizer, id), scratch);
        bytes_append_format(out, ": %u", id);
    }
}

static void append_merges(const struct tokenizer *tokenizer, struct bytes *out, struct bytes *scratch) {
    bool first = true;
    for (size_t i = 0; i < tokenizer->merge_count; i++) {
        append_separator(out, &first);
        bytes_append_text(out, "      [");
        append_spelled(out, tokenizer_token(tokenizer, tokenizer->merges[i].left), scratch);
        bytes_append_text(out, ", ");
        append_spelled(out, tokenizer_token(tokenizer, tokenizer->merges[i].right), scratch);
        bytes_append_byte(out, ']');
    }
}

/* Adds <|bos|> where the caller asks for special tokens, and only there: the chat template writes its own. */
static void append_post_processor(const struct tokenizer *tokenizer, struct bytes *out) {
    uint32_t bos = tokenizer->special[SPECIAL_BOS];
    if (bos == TOKEN_NONE) {
        bytes_append_text(out, "null");
        return;
    }
    bytes_append_format(
        out,
        "{\"type\": \"TemplateProcessing\",\n"
        "    \"single\": [{\"SpecialToken\": {\"id\": \"<|bos|>\", \"type_id\": 0}}, "
        "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}],\n"
        "    \"pair\": [{\"SpecialToken\": {\"id\": \"<|bos|>\", \"type_id\": 0}}, "
        "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"B\", \"type_id\": 1}}],\n"
        "    \"special_tokens\": {\"<|bos|>\": {\"id\": \"<|bos|>\", \"ids\": [%u], "
        "\"tokens\": [\"<|bos|>\"]}}}",
        bos);
}

void tokenizer_append_json(const struct tokenizer *tokenizer, struct bytes *out) {
    struct bytes scratch = {0};
    bytes_append_text(out, "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"
                           "  \"added_tokens\": [");
    append_added_tokens(tokenizer, out);
    bytes_append_text(out, "\n  ],\n  \"normalizer\": null,\n  \"pre_tokenizer\": {\"type\": \"Sequence\", "
                           "\"pretokenizers\": [\n    {\"type\": \"Split\", \"pattern\": {\"Regex\": ");
    json_append_string(out, pretokenizer_pattern(tokenizer->pretokenizer));
    bytes_append_text(out, "}, \"behavior\": \"Isolated\", \"invert\": false},\n    {\"type\": \"ByteLevel\", "
                           "\"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": false}]},\n"
                           "  \"post_processor\": ");
    append_post_processor(tokenizer, out);
    bytes_append_format(out,
                        ",\n  \"decoder\": {\"type\": \"ByteLevel\", \"add_prefix_space\": true, "
                        "\"trim_offsets\": true, \"use_regex\": true},\n"
                        "  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": null,\n"
                        "    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n"
                        "    \"fuse_unk\": false,\n    \"byte_fallback\": false,\n    \"ignore_merges\": %s,\n"
                        "    \"vocab\": {",
                        tokenizer->ignore_merges ? "true" : "false");
    append_vocabulary(tokenizer, out, &scratch);
    bytes_append_text(out, "\n    },\n    \"merges\": [");
    append_merges(tokenizer, out, &scratch);
    bytes_append_text(out, "\n    ]\n  }\n}\n");
    bytes_release(&scratch);
}

void tokenizer_append_config(const struct tokenizer *tokenizer, struct bytes *out) {
    bytes_append_text(out, "{\n  \"added_tokens_decoder\": {");
    bool first = true;
    for (uint32_t id = 0; id < tokenizer->size; id++) {
        if (!tokenizer_is_special(tokenizer, id))
            continue;
        append_separator(out, &first);
        bytes_append_format(out, "    \"%u\": {\"content\": ", id);
        json_append_string(out, tokenizer_token(tokenizer, id));
        bytes_append_text(out, ", \"lstrip\": false, \"normalized\": false, \"rstrip\": false, "
                               "\"single_word\": false, \"special\": true}");
    }
    bytes_append_text(out, "\n  },\n");
    if (tokenizer->special[SPECIAL_BOS] != TOKEN_NONE)
        bytes_append_text(out, "  \"bos_token\": \"<|bos|>\",\n");
    if (tokenizer->special[SPECIAL_END] != TOKEN_NONE)
        bytes_append_text(out, "  \"eos_token\": \"<|end|>\",\n");
    bytes_append_text(out, "  \"chat_template\": ");
    json_append_string(out, span_of(CHAT_TEMPLATE));
    bytes_append_text(out, ",\n  \"clean_up_tokenization_spaces\": false,\n"
                           "  \"tokenizer_class\": \"PreTrainedTokenizerFast\"\n}\n");
}
