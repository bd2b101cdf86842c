/*
 * Encoding a piece without merging: the longest token that fits where the last one ended, taken back where it cannot
 * stand beside its neighbour.
 *
 * Byte pair encoding gives a text the one sequence of tokens in which each two neighbours, encoded by themselves, stay
 * these two tokens. (Merging goes by rank, so what happens within two neighbours' bytes is the same beside others, as
 * long as nothing merges across their outer ends; the first merge across any end would be one across that end in the
 * two tokens by themselves.) So the sequence can be searched from left to right, and since each prefix of the text has
 * one encoding only, no place is entered twice: linear time, for one letter eight million times as for prose. Whether
 * two tokens can be neighbours is told by undoing their merges, the latest first, and looking for a merge across their
 * border that would have come earlier.
 *
 * The method is that of Hendrik van Antwerpen and Alexander Neubeck, "So many tokens, so little time: introducing a
 * faster, more flexible byte-pair tokenizer" (GitHub, 2024); the property was also found by Berglund and van der Merwe,
 * "Formalizing BPE tokenization" (2023).
 */
#ifndef TOKEN_MATCHING_H
#define TOKEN_MATCHING_H

#include "token/tokenizer.h"

/* The tables of one tokenizer. Immutable: threads share one. */
struct matching;

/*
 * NULL where the tokenizer's merges do not allow it: a merge of a token that only a later merge makes. Its ids can be
 * found by merging alone (merging.h).
 */
struct matching *matching_new(const struct tokenizer *tokenizer);
void matching_free(struct matching *matching); /* NULL is allowed */

/* One thread's scratch memory for one tokenizer; zero-initialised is valid. */
struct matching_scratch {
    uint64_t *alive; /* see matching_encode */
    size_t capacity;
    uint64_t *verdicts;           /* whether two tokens can be neighbours, of those looked at last */
    struct character *characters; /* the tokens of each, and of characters side by side, once one came */
    struct joined *joined;
};

void matching_scratch_release(struct matching_scratch *scratch);

/* Writes the ids of one piece of size >= 1 bytes to ids, which has room for three more; returns how many. */
size_t matching_encode(const struct matching *matching, struct matching_scratch *scratch, struct span piece,
                       uint32_t *ids);

/*
 * Pieces of 2 to TOGETHER_SIZE_MAX bytes, up to TOGETHER_MAX of them, by merging all in step: each waits for memory
 * while the others go on, and no branch depends on what one of them is. Much faster than one after the other where they
 * are not in the processor's caches.
 */
#define TOGETHER_MAX 256 /* numbers of pieces are kept in bytes */
#define TOGETHER_SIZE_MAX 30

struct together {
    uint32_t ids[TOGETHER_SIZE_MAX], count;
};

void matching_encode_together(const struct matching *matching, const struct span *pieces, size_t count,
                              struct together *found);

/* Whether a piece begins with a character of three bytes (U+0800 to U+FFFF), or one byte of ASCII and such a one. */
static inline bool matching_begins_with_character(struct span piece) {
    const unsigned char *text = (const unsigned char *)piece.data;
    size_t before = piece.size > 3 && text[0] < 0x80;
    return piece.size >= 3 && text[before] >> 4 == 0xE && text[before + 1] >> 6 == 2 && text[before + 2] >> 6 == 2;
}

/*
 * Writes the ids of pieces that begin so, one behind the other, from *next on, which has room for three more than
 * bytes, and moves it behind them; returns how many pieces these are. The first one need not begin so, and a last one
 * that does not follows: an empty one where the text ends. Fast for texts of many such characters and few tokens across
 * their borders, as Chinese is.
 */
size_t matching_encode_characters(const struct matching *matching, struct matching_scratch *scratch,
                                  const struct span *pieces, uint32_t **next);

/* Whether merging makes this token of its bytes: others can come about only as a whole piece (ignore_merges). */
bool matching_reaches(const struct matching *matching, uint32_t id);

#endif
