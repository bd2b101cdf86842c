/* What a run tells: lines on stderr, the progress line, log.jsonl, samples. */
#ifndef TRAIN_REPORT_H
#define TRAIN_REPORT_H

#include "model/evaluation.h"
#include "train/trainer.h"

struct step_report {
    double loss, learning_rate, gradient_norm, seconds;
    bool skipped;    /* a spike: the weights did not change, and gradient_norm may be NAN */
    uint64_t tokens; /* in the step's rows, trained or not */
};

struct report;

struct report *report_new(const struct trainer *trainer);
void report_free(struct report *report);
/* Says what will be done: rows is one epoch's. */
void report_plan(const struct trainer *trainer, uint64_t rows);
int report_step(struct report *report, const struct trainer *trainer, const struct step_report *step,
                struct error *error);
int report_evaluation(struct report *report, const struct trainer *trainer, const struct evaluation *evaluation,
                      bool best, struct error *error);
/* Lets the model write: answers to the prompts in fine-tuning, their continuations (or a text from nothing) in
 * pretraining. */
int report_samples(struct report *report, const struct trainer *trainer, struct error *error);
void report_end(struct report *report, const struct trainer *trainer, const struct packing_counts *counts, bool good);

#endif
