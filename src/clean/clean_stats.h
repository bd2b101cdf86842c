/* The tables of --stats: what came in and went out by language, drops by language and rule, histograms by rule. */
#ifndef CLEAN_CLEAN_STATS_H
#define CLEAN_CLEAN_STATS_H

#include "base/record.h"
#include "base/stage.h"
#include "clean/rule_run.h"

/* Bytes of the texts of a record. */
size_t clean_stats_size(const struct record *record);

/* One record: its language (absent: unknown), the bytes of its texts before and after, the rule that dropped it or
 * NULL.
 */
void clean_stats_record(struct stage_sink *sink, struct span language, size_t size_before, size_t size_after,
                        const char *rule);
/* What the rules of the record compared with their thresholds. */
void clean_stats_observations(struct stage_sink *sink, const struct rule_run *run);

#endif
