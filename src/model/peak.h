/* What this processor could compute at most: the bound that the use of it (MFU) is a share of. */
#ifndef MODEL_PEAK_H
#define MODEL_PEAK_H

#include <stdbool.h>

#include "model/threads.h"

/*
 * FLOP/s of all threads together at multiply-adds between registers, in f32 or of bf16 pairs: the median of a few tries
 * of some milliseconds each. 0 where it is not known how to measure it.
 */
double peak_measure(struct threads *threads, bool bf16);

#endif
