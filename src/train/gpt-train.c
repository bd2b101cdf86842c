/* gpt-train: token shards become a model. Opening what the options name, and signals; the work is trainer.c's. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "base/interrupt.h"
#include "base/memory.h"
#include "model/checkpoint.h"
#include "train/arguments.h"
#include "train/capacity.h"
#include "train/sizes.h"
#include "train/trainer.h"

#define LENGTH_DEFAULT 256
/* What --fit counts on: a share of the peak, over all of the time, and FLOP/s a thread where no peak can be measured.
 */
#define FIT_SHARE 0.5
#define FIT_PEAK 2e10
#define TOKENIZER_LIMIT ((size_t)1 << 30)

static volatile sig_atomic_t stop_signal;

static void note_signal(int number) {
    stop_signal = number;
}

/* A first INT or TERM lets the step finish and a checkpoint be written; a second one kills. */
static void catch_signals(void) {
    interrupt_catch(SIGINT, note_signal, (int)SA_RESETHAND);
    interrupt_catch(SIGTERM, note_signal, (int)SA_RESETHAND);
    signal(SIGPIPE, SIG_IGN);
}

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

/* The shape of --init's model, and what the tokenizer and --length need of it. */
static int read_config(struct settings *settings, const struct opened *opened, struct model_config *config,
                       struct error *error) {
    if (checkpoint_load_config(config, opened->init.data, error))
        return -1;
    if (config->vocabulary < tokenizer_vocabulary_size(opened->tokenizer))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s has %zu tokens, the tokenizer %u", opened->init.data,
                         config->vocabulary, (unsigned)tokenizer_vocabulary_size(opened->tokenizer));
    if (settings->length == 0)
        settings->length = config->positions < LENGTH_DEFAULT ? config->positions : LENGTH_DEFAULT;
    if (config->positions < settings->length)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--length %llu is over the model's %zu positions",
                         (unsigned long long)settings->length, config->positions);
    return 0;
}

/* Says what memory the run takes, and refuses one that will not fit. */
static int check_memory(const struct trainer *trainer, const struct model_config *config,
                        const struct arguments *arguments, struct error *error) {
    struct memory_need need = memory_need_of(config, &trainer->settings, arguments->common.threads);
    program_say(&arguments->common, "%.0f MB of memory: weights %.0f, gradients %.0f, optimiser %.0f, activations %.0f",
                (double)memory_need_total(&need) / 1e6, (double)need.weights / 1e6, (double)need.gradients / 1e6,
                (double)need.optimizer / 1e6, (double)need.activations / 1e6);
    return arguments->overcommit ? 0 : memory_require(&need, error);
}

/* Options go before a file, that before a preset, and that before a budget. */
static int choose_size(struct trainer *trainer, const struct arguments *arguments, const struct opened *opened,
                       struct error *error) {
    struct settings *settings = &trainer->settings;
    if (arguments->config && sizes_read(settings, arguments->config, error))
        return -1;
    if (arguments->size)
        sizes_preset(settings, (enum size_preset)(arguments->size - 1));
    if (settings->length == 0)
        settings->length = LENGTH_DEFAULT;
    if (!arguments->fit)
        return 0;
    struct size_budget budget = {.vocabulary = tokenizer_vocabulary_size(opened->tokenizer),
                                 .unique = train_data_tokens(&opened->data)};
    struct bytes why = {0};
    if (settings->max_seconds > 0) {
        struct threads *threads = threads_new(arguments->common.threads);
        double peak = trainer_peak(trainer, threads);
        threads_free(threads);
        budget.flops =
            FIT_SHARE * settings->max_seconds * (peak > 0 ? peak : FIT_PEAK * (double)arguments->common.threads);
        bytes_append_format(&why, "%.0f s at %.0f %% of the measured %.0f GFLOP/s: ", settings->max_seconds,
                            100 * FIT_SHARE, peak / 1e9);
    }
    sizes_fit(settings, &budget, &why);
    program_say(&arguments->common, "fit: %s", bytes_text(&why));
    bytes_release(&why);
    return 0;
}

static int make_model(struct trainer *trainer, const struct arguments *arguments, const struct opened *opened,
                      struct error *error) {
    struct settings *settings = &trainer->settings;
    struct model_config config;
    if (opened->init.size)
        return read_config(settings, opened, &config, error) || check_memory(trainer, &config, arguments, error)
                   ? -1
                   : checkpoint_load(&trainer->model, opened->init.data, error);
    if (choose_size(trainer, arguments, opened, error) ||
        settings_model_config(settings, opened->tokenizer, &config, error) ||
        check_memory(trainer, &config, arguments, error))
        return -1;
    trainer->model = model_new(&config);
    model_initialise(trainer->model, settings->seed);
    return 0;
}

static int begin_run(struct trainer *trainer, const struct arguments *arguments, struct opened *opened,
                     struct error *error) {
    if (make_model(trainer, arguments, opened, error))
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
    struct model_config config;
    if (checkpoint_load_config(&config, run_last(trainer->run), error) ||
        check_memory(trainer, &config, arguments, error) ||
        checkpoint_load(&trainer->model, run_last(trainer->run), error))
        return -1;
    struct optimizer_options options = settings_optimizer(&trainer->settings);
    trainer->optimizer = optimizer_new(trainer->model, &options);
    if (checkpoint_load_optimizer(trainer->optimizer, trainer->model, run_last(trainer->run), error))
        return -1;
    trainer->settings.skip_spikes |= arguments->settings.skip_spikes;
    if (run_set_settings(trainer->run, &trainer->settings, error))
        return -1;
    program_say(&arguments->common, "resuming at step %llu of %llu with the run's own settings",
                (unsigned long long)trainer->state.step, (unsigned long long)trainer->settings.steps);
    return 0;
}

static int train(struct trainer *trainer, const struct arguments *arguments, struct error *error) {
    struct opened opened = {0};
    int status = open_inputs(&opened, arguments, error);
    trainer->options = &arguments->common;
    trainer->prompts = arguments->prompts;
    trainer->signal = &stop_signal;
    trainer->data = &opened.data;
    trainer->tokenizer = opened.tokenizer;
    trainer->settings = arguments->settings;
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
    struct trainer trainer = {.state = {.step = 0}};
    struct arguments arguments;
    struct error error = {.position = ERROR_NO_POSITION};
    int status = arguments_parse(&arguments, argc, argv, &error);
    if (status == 0)
        status = train(&trainer, &arguments, &error);
    arguments_release(&arguments);
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
