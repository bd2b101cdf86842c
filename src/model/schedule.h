/* Learning-rate schedules: a linear warm-up, then one of three shapes. */
#ifndef MODEL_SCHEDULE_H
#define MODEL_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum schedule_kind {
    SCHEDULE_COSINE,  /* peak to final over half a cosine */
    SCHEDULE_WSD,     /* warm-up, stable, decay: the last 20 % of all steps fall from peak to final as 1 - sqrt(x) */
    SCHEDULE_CONSTANT /* peak */
};

struct schedule {
    enum schedule_kind kind;
    double peak;     /* the highest rate */
    double final;    /* the rate that decay ends at */
    uint64_t warmup; /* steps; step i of it has the rate peak * (i + 1) / warmup */
    uint64_t steps;  /* in all */
};

/* The rate of a step, counted from 0. Steps past the last have the final rate. */
double schedule_rate(const struct schedule *schedule, uint64_t step);

/* "cosine", "wsd", "constant". */
bool schedule_parse(struct span name, enum schedule_kind *kind);
const char *schedule_name(enum schedule_kind kind);

#endif
