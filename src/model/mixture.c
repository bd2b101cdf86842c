/* Owns the choice among sets of shards. Their rows are packing.c's. */
#include "model/mixture.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

struct part {
    struct packing *packing;
    double share; /* of all rows */
    uint64_t rows;
    bool ended;
};

struct mixture {
    size_t count;
    uint64_t rows;
    struct part parts[MIXTURE_MOST];
};

struct mixture *mixture_new(const struct mixture_source *sources, size_t count, const struct tokenizer *tokenizer,
                            const struct packing_options *options) {
    struct mixture *mixture = memory_zeroed(1, sizeof *mixture);
    double total = 0;
    for (size_t i = 0; i < count; i++)
        total += sources[i].weight;
    mixture->count = count;
    for (size_t i = 0; i < count; i++) {
        struct packing_options own = *options;
        own.seed = i ? hash_mix(options->seed + i) : options->seed;
        mixture->parts[i].packing = packing_new(sources[i].set, tokenizer, &own);
        mixture->parts[i].share = sources[i].weight / total;
    }
    return mixture;
}

void mixture_free(struct mixture *mixture) {
    if (!mixture)
        return;
    for (size_t i = 0; i < mixture->count; i++)
        packing_free(mixture->parts[i].packing);
    free(mixture);
}

/* The part that is furthest behind its share, the first among equals; NULL where all have ended. */
static struct part *choose(struct mixture *mixture) {
    struct part *chosen = NULL;
    double furthest = 0;
    for (size_t i = 0; i < mixture->count; i++) {
        struct part *part = &mixture->parts[i];
        double behind = part->share * (double)(mixture->rows + 1) - (double)part->rows;
        if (!part->ended && (!chosen || behind > furthest)) {
            chosen = part;
            furthest = behind;
        }
    }
    return chosen;
}

int mixture_next(struct mixture *mixture, struct packed_rows *packed, struct error *error) {
    packed->filled = 0;
    for (struct part *part; packed->filled < packed->rows && (part = choose(mixture));) {
        size_t at = packed->filled * packed->length;
        struct packed_rows row = {.rows = 1,
                                  .length = packed->length,
                                  .tokens = packed->tokens + at,
                                  .targets = packed->targets + at,
                                  .starts = packed->starts + at};
        if (packing_next(part->packing, &row, error) != 0)
            return -1;
        part->ended = row.filled == 0;
        packed->filled += row.filled;
        part->rows += row.filled;
        mixture->rows += row.filled;
    }
    return 0;
}

struct mixture_position mixture_position(const struct mixture *mixture) {
    struct mixture_position position = {0};
    for (size_t i = 0; i < mixture->count; i++) {
        position.sources[i].position = packing_position(mixture->parts[i].packing);
        position.sources[i].rows = mixture->parts[i].rows;
    }
    return position;
}

void mixture_seek(struct mixture *mixture, const struct mixture_position *position) {
    mixture->rows = 0;
    for (size_t i = 0; i < mixture->count; i++) {
        struct part *part = &mixture->parts[i];
        packing_seek(part->packing, position->sources[i].position);
        part->rows = position->sources[i].rows;
        part->ended = false;
        mixture->rows += part->rows;
    }
}

struct packing_counts mixture_counts(const struct mixture *mixture) {
    struct packing_counts total = {0};
    for (size_t i = 0; i < mixture->count; i++) {
        struct packing_counts counts = packing_counts(mixture->parts[i].packing);
        total.documents += counts.documents;
        total.shortened += counts.shortened;
        total.too_long += counts.too_long;
        total.untrained += counts.untrained;
    }
    return total;
}
