/* The options of gpt-train. It owns their names, words and bounds. */
#include "train/arguments.h"

#define OPTIONS_MOST 64

struct table {
    struct option options[OPTIONS_MOST];
    size_t count; /* without the end */
};

/* Appends options up to their OPTION_END, which stays the table's end. */
static void add(struct table *table, const struct option *options) {
    for (; options->name != NULL && table->count + 1 < OPTIONS_MOST; options++)
        table->options[table->count++] = *options;
    table->options[table->count] = *options;
}

/* What is trained on what. */
static void add_files(struct table *table, struct arguments *arguments) {
    static const char *const objectives[] = {"pretrain", "sft", NULL};
    static const char *const packings[] = {"concat", "best-fit", NULL};
    struct settings *s = &arguments->settings;
    const struct option options[] = {
        {'d', "data", OPTION_LIST, &arguments->data, "DIR[:WEIGHT]", "token shards of gpt-encode; several are mixed", 0,
         0, NULL},
        {'t', "tokenizer", OPTION_TEXT, &arguments->tokenizer, "FILE", "their tokenizer.json", 0, 0, NULL},
        {'o', "out", OPTION_TEXT, &arguments->out, "RUN", "run directory to make", 0, 0, NULL},
        {0, "init", OPTION_TEXT, &arguments->init, "DIR", "start from this model's weights", 0, 0, NULL},
        {0, "resume", OPTION_FLAG, &arguments->resume, NULL, "go on with RUN from its last checkpoint", 0, 0, NULL},
        {0, "objective", OPTION_CHOICE, &s->objective, "WHAT",
         "pretrain: every token; sft: what assistants say in dialogues", 0, 0, objectives},
        {0, "packing", OPTION_CHOICE, &s->packing, "HOW",
         "pretraining's rows: concat cuts one stream, best-fit fits whole texts and pads", 0, 0, packings},
        OPTION_END,
    };
    add(table, options);
}

/* The shape of a new model. */
static void add_model(struct table *table, struct arguments *arguments) {
    static const char *const sizes[] = {"none", "tiny", "mini", "small", "gpt2", NULL};
    struct settings *s = &arguments->settings;
    const struct option options[] = {
        {0, "size", OPTION_CHOICE, &arguments->size, "NAME", "depth and width of a preset", 0, 0, sizes},
        {0, "config", OPTION_TEXT, &arguments->config, "FILE",
         "a config.json to take the shape from, or lines name = value", 0, 0, NULL},
        {0, "fit", OPTION_FLAG, &arguments->fit, NULL, "depth and width that suit the tokens there are and --max-time",
         0, 0, NULL},
        {0, "depth", OPTION_COUNT, &s->depth, "N", "layers; 0: by the above, else 4", 0, 1000, NULL},
        {0, "dim", OPTION_COUNT, &s->width, "N", "width; 0: by the above, else 192", 0, 65536, NULL},
        {0, "heads", OPTION_COUNT, &s->heads, "N", "attention heads; 0: by width", 0, 4096, NULL},
        {0, "kv-heads", OPTION_COUNT, &s->kv_heads, "N", "heads of keys and values; 0: as many as heads", 0, 4096,
         NULL},
        {0, "ffn", OPTION_COUNT, &s->intermediate, "N", "inner width of the MLP; 0: 8/3 of the width", 0, 1 << 20,
         NULL},
        {0, "untied", OPTION_FLAG, &s->untied, NULL, "an output matrix of its own, not the embedding", 0, 0, NULL},
        {0, "qk-norm", OPTION_FLAG, &s->qk_norm, NULL, "normalise queries and keys, as Qwen3 does", 0, 0, NULL},
        {0, "length", OPTION_COUNT, &s->length, "N", "context: tokens a row; 0: 256, or what the model of --init has",
         0, 1 << 20, NULL},
        OPTION_END,
    };
    add(table, options);
}

/* How long, and in what portions. */
static void add_duration(struct table *table, struct arguments *arguments) {
    struct settings *s = &arguments->settings;
    const struct option options[] = {
        {'b', "batch", OPTION_COUNT, &s->batch, "N", "rows a step", 1, 1 << 20, NULL},
        {0, "micro-batch", OPTION_COUNT, &s->micro_batch, "N", "rows at once, gradients adding up; 0: all", 0, 1 << 20,
         NULL},
        {0, "recompute", OPTION_FLAG, &s->recompute, NULL, "keep less for the backward pass: slower, same bits", 0, 0,
         NULL},
        {0, "overcommit", OPTION_FLAG, &arguments->overcommit, NULL, "begin even where memory does not suffice", 0, 0,
         NULL},
        {'n', "steps", OPTION_COUNT, &s->steps, "N", "steps; 0: from --epochs", 0, 0, NULL},
        {'e', "epochs", OPTION_NUMBER, &s->epochs, "X", "passes over the data", 1e-6, 1e6, NULL},
        {0, "max-time", OPTION_NUMBER, &s->max_seconds, "SECONDS", "no more steps than fit; 0: no limit", 0, 1e9, NULL},
        OPTION_END,
    };
    add(table, options);
}

