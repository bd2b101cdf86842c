/*
 * The tables that searching for tokens takes (matching.h), shared by the files that make and use them and nobody else:
 * a trie of the tokens that merging reaches, the last merge of each, and the pairs that merge.
 */
#ifndef TOKEN_MATCHING_TABLES_H
#define TOKEN_MATCHING_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "token/matching.h"

/*
 * Tokens have numbers of their own here: first the 256 bytes, then the results of merges in the order of their ranks.
 * So of two tokens the one with the larger number was made later.
 */
#define NONE UINT32_MAX
#define BYTES 256
#define NUMBER_BITS 24
#define NO_TOKEN ((uint32_t)0xFFFFFF)

/*
 * A node of the trie, which is a double array: the child by a byte stands that byte's value behind the place of the
 * node's children, and is one if it carries the byte (no two nodes have the same place for their children). Where only
 * one token is left the node is a leaf; it holds how much of that token follows and the first bytes of that. The first
 * bytes of tokens are the children at place 0. Places without a node are leaves of no token.
 */
struct node {
    uint32_t link;  /* the children's place, or NODE_LEAF, the size of the rest from bit NODE_BITS on, and its bytes */
    uint32_t entry; /* the number of the token that ends here (of a leaf: with the rest) or NO_TOKEN, above the byte */
};

#define NODE_LEAF ((uint32_t)1 << 31)
#define NODE_BITS 24
#define NODE_REST_BYTES 3
#define NODE_REST_MAX ((uint32_t)0x7F) /* stands for any rest as large or larger */
#define NODE_LIMIT ((size_t)1 << 24)

/*
 * The pairs that merge, in small buckets by their hash, which is invertible: what of it does not tell the bucket stands
 * in the entry, so that no two pairs are taken for each other. An entry has the number of the token made in
 * NUMBER_BITS, then that rest of the hash, and from PAIR_DISPLACED on by how many buckets it stands behind its own,
 * where that was full. Bucket 0 is empty.
 */
#define PAIR_BUCKET 2
#define PAIR_HASH_BITS 48
#define PAIR_DISPLACED 60
#define PAIR_DISPLACED_MAX 15
#define PAIR_BUCKETS_LEAST ((size_t)1 << 12) /* so many that the rest of a hash fits */
#define NO_PAIR ((uint64_t)NO_TOKEN)         /* a free entry */

struct pair_bucket {
    uint64_t entries[PAIR_BUCKET]; /* filled from the first on */
};

/* The last merge that makes a token. */
struct split {
    uint32_t left, right;
};

struct beginning {
    uint32_t size;    /* of the token in bytes */
    uint32_t shorter; /* the longest token that it begins with; NONE for a byte */
};

struct matching {
    uint32_t *ids; /* all by number */
    struct split *splits;
    struct beginning *beginnings;
    uint32_t count, vocabulary_size;
    uint32_t *numbers;    /* by id, NONE where merging does not reach it */
    struct node *nodes;   /* can be looked at BYTES behind the last children's place */
    const char *text;     /* of all tokens; borrowed */
    uint32_t *starts;     /* of each, within text */
    uint32_t *byte_pairs; /* what two bytes merge into, by both, the first one higher; or NO_TOKEN */
    struct pair_bucket *pairs;
    unsigned pair_shift;   /* leaves a pair's bucket of its hash */
    uint64_t *pair_filter; /* a bit for the hash of each pair: most pairs that do not merge need no look at the table */
    unsigned filter_shift;
    uint64_t *joins; /* by number: a bit for each character_class that it or a token at its end merges with */
};

/*
 * Classes of characters: of those of three bytes (E0 to EF, then 80 to BF twice) one of 1 to 62 that the first two
 * bytes tell, and one of its own for ASCII. First bytes have classes of their own where most characters are (U+3000 to
 * U+9FFF, E3 to E9), since there are tokens that end in one.
 */
#define CLASS_ASCII 63

