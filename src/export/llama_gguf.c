/* Names, values and row orders that llama.cpp expects. It owns the correspondence and no bytes of the format. */
#include "export/llama_gguf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/byte_level.h"

/* Of tokenizer.ggml.token_type. */
enum token_type { TOKEN_NORMAL = 1, TOKEN_CONTROL = 3, TOKEN_UNUSED = 5 };

static const char *architecture(const struct model_config *c) {
    return c->qk_norm ? "qwen3" : "llama";
}

#define KEY_SIZE 64

/* The key of a value that depends on the architecture. */
static const char *key_of(const struct model_config *c, const char *key, char name[static KEY_SIZE]) {
    snprintf(name, KEY_SIZE, "%s.%s", architecture(c), key);
    return name;
}

static void put_u32(struct gguf *gguf, const struct model_config *c, const char *key, size_t value) {
    gguf_put_u32(gguf, key_of(c, key, (char[KEY_SIZE]){0}), (uint32_t)value);
}

static void put_f32(struct gguf *gguf, const struct model_config *c, const char *key, double value) {
    gguf_put_f32(gguf, key_of(c, key, (char[KEY_SIZE]){0}), (float)value);
}

static uint32_t file_type(enum weight_type type) {
    static const uint32_t types[] = {[WEIGHT_F32] = 0, [WEIGHT_F16] = 1, [WEIGHT_Q8_0] = 7, [WEIGHT_BF16] = 32};
    return types[type];
}

static void put_model(struct gguf *gguf, const struct model_config *c, const struct llama_gguf_options *options) {
    gguf_put_string(gguf, "general.architecture", span_of(architecture(c)));
    gguf_put_string(gguf, "general.type", SPAN_LITERAL("model"));
    if (options->name != NULL)
        gguf_put_string(gguf, "general.name", span_of(options->name));
    gguf_put_u32(gguf, "general.file_type", file_type(options->type));
    if (options->type == WEIGHT_Q8_0)
        gguf_put_u32(gguf, "general.quantization_version", 2);
    put_u32(gguf, c, "vocab_size", c->vocabulary);
    put_u32(gguf, c, "context_length", c->positions);
    put_u32(gguf, c, "embedding_length", c->width);
    put_u32(gguf, c, "block_count", c->layers);
    put_u32(gguf, c, "feed_forward_length", c->intermediate);
    put_u32(gguf, c, "attention.head_count", c->heads);
    put_u32(gguf, c, "attention.head_count_kv", c->kv_heads);
    put_u32(gguf, c, "attention.key_length", c->head_size);
    put_u32(gguf, c, "attention.value_length", c->head_size);
    put_u32(gguf, c, "rope.dimension_count", c->head_size);
    put_f32(gguf, c, "attention.layer_norm_rms_epsilon", c->norm_epsilon);
    put_f32(gguf, c, "rope.freq_base", c->rope_theta);
}

/*
 * llama.cpp knows pretokenisers by names, which also say whether a piece that is a token is looked up before merging.
 * GPT-2's merges give every token itself, so the difference does not show there.
 */
static const char *pretokenizer_gguf_name(const struct tokenizer *tokenizer) {
    switch (pretokenizer_kind(tokenizer_pretokenizer(tokenizer))) {
    case PRETOKENIZER_GPT2:
        return "gpt-2";
    case PRETOKENIZER_CL100K:
        return tokenizer_ignores_merges(tokenizer) ? "llama-bpe" : "dbrx";
    case PRETOKENIZER_O200K:
        return "gpt-4o";
    default:
        return NULL;
    }
}

/* One entry an id of the model: text as byte-level BPE spells it, specials as they are, and names for what is none. */
static void put_tokens(struct gguf *gguf, const struct tokenizer *tokenizer, size_t vocabulary) {
    struct bytes text = {0};
    gguf_begin_strings(gguf, "tokenizer.ggml.tokens", vocabulary);
    for (uint32_t id = 0; id < vocabulary; id++) {
        struct span token = tokenizer_token(tokenizer, id);
        bytes_clear(&text);
        if (token.data == NULL)
            bytes_append_format(&text, "[PAD%u]", (unsigned)id);
        else if (tokenizer_is_special(tokenizer, id))
            bytes_append_span(&text, token);
        else
            byte_level_append(&text, token);
        gguf_add_string(gguf, span_of_bytes(&text));
    }
    gguf_begin_i32s(gguf, "tokenizer.ggml.token_type", vocabulary);
    for (uint32_t id = 0; id < vocabulary; id++)
        gguf_add_i32(gguf, tokenizer_token(tokenizer, id).data == NULL ? TOKEN_UNUSED
                           : tokenizer_is_special(tokenizer, id)       ? TOKEN_CONTROL
                                                                       : TOKEN_NORMAL);
    bytes_release(&text);
}

static void put_merges(struct gguf *gguf, const struct tokenizer *tokenizer) {
    size_t count = tokenizer_merge_count(tokenizer);
    struct bytes text = {0};
    gguf_begin_strings(gguf, "tokenizer.ggml.merges", count);
    for (size_t i = 0; i < count; i++) {
        uint32_t left, right;
        tokenizer_merge(tokenizer, i, &left, &right);
        bytes_clear(&text);
        byte_level_append(&text, tokenizer_token(tokenizer, left));
        bytes_append_byte(&text, ' ');
        byte_level_append(&text, tokenizer_token(tokenizer, right));
        gguf_add_string(gguf, span_of_bytes(&text));
    }
    bytes_release(&text);
}

static void put_special(struct gguf *gguf, const struct tokenizer *tokenizer, const char *key,
                        enum special_token special) {
    uint32_t id = tokenizer_special(tokenizer, special);
    if (id != TOKEN_NONE)
        gguf_put_u32(gguf, key, id);
}

