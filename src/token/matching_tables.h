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
 * So of two tokens the one with the larger number was made later. Nodes of the trie that are tokens have the token's
 * number, other nodes those behind. With a node stand bits for the bytes that go on from it, by their lowest three
 * bits: most bytes that do not are told by that alone.
 */
#define NONE UINT32_MAX
#define BYTES 256
#define NODE_BITS 24 /* a node and a byte are one key of 32 bits */
#define NODE_LIMIT (((uint32_t)1 << NODE_BITS) - 1)
#define KEY_FREE UINT32_MAX

/* The step from a node by a byte. */
struct edge {
    uint32_t key; /* node << 8 | byte */
    uint32_t to;
};

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
    uint32_t count, node_count, vocabulary_size;
    uint32_t *numbers; /* by id, NONE where merging does not reach it */
    uint32_t *second;  /* node by the first two bytes */
    struct edge *edges;
    size_t edge_count, edge_slots;
    struct pair *pairs; /* result NONE where free */
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

static inline size_t edge_slot(const struct matching *matching, uint32_t key) {
    return (size_t)((mix(key) >> 32) * matching->edge_slots >> 32);
}

static inline uint32_t node_number(uint32_t node) {
    return node & NODE_LIMIT;
}

static inline uint32_t follower_bit(unsigned char byte) {
    return (uint32_t)1 << (NODE_BITS + (byte & 7));
}

/* The node that a node's edge of that byte leads to, with its bits; NONE where there is none. */
static inline uint32_t step(const struct matching *matching, uint32_t node, unsigned char byte) {
    uint32_t key = node << 8 | byte;
    for (size_t slot = edge_slot(matching, key);;) {
        const struct edge *edge = &matching->edges[slot];
        if (edge->key == key)
            return edge->to;
        if (edge->key == KEY_FREE)
            return NONE;
        slot = slot + 1 == matching->edge_slots ? 0 : slot + 1;
    }
}

#endif
