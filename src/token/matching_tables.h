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

/* A mergeable pair: the token it makes, and a part of its hash that tells most other pairs apart. */
struct pair {
    uint32_t tag, result;
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
    uint32_t *byte_pairs; /* what two bytes merge into, by both, the first one higher; or NONE */
    struct pair *pairs;   /* result NONE where free */
    size_t pair_mask;
    uint64_t *pair_filter; /* a bit for the hash of each pair: most pairs that do not merge need no look at the table */
    size_t filter_mask;
    uint64_t *joins; /* by number: a bit for each character_class that it or a token at its end merges with */
};

/* The class, of 1 to 63, of the characters of three bytes (E0 to EF, then 80 to BF twice) that begin with these two. */
static inline unsigned character_class(unsigned char first, unsigned char second) {
    return 1 + (first * 11u + second) % 63;
}

static inline uint64_t mix(uint64_t key) {
    key *= 0x9E3779B97F4A7C15u;
    return key ^ key >> 32;
}

/* The token that two tokens merge into, NONE where there is none that ever comes about. */
static inline uint32_t merged(const struct matching *matching, uint32_t left, uint32_t right) {
    uint64_t hash = mix((uint64_t)left << 32 | right);
    size_t bit = hash & matching->filter_mask;
    if (!(matching->pair_filter[bit / 64] >> bit % 64 & 1))
        return NONE;
    uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t slot = hash & matching->pair_mask;; slot = (slot + 1) & matching->pair_mask) {
        const struct pair *pair = &matching->pairs[slot];
        if (pair->result == NONE)
            return NONE;
        const struct split *split = &matching->splits[pair->result];
        if (pair->tag == tag && split->left == left && split->right == right)
            return pair->result;
    }
}

/*
 * Whether two tokens stay as they are beside each other. The states in which their border was are gone through
 * backwards: of the two last merges the one that came later is undone. A merge across the border into a token below
 * `limit` would have come before the one undone last. Of equal merges the left one came first.
 */
static inline bool can_be_neighbours(const struct matching *matching, uint32_t left, uint32_t right) {
    uint32_t limit = NONE;
    for (;;) {
        if (merged(matching, left, right) < limit)
            return false;
        if (left > right) {
            if (left < BYTES)
                return true;
            limit = left;
            left = matching->splits[left].right;
        } else {
            if (right < BYTES)
                return true;
            limit = right + 1;
            right = matching->splits[right].left;
        }
    }
}

/* Fills nodes, text, starts, and shorter of beginnings. False where there are too many nodes. */
bool matching_make_trie(struct matching *matching, const struct tokenizer *tokenizer);

#endif
