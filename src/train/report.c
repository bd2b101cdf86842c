/* Everything a training run says. It owns wording and the log's fields; it changes nothing in the run. */
#include "train/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "model/conversation.h"
#include "model/matmul.h"

/* Losses are averaged over about this many steps for the eye. */
#define SMOOTHING 20.0
#define SAMPLE_TOKENS 64

struct report {
    bool live;          /* redraw a progress line */
    bool drawn;         /* one stands there */
    double loss;        /* smoothed */
    double tokens_rate; /* tokens a second, smoothed */
    uint64_t first_step;
    double first_loss, last_loss; /* of validation */
};

struct report *report_new(const struct trainer *trainer) {
    struct report *report = memory_zeroed(1, sizeof *report);
    int progress = trainer->options->progress;
    report->live = !trainer->options->quiet && (progress == 1 || (progress == 0 && isatty(STDERR_FILENO)));
    report->first_step = trainer->state.step;
    report->loss = report->first_loss = report->last_loss = NAN;
    return report;
}

static void wipe(struct report *report) {
    if (report->drawn)
        fputs("\r\033[K", stderr);
    report->drawn = false;
}

void report_free(struct report *report) {
    free(report);
}

void report_plan(const struct trainer *trainer, uint64_t rows) {
    const struct settings *settings = &trainer->settings;
    const struct model_config *config = &trainer->model->config;
    struct transformer_options shape = settings_transformer(settings, trainer->options->threads);
    if (shape.bf16 && !matmul_has_bf16())
        program_say(trainer->options, "this processor does not multiply bf16: products are made in f32");
    program_say(trainer->options,
                "%s of %.2f M parameters (%zu layers, %zu wide, %zu heads, context %zu, vocabulary %zu)",
                settings->objective == OBJECTIVE_SFT ? "fine-tuning" : "pretraining",
                (double)model_config_parameters(config) / 1e6, config->layers, config->width, config->heads,
                config->positions, config->vocabulary);
    program_say(trainer->options, "%llu steps of %llu tokens, %.2f epochs of %llu rows, %s to a rate of %g",
                (unsigned long long)settings->steps, (unsigned long long)(settings->batch * settings->length),
                (double)(settings->steps * settings->batch) / (double)rows, (unsigned long long)rows,
                schedule_name((enum schedule_kind)settings->schedule), settings->learning_rate);
}

static void append_number(struct bytes *out, const char *name, double number) {
    bytes_append_format(out, ",\"%s\":", name);
    json_append_number(out, number);
}

/* A number that JSON may have no word for is left out. */
static void append_finite(struct bytes *out, const char *name, double number) {
    if (isfinite(number))
        append_number(out, name, number);
}

static int log_line(const struct trainer *trainer, struct bytes *json, struct error *error) {
    bytes_append_byte(json, '}');
    int status = run_log(trainer->run, span_of_bytes(json), error);
    bytes_release(json);
    return status;
}

/* The share of the processor's peak that training makes use of, as text with what stands before it. */
static const char *use_of_peak(const struct report *report, const struct trainer *trainer, char *text, size_t size) {
    double flops = model_config_training_flops(&trainer->model->config, trainer->settings.length);
    text[0] = '\0';
    if (trainer->peak > 0)
        snprintf(text, size, ", %.0f %% of the peak", 100 * report->tokens_rate * flops / trainer->peak);
    return text;
}

static void draw_progress(struct report *report, const struct trainer *trainer, const struct step_report *step) {
    uint64_t left = trainer->settings.steps - trainer->state.step;
    double seconds = (double)(left * step->tokens) / report->tokens_rate;
    char use[40];
    fprintf(stderr, "\r\033[Kstep %llu/%llu  loss %.3f  rate %.2g  gradient %.2f  %.0f tokens/s%s  %d:%02d left",
            (unsigned long long)trainer->state.step, (unsigned long long)trainer->settings.steps, report->loss,
            step->learning_rate, step->gradient_norm, report->tokens_rate,
            use_of_peak(report, trainer, use, sizeof use), (int)(seconds / 60), (int)fmod(seconds, 60));
    report->drawn = true;
}

int report_step(struct report *report, const struct trainer *trainer, const struct step_report *step,
                struct error *error) {
    double rate = (double)step->tokens / step->seconds, weight = 1 / SMOOTHING;
    bool first = isnan(report->loss);
    if (!step->skipped)
        report->loss = first ? step->loss : report->loss + weight * (step->loss - report->loss);
    report->tokens_rate = first ? rate : report->tokens_rate + weight * (rate - report->tokens_rate);
    if (report->live)
        draw_progress(report, trainer, step);
    struct bytes json = {0};
    bytes_append_format(&json, "{\"step\":%llu", (unsigned long long)trainer->state.step);
    append_finite(&json, "loss", step->loss);
    append_number(&json, "learning_rate", step->learning_rate);
    append_finite(&json, "gradient_norm", step->gradient_norm);
    if (step->skipped)
        bytes_append_text(&json, ",\"skipped\":true");
    bytes_append_format(&json, ",\"tokens\":%llu", (unsigned long long)trainer->state.tokens);
    append_number(&json, "seconds", round(trainer->state.seconds * 1e3) / 1e3);
    return log_line(trainer, &json, error);
}

