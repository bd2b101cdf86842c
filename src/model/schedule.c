/* The learning rate of a step. It owns the shapes and nothing else. */
#include "model/schedule.h"

#include <math.h>
#include <stddef.h>

/* The share of all steps over which WSD decays. */
#define WSD_DECAY 0.2
#define PI 3.14159265358979323846

static const char *const names[] = {
    [SCHEDULE_COSINE] = "cosine", [SCHEDULE_WSD] = "wsd", [SCHEDULE_CONSTANT] = "constant"};

/* How far through [begin, end) the step is, 0 to 1. */
static double progress(uint64_t step, double begin, double end) {
    double x = ((double)step - begin) / (end - begin);
    return !(x > 0) ? 0 : x > 1 ? 1 : x;
}

double schedule_rate(const struct schedule *schedule, uint64_t step) {
    if (step < schedule->warmup)
        return schedule->peak * (double)(step + 1) / (double)schedule->warmup;
    double steps = (double)schedule->steps, fall = schedule->peak - schedule->final;
    switch (schedule->kind) {
    case SCHEDULE_COSINE:
        return schedule->final + fall * (1 + cos(PI * progress(step, (double)schedule->warmup, steps))) / 2;
    case SCHEDULE_WSD:
        return schedule->final + fall * (1 - sqrt(progress(step, steps - WSD_DECAY * steps, steps)));
    case SCHEDULE_CONSTANT:
        break;
    }
    return schedule->peak;
}

bool schedule_parse(struct span name, enum schedule_kind *kind) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is(name, names[i])) {
            *kind = (enum schedule_kind)i;
            return true;
        }
    return false;
}

const char *schedule_name(enum schedule_kind kind) {
    return names[kind];
}
