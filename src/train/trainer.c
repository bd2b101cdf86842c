/*
 * The training loop. It owns the order of things in a step; maths is the model library's, files are run.c's, what the
 * user sees is report.c's.
 */
#include "train/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "model/evaluation.h"
#include "model/matmul.h"
#include "model/mixture.h"
#include "model/peak.h"
#include "model/transformer.h"
#include "train/report.h"

/* The memory of one call of trainer_run. */
struct work {
    struct mixture *mixture;
    struct packed_rows rows; /* a micro-batch */
    struct transformer *transformer;
    float *gradients;
    struct report *report;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static struct packing_options packing_settings(const struct trainer *trainer) {
    return (struct packing_options){.objective = (enum objective)trainer->settings.objective,
                                    .method = (enum packing_method)trainer->settings.packing,
                                    .split = SPLIT_TRAIN,
                                    .length = trainer->settings.length,
                                    .shuffle = true,
                                    .repeat = true,
                                    .seed = trainer->settings.seed};
}

static void work_init(struct work *work, const struct trainer *trainer) {
    const struct settings *settings = &trainer->settings;
    struct packing_options options = packing_settings(trainer);
    work->mixture = mixture_new(trainer->data->sources, trainer->data->count, trainer->tokenizer, &options);
    mixture_seek(work->mixture, &trainer->state.position);
    struct transformer_options shape = settings_transformer(settings, trainer->options->threads);
    packed_rows_init(&work->rows, shape.rows, shape.length);
    work->transformer = transformer_new(&trainer->model->config, &shape);
    work->gradients = model_block_new(trainer->model);
}

static void work_release(struct work *work) {
    mixture_free(work->mixture);
    packed_rows_release(&work->rows);
    transformer_free(work->transformer);
    free(work->gradients);
}

/* Forward and backward over a step's rows, a micro-batch at a time; gradients add up. */
static int accumulate(const struct trainer *trainer, struct work *work, struct transformer_result *total,
                      struct error *error) {
    *total = (struct transformer_result){0};
    size_t capacity = work->rows.rows;
    int status = 0;
    for (size_t done = 0; done < trainer->settings.batch && status == 0; done += capacity) {
        size_t left = (size_t)trainer->settings.batch - done;
        work->rows.rows = left < capacity ? left : capacity;
        status = mixture_next(work->mixture, &work->rows, error);
        if (status)
            break;
        struct batch batch = packed_rows_batch(&work->rows);
        struct transformer_result result;
        transformer_train(work->transformer, trainer->model, &batch, work->gradients, NULL, &result);
        total->loss += result.loss;
        total->targets += result.targets;
        total->correct += result.correct;
    }
    work->rows.rows = capacity;
    return status;
}

/* ---- before the first step ---- */

/* The rows of all sets once: an epoch. */
static int count_rows(const struct trainer *trainer, uint64_t *rows, struct error *error) {
    struct packing_options options = packing_settings(trainer);
    options.repeat = false;
    *rows = 0;
    if (options.objective == OBJECTIVE_PRETRAIN && options.method == PACKING_CONCAT) {
        for (size_t i = 0; i < trainer->data->count; i++)
            *rows += (shard_set_tokens(trainer->data->sets[i], SPLIT_TRAIN) + options.length - 1) / options.length;
        return 0;
    }
    struct mixture *mixture = mixture_new(trainer->data->sources, trainer->data->count, trainer->tokenizer, &options);
    struct packed_rows packed;
    packed_rows_init(&packed, 64, options.length);
    int status;
    do {
        status = mixture_next(mixture, &packed, error);
        *rows += packed.filled;
    } while (status == 0 && packed.filled == packed.rows);
    packed_rows_release(&packed);
    mixture_free(mixture);
    return status;
}

/* The steps that are timed before the first: at least so many, and for this share of the time there is. */
#define TIMED_STEPS 4
#define TIMED_SHARE 0.03

/* Seconds a step takes, whose gradients are thrown away. The first one finds cold caches and is not counted. */
static int time_step(const struct trainer *trainer, double *seconds, struct error *error) {
    struct work work = {0};
    work_init(&work, trainer);
    struct transformer_result result;
    int status = accumulate(trainer, &work, &result, error);
    double begin = now(), passed = 0;
    uint64_t steps = 0;
    while (status == 0 && (steps < TIMED_STEPS || passed < TIMED_SHARE * trainer->settings.max_seconds)) {
        status = accumulate(trainer, &work, &result, error);
        steps++;
        passed = now() - begin;
    }
    *seconds = passed / (double)(steps ? steps : 1);
    work_release(&work);
    return status;
}

/* The rest of the time is for timing, validation, samples, checkpoints and noise. */
#define TRAINING_SHARE 0.87

int trainer_prepare(struct trainer *trainer, struct error *error) {
    struct settings *settings = &trainer->settings;
    uint64_t rows = 0;
    if (count_rows(trainer, &rows, error))
        return -1;
    if (rows == 0)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the shards' train split has nothing to train");
    if (settings->steps == 0)
        settings->steps = (uint64_t)ceil((double)rows * settings->epochs / (double)settings->batch);
    if (settings->max_seconds > 0) {
        double seconds;
        if (time_step(trainer, &seconds, error))
            return -1;
        uint64_t fit = (uint64_t)(TRAINING_SHARE * settings->max_seconds / seconds);
        if (fit < settings->steps)
            settings->steps = fit ? fit : 1;
    }
    uint64_t tenth = settings->steps / 10 ? settings->steps / 10 : 1;
    if (settings->evaluate_every == 0)
        settings->evaluate_every = tenth;
    if (settings->save_every == 0)
        settings->save_every = settings->evaluate_every;
    if (settings->sample_every == 0)
        settings->sample_every = settings->evaluate_every;
    report_plan(trainer, rows);
    return run_set_settings(trainer->run, settings, error);
}

/* ---- one step ---- */

/* The step must not count: an error, or with skip_spikes a note in the statistics. */
static int refuse_update(struct trainer *trainer, struct step_report *step, bool finite, struct error *error) {
    struct loss_statistics *losses = &trainer->state.losses;
    unsigned long long number = (unsigned long long)trainer->state.step + 1;
    step->skipped = true;
    spikes_skip(losses);
    if (trainer->settings.skip_spikes && losses->row < SPIKE_ROW_MOST)
        return 0;
    if (trainer->settings.skip_spikes)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "step %llu: %d spikes in a row; the last checkpoint is good, and a lower --learning-rate or "
                         "--clip may help",
                         number, SPIKE_ROW_MOST);
    if (!finite)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "step %llu: the loss or its gradient is not finite; the last checkpoint is good, and a lower "
                         "--learning-rate or --clip may help",
                         number);
    return error_set(
        error, ERROR_DATA, ERROR_NO_POSITION,
        "step %llu: a loss of %.3f is a spike, %.1f deviations above the mean of %.3f; the last checkpoint "
        "is good: --resume --skip-spikes goes on without such steps, --spike 0 takes them",
        number, step->loss, (step->loss - losses->mean) / sqrt(losses->variance), losses->mean);
}

