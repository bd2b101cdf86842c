/* gpt-train: token shards become a model. Options, opening what they name, and signals; the work is trainer.c's. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/memory.h"
#include "base/options.h"
#include "model/checkpoint.h"
#include "train/trainer.h"

#define LENGTH_DEFAULT 256
#define TOKENIZER_LIMIT ((size_t)1 << 30)

static volatile sig_atomic_t stop_signal;

static void note_signal(int number) {
    stop_signal = number;
}

/* A first INT or TERM lets the step finish and a checkpoint be written; a second one kills. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* What the command line names, beside the settings. */
struct arguments {
    struct common_options common;
    const char *tokenizer, *out, *init;
    struct option_list data;
    bool resume;
    struct option_list prompts;
};

struct opened {
    struct train_data data;
    struct tokenizer *tokenizer;
    struct bytes tokenizer_text, tokenizer_config;
    struct bytes init; /* directory of --init's model */
};

static void opened_release(struct opened *opened) {
    train_data_release(&opened->data);
    tokenizer_free(opened->tokenizer);
    bytes_release(&opened->tokenizer_text);
    bytes_release(&opened->tokenizer_config);
    bytes_release(&opened->init);
}

static int open_tokenizer(struct opened *opened, const char *path, struct error *error) {
    if (input_load(path, TOKENIZER_LIMIT, &opened->tokenizer_text, error) ||
        tokenizer_parse(&opened->tokenizer, path, span_of_bytes(&opened->tokenizer_text), error) ||
        tokenizer_require_specials(opened->tokenizer, error))
        return -1;
    tokenizer_append_config(opened->tokenizer, &opened->tokenizer_config);
    return train_data_require_tokenizer(&opened->data, opened->tokenizer, error);
}

/* The tokenizer is that of the run or of --init, where there is one, and --tokenizer otherwise. */
static int open_inputs(struct opened *opened, const struct arguments *arguments, struct error *error) {
    struct bytes path = {0};
    const char *from = NULL;
    int status = arguments->resume ? run_require_checkpoint(arguments->out, error) : 0;
    if (status == 0)
        status = train_data_open(&opened->data, &arguments->data, error);
    if (status == 0 && arguments->init)
        status = checkpoint_find(arguments->init, &opened->init, error);
    if (arguments->resume)
        bytes_append_format(&path, "%s/last/tokenizer.json", arguments->out);
    else if (status == 0 && arguments->init && !arguments->tokenizer)
        bytes_append_format(&path, "%s/tokenizer.json", bytes_text(&opened->init));
    from = path.size ? bytes_text(&path) : arguments->tokenizer;
    if (status == 0 && !from)
        status = error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "name the shards' tokenizer with --tokenizer FILE");
    if (status == 0)
        status = open_tokenizer(opened, from, error);
    bytes_release(&path);
    return status;
}

static int make_model(struct trainer *trainer, const struct opened *opened, struct error *error) {
    struct settings *settings = &trainer->settings;
    if (opened->init.size) {
        if (checkpoint_load(&trainer->model, opened->init.data, error))
            return -1;
        if (trainer->model->config.vocabulary < tokenizer_vocabulary_size(opened->tokenizer))
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s has %zu tokens, the tokenizer %u",
                             opened->init.data, trainer->model->config.vocabulary,
                             (unsigned)tokenizer_vocabulary_size(opened->tokenizer));
        if (settings->length == 0)
            settings->length =
                trainer->model->config.positions < LENGTH_DEFAULT ? trainer->model->config.positions : LENGTH_DEFAULT;
        if (trainer->model->config.positions < settings->length)
            return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--length %llu is over the model's %zu positions",
                             (unsigned long long)settings->length, trainer->model->config.positions);
        return 0;
    }
    struct model_config config;
    if (settings->length == 0)
        settings->length = LENGTH_DEFAULT;
    if (settings_model_config(settings, opened->tokenizer, &config, error))
        return -1;
    trainer->model = model_new(&config);
    model_initialise(trainer->model, settings->seed);
    return 0;
}

