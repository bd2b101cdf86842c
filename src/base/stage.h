/*
 * The shape of every record stage: read lines, parse, let workers process them, write in order; rejects, bad lines,
 * statistics, progress and the summary line are handled here, so a program is its options and what one record becomes.
 */
#ifndef BASE_STAGE_H
#define BASE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/options.h"
#include "base/record.h"
#include "base/stats.h"

struct stage_sink; /* where the results of one record go */

struct stage {
    const struct program *program;
    const struct common_options *options;
    const char *const *paths; /* operands; none is stdin */
    size_t path_count;
    void *context;
    /* Per-worker state; may be NULL. */
    void *(*worker_new)(void *context);
    void (*worker_free)(void *worker);
    /*
     * One record, on any thread: calls stage_emit, stage_drop and stage_count on the sink. Returns 0, or -1 with an
     * error that stops the stage at this record (every record before it is written); an ERROR_DATA with --skip-bad
     * diverts the line instead. Nothing may depend on other records.
     */
    int (*process)(void *context, void *worker, struct record *record, struct stage_sink *sink, struct error *error);
    /*
     * Optional, on any thread, for stages that judge a post by its thread: shown every post of a run (thread_runs.h)
     * before the first of them is processed. A run of more than half of a batch may be cut in parts, which are
     * runs of their own.
     */
    void (*survey)(void *context, void *worker, const struct record *record, bool first);
    /*
     * Optional, on any thread: a line that is no record is offered once; returns true with what to read instead
     * appended to *out. Where that is no record either, the error is the first one's.
     */
    bool (*mend)(void *context, struct span line, struct bytes *out, struct stage_sink *sink);
    /*
     * Optional, one at a time, in input order, for stages whose verdict depends on earlier records. process stores what
     * it computed with stage_attach; admit reads it and returns 1 to let the record's emitted lines pass, 0 after it
     * called stage_drop_admitted, -1 on error. It is called for every record that process neither dropped nor refused.
     */
    int (*admit)(void *context, struct span attachment, struct stage_sink *sink, struct error *error);
    /* Optional, on any thread, several at a time: does a piece of work that admit left for whoever comes first; false
     * where there is none. What is left at the end is finish's. */
    bool (*assist)(void *context);
    /* Optional, after the last record and before the summary: may emit, drop, write and count more. Not reached after
     * an error. */
    int (*finish)(void *context, struct stage_sink *sink, struct error *error);
};

/* Writes the record to the output. */
int stage_emit(struct stage_sink *sink, const struct record *record, struct error *error);
/* Writes a finished line (with its newline) to the output and counts it. */
void stage_write(struct stage_sink *sink, struct span line);
/*
 * Drops the record: counts `rule`, and writes it to --rejects with "reject":{"rule":…,"value":…,"threshold":…} added
 * (value and threshold left out where NAN). Call at most once for a record, instead of stage_emit.
 */
int stage_drop(struct stage_sink *sink, const struct record *record, const char *rule, double value, double threshold,
               struct error *error);
/* Why a record is dropped, where there is more to say: details are further members of the reject object as JSON, each
 * with a comma before it. */
struct stage_reason {
    const char *rule;
    double value, threshold;
    struct span details;
};
int stage_drop_for(struct stage_sink *sink, const struct record *record, const struct stage_reason *reason,
                   struct error *error);
/* As stage_drop for a record that process emitted: its lines go to --rejects instead. In admit only. */
int stage_drop_admitted(struct stage_sink *sink, const char *rule, double value, double threshold, struct error *error);
/* Adds to a named counter of --stats. */
void stage_count(struct stage_sink *sink, const char *name, uint64_t value);
/* Adds to a column of a row of a table of --stats; does nothing without --stats. */
void stage_tally(struct stage_sink *sink, const char *table, struct span row, const char *column, uint64_t value);
/* True where --stats was given. */
bool stage_wants_stats(const struct stage_sink *sink);
/* Keeps a copy of data with this record for admit, behind what was attached to it and to others before, without gaps;
 * the first of all lies as malloc aligns. In process only. */
void stage_attach(struct stage_sink *sink, struct span data);
/* The number of the record in work among all lines of the input that are not empty, from 0 on. In process only. */
uint64_t stage_record_number(const struct stage_sink *sink);
/* True where --rejects was given (so that costly explanations can be skipped). */
bool stage_wants_rejects(const struct stage_sink *sink);

/*
 * Runs the stage and prints the summary: "gpt-x: I in, O out, D dropped (rule N, …), R MB/s, S s". Opens and closes
 * every file named by the common options. A line that stops the stage is named as FILE:LINE: byte N: REASON, bytes
 * counted from 1 within the line; records before it were written, but files under a name are left as they were.
 * Counters follow the drops in the summary. Returns the program's exit status. Invariant, kept in --stats: in = out +
 * dropped + bad for one-to-one stages.
 */
int stage_run(const struct stage *stage);

#endif