/* Changes the weights by the gathered gradients, unless the step is a spike. */
static int update(struct trainer *trainer, struct work *work, uint64_t targets, struct step_report *step,
                  struct error *error) {
    step->skipped = false;
    step->gradient_norm = NAN;
    if (spikes_found(&trainer->state.losses, step->loss, trainer->settings.spike)) {
        memset(work->gradients, 0, trainer->model->size * sizeof *work->gradients);
        return refuse_update(trainer, step, isfinite(step->loss), error);
    }
    step->gradient_norm = optimizer_step(trainer->optimizer, trainer->model, work->gradients, 1.0 / (double)targets,
                                         step->learning_rate, transformer_threads(work->transformer));
    if (!isfinite(step->gradient_norm))
        return refuse_update(trainer, step, false, error);
    spikes_learn(&trainer->state.losses, step->loss);
    return 0;
}

static int train_step(struct trainer *trainer, struct work *work, struct step_report *step, struct error *error) {
    const struct schedule schedule = settings_schedule(&trainer->settings);
    double begin = now();
    struct transformer_result result;
    if (accumulate(trainer, work, &result, error))
        return -1;
    if (result.targets == 0)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "step %llu has nothing to train",
                         (unsigned long long)trainer->state.step + 1);
    step->learning_rate = schedule_rate(&schedule, trainer->state.step);
    step->loss = result.loss / (double)result.targets;
    if (update(trainer, work, result.targets, step, error))
        return -1;
    trainer->state.step++;
    trainer->state.tokens += result.targets;
    trainer->state.position = mixture_position(work->mixture);
    trainer->state.sources = trainer->data->count;
    step->tokens = trainer->settings.batch * trainer->settings.length;
    step->seconds = now() - begin;
    trainer->state.seconds += step->seconds;
    return report_step(work->report, trainer, step, error);
}

