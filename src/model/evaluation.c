/* Evaluation over a split. It owns the sums; rows are packing.c's, losses the transformer's. */
#include "model/evaluation.h"

#include <math.h>

#include "base/memory.h"

double evaluation_loss(const struct evaluation *evaluation) {
    return evaluation->targets ? evaluation->loss / (double)evaluation->targets : 0;
}

double evaluation_perplexity(const struct evaluation *evaluation) {
    return evaluation->targets ? exp(evaluation_loss(evaluation)) : 0;
}

double evaluation_accuracy(const struct evaluation *evaluation) {
    return evaluation->targets ? (double)evaluation->correct / (double)evaluation->targets : 0;
}

double evaluation_bits_per_byte(const struct evaluation *evaluation) {
    return evaluation->bytes ? evaluation->loss / log(2) / (double)evaluation->bytes : 0;
}

static uint64_t target_bytes(const struct tokenizer *tokenizer, const struct packed_rows *packed) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < packed->filled * packed->length; i++) {
        int32_t target = packed->targets[i];
        if (target != TARGET_NONE && !tokenizer_is_special(tokenizer, (uint32_t)target))
            bytes += tokenizer_token(tokenizer, (uint32_t)target).size;
    }
    return bytes;
}

int evaluate_split(struct transformer *transformer, const struct model *model, const struct shard_set *set,
                   const struct tokenizer *tokenizer, const struct packing_options *options, struct packed_rows *packed,
                   uint64_t max_targets, struct evaluation *evaluation, struct error *error) {
    struct packing_options once = *options;
    once.shuffle = once.repeat = false;
    struct packing *packing = packing_new(set, tokenizer, &once);
    int status = 0;
    *evaluation = (struct evaluation){0};
    do {
        status = packing_next(packing, packed, error);
        if (status || packed->filled == 0)
            break;
        struct batch batch = packed_rows_batch(packed);
        struct transformer_result result;
        transformer_evaluate(transformer, model, &batch, NULL, &result);
        evaluation->loss += result.loss;
        evaluation->targets += result.targets;
        evaluation->correct += result.correct;
        evaluation->bytes += target_bytes(tokenizer, packed);
        evaluation->rows += packed->filled;
    } while (packed->filled == packed->rows && (max_targets == 0 || evaluation->targets < max_targets));
    packing_free(packing);
    return status;
}
