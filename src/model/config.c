/*
 * config.json and the arithmetic of model shapes. It owns which Hugging Face fields mean what, and knows nothing of
 * weights.
 */
#include "model/config.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

#define CONFIG_FILE_MAX ((size_t)16 << 20)
/* Beyond these a product of sizes could leave size_t's comfortable range; no model is near. */
#define SIZE_FIELD_MAX ((size_t)1 << 28)
#define QWEN3_HEAD_SIZE 128
#define LAYERS_MAX ((size_t)1 << 12)
#define PARAMETERS_MAX ((uint64_t)1 << 40)

struct model_config model_config_default(size_t vocabulary, size_t layers, size_t width, size_t heads,
                                         size_t positions) {
    return (struct model_config){
        .vocabulary = vocabulary,
        .width = width,
        .intermediate = (width * 8 / 3 + 31) / 32 * 32,
        .layers = layers,
        .heads = heads,
        .kv_heads = heads,
        .head_size = heads ? width / heads : 0,
        .positions = positions,
        .norm_epsilon = 1e-5,
        .rope_theta = 10000,
        .tied = true,
        .bos = MODEL_NO_TOKEN,
        .eos = MODEL_NO_TOKEN,
        .pad = MODEL_NO_TOKEN,
    };
}

static int check_size(const char *name, size_t value, size_t limit, struct error *error) {
    if (value == 0 || value > limit)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s must be 1 to %zu", name, limit);
    return 0;
}

static int check_token(const char *name, int64_t id, size_t vocabulary, struct error *error) {
    if (id != MODEL_NO_TOKEN && (id < 0 || (uint64_t)id >= vocabulary))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "%s is outside the vocabulary", name);
    return 0;
}

int model_config_check(const struct model_config *c, struct error *error) {
    if (check_size("vocab_size", c->vocabulary, SIZE_FIELD_MAX, error) ||
        check_size("hidden_size", c->width, 1 << 20, error) ||
        check_size("intermediate_size", c->intermediate, SIZE_FIELD_MAX, error) ||
        check_size("num_hidden_layers", c->layers, LAYERS_MAX, error) ||
        check_size("num_attention_heads", c->heads, 1 << 16, error) ||
        check_size("num_key_value_heads", c->kv_heads, c->heads, error) ||
        check_size("head_dim", c->head_size, 1 << 12, error) ||
        check_size("max_position_embeddings", c->positions, SIZE_FIELD_MAX, error))
        return -1;
    if (c->heads % c->kv_heads)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "num_key_value_heads must divide num_attention_heads");
    if (c->head_size % 2)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "head_dim must be even");
    if (model_config_parameters(c) > PARAMETERS_MAX)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "a model of these sizes is beyond any memory");
    if (!(c->norm_epsilon > 0 && c->norm_epsilon < 1))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "rms_norm_eps must lie between 0 and 1");
    if (!(c->rope_theta > 1 && c->rope_theta < 1e12))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "rope_theta must lie between 1 and 1e12");
    if (check_token("bos_token_id", c->bos, c->vocabulary, error) ||
        check_token("eos_token_id", c->eos, c->vocabulary, error))
        return -1;
    return check_token("pad_token_id", c->pad, c->vocabulary, error);
}

/* Of the layers and the final norm. */
static uint64_t body_parameters(const struct model_config *c) {
    uint64_t attention = (uint64_t)c->width * c->head_size * (2 * c->heads + 2 * c->kv_heads);
    uint64_t layer = attention + 3 * (uint64_t)c->width * c->intermediate + 2 * (uint64_t)c->width +
                     (c->qk_norm ? 2 * (uint64_t)c->head_size : 0);
    return c->layers * layer + c->width;
}

uint64_t model_config_parameters(const struct model_config *c) {
    return body_parameters(c) + (uint64_t)c->vocabulary * c->width * (c->tied ? 1 : 2);
}