static void put_tokenizer(struct gguf *gguf, const struct tokenizer *tokenizer, const struct model_config *c,
                          const char *pretokenizer) {
    gguf_put_string(gguf, "tokenizer.ggml.model", SPAN_LITERAL("gpt2"));
    gguf_put_string(gguf, "tokenizer.ggml.pre", span_of(pretokenizer));
    put_tokens(gguf, tokenizer, c->vocabulary);
    put_merges(gguf, tokenizer);
    put_special(gguf, tokenizer, "tokenizer.ggml.bos_token_id", SPECIAL_BOS);
    put_special(gguf, tokenizer, "tokenizer.ggml.eos_token_id", SPECIAL_END);
    put_special(gguf, tokenizer, "tokenizer.ggml.eot_token_id", SPECIAL_END);
    if (c->pad != MODEL_NO_TOKEN)
        gguf_put_u32(gguf, "tokenizer.ggml.padding_token_id", (uint32_t)c->pad);
    /* Every document the model saw begins with it; where the chat template has written it, llama.cpp takes one away. */
    gguf_put_bool(gguf, "tokenizer.ggml.add_bos_token", true);
    gguf_put_bool(gguf, "tokenizer.ggml.add_eos_token", false);
    gguf_put_string(gguf, "tokenizer.chat_template", span_of(tokenizer_chat_template()));
}

/* The name of a layer's tensor behind "model.layers.N.", there and here. */
static const struct layer_tensor {
    const char *ours, *theirs;
} LAYER_TENSORS[] = {
    {"input_layernorm.weight", "attn_norm"},    {"self_attn.q_proj.weight", "attn_q"},
    {"self_attn.k_proj.weight", "attn_k"},      {"self_attn.v_proj.weight", "attn_v"},
    {"self_attn.o_proj.weight", "attn_output"}, {"post_attention_layernorm.weight", "ffn_norm"},
    {"mlp.gate_proj.weight", "ffn_gate"},       {"mlp.up_proj.weight", "ffn_up"},
    {"mlp.down_proj.weight", "ffn_down"},       {"self_attn.q_norm.weight", "attn_q_norm"},
    {"self_attn.k_norm.weight", "attn_k_norm"},
};

static int refuse(const char *name, struct error *error) {
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "GGUF has no name for tensor %s", name);
}

static int tensor_name(const char *ours, char *theirs, size_t size, struct error *error) {
    static const struct layer_tensor whole[] = {{"model.embed_tokens.weight", "token_embd.weight"},
                                                {"model.norm.weight", "output_norm.weight"},
                                                {"lm_head.weight", "output.weight"}};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(ours, whole[i].ours) == 0) {
            snprintf(theirs, size, "%s", whole[i].theirs);
            return 0;
        }
    unsigned layer;
    int end = 0;
    if (sscanf(ours, "model.layers.%u.%n", &layer, &end) != 1 || end == 0)
        return refuse(ours, error);
    for (size_t i = 0; i < sizeof LAYER_TENSORS / sizeof *LAYER_TENSORS; i++)
        if (strcmp(ours + end, LAYER_TENSORS[i].ours) == 0) {
            snprintf(theirs, size, "blk.%u.%s.weight", layer, LAYER_TENSORS[i].theirs);
            return 0;
        }
    return refuse(ours, error);
}

/* llama.cpp's llama rotates neighbours, Hugging Face's and its own qwen3 halves of a head: llama's rows of q and k
 * change places. */
static size_t rotary_heads(const struct model_config *c, const char *name) {
    if (c->qk_norm)
        return 0;
    if (strstr(name, ".self_attn.q_proj.") != NULL)
        return c->heads;
    return strstr(name, ".self_attn.k_proj.") != NULL ? c->kv_heads : 0;
}

static enum weight_type stored_type(const struct tensor *tensor, enum weight_type type) {
    if (tensor->rows == 0)
        return WEIGHT_F32;
    return type == WEIGHT_Q8_0 && tensor->columns % WEIGHT_Q8_0_BLOCK ? WEIGHT_F16 : type;
}

static int add_tensors(struct gguf *gguf, const struct model *model, enum weight_type type, struct error *error) {
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        char name[TENSOR_NAME_SIZE];
        if (tensor_name(tensor->name, name, sizeof name, error))
            return -1;
        struct gguf_tensor *added = gguf_add_tensor(gguf, name);
        added->rows = tensor->rows;
        added->columns = tensor->columns;
        added->data = model->weights + tensor->offset;
        added->type = stored_type(tensor, type);
        added->rotary_heads = rotary_heads(&model->config, tensor->name);
    }
    return 0;
}

bool llama_gguf_has_pretokenizer(const struct tokenizer *tokenizer) {
    return pretokenizer_gguf_name(tokenizer) != NULL;
}

int llama_gguf_fill(struct gguf *gguf, const struct model_bundle *bundle, const struct llama_gguf_options *options,
                    const char **pretokenizer, struct error *error) {
    const char *exact = pretokenizer_gguf_name(bundle->tokenizer);
    if (exact == NULL && !options->force)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "llama.cpp has no pretokeniser like %s, the tokenizer's; --force names a similar one",
                         pretokenizer_name(tokenizer_pretokenizer(bundle->tokenizer)));
    *pretokenizer = exact == NULL ? "dbrx" : exact;
    put_model(gguf, &bundle->model->config, options);
    put_tokenizer(gguf, bundle->tokenizer, &bundle->model->config, *pretokenizer);
    return add_tensors(gguf, bundle->model, options->type, error);
}
