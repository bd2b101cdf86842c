/*
 * Rows for the transformer out of token shards: documents in a shuffled order, packed, with targets and document
 * starts. Nothing of it depends on threads or on when it is read, and a position is three numbers, so that training
 * resumes exactly.
 *
 * Documents are taken in windows of neighbouring blocks: blocks are shuffled over the whole split, documents within a
 * window. A window's documents become rows at once, the next window's on a thread while this one's rows are used:
 * pretraining: one stream cut every `length` tokens, or texts that are fitted into rows; every token is trained, a
 * document's last one to predict <|bos|>; fine-tuning: dialogues whole, best fit in decreasing length; what
 * assistants say and their <|end|> is trained, nothing else. A dialogue that is too long loses its oldest turns, its
 * system turn kept; one whose last question and answer alone are too long is skipped.
 */
#ifndef MODEL_PACKING_H
#define MODEL_PACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/transformer.h"
#include "shard/reader.h"
#include "token/tokenizer.h"

enum objective { OBJECTIVE_PRETRAIN, OBJECTIVE_SFT };

/* Of pretraining: one stream cut into rows, or texts that are cut only where they are longer than a row, with padding.
 */
enum packing_method { PACKING_CONCAT, PACKING_BEST_FIT };

struct packing_options {
    enum objective objective;
    enum packing_method method;
    enum shard_split split;
    size_t length; /* tokens a row */
    bool shuffle;  /* else documents stand in the order of the shards */
    bool repeat;   /* start the next epoch at the end of one */
    uint64_t seed;
};

/* Where the next row comes from. Zero is the start. */
struct packing_position {
    uint64_t epoch, window, row;
};

/* What the rows handed out so far left out; of each epoch's documents again. */
struct packing_counts {
    uint64_t documents, shortened, too_long, untrained; /* untrained: no assistant's turn in it (fine-tuning) */
};

struct packing;

/* The set and the tokenizer must outlive it; the tokenizer must have the special tokens and be the one of the shards.
 */
struct packing *packing_new(const struct shard_set *set, const struct tokenizer *tokenizer,
                            const struct packing_options *options);
void packing_free(struct packing *packing); /* NULL is allowed */

/* Arrays of rows x length that a batch is filled into. */
struct packed_rows {
    size_t rows, length; /* capacity */
    int32_t *tokens, *targets, *starts;
    size_t filled; /* rows */
};

void packed_rows_init(struct packed_rows *packed, size_t rows, size_t length);
void packed_rows_release(struct packed_rows *packed);
/* The filled rows as a batch that borrows from packed. */
struct batch packed_rows_batch(const struct packed_rows *packed);

/* Fills packed->rows rows, fewer (or none) only at the end without repeat. A split without a single trained token is an
 * ERROR_DATA. */
int packing_next(struct packing *packing, struct packed_rows *packed, struct error *error);

struct packing_position packing_position(const struct packing *packing);
/* Goes on exactly as the packing that gave this position did. */
void packing_seek(struct packing *packing, struct packing_position position);
struct packing_counts packing_counts(const struct packing *packing);

#endif