int report_evaluation(struct report *report, const struct trainer *trainer, const struct evaluation *evaluation,
                      bool best, struct error *error) {
    double loss = evaluation_loss(evaluation);
    if (isnan(report->first_loss))
        report->first_loss = loss;
    report->last_loss = loss;
    wipe(report);
    char trained[32] = "";
    if (!isnan(report->loss))
        snprintf(trained, sizeof trained, "  loss %.3f", report->loss);
    program_say(trainer->options,
                "step %llu/%llu%s  validation loss %.3f  perplexity %.2f  accuracy %.3f  bits/byte %.3f%s",
                (unsigned long long)trainer->state.step, (unsigned long long)trainer->settings.steps, trained, loss,
                evaluation_perplexity(evaluation), evaluation_accuracy(evaluation),
                evaluation_bits_per_byte(evaluation), best ? "  best" : "");
    struct bytes json = {0};
    bytes_append_format(&json, "{\"step\":%llu", (unsigned long long)trainer->state.step);
    append_number(&json, "validation_loss", loss);
    append_number(&json, "validation_perplexity", evaluation_perplexity(evaluation));
    append_number(&json, "validation_accuracy", evaluation_accuracy(evaluation));
    append_number(&json, "validation_bits_per_byte", evaluation_bits_per_byte(evaluation));
    return log_line(trainer, &json, error);
}

static int show_sample(struct report *report, const struct trainer *trainer, struct conversation *conversation,
                       const char *prompt, struct error *error) {
    bool tuning = trainer->settings.objective == OBJECTIVE_SFT;
    struct bytes text = {0}, json = {0};
    enum reply_end end;
    int status;
    conversation_reset(conversation, trainer->settings.seed + trainer->state.step);
    if (tuning) {
        conversation_add(conversation, ROLE_USER, span_of(prompt));
        status = conversation_reply(conversation, &text, NULL, NULL, &end, error);
    } else {
        status = conversation_continue(conversation, span_of(prompt), &text, &end, error);
    }
    if (status == 0) {
        wipe(report);
        bytes_append_format(&json, "{\"step\":%llu,\"prompt\":", (unsigned long long)trainer->state.step);
        json_append_string(&json, span_of(prompt));
        bytes_append_text(&json, ",\"sample\":");
        json_append_string(&json, span_of_bytes(&text));
        for (size_t i = 0; i < text.size; i++)
            if (text.data[i] == '\n')
                text.data[i] = ' ';
        program_say(trainer->options, "  %s%s%s", prompt, tuning ? " -> " : "|", bytes_text(&text));
        status = log_line(trainer, &json, error);
    }
    bytes_release(&text);
    return status;
}

int report_samples(struct report *report, const struct trainer *trainer, struct error *error) {
    static const char *const nothing[] = {""};
    bool none = trainer->prompts.count == 0;
    if (none && trainer->settings.objective == OBJECTIVE_SFT)
        return 0;
    struct conversation_options options = conversation_default_options();
    options.max_tokens = SAMPLE_TOKENS;
    options.threads = trainer->options->threads;
    struct conversation *conversation;
    int status = conversation_new(&conversation, trainer_result(trainer), trainer->tokenizer, &options, error);
    for (size_t i = 0; i < (none ? 1 : trainer->prompts.count) && status == 0; i++)
        status = show_sample(report, trainer, conversation, none ? nothing[0] : trainer->prompts.items[i], error);
    conversation_free(conversation);
    return status;
}

void report_end(struct report *report, const struct trainer *trainer, const struct packing_counts *counts, bool good) {
    wipe(report);
    if (counts->shortened || counts->too_long)
        program_say(trainer->options, "of %llu documents read, %llu lost their oldest turns and %llu were too long",
                    (unsigned long long)counts->documents, (unsigned long long)counts->shortened,
                    (unsigned long long)counts->too_long);
    if (trainer->state.losses.skipped)
        program_say(trainer->options, "the updates of %llu steps were left out as spikes",
                    (unsigned long long)trainer->state.losses.skipped);
    if (!good)
        return;
    uint64_t steps = trainer->state.step - report->first_step;
    char validation[64] = "", use[40];
    if (!isnan(report->first_loss))
        snprintf(validation, sizeof validation, ", validation loss %.3f to %.3f", report->first_loss,
                 report->last_loss);
    program_say(trainer->options, "%llu steps, %llu tokens trained%s, %.0f tokens/s%s, %.1f s",
                (unsigned long long)steps, (unsigned long long)trainer->state.tokens, validation, report->tokens_rate,
                use_of_peak(report, trainer, use, sizeof use), trainer->state.seconds);
}