static int begin_run(struct trainer *trainer, const struct arguments *arguments, struct opened *opened,
                     struct error *error) {
    if (make_model(trainer, opened, error))
        return -1;
    trainer->state = (struct progress_state){.best_loss = INFINITY};
    struct optimizer_options options = settings_optimizer(&trainer->settings);
    trainer->optimizer = optimizer_new(trainer->model, &options);
    if (run_create(&trainer->run, arguments->out, &trainer->settings, span_of_bytes(&opened->tokenizer_text),
                   span_of_bytes(&opened->tokenizer_config), train_data_digest(&opened->data), error))
        return -1;
    return trainer_prepare(trainer, error);
}

static int resume_run(struct trainer *trainer, const struct arguments *arguments, struct opened *opened,
                      struct error *error) {
    struct hash128 data, now = train_data_digest(&opened->data);
    if (run_resume(&trainer->run, arguments->out, &trainer->settings, &trainer->state, &data, error))
        return -1;
    if (data.low != now.low || data.high != now.high)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION,
                         "--data is not the data, with its weights, that %s was trained on", arguments->out);
    if (checkpoint_load(&trainer->model, run_last(trainer->run), error))
        return -1;
    struct optimizer_options options = settings_optimizer(&trainer->settings);
    trainer->optimizer = optimizer_new(trainer->model, &options);
    if (checkpoint_load_optimizer(trainer->optimizer, trainer->model, run_last(trainer->run), error))
        return -1;
    program_say(&arguments->common, "resuming at step %llu of %llu with the run's own settings",
                (unsigned long long)trainer->state.step, (unsigned long long)trainer->settings.steps);
    return 0;
}

static int train(struct trainer *trainer, struct arguments *arguments, struct error *error) {
    struct opened opened = {0};
    int status = open_inputs(&opened, arguments, error);
    trainer->options = &arguments->common;
    trainer->prompts = arguments->prompts;
    trainer->signal = &stop_signal;
    trainer->data = &opened.data;
    trainer->tokenizer = opened.tokenizer;
    trainer->settings.seed = arguments->common.seed;
    if (status == 0)
        status = arguments->resume ? resume_run(trainer, arguments, &opened, error)
                                   : begin_run(trainer, arguments, &opened, error);
    if (status == 0)
        catch_signals();
    if (status == 0)
        status = trainer_run(trainer, error);
    run_free(trainer->run);
    optimizer_free(trainer->optimizer);
    model_free(trainer->model);
    opened_release(&opened);
    return status;
}

