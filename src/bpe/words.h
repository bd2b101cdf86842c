/*
 * The different pieces of a text as rows of token ids, while merges are learned. Words of equal count lie together, the
 * most frequent first, so that a place tells its count without an entry a word.
 */
#ifndef BPE_WORDS_H
#define BPE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "bpe/piece_source.h"

/*
 * A cell holds a token's id, WORD_END (before, between and after words), or WORD_HOLE | N: a token that was merged
 * keeps the place of its first cell, and the N cells behind it are a hole whose first and last cell tell its length. A
 * place is the index of a token's cell.
 */
#define WORD_HOLE ((uint32_t)1 << 31)
#define WORD_END UINT32_MAX

/* Words that occur so many times, from a cell on. */
struct word_class {
    uint64_t times;
    size_t start;
};

/* Zero-initialised is valid and empty. */
struct words {
    uint32_t *cells;
    size_t size;                /* of the cells, at most UINT32_MAX */
    struct word_class *classes; /* by falling count; behind the last one stands one that starts at size */
    size_t class_count;
};

/* Lays out all pieces of two bytes or more; those of one have no pairs. ERROR_DATA where they need more than 2^32
 * cells. */
int words_init(struct words *words, struct piece_source *pieces, const uint32_t byte_id[256], struct error *error);
/* Closes the holes, and leaves out the words that are one token by now. Places change. */
void words_compact(struct words *words);
void words_release(struct words *words); /* frees and zeroes */

static inline bool cell_is_hole(uint32_t cell) {
    return (cell & WORD_HOLE) && cell != WORD_END;
}

/* The cell after a token, past its hole: the next token's or WORD_END's. */
static inline size_t words_next(const struct words *words, size_t place) {
    uint32_t cell = words->cells[place + 1];
    return place + 1 + (cell_is_hole(cell) ? cell & ~WORD_HOLE : 0);
}

/* The place of the token before, or of WORD_END. */
static inline size_t words_previous(const struct words *words, size_t place) {
    uint32_t cell = words->cells[place - 1];
    return place - 1 - (cell_is_hole(cell) ? cell & ~WORD_HOLE : 0);
}

/* Makes one token of the two at place and middle; end is the cell after them. */
static inline void words_join(struct words *words, size_t place, size_t middle, size_t end, uint32_t id) {
    uint32_t hole = WORD_HOLE | (uint32_t)(end - place - 1);
    words->cells[place] = id;
    words->cells[middle] = hole; /* or a stale id would stand inside the hole */
    words->cells[place + 1] = hole;
    words->cells[end - 1] = hole;
}

/* The class of a place, looked for from an earlier class on: cheap where places are asked for in rising order. */
size_t words_class(const struct words *words, size_t place, size_t from);

#endif