static inline unsigned character_class(unsigned char first, unsigned char second) {
    if (first < 0x80)
        return CLASS_ASCII;
    return first >= 0xE3 && first <= 0xE9 ? 1 + (first - 0xE3u) * 8 + second % 8u : 57 + second % 6u;
}

static inline uint64_t mix(uint64_t key) {
    key *= 0x9E3779B97F4A7C15u;
    return key ^ key >> 32;
}

static inline uint64_t pair_hash(uint32_t left, uint32_t right) {
    return (((uint64_t)left << NUMBER_BITS | right) * 0x9E3779B97F4A7C15u) & (((uint64_t)1 << PAIR_HASH_BITS) - 1);
}

/* Of a hash what stands in an entry, above the number. */
static inline uint64_t pair_rest(const struct matching *matching, uint64_t hash) {
    return hash & (((uint64_t)1 << matching->pair_shift) - 1);
}

/* The number in the entry of a bucket with this rest, or NO_TOKEN. */
static inline uint32_t find_in_bucket(const struct pair_bucket *bucket, uint64_t rest) {
    const uint64_t *entries = bucket->entries;
    uint64_t found = entries[1] >> NUMBER_BITS == rest ? entries[1] : NO_PAIR;
    found = entries[0] >> NUMBER_BITS == rest ? entries[0] : found;
    return (uint32_t)(found & NO_TOKEN);
}

/* In the buckets behind a full one. */
uint32_t matching_find_displaced(const struct matching *matching, uint64_t hash);

/* False for most pairs that do not merge. */
static inline bool can_merge(const struct matching *matching, uint32_t left, uint32_t right) {
    uint64_t bit = pair_hash(left, right) >> matching->filter_shift;
    return matching->pair_filter[bit / 64] >> bit % 64 & 1;
}

/* Where what two tokens merge into stands, if they do: so that memory can be asked for it before it is needed. */
struct pair_place {
    const struct pair_bucket *bucket;
    uint64_t hash;
};

static inline struct pair_place place_of_pair(const struct matching *matching, uint32_t left, uint32_t right) {
    uint64_t hash = pair_hash(left, right), bit = hash >> matching->filter_shift;
    size_t known = matching->pair_filter[bit / 64] >> bit % 64 & 1;
    return (struct pair_place){&matching->pairs[((hash >> matching->pair_shift) + 1) & -known], hash};
}

/*
 * The token that the two tokens merge into, NO_TOKEN where there is none that ever comes about; of NO_TOKEN and another
 * nothing comes. Hardly a branch: none would be foreseen.
 */
static inline uint32_t merged_at(const struct matching *matching, const struct pair_place *place) {
    uint32_t found = find_in_bucket(place->bucket, pair_rest(matching, place->hash));
    if (__builtin_expect((found == NO_TOKEN) & (place->bucket->entries[PAIR_BUCKET - 1] != NO_PAIR), 0))
        return matching_find_displaced(matching, place->hash);
    return found;
}

static inline uint32_t merged(const struct matching *matching, uint32_t left, uint32_t right) {
    struct pair_place place = place_of_pair(matching, left, right);
    return merged_at(matching, &place);
}

/*
 * Whether two tokens stay as they are beside each other. The states in which their border was are gone through
 * backwards: of the two last merges the one that came later is undone. A merge across the border into a token below
 * `limit` would have come before the one undone last. Of equal merges the left one came first.
 */
static inline bool can_be_neighbours(const struct matching *matching, uint32_t left, uint32_t right) {
    uint32_t limit = NO_TOKEN;
    for (;;) {
        if (can_merge(matching, left, right) && merged(matching, left, right) < limit)
            return false;
        bool left_later = left > right; /* chosen without a branch, which nothing would foresee */
        uint32_t later = left_later ? left : right;
        if (later < BYTES)
            return true;
        const struct split *split = &matching->splits[later];
        limit = later + !left_later;
        right = left_later ? right : split->left;
        left = left_later ? split->right : left;
    }
}

/* Fills nodes, text, starts, and shorter of beginnings. False where there are too many nodes. */
bool matching_make_trie(struct matching *matching, const struct tokenizer *tokenizer);

#endif