double model_config_training_flops(const struct model_config *c, size_t length) {
    double products = (double)(body_parameters(c) + (uint64_t)c->vocabulary * c->width);
    return 6 * products + 12 * (double)c->layers * (double)length * (double)(c->heads * c->head_size);
}

static void append_integer(struct bytes *out, const char *name, int64_t value) {
    bytes_append_format(out, "  \"%s\": %lld,\n", name, (long long)value);
}

static void append_token(struct bytes *out, const char *name, int64_t id) {
    if (id == MODEL_NO_TOKEN)
        bytes_append_format(out, "  \"%s\": null,\n", name);
    else
        append_integer(out, name, id);
}

static void append_number(struct bytes *out, const char *name, double value) {
    bytes_append_format(out, "  \"%s\": ", name);
    json_append_number(out, value);
    bytes_append_text(out, ",\n");
}

void model_config_append_json(const struct model_config *c, enum weight_type type, struct bytes *out) {
    bytes_append_format(out, "{\n  \"architectures\": [\"%s\"],\n  \"model_type\": \"%s\",\n",
                        c->qk_norm ? "Qwen3ForCausalLM" : "LlamaForCausalLM", c->qk_norm ? "qwen3" : "llama");
    append_integer(out, "vocab_size", (int64_t)c->vocabulary);
    append_integer(out, "hidden_size", (int64_t)c->width);
    append_integer(out, "intermediate_size", (int64_t)c->intermediate);
    append_integer(out, "num_hidden_layers", (int64_t)c->layers);
    append_integer(out, "num_attention_heads", (int64_t)c->heads);
    append_integer(out, "num_key_value_heads", (int64_t)c->kv_heads);
    append_integer(out, "head_dim", (int64_t)c->head_size);
    bytes_append_text(out, "  \"hidden_act\": \"silu\",\n");
    append_integer(out, "max_position_embeddings", (int64_t)c->positions);
    append_number(out, "rms_norm_eps", c->norm_epsilon);
    append_number(out, "rope_theta", c->rope_theta);
    bytes_append_text(out, "  \"rope_scaling\": null,\n  \"attention_bias\": false,\n");
    bytes_append_text(out, "  \"attention_dropout\": 0.0,\n  \"initializer_range\": 0.02,\n");
    bytes_append_text(out, c->qk_norm ? "  \"use_sliding_window\": false,\n  \"sliding_window\": null,\n"
                                      : "  \"mlp_bias\": false,\n  \"pretraining_tp\": 1,\n");
    bytes_append_format(out, "  \"tie_word_embeddings\": %s,\n", c->tied ? "true" : "false");
    append_token(out, "bos_token_id", c->bos);
    append_token(out, "eos_token_id", c->eos);
    append_token(out, "pad_token_id", c->pad);
    static const char *const types[] = {[WEIGHT_F32] = "float32", [WEIGHT_F16] = "float16", [WEIGHT_BF16] = "bfloat16"};
    bytes_append_format(out, "  \"torch_dtype\": \"%s\",\n  \"use_cache\": true\n}\n", types[type]);
}

static int refuse(struct error *error, const char *what) {
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s is not supported", what);
}

static bool present(const struct json_value *root, const char *name) {
    const struct json_value *value = json_member(root, name);
    return value != NULL && value->type != JSON_NULL;
}

static bool is_qwen3(const struct json_value *root) {
    return span_is(json_string(root, "model_type"), "qwen3");
}

