/*
 * Rows from several sets of shards in given proportions. Which set gives the next row follows from the weights and from
 * how many rows each has given: always the one that is furthest behind its share, so that any stretch of rows holds the
 * sets in proportion. Nothing depends on threads, and a position resumes exactly.
 */
#ifndef MODEL_MIXTURE_H
#define MODEL_MIXTURE_H

#include "model/packing.h"

#define MIXTURE_MOST 64 /* sets */

struct mixture_source {
    const struct shard_set *set;
    double weight; /* > 0; only proportions matter */
};

/* Where the next row comes from. Zero is the start. */
struct mixture_position {
    struct {
        struct packing_position position;
        uint64_t rows; /* that the set has given */
    } sources[MIXTURE_MOST];
};

struct mixture;

/* count: 1 to MIXTURE_MOST; all sets must be of the tokenizer and outlive the mixture, as must it. With one set the
 * rows are those of packing alone. */
struct mixture *mixture_new(const struct mixture_source *sources, size_t count, const struct tokenizer *tokenizer,
                            const struct packing_options *options);
void mixture_free(struct mixture *mixture); /* NULL is allowed */

/* Fills packed->rows rows. Without options.repeat a set that has come to its end gives no more rows; fewer rows come
 * when all have. */
int mixture_next(struct mixture *mixture, struct packed_rows *packed, struct error *error);
struct mixture_position mixture_position(const struct mixture *mixture);
void mixture_seek(struct mixture *mixture, const struct mixture_position *position);
struct packing_counts mixture_counts(const struct mixture *mixture); /* of all sets */

#endif