int main(int argc, char **argv) {
    static const char *const objectives[] = {"pretrain", "sft", NULL};
    static const char *const packings[] = {"concat", "best-fit", NULL};
    static const char *const precisions[] = {"f32", "bf16", NULL};
    static const char *const optimizers[] = {"adamw", "muon", NULL};
    static const char *const schedules[] = {"cosine", "wsd", "constant", NULL};
    struct trainer trainer = {.settings = settings_default()};
    struct settings *s = &trainer.settings;
    struct arguments arguments = {0};
    const struct option options[] = {
        {'d', "data", OPTION_LIST, &arguments.data, "DIR[:WEIGHT]", "token shards of gpt-encode; several are mixed", 0,
         0, NULL},
        {'t', "tokenizer", OPTION_TEXT, &arguments.tokenizer, "FILE", "their tokenizer.json", 0, 0, NULL},
        {'o', "out", OPTION_TEXT, &arguments.out, "RUN", "run directory to make", 0, 0, NULL},
        {0, "init", OPTION_TEXT, &arguments.init, "DIR", "start from this model's weights", 0, 0, NULL},
        {0, "resume", OPTION_FLAG, &arguments.resume, NULL, "go on with RUN from its last checkpoint", 0, 0, NULL},
        {0, "objective", OPTION_CHOICE, &s->objective, "WHAT",
         "pretrain: every token; sft: what assistants say in dialogues", 0, 0, objectives},
        {0, "packing", OPTION_CHOICE, &s->packing, "HOW",
         "pretraining's rows: concat cuts one stream, best-fit fits whole texts and pads", 0, 0, packings},
        {0, "depth", OPTION_COUNT, &s->depth, "N", "layers", 1, 1000, NULL},
        {0, "dim", OPTION_COUNT, &s->width, "N", "width", 8, 65536, NULL},
        {0, "heads", OPTION_COUNT, &s->heads, "N", "attention heads; 0: by width", 0, 4096, NULL},
        {0, "kv-heads", OPTION_COUNT, &s->kv_heads, "N", "heads of keys and values; 0: as many as heads", 0, 4096,
         NULL},
        {0, "ffn", OPTION_COUNT, &s->intermediate, "N", "inner width of the MLP; 0: 8/3 of the width", 0, 1 << 20,
         NULL},
        {0, "untied", OPTION_FLAG, &s->untied, NULL, "an output matrix of its own, not the embedding", 0, 0, NULL},
        {0, "length", OPTION_COUNT, &s->length, "N", "context: tokens a row; 0: 256, or what the model of --init has",
         0, 1 << 20, NULL},
        {'b', "batch", OPTION_COUNT, &s->batch, "N", "rows a step", 1, 1 << 20, NULL},
        {0, "micro-batch", OPTION_COUNT, &s->micro_batch, "N", "rows at once, gradients adding up; 0: all", 0, 1 << 20,
         NULL},
        {'n', "steps", OPTION_COUNT, &s->steps, "N", "steps; 0: from --epochs", 0, 0, NULL},
        {'e', "epochs", OPTION_NUMBER, &s->epochs, "X", "passes over the data", 1e-6, 1e6, NULL},
        {0, "max-time", OPTION_NUMBER, &s->max_seconds, "SECONDS", "no more steps than fit; 0: no limit", 0, 1e9, NULL},
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
        {0, "beta2", OPTION_NUMBER, &s->beta2, "X", "AdamW's second decay", 0, 0.9999999, NULL},
        {0, "eval-every", OPTION_COUNT, &s->evaluate_every, "N", "steps between validations; 0: a tenth", 0, 0, NULL},
        {0, "eval-tokens", OPTION_COUNT, &s->evaluate_tokens, "N", "validation tokens at most; 0: all", 0, 0, NULL},
        {0, "patience", OPTION_COUNT, &s->patience, "N", "end after N validations without a lower loss; 0: never", 0, 0,
         NULL},
        {0, "save-every", OPTION_COUNT, &s->save_every, "N", "steps between checkpoints; 0: as validation", 0, 0, NULL},
        {0, "sample-every", OPTION_COUNT, &s->sample_every, "N", "steps between samples; 0: as validation", 0, 0, NULL},
        {0, "sample", OPTION_LIST, &arguments.prompts, "TEXT", "let the model answer or continue TEXT on the way", 0, 0,
         NULL},
        OPTION_END,
    };
    const struct program program = {
        .name = "gpt-train",
        .purpose = "Train a language model on token shards.",
        .usage = "--data DIR --tokenizer FILE --out RUN [OPTIONS]",
        .options = options,
        .common = COMMON_THREADS | COMMON_SEED | COMMON_PROGRESS | COMMON_QUIET,
        .values = &arguments.common,
    };
    int first;
    options_parse(&program, argc, argv, &first);
    struct error error = {.position = ERROR_NO_POSITION};
    int status = 0;
    if (arguments.data.count == 0 || !arguments.out)
        status = error_set(&error, ERROR_USAGE, ERROR_NO_POSITION, "--data DIR and --out RUN are needed");
    if (status == 0)
        status = train(&trainer, &arguments, &error);
    options_release(&arguments.prompts);
    options_release(&arguments.data);
    if (status)
        return program_fail(&error);
    if (stop_signal) {
        program_say(&arguments.common, "stopped by a signal after step %llu, saved; --resume goes on",
                    (unsigned long long)trainer.state.step);
        signal(stop_signal, SIG_DFL);
        raise(stop_signal);
    }
    return 0;
}