/* Names what this library would compute wrongly. */
static int check_supported(const struct json_value *root, struct error *error) {
    if (!span_is(json_string(root, "model_type"), "llama") && !is_qwen3(root))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "model_type is neither llama nor qwen3");
    if (present(root, "hidden_act") && !span_is(json_string(root, "hidden_act"), "silu"))
        return refuse(error, "a hidden_act other than silu");
    if (json_boolean(root, "attention_bias", false))
        return refuse(error, "attention_bias");
    if (json_boolean(root, "mlp_bias", false))
        return refuse(error, "mlp_bias");
    if (is_qwen3(root) ? json_boolean(root, "use_sliding_window", false) : present(root, "sliding_window"))
        return refuse(error, "sliding_window");
    if (json_number(root, "partial_rotary_factor", 1) != 1)
        return refuse(error, "partial_rotary_factor");
    const char *const ropes[] = {"rope_scaling", "rope_parameters"};
    for (size_t i = 0; i < sizeof ropes / sizeof *ropes; i++) {
        const struct json_value *rope = json_member(root, ropes[i]);
        struct span kind = json_string(rope, "rope_type");
        if (kind.data == NULL)
            kind = json_string(rope, "type");
        if (kind.data != NULL && !span_is(kind, "default"))
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s of type %.*s is not supported", ropes[i],
                             (int)kind.size, kind.data);
    }
    return 0;
}

/* A size field; negative `otherwise` makes it required. */
static int read_size(const struct json_value *root, const char *name, int64_t otherwise, size_t *size,
                     struct error *error) {
    int64_t value = json_integer(root, name, otherwise);
    if (value <= 0)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s is missing or not a positive integer", name);
    *size = (size_t)value;
    return 0;
}

/* Lists of end tokens are legal in Hugging Face's files: the first counts. */
static int64_t read_token(const struct json_value *root, const char *name) {
    const struct json_value *value = json_member(root, name);
    if (value != NULL && value->type == JSON_ARRAY && value->count > 0)
        return value->items[0].is_integer ? value->items[0].integer : MODEL_NO_TOKEN;
    return json_integer(root, name, MODEL_NO_TOKEN);
}

/* The defaults are those of LlamaConfig and Qwen3Config. */
static int read_fields(struct model_config *c, const struct json_value *root, struct error *error) {
    if (root->type != JSON_OBJECT)
        return error_set(error, ERROR_DATA, 0, "not a JSON object");
    if (check_supported(root, error) || read_size(root, "vocab_size", -1, &c->vocabulary, error) ||
        read_size(root, "hidden_size", -1, &c->width, error) ||
        read_size(root, "intermediate_size", -1, &c->intermediate, error) ||
        read_size(root, "num_hidden_layers", -1, &c->layers, error) ||
        read_size(root, "num_attention_heads", -1, &c->heads, error) ||
        read_size(root, "num_key_value_heads", (int64_t)c->heads, &c->kv_heads, error) ||
        read_size(root, "head_dim", is_qwen3(root) ? QWEN3_HEAD_SIZE : (int64_t)(c->width / c->heads), &c->head_size,
                  error) ||
        read_size(root, "max_position_embeddings", 2048, &c->positions, error))
        return -1;
    c->qk_norm = is_qwen3(root);
    c->norm_epsilon = json_number(root, "rms_norm_eps", 1e-6);
    c->rope_theta =
        json_number(json_member(root, "rope_parameters"), "rope_theta", json_number(root, "rope_theta", 10000));
    c->tied = json_boolean(root, "tie_word_embeddings", false);
    c->bos = read_token(root, "bos_token_id");
    c->eos = read_token(root, "eos_token_id");
    c->pad = read_token(root, "pad_token_id");
    if (model_config_check(c, error)) {
        error->code = ERROR_DATA;
        return -1;
    }
    return 0;
}

int model_config_read(struct model_config *config, const struct json_value *root, struct error *error) {
    memset(config, 0, sizeof *config);
    return read_fields(config, root, error);
}

int model_config_load(struct model_config *config, const char *path, struct error *error) {
    struct error local;
    struct error *sink = error != NULL ? error : &local;
    struct json_document *document;
    if (json_load(&document, path, CONFIG_FILE_MAX, sink))
        return -1;
    int status = model_config_read(config, json_root(document), sink);
    json_free(document);
    if (status)
        error_prefix(sink, "%s: ", path);
    return status;
}
