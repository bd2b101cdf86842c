/* Presets, config files and the compute-optimal rule. It fills settings; what they make is settings.c's. */
#include "train/sizes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/json.h"

#define FILE_LIMIT ((size_t)16 << 20)

static void fill(uint64_t *setting, uint64_t value) {
    if (*setting == 0)
        *setting = value;
}

void sizes_preset(struct settings *settings, enum size_preset preset) {
    static const struct {
        uint64_t depth, width;
    } shapes[] = {[SIZE_TINY] = {4, 128}, [SIZE_MINI] = {6, 320}, [SIZE_SMALL] = {8, 512}, [SIZE_GPT2] = {12, 768}};
    fill(&settings->depth, shapes[preset].depth);
    fill(&settings->width, shapes[preset].width);
}

/* ---- files ---- */

enum field_type { FIELD_SIZE, FIELD_NUMBER, FIELD_TIED, FIELD_KIND };

/* The fields of config.json that shape a model. */
static const struct field {
    const char *name;
    enum field_type type;
    size_t offset; /* of sizes and numbers */
} fields[] = {
    {"hidden_size", FIELD_SIZE, offsetof(struct settings, width)},
    {"num_hidden_layers", FIELD_SIZE, offsetof(struct settings, depth)},
    {"num_attention_heads", FIELD_SIZE, offsetof(struct settings, heads)},
    {"num_key_value_heads", FIELD_SIZE, offsetof(struct settings, kv_heads)},
    {"head_dim", FIELD_SIZE, offsetof(struct settings, head_size)},
    {"intermediate_size", FIELD_SIZE, offsetof(struct settings, intermediate)},
    {"max_position_embeddings", FIELD_SIZE, offsetof(struct settings, length)},
    {"rms_norm_eps", FIELD_NUMBER, offsetof(struct settings, norm_epsilon)},
    {"rope_theta", FIELD_NUMBER, offsetof(struct settings, rope_theta)},
    {"tie_word_embeddings", FIELD_TIED, 0},
    {"model_type", FIELD_KIND, 0},
};

static int take_field(struct settings *settings, const struct field *field, const struct json_value *value,
                      struct error *error) {
    char *at = (char *)settings + field->offset;
    bool good = false;
    switch (field->type) {
    case FIELD_SIZE:
        good = value->type == JSON_NUMBER && value->is_integer && value->integer > 0;
        if (good)
            fill((uint64_t *)(void *)at, (uint64_t)value->integer);
        break;
    case FIELD_NUMBER:
        good = value->type == JSON_NUMBER && value->number > 0;
        if (good)
            *(double *)(void *)at = value->number;
        break;
    case FIELD_TIED:
        good = value->type == JSON_TRUE || value->type == JSON_FALSE;
        settings->untied |= value->type == JSON_FALSE;
        break;
    case FIELD_KIND:
        good = span_is(value->string, "llama") || span_is(value->string, "qwen3");
        settings->qk_norm |= span_is(value->string, "qwen3");
        break;
    }
    return good ? 0 : error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s has no value that fits", field->name);
}

static const struct field *find_field(struct span name) {
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (span_is(name, fields[i].name))
            return &fields[i];
    return NULL;
}

/* A config.json has many fields more, which the reader of models judges. */
static int take_json(struct settings *settings, const char *path, const struct json_value *root, struct error *error) {
    struct model_config config;
    if (model_config_read(&config, root, error))
        return error_prefix(error, "%s: ", path);
    settings->untied |= !config.tied;
    settings->rope_theta = config.rope_theta;
    settings->norm_epsilon = config.norm_epsilon;
    settings->qk_norm |= config.qk_norm;
    fill(&settings->head_size, config.head_size);
    for (size_t i = 0; i < root->count; i++) {
        const struct field *field = find_field(root->items[i].key);
        if (field && field->type == FIELD_SIZE && take_field(settings, field, &root->items[i], error))
            return error_prefix(error, "%s: ", path);
    }
    return 0;
}

static struct span trim(struct span text) {
    return span_trim(text, " \t\r");
}

/* A value is JSON, or a bare word. */
static int take_value(struct settings *settings, const struct field *field, struct span text, struct error *error) {
    struct json_document *document = NULL;
    if (json_parse(&document, text, NULL) == 0) {
        int status = take_field(settings, field, json_root(document), error);
        json_free(document);
        return status;
    }
    const struct json_value word = {.type = JSON_STRING, .string = text};
    return take_field(settings, field, &word, error);
}

