/* The settings of a run: defaults, one table of fields for reading and writing, and what the model library makes of
 * them. */
#include "train/settings.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_DEFAULT 4
#define WIDTH_DEFAULT 192

enum field_type { FIELD_COUNT64, FIELD_DOUBLE, FIELD_INT, FIELD_BOOL };

/* Every field once: what is not here is lost on resuming. */
static const struct settings_field {
    const char *name;
    enum field_type type;
    size_t offset;
} fields[] = {
#define COUNT64(name) \
    { #name, FIELD_COUNT64, offsetof(struct settings, name) }
#define DOUBLE(name) \
    { #name, FIELD_DOUBLE, offsetof(struct settings, name) }
#define INT(name) \
    { #name, FIELD_INT, offsetof(struct settings, name) }
    INT(objective),
    INT(packing),
    COUNT64(depth),
    COUNT64(width),
    COUNT64(heads),
    COUNT64(kv_heads),
    COUNT64(head_size),
    DOUBLE(norm_epsilon),
    DOUBLE(rope_theta),
    COUNT64(intermediate),
    {"untied", FIELD_BOOL, offsetof(struct settings, untied)},
    {"qk_norm", FIELD_BOOL, offsetof(struct settings, qk_norm)},
    COUNT64(length),
    COUNT64(batch),
    COUNT64(micro_batch),
    INT(precision),
    COUNT64(steps),
    DOUBLE(epochs),
    DOUBLE(max_seconds),
    INT(optimizer),
    DOUBLE(muon_momentum),
    DOUBLE(muon_rate),
    INT(schedule),
    DOUBLE(learning_rate),
    DOUBLE(final_rate),
    DOUBLE(warmup),
    DOUBLE(weight_decay),
    DOUBLE(clip),
    DOUBLE(beta1),
    DOUBLE(beta2),
    DOUBLE(z_loss),
    DOUBLE(ema),
    {"recompute", FIELD_BOOL, offsetof(struct settings, recompute)},
    COUNT64(seed),
    COUNT64(evaluate_every),
    COUNT64(save_every),
    COUNT64(sample_every),
    COUNT64(evaluate_tokens),
    COUNT64(patience),
    DOUBLE(spike),
    {"skip_spikes", FIELD_BOOL, offsetof(struct settings, skip_spikes)},
};
#define FIELDS (sizeof fields / sizeof *fields)

struct settings settings_default(void) {
    struct optimizer_options optimizer = optimizer_default_options();
    return (struct settings){
        .batch = 16,
        .epochs = 1,
        .optimizer = (int)optimizer.kind,
        .muon_momentum = optimizer.muon_momentum,
        .muon_rate = optimizer.muon_rate,
        .schedule = SCHEDULE_COSINE,
        .learning_rate = 2e-3,
        .final_rate = 0.1,
        .warmup = 0.03,
        .weight_decay = optimizer.weight_decay,
        .clip = optimizer.clip,
        .beta1 = optimizer.beta1,
        .beta2 = optimizer.beta2,
        .evaluate_tokens = 100000,
        .spike = 6,
    };
}

void settings_append_json(const struct settings *settings, struct bytes *out) {
    for (size_t i = 0; i < FIELDS; i++) {
        const void *at = (const char *)settings + fields[i].offset;
        bytes_append_format(out, "%s\"%s\":", i ? "," : "{", fields[i].name);
        switch (fields[i].type) {
        case FIELD_COUNT64:
            bytes_append_format(out, "%llu", (unsigned long long)*(const uint64_t *)at);
            break;
        case FIELD_DOUBLE:
            json_append_number(out, *(const double *)at);
            break;
        case FIELD_INT:
            bytes_append_format(out, "%d", *(const int *)at);
            break;
        case FIELD_BOOL:
            bytes_append_text(out, *(const bool *)at ? "true" : "false");
            break;
        }
    }
    bytes_append_byte(out, '}');
}

/* Counts reach beyond int64_t (a seed may), so they are read from their digits. */
static bool read_count(uint64_t *count, struct span digits) {
    char text[24];
    if (digits.size == 0 || digits.size >= sizeof text)
        return false;
    memcpy(text, digits.data, digits.size);
    text[digits.size] = '\0';
    if (strspn(text, "0123456789") < digits.size)
        return false;
    errno = 0;
    *count = strtoull(text, NULL, 10);
    return errno == 0;
}

static bool read_field(void *at, enum field_type type, const struct json_value *value) {
    if (!value)
        return false;
    bool number = value->type == JSON_NUMBER, count = number && value->is_integer && value->integer >= 0;
    switch (type) {
    case FIELD_COUNT64:
        return number && read_count(at, value->string);
    case FIELD_INT:
        if (count)
            *(int *)at = (int)value->integer;
        return count;
    case FIELD_DOUBLE:
        if (number)
            *(double *)at = value->number;
        return number;
    case FIELD_BOOL:
        *(bool *)at = value->type == JSON_TRUE;
        return value->type == JSON_TRUE || value->type == JSON_FALSE;
    }
    return false;
}

int settings_read(struct settings *settings, const struct json_value *json, struct error *error) {
    for (size_t i = 0; i < FIELDS; i++)
        if (!read_field((char *)settings + fields[i].offset, fields[i].type, json_member(json, fields[i].name)))
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the setting \"%s\" is missing or of a wrong type",
                             fields[i].name);
    return 0;
}

int settings_model_config(const struct settings *settings, const struct tokenizer *tokenizer,
                          struct model_config *config, struct error *error) {
    uint64_t width = settings->width ? settings->width : WIDTH_DEFAULT;
    /* Heads of 32 up to a width of 256, of 64 beyond. */
    uint64_t heads = settings->heads ? settings->heads : width / (width <= 256 ? 32 : 64);
    if (heads == 0 || (width % heads && settings->head_size == 0))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--dim %llu does not divide into %llu heads",
                         (unsigned long long)width, (unsigned long long)heads);
    *config = model_config_default(tokenizer_vocabulary_size(tokenizer),
                                   settings->depth ? settings->depth : DEPTH_DEFAULT, width, heads, settings->length);
    if (settings->kv_heads)
        config->kv_heads = settings->kv_heads;
    if (settings->head_size)
        config->head_size = settings->head_size;
    if (settings->norm_epsilon > 0)
        config->norm_epsilon = settings->norm_epsilon;
    if (settings->rope_theta > 0)
        config->rope_theta = settings->rope_theta;
    if (settings->intermediate)
        config->intermediate = settings->intermediate;
    config->tied = !settings->untied;
    config->qk_norm = settings->qk_norm;
    config->bos = tokenizer_special(tokenizer, SPECIAL_BOS);
    config->eos = tokenizer_special(tokenizer, SPECIAL_END);
    return model_config_check(config, error);
}

struct transformer_options settings_transformer(const struct settings *settings, size_t threads) {
    bool whole = settings->micro_batch == 0 || settings->micro_batch > settings->batch;
    return (struct transformer_options){.rows = whole ? settings->batch : settings->micro_batch,
                                        .length = settings->length,
                                        .threads = threads,
                                        .training = true,
                                        .z_loss = (float)settings->z_loss,
                                        .recompute = settings->recompute,
                                        .bf16 = settings->precision == PRECISION_BF16};
}

struct schedule settings_schedule(const struct settings *settings) {
    double warmup = settings->warmup < 1 ? ceil(settings->warmup * (double)settings->steps) : settings->warmup;
    return (struct schedule){.kind = (enum schedule_kind)settings->schedule,
                             .peak = settings->learning_rate,
                             .final = settings->learning_rate * settings->final_rate,
                             .warmup = (uint64_t)warmup,
                             .steps = settings->steps};
}

struct optimizer_options settings_optimizer(const struct settings *settings) {
    struct optimizer_options options = optimizer_default_options();
    options.kind = (enum optimizer_kind)settings->optimizer;
    options.muon_momentum = settings->muon_momentum;
    options.muon_rate = settings->muon_rate;
    options.weight_decay = settings->weight_decay;
    options.clip = settings->clip;
    options.beta1 = settings->beta1;
    options.beta2 = settings->beta2;
    options.average_decay = settings->ema;
    return options;
}
