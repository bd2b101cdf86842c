/* What gpt-eval found, as JSON and as a table. */
#ifndef EVAL_RESULTS_H
#define EVAL_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "eval/score.h"
#include "model/evaluation.h"
#include "model/packing.h"

struct results {
    uint64_t parameters; /* of the model; 0: no model */
    bool predicted;      /* the members on prediction are filled */
    struct evaluation evaluation;
    struct packing_options packing;
    bool scored; /* score is filled */
    const struct score *score;
    bool generated; /* the scored replies are the model's */
    uint64_t questions, no_reply, too_long;
};

void results_append_json(const struct results *results, struct bytes *out);
void results_append_table(const struct results *results, struct bytes *out);

#endif
