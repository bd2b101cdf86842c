/*
 * Runs: lines that follow each other in a batch and are posts of one thread (documents with an equal field thread).
 */
#ifndef BASE_THREAD_RUNS_H
#define BASE_THREAD_RUNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/lines.h"
#include "base/record.h"

/* Shown each post of a run, in order; first: with the first. The record is borrowed for the call. */
typedef void thread_run_visit(void *context, void *worker, const struct record *record, bool first);

/*
 * Shows the run that begins at a line; returns the line behind it, the next one where the line is no post. Uses the
 * parser.
 */
size_t thread_run_survey(struct record_parser *parser, const struct line_batch *batch, size_t start,
                         thread_run_visit *visit, void *context, void *worker);
/* The line at which the batch's last run begins; the batch's count where its last line is no post or its only one. Uses
 * the parser. */
size_t thread_run_last(struct record_parser *parser, const struct line_batch *batch);

#endif
