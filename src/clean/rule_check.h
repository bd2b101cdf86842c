/* Running the examples that rule files hold. */
#ifndef CLEAN_RULE_CHECK_H
#define CLEAN_RULE_CHECK_H

#include <stddef.h>

#include "base/error.h"
#include "clean/rules.h"

/*
 * Runs every example of the rules and appends a line to *report for each that fails: "FILE:LINE: REASON". Returns 0
 * with the counts, or -1 where nothing could be run.
 */
int rules_check(const struct rules *rules, struct bytes *report, size_t *passed, size_t *failed, struct error *error);

#endif