/* How. */
static void add_optimiser(struct table *table, struct arguments *arguments) {
    static const char *const precisions[] = {"f32", "bf16", NULL};
    static const char *const optimizers[] = {"adamw", "muon", NULL};
    static const char *const schedules[] = {"cosine", "wsd", "constant", NULL};
    struct settings *s = &arguments->settings;
    const struct option options[] = {
        {0, "precision", OPTION_CHOICE, &s->precision, "TYPE", "of matrix products, f32 or bf16; all else stays f32", 0,
         0, precisions},
        {0, "optimizer", OPTION_CHOICE, &s->optimizer, "WHICH", "adamw; muon: matrices on Muon, the rest on AdamW", 0,
         0, optimizers},
        {0, "muon-rate", OPTION_NUMBER, &s->muon_rate, "X", "Muon's learning rate, as a multiple of AdamW's", 0, 1000,
         NULL},
        {0, "muon-momentum", OPTION_NUMBER, &s->muon_momentum, "X", "Muon's decay of its momentum", 0, 0.9999999, NULL},
        {0, "schedule", OPTION_CHOICE, &s->schedule, "SHAPE", "of the learning rate", 0, 0, schedules},
        {'l', "learning-rate", OPTION_NUMBER, &s->learning_rate, "X", "its peak", 0, 10, NULL},
        {0, "final-rate", OPTION_NUMBER, &s->final_rate, "X", "share of the peak that decay ends at", 0, 1, NULL},
        {0, "warmup", OPTION_NUMBER, &s->warmup, "X", "steps of warm-up, or below 1 their share", 0, 1e9, NULL},
        {0, "weight-decay", OPTION_NUMBER, &s->weight_decay, "X", "of matrices", 0, 10, NULL},
        {0, "clip", OPTION_NUMBER, &s->clip, "X", "largest norm of the gradient; 0: never clip", 0, 1e9, NULL},
        {0, "beta1", OPTION_NUMBER, &s->beta1, "X", "AdamW's first decay", 0, 0.9999999, NULL},
        {0, "z-loss", OPTION_NUMBER, &s->z_loss, "X", "weight of the squared log of the softmax's sum; 0: none", 0, 1,
         NULL},
        {0, "ema", OPTION_NUMBER, &s->ema, "X", "decay of an average of the weights, which is validated; 0: none", 0,
         0.9999999, NULL},
        {0, "beta2", OPTION_NUMBER, &s->beta2, "X", "AdamW's second decay", 0, 0.9999999, NULL},
        OPTION_END,
    };
    add(table, options);
}

/* What happens between steps. */
static void add_periods(struct table *table, struct arguments *arguments) {
    struct settings *s = &arguments->settings;
    const struct option options[] = {
        {0, "eval-every", OPTION_COUNT, &s->evaluate_every, "N", "steps between validations; 0: a tenth", 0, 0, NULL},
        {0, "eval-tokens", OPTION_COUNT, &s->evaluate_tokens, "N", "validation tokens at most; 0: all", 0, 0, NULL},
        {0, "patience", OPTION_COUNT, &s->patience, "N", "end after N validations without a lower loss; 0: never", 0, 0,
         NULL},
        {0, "spike", OPTION_NUMBER, &s->spike, "X", "deviations above the mean that make a loss a spike; 0: none do", 0,
         1e9, NULL},
        {0, "skip-spikes", OPTION_FLAG, &s->skip_spikes, NULL, "leave the update of a spike out and go on", 0, 0, NULL},
        {0, "save-every", OPTION_COUNT, &s->save_every, "N", "steps between checkpoints; 0: as validation", 0, 0, NULL},
        {0, "sample-every", OPTION_COUNT, &s->sample_every, "N", "steps between samples; 0: as validation", 0, 0, NULL},
        {0, "sample", OPTION_LIST, &arguments->prompts, "TEXT", "let the model answer or continue TEXT on the way", 0,
         0, NULL},
        OPTION_END,
    };
    add(table, options);
}

int arguments_parse(struct arguments *arguments, int argc, char **argv, struct error *error) {
    *arguments = (struct arguments){.settings = settings_default()};
    struct table table = {.count = 0};
    add_files(&table, arguments);
    add_model(&table, arguments);
    add_duration(&table, arguments);
    add_optimiser(&table, arguments);
    add_periods(&table, arguments);
    const struct program program = {
        .name = "gpt-train",
        .purpose = "Train a language model on token shards.",
        .usage = "--data DIR --tokenizer FILE --out RUN [OPTIONS]",
        .options = table.options,
        .common = COMMON_THREADS | COMMON_SEED | COMMON_PROGRESS | COMMON_QUIET,
        .values = &arguments->common,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    arguments->settings.seed = arguments->common.seed;
    if (arguments->data.count == 0 || !arguments->out)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--data DIR and --out RUN are needed");
    return 0;
}

void arguments_release(struct arguments *arguments) {
    options_release(&arguments->prompts);
    options_release(&arguments->data);
}
