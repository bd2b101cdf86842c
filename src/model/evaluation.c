/* Evaluation over a split. It owns the sums; rows are packing.c's, losses the transformer's, words text/words.c's. */
#include "model/evaluation.h"

#include <math.h>

#include "base/memory.h"
#include "text/utf8.h"

double evaluation_loss(const struct evaluation *evaluation) {
    return evaluation->targets ? evaluation->loss / (double)evaluation->targets : 0;
}

double evaluation_perplexity(const struct evaluation *evaluation) {
    return evaluation->targets ? exp(evaluation_loss(evaluation)) : 0;
}

double evaluation_word_perplexity(const struct evaluation *evaluation) {
    return evaluation->words ? exp(evaluation->loss / (double)evaluation->words) : 0;
}

double evaluation_accuracy(const struct evaluation *evaluation) {
    return evaluation->targets ? (double)evaluation->correct / (double)evaluation->targets : 0;
}

double evaluation_bits_per_byte(const struct evaluation *evaluation) {
    return evaluation->bytes ? evaluation->loss / log(2) / (double)evaluation->bytes : 0;
}

/* The text that is being predicted. A run of it is what stands between special tokens, row breaks or not. */
struct predicted {
    const struct tokenizer *tokenizer;
    struct word_finder *finder;
    struct bytes run, repaired;
    struct word_list words;
};

static void end_run(struct predicted *predicted, struct evaluation *evaluation) {
    if (predicted->run.size == 0)
        return;
    bytes_clear(&predicted->repaired);
    utf8_repair(span_of_bytes(&predicted->run), &predicted->repaired);
    predicted->words.count = 0;
    word_finder_append(predicted->finder, span_of_bytes(&predicted->repaired), &predicted->words);
    for (size_t i = 0; i < predicted->words.count; i++)
        evaluation->words += !predicted->words.items[i].symbol;
    bytes_clear(&predicted->run);
}

static void count_text(struct predicted *predicted, const struct packed_rows *packed, struct evaluation *evaluation) {
    for (size_t i = 0; i < packed->filled * packed->length; i++) {
        int32_t target = packed->targets[i];
        bool text = target != TARGET_NONE && !tokenizer_is_special(predicted->tokenizer, (uint32_t)target);
        if (text) {
            struct span bytes = tokenizer_token(predicted->tokenizer, (uint32_t)target);
            evaluation->bytes += bytes.size;
            if (predicted->finder)
                bytes_append_span(&predicted->run, bytes);
        } else {
            end_run(predicted, evaluation);
        }
    }
}

int evaluate_split(struct transformer *transformer, const struct model *model, const struct shard_set *set,
                   const struct tokenizer *tokenizer, const struct packing_options *options, struct packed_rows *packed,
                   uint64_t max_targets, struct word_finder *words, struct evaluation *evaluation,
                   struct error *error) {
    struct packing_options once = *options;
    once.shuffle = once.repeat = false;
    struct packing *packing = packing_new(set, tokenizer, &once);
    struct predicted predicted = {.tokenizer = tokenizer, .finder = words};
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
        count_text(&predicted, packed, evaluation);
        evaluation->rows += packed->filled;
    } while (packed->filled == packed->rows && (max_targets == 0 || evaluation->targets < max_targets));
    end_run(&predicted, evaluation);
    bytes_release(&predicted.run);
    bytes_release(&predicted.repaired);
    word_list_release(&predicted.words);
    packing_free(packing);
    return status;
}
