/* What gpt-clean --explain says of a text. */
#ifndef CLEAN_EXPLAIN_H
#define CLEAN_EXPLAIN_H

#include "base/bytes.h"
#include "clean/rule_run.h"

/*
 * Applies the rules to a text, going on after a drop, and appends {"scope":…,"signals":{…},"verdicts":[…]} to *out.
 * *result is the text after edits, which the signals are of; it borrows from text or the run.
 */
void explain_text(struct rule_run *run, struct span text, const struct rule_subject *subject, struct span *result,
                  struct bytes *out);
/* Appends to *out what a reject says of a verdict beside rule, value and threshold, as further JSON members: the
 * message whose text was dropped (SIZE_MAX: none), where a pattern matched and what, that it reached its bound. */
void explain_details(const struct verdict *verdict, size_t message, struct bytes *out);
/* The table of --list-signals. */
void explain_list_signals(struct bytes *out);

#endif
