/* What a training run is: everything that its result depends on. Saved with each checkpoint, so that a resumed run goes
 * on as it was. */
#ifndef TRAIN_SETTINGS_H
#define TRAIN_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/json.h"
#include "model/config.h"
#include "model/optimizer.h"
#include "model/packing.h"
#include "model/schedule.h"
#include "model/transformer.h"

enum precision { PRECISION_F32, PRECISION_BF16 };

struct settings {
    int objective; /* enum objective */
    int packing;   /* enum packing_method, of pretraining */
    /* the model, where it does not come from --init */
    uint64_t depth, width, heads, kv_heads, head_size, intermediate; /* 0: derived */
    double norm_epsilon, rope_theta;                                 /* 0: the defaults */
    bool untied, qk_norm;
    /* batches */
    uint64_t length;      /* tokens a row; 0: not chosen yet */
    uint64_t batch;       /* rows a step */
    uint64_t micro_batch; /* rows at once; 0: all of a step */
    int precision;        /* enum precision: of matrix products */
    /* how long */
    uint64_t steps; /* 0: from epochs */
    double epochs;
    double max_seconds; /* 0: no limit */
    /* how */
    int optimizer; /* enum optimizer_kind */
    double muon_momentum, muon_rate;
    int schedule;                     /* enum schedule_kind */
    double learning_rate, final_rate; /* final_rate: share of the peak that decay ends at */
    double warmup;                    /* below 1: a share of the steps */
    double weight_decay, clip, beta1, beta2;
    double z_loss;
    double ema; /* decay of the weights' average; 0: none is kept */
    bool recompute;
    uint64_t seed;
    /* how often; 0: derived */
    uint64_t evaluate_every, save_every, sample_every;
    uint64_t evaluate_tokens;
    double spike;      /* deviations above the mean that make a loss a spike; 0: none do */
    bool skip_spikes;  /* leave their update out rather than end */
    uint64_t patience; /* validations without a lower loss that end the run; 0: none do */
};

struct settings settings_default(void);
/* Appends a JSON object of all fields. */
void settings_append_json(const struct settings *settings, struct bytes *out);
/* Reads what settings_append_json wrote; a missing or mistyped field is an ERROR_DATA naming it. */
int settings_read(struct settings *settings, const struct json_value *json, struct error *error);

/* The config of a new model with these settings. ERROR_USAGE where they cannot make one. */
int settings_model_config(const struct settings *settings, const struct tokenizer *tokenizer,
                          struct model_config *config, struct error *error);
/* The work space of a training pass. */
struct transformer_options settings_transformer(const struct settings *settings, size_t threads);
struct schedule settings_schedule(const struct settings *settings);
struct optimizer_options settings_optimizer(const struct settings *settings);

#endif
