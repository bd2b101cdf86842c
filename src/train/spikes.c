/* Running statistics of the loss. What a spike means for the run is trainer.c's. */
#include "train/spikes.h"

#include <math.h>

bool spikes_found(const struct loss_statistics *statistics, double loss, double deviations) {
    if (!isfinite(loss))
        return true;
    double above = loss - statistics->mean;
    return deviations > 0 && statistics->count >= SPIKE_WARMUP && above > SPIKE_LEAST &&
           above > deviations * sqrt(statistics->variance);
}

/* West's update of a weighted variance: exact for the first SPIKE_WINDOW losses. */
void spikes_learn(struct loss_statistics *statistics, double loss) {
    statistics->count++;
    statistics->row = 0;
    double weight = 1.0 / (statistics->count < SPIKE_WINDOW ? (double)statistics->count : SPIKE_WINDOW);
    double difference = loss - statistics->mean, step = weight * difference;
    statistics->mean += step;
    statistics->variance = (1 - weight) * (statistics->variance + difference * step);
}

void spikes_skip(struct loss_statistics *statistics) {
    statistics->skipped++;
    statistics->row++;
}