/* ---- between steps ---- */

double trainer_peak(struct trainer *trainer, struct threads *threads) {
    if (trainer->peak == 0)
        trainer->peak = peak_measure(threads, trainer->settings.precision == PRECISION_BF16 && matmul_has_bf16());
    return trainer->peak;
}

const struct model *trainer_result(const struct trainer *trainer) {
    return trainer->optimizer->average ? trainer->optimizer->average : trainer->model;
}

/* The validation splits of all sets, as one. */
static int evaluate(struct trainer *trainer, struct work *work, struct evaluation *total, struct error *error) {
    struct packing_options options = packing_settings(trainer);
    options.split = SPLIT_VAL;
    *total = (struct evaluation){0};
    for (size_t i = 0; i < trainer->data->count; i++) {
        struct evaluation one;
        if (shard_set_documents(trainer->data->sets[i], SPLIT_VAL) == 0)
            continue;
        if (evaluate_split(work->transformer, trainer_result(trainer), trainer->data->sets[i], trainer->tokenizer,
                           &options, &work->rows, trainer->settings.evaluate_tokens, NULL, &one, error))
            return -1;
        total->loss += one.loss;
        total->targets += one.targets;
        total->correct += one.correct;
        total->bytes += one.bytes;
        total->rows += one.rows;
    }
    return 0;
}

static int validate(struct trainer *trainer, struct work *work, bool *best, struct error *error) {
    struct evaluation evaluation;
    *best = false;
    if (evaluate(trainer, work, &evaluation, error))
        return -1;
    if (evaluation.targets == 0)
        return 0;
    if (!isfinite(evaluation_loss(&evaluation)))
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "step %llu: the validation loss is not finite",
                         (unsigned long long)trainer->state.step);
    if (evaluation_loss(&evaluation) < trainer->state.best_loss) {
        *best = true;
        trainer->state.best_loss = evaluation_loss(&evaluation);
        trainer->state.best_step = trainer->state.step;
    }
    return report_evaluation(work->report, trainer, &evaluation, *best, error);
}

/* Whether something done every `period` steps is due; always at the last step. */
static bool due(const struct trainer *trainer, uint64_t period) {
    return trainer->state.step % period == 0 || trainer->state.step == trainer->settings.steps;
}

/*
 * Whether so many validations have passed without a lower loss. It follows from what a checkpoint holds, so a resumed
 * run ends where one that nobody stopped does.
 */
static bool patience_ended(const struct trainer *trainer) {
    const struct settings *settings = &trainer->settings;
    const struct progress_state *state = &trainer->state;
    return settings->patience && isfinite(state->best_loss) && state->step % settings->evaluate_every == 0 &&
           (state->step - state->best_step) / settings->evaluate_every >= settings->patience;
}

static int after_step(struct trainer *trainer, struct work *work, struct error *error) {
    bool best = false, stopping = *trainer->signal != 0;
    if (due(trainer, trainer->settings.evaluate_every) && validate(trainer, work, &best, error))
        return -1;
    if (due(trainer, trainer->settings.sample_every) && report_samples(work->report, trainer, error))
        return -1;
    /* The best model is worth a checkpoint whenever it is found. */
    if (best || stopping || patience_ended(trainer) || due(trainer, trainer->settings.save_every))
        return run_save(trainer->run, trainer->model, trainer->optimizer, &trainer->state, best, error);
    return 0;
}

int trainer_run(struct trainer *trainer, struct error *error) {
    struct work work = {0};
    work_init(&work, trainer);
    work.report = report_new(trainer);
    trainer_peak(trainer, transformer_threads(work.transformer));
    int status = 0;
    bool best;
    if (trainer->state.step == 0)
        status = validate(trainer, &work, &best, error);
    while (status == 0 && trainer->state.step < trainer->settings.steps && *trainer->signal == 0 &&
           !patience_ended(trainer)) {
        struct step_report step;
        status = train_step(trainer, &work, &step, error);
        if (status == 0)
            status = after_step(trainer, &work, error);
    }
    struct packing_counts counts = mixture_counts(work.mixture);
    report_end(work.report, trainer, &counts, status == 0);
    if (status == 0 && patience_ended(trainer))
        program_say(trainer->options, "ended early: no validation loss was lower than %.3f at step %llu",
                    trainer->state.best_loss, (unsigned long long)trainer->state.best_step);
    report_free(work.report);
    work_release(&work);
    return status;
}
