/*
 * The different pieces of a text with their counts, gathered by several workers under a budget of memory and then
 * walked more than once. A worker's table that outgrows its share is added to that of all; where this outgrows its own
 * it is spilled to sorted runs on disk, which are added up at the end. The sums do not depend on who counted what, nor
 * on what was spilled.
 */
#ifndef BPE_PIECE_SOURCE_H
#define BPE_PIECE_SOURCE_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "bpe/piece_count.h"

struct piece_source;

/* memory: bytes for all workers' tables, sorting, and what is laid out from the pieces. */
struct piece_source *piece_source_new(uint64_t memory, unsigned workers);
void piece_source_free(struct piece_source *source); /* NULL is allowed */

/* A worker's table is its own; this empties it where it is over its share. Call between texts. */
int piece_source_check(struct piece_source *source, struct piece_counts *counts, struct error *error);
/* Takes a worker's counts, which are empty afterwards. From any thread; an error is kept for piece_source_finish. */
void piece_source_take(struct piece_source *source, struct piece_counts *counts);

/* Call once, when all workers' counts were taken, before walking. bytes_for_byte: what will be held for each byte of
 * the pieces; where that does not fit beside the table, the table goes to disk. */
int piece_source_finish(struct piece_source *source, unsigned bytes_for_byte, struct error *error);
uint64_t piece_source_count(const struct piece_source *source); /* of different pieces */
uint64_t piece_source_size(const struct piece_source *source);  /* of all of them, in bytes */
/* Starts a walk; the order of the pieces is unspecified. */
int piece_source_rewind(struct piece_source *source, struct error *error);
/* 1 and the next piece (valid until the next call), 0 at the end, -1 on error. */
int piece_source_next(struct piece_source *source, struct span *piece, uint64_t *times, struct error *error);

#endif