static int take_line(struct settings *settings, struct span line, struct error *error) {
    const char *comment = memchr(line.data, '#', line.size);
    if (comment)
        line.size = (size_t)(comment - line.data);
    line = trim(line);
    if (line.size == 0)
        return 0;
    const char *equals = memchr(line.data, '=', line.size);
    if (!equals)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "not of the form name = value");
    struct span name = trim((struct span){line.data, (size_t)(equals - line.data)});
    struct span value = trim((struct span){equals + 1, line.size - (size_t)(equals + 1 - line.data)});
    const struct field *field = find_field(name);
    if (!field)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%.*s is no field of a model's shape", (int)name.size,
                         name.data);
    return take_value(settings, field, value, error);
}

static int take_lines(struct settings *settings, const char *path, struct span text, struct error *error) {
    for (size_t at = 0, number = 1; at < text.size; number++) {
        const char *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end ? (size_t)(end - text.data) - at : text.size - at;
        if (take_line(settings, (struct span){text.data + at, size}, error))
            return error_prefix(error, "%s: line %zu: ", path, number);
        at += size + 1;
    }
    return 0;
}

int sizes_read(struct settings *settings, const char *path, struct error *error) {
    struct bytes text = {0};
    struct json_document *document = NULL;
    int status = input_load(path, FILE_LIMIT, &text, error);
    struct span all = span_of_bytes(&text);
    size_t first = 0;
    while (first < all.size && strchr(" \t\r\n", all.data[first]))
        first++;
    if (status == 0 && first < all.size && all.data[first] == '{') {
        status = json_parse_file(&document, path, all, error);
        if (status == 0)
            status = take_json(settings, path, json_root(document), error);
        json_free(document);
    } else if (status == 0) {
        status = take_lines(settings, path, all, error);
    }
    bytes_release(&text);
    return status;
}

/* ---- the rule ---- */

/* The depth that goes with a width: a layer for each 64, and at least 4 from a width of 128 on. */
static uint64_t depth_of(uint64_t width) {
    return width < 128 ? width / 32 : width < 256 ? 4 : width / 64;
}

/* Parameters of the series' model, and the FLOPs of one of its tokens. */
static double parameters_of(const struct settings *settings, size_t vocabulary, uint64_t width, double *flops) {
    uint64_t head = width <= 256 ? 32 : 64;
    struct model_config config =
        model_config_default(vocabulary, settings->depth ? settings->depth : depth_of(width), width, width / head, 1);
    config.tied = !settings->untied;
    *flops = model_config_training_flops(&config, settings->length);
    return (double)model_config_parameters(&config);
}

void sizes_fit(struct settings *settings, const struct size_budget *budget, struct bytes *why) {
    static const uint64_t widths[] = {64,  96,  128, 160, 192,  224,  256,  320, 384,
                                      448, 512, 640, 768, 1024, 1280, 1536, 2048};
    double unique = (double)(budget->unique ? budget->unique : 1), row = (double)settings->length;
    double passes =
        settings->steps ? (double)settings->steps * (double)settings->batch * row / unique : settings->epochs;
    double most = unique * fmin(budget->flops > 0 ? SIZES_EPOCHS : passes, SIZES_EPOCHS), flops;
    double tokens = 0, parameters = 0;
    uint64_t width = 0;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        if (settings->width && widths[i] != settings->width)
            continue;
        double size = parameters_of(settings, budget->vocabulary, widths[i], &flops);
        double paid = budget->flops > 0 ? fmin(budget->flops / flops, most) : most;
        if (width && paid < SIZES_TOKENS * size)
            break;
        width = widths[i];
        parameters = size;
        tokens = paid;
    }
    if (!width) /* a width that is not of the series: only the depth is open */
        width = settings->width;
    fill(&settings->width, width);
    fill(&settings->depth, depth_of(width));
    if (budget->flops > 0 && settings->steps == 0)
        settings->epochs = SIZES_EPOCHS;
    bool data = budget->flops <= 0 || tokens >= most;
    bytes_append_format(
        why, "%llu wide, %llu layers: %.2f M parameters for %.1f M tokens, %.1f a parameter of the %d aimed at; ",
        (unsigned long long)settings->width, (unsigned long long)settings->depth, parameters / 1e6, tokens / 1e6,
        tokens / fmax(parameters, 1), SIZES_TOKENS);
    if (data)
        bytes_append_format(why, "the bound is the data, %.1f passes over %.1f M tokens", tokens / unique,
                            unique / 1e6);
    else
        bytes_append_format(why, "the bound is the time, %.3g FLOPs", budget->flops);
}
