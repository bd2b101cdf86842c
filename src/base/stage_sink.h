/*
 * Private to stage: where the results of records go. One sink belongs to each batch, filled by a worker; one total sink
 * belongs to the consumer, which merges the batches in order, and hands its own bytes to the files.
 */
#ifndef BASE_STAGE_SINK_H
#define BASE_STAGE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/output.h"
#include "base/stage.h"
#include "base/stats.h"

/* A buffer of a batch or worker that grew beyond this is given back, so that one huge record does not stay in memory.
 */
#define STAGE_KEEP_SIZE ((size_t)8 << 20)

/* The files of a run; NULL where not asked for. */
struct stage_files {
    struct output *output, *rejects, *skip_bad, *stats;
};

/* Where a sink stood; also one record's end within a batch, for admit. */
struct stage_mark {
    size_t output, rejects, bad, attachments; /* sizes of the buffers */
    uint64_t out, drops;
};

/* An addition to a counter that can be taken back while its record is in work. */
struct stage_change {
    struct counters *counters;
    size_t index;
    uint64_t value;
};

struct stage_sink {
    struct bytes output, rejects, bad; /* finished lines */
    struct bytes attachments;
    struct counters dropped, counts; /* by rule, by name */
    struct counters tables;          /* see COUNTERS_SEPARATOR */
    uint64_t in, out, drops, bad_lines, bytes_out;
    bool wants_rejects, wants_stats;
    /* the record in work */
    uint64_t number;
    struct stage_mark mark;
    struct stage_change *changes;
    size_t change_count, change_capacity;
    /* of the total sink only */
    const struct stage_files *files;
    struct span admitted;         /* lines of the record that admit judges */
    struct record_parser *parser; /* of admitted lines that are dropped; NULL until the first */
    bool failed;                  /* a write failed: error says why, and nothing more is written */
    struct error error;
};

/* Starts a record; stage_sink_undo forgets all it did since. */
void stage_sink_begin(struct stage_sink *sink);
void stage_sink_undo(struct stage_sink *sink);
struct stage_mark stage_sink_mark(const struct stage_sink *sink);
/* Forgets everything but what is wanted and files; keeps no more than STAGE_KEEP_SIZE of each buffer. */
void stage_sink_clear(struct stage_sink *sink);
void stage_sink_release(struct stage_sink *sink);
/* Adds the counters of a batch to the total. */
void stage_sink_merge(struct stage_sink *total, const struct stage_sink *batch);
/* Writes bytes to a file of the total sink; a failure is kept in the sink. */
void stage_sink_put(struct stage_sink *total, struct output *file, struct span data);
/* Hands the total sink's buffered lines to its files. */
void stage_sink_drain(struct stage_sink *total);
/* clear, but only where more than STAGE_KEEP_SIZE was allocated release. */
void stage_buffer_clear(struct bytes *bytes);

#endif
