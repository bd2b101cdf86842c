/* Private to stage: the counters of a run as JSON for --stats, and as the summary line. */
#ifndef BASE_STAGE_REPORT_H
#define BASE_STAGE_REPORT_H

#include "base/stage_sink.h"

/* One line of JSON with sorted keys (schemas/stats.schema.json). */
void stage_report_stats(const struct stage_sink *total, const char *program, uint64_t bytes_in, struct bytes *out);
/* "12034 in, 11000 out, 1034 dropped (too-short 900, lang 134), 41 MB/s, 3.1 s" */
void stage_report_summary(const struct stage_sink *total, uint64_t bytes_in, double seconds, struct bytes *out);

#endif
