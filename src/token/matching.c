/*
 * Owns the tables that searching for tokens takes: a trie of the tokens that merging reaches, the last merge of each,
 * and the pairs that merge. Knows nothing of pieces' cache or of special tokens.
 */
#include "token/matching.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/vocabulary.h"

/*
 * Tokens have numbers of their own here: first the 256 bytes, then the results of merges in the order of their ranks.
 * So of two tokens the one with the larger number was made later. Nodes of the trie that are tokens have the token's
 * number, other nodes those behind; LEAF stands with a node that no edge leaves.
 */
#define NONE UINT32_MAX
#define BYTES 256
#define LEAF ((uint32_t)1 << 31)
#define NODE_LIMIT ((uint32_t)1 << 24) /* a node and a byte are one key of 32 bits */
#define KEY_FREE UINT32_MAX
#define VERDICTS ((size_t)1 << 14)

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
};

static size_t power_of_two_over(size_t count) {
    size_t size = 1024;
    while (size < count)
        size *= 2;
    return size;
}

static inline uint64_t mix(uint64_t key) {
    key *= 0x9E3779B97F4A7C15u;
    return key ^ key >> 32;
}

/* ---- pairs ---- */

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

static void add_pair(struct matching *matching, uint32_t left, uint32_t right, uint32_t result) {
    uint64_t hash = mix((uint64_t)left << 32 | right);
    size_t slot = hash & matching->pair_mask, bit = hash & matching->filter_mask;
    while (matching->pairs[slot].result != NONE)
        slot = (slot + 1) & matching->pair_mask;
    matching->pairs[slot] = (struct pair){(uint32_t)(hash >> 32), result};
    matching->pair_filter[bit / 64] |= (uint64_t)1 << bit % 64;
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

/*
 * Numbers every token that merging reaches: of the merges that make it, the one whose two tokens stay as they are until
 * its rank is its last one; the others never happen.
 */
static void find_last_merges(struct matching *matching, const struct tokenizer *tokenizer) {
    for (uint32_t byte = 0; byte < BYTES; byte++) {
        matching->ids[byte] = tokenizer->byte_id[byte];
        matching->numbers[tokenizer->byte_id[byte]] = byte;
        matching->beginnings[byte] = (struct beginning){1, NONE};
    }
    matching->count = BYTES;
    for (size_t rank = 0; rank < tokenizer->merge_count; rank++) {
        const struct merge *merge = &tokenizer->merges[rank];
        uint32_t left = matching->numbers[merge->left], right = matching->numbers[merge->right];
        if (left == NONE || right == NONE || matching->numbers[merge->result] != NONE ||
            !can_be_neighbours(matching, left, right))
            continue;
        uint32_t number = matching->count++;
        matching->ids[number] = merge->result;
        matching->numbers[merge->result] = number;
        matching->splits[number] = (struct split){left, right};
        matching->beginnings[number].size = matching->beginnings[left].size + matching->beginnings[right].size;
        add_pair(matching, left, right, number);
    }
}

/*
 * Whether merges happen in the order of their ranks. One of a token that is made later would come too late, unless what
 * it makes is made before that token is (as of rank files, which list every way to cut a token).
 */
static bool is_ordered(const struct matching *matching, const struct tokenizer *tokenizer) {
    uint32_t made = BYTES; /* the tokens below this number were made before the merge that is looked at */
    for (size_t rank = 0; rank < tokenizer->merge_count; rank++) {
        const struct merge *merge = &tokenizer->merges[rank];
        uint32_t left = matching->numbers[merge->left], right = matching->numbers[merge->right];
        uint32_t result = matching->numbers[merge->result];
        if (left != NONE && right != NONE && (left >= made || right >= made) && left < result && right < result)
            return false;
        made += result == made && matching->splits[result].left == left && matching->splits[result].right == right;
    }
    return true;
}

static void make_tables(struct matching *matching, const struct tokenizer *tokenizer) {
    size_t most = BYTES + tokenizer->merge_count;
    if (most > tokenizer->size)
        most = tokenizer->size;
    matching->ids = memory_allocate(most * sizeof *matching->ids);
    matching->splits = memory_zeroed(most, sizeof *matching->splits);
    matching->beginnings = memory_zeroed(most, sizeof *matching->beginnings);
    matching->numbers = memory_allocate(matching->vocabulary_size * sizeof *matching->numbers);
    memset(matching->numbers, 0xFF, matching->vocabulary_size * sizeof *matching->numbers);
    size_t slots = power_of_two_over(2 * most), bits = power_of_two_over(16 * most);
    matching->pairs = memory_allocate(slots * sizeof *matching->pairs);
    memset(matching->pairs, 0xFF, slots * sizeof *matching->pairs);
    matching->pair_mask = slots - 1;
    matching->pair_filter = memory_zeroed(bits / 64, sizeof *matching->pair_filter);
    matching->filter_mask = bits - 1;
}

/* ---- the trie ---- */

static inline size_t edge_slot(const struct matching *matching, uint32_t key) {
    return (size_t)((mix(key) >> 32) * matching->edge_slots >> 32);
}

/* The node that a node's edge of that byte leads to, with its LEAF; NONE where there is none. */
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

static void place_edge(struct matching *matching, struct edge edge) {
    size_t slot = edge_slot(matching, edge.key);
    while (matching->edges[slot].key != KEY_FREE)
        slot = slot + 1 == matching->edge_slots ? 0 : slot + 1;
    matching->edges[slot] = edge;
}

static void resize_edges(struct matching *matching, size_t slots) {
    struct edge *old = matching->edges;
    size_t old_slots = matching->edge_slots;
    matching->edges = memory_allocate(slots * sizeof *matching->edges);
    matching->edge_slots = slots;
    memset(matching->edges, 0xFF, slots * sizeof *matching->edges);
    for (size_t i = 0; i < old_slots; i++)
        if (old[i].key != KEY_FREE)
            place_edge(matching, old[i]);
    free(old);
}

static void add_edge(struct matching *matching, uint32_t node, unsigned char byte, uint32_t to) {
    if (3 * ++matching->edge_count > 2 * matching->edge_slots)
        resize_edges(matching, 2 * matching->edge_slots);
    place_edge(matching, (struct edge){node << 8 | byte, to});
}

/* Shorter tokens first, so that each token on the way to a longer one is known. */
static uint32_t *numbers_by_size(const struct matching *matching) {
    uint32_t longest = 0;
    for (uint32_t number = 0; number < matching->count; number++)
        if (matching->beginnings[number].size > longest)
            longest = matching->beginnings[number].size;
    size_t *starts = memory_zeroed((size_t)longest + 2, sizeof *starts);
    for (uint32_t number = 0; number < matching->count; number++)
        starts[matching->beginnings[number].size + 1]++;
    for (uint32_t size = 0; size <= longest; size++)
        starts[size + 1] += starts[size];
    uint32_t *sorted = memory_allocate(matching->count * sizeof *sorted);
    for (uint32_t number = 0; number < matching->count; number++)
        sorted[starts[matching->beginnings[number].size]++] = number;
    free(starts);
    return sorted;
}

/* Of at least two bytes. */
static void add_token(struct matching *matching, uint32_t number, struct span text) {
    uint32_t node = (unsigned char)text.data[0], shorter = node;
    for (size_t i = 1; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool last = i + 1 == text.size;
        uint32_t to = step(matching, node, byte);
        if (to == NONE) {
            to = last ? number : matching->node_count++;
            add_edge(matching, node, byte, to);
        }
        node = to;
        if (!last && node < matching->count)
            shorter = node;
    }
    matching->beginnings[number].shorter = shorter;
}

static void mark_leaves(struct matching *matching) {
    bool *inner = memory_zeroed(matching->node_count, sizeof *inner);
    for (size_t i = 0; i < matching->edge_slots; i++)
        if (matching->edges[i].key != KEY_FREE)
            inner[matching->edges[i].key >> 8] = true;
    for (size_t i = 0; i < matching->edge_slots; i++)
        if (matching->edges[i].key != KEY_FREE && !inner[matching->edges[i].to])
            matching->edges[i].to |= LEAF;
    free(inner);
}

/* False where there are more nodes than keys. */
static bool make_trie(struct matching *matching, const struct tokenizer *tokenizer) {
    uint32_t *sorted = numbers_by_size(matching);
    matching->node_count = matching->count;
    resize_edges(matching, 2 * (size_t)matching->count);
    for (uint32_t i = BYTES; i < matching->count && matching->node_count < NODE_LIMIT; i++)
        add_token(matching, sorted[i], tokenizer_token(tokenizer, matching->ids[sorted[i]]));
    free(sorted);
    if (matching->node_count >= NODE_LIMIT)
        return false;
    resize_edges(matching, matching->edge_count * 3 / 2 + 2);
    mark_leaves(matching);
    matching->second = memory_allocate(BYTES * BYTES * sizeof *matching->second);
    for (uint32_t i = 0; i < BYTES * BYTES; i++)
        matching->second[i] = step(matching, i / BYTES, (unsigned char)(i % BYTES));
    return true;
}

struct matching *matching_new(const struct tokenizer *tokenizer) {
    struct matching *matching = memory_zeroed(1, sizeof *matching);
    matching->vocabulary_size = tokenizer->size;
    make_tables(matching, tokenizer);
    find_last_merges(matching, tokenizer);
    if (is_ordered(matching, tokenizer) && make_trie(matching, tokenizer))
        return matching;
    matching_free(matching);
    return NULL;
}

void matching_free(struct matching *matching) {
    if (!matching)
        return;
    free(matching->ids);
    free(matching->splits);
    free(matching->beginnings);
    free(matching->numbers);
    free(matching->second);
    free(matching->edges);
    free(matching->pairs);
    free(matching->pair_filter);
    free(matching);
}

bool matching_reaches(const struct matching *matching, uint32_t id) {
    return matching->numbers[id] != NONE;
}

/* ---- encoding ---- */

/* A token that is to come next in the piece. */
struct candidate {
    uint32_t token;
    size_t end; /* where it would end */
};

/* The longest token at a place below size. */
static inline struct candidate longest_token(const struct matching *matching, const unsigned char *text, size_t at,
                                             size_t size) {
    struct candidate longest = {text[at], at + 1};
    if (at + 1 == size)
        return longest;
    uint32_t node = matching->second[(size_t)text[at] << 8 | text[at + 1]];
    for (size_t end = at + 2; node != NONE; end++) {
        if ((node & ~LEAF) < matching->count)
            longest = (struct candidate){node & ~LEAF, end};
        if ((node & LEAF) || end == size)
            break;
        node = step(matching, node, text[end]);
    }
    return longest;
}

/* can_be_neighbours with a memory: the same pairs come up again and again. A verdict stands in the lowest bit. */
static inline bool are_neighbours(const struct matching *matching, uint64_t *verdicts, uint32_t left, uint32_t right) {
    uint64_t key = ((uint64_t)left << 24 | right) + 1;
    uint64_t *verdict = &verdicts[mix(key) >> 32 & (VERDICTS - 1)];
    if (*verdict >> 1 != key)
        *verdict = key << 1 | can_be_neighbours(matching, left, right);
    return *verdict & 1;
}

void matching_scratch_release(struct matching_scratch *scratch) {
    free(scratch->alive);
    free(scratch->verdicts);
    *scratch = (struct matching_scratch){0};
}

/* One bit for each place of the piece: nothing shows yet that no encoding goes on from there. */
static uint64_t *all_alive(struct matching_scratch *scratch, size_t size) {
    size_t words = size / 64 + 1;
    if (scratch->capacity < words) {
        scratch->alive = memory_resize(scratch->alive, words, sizeof *scratch->alive);
        scratch->capacity = words;
    }
    memset(scratch->alive, 0xFF, words * sizeof *scratch->alive);
    return scratch->alive;
}

size_t matching_encode(const struct matching *matching, struct matching_scratch *scratch, struct span piece,
                       uint32_t *ids) {
    const unsigned char *text = (const unsigned char *)piece.data;
    struct candidate next = longest_token(matching, text, 0, piece.size);
    if (next.end == piece.size) {
        ids[0] = matching->ids[next.token];
        return 1;
    }
    if (!scratch->verdicts)
        scratch->verdicts = memory_zeroed(VERDICTS, sizeof *scratch->verdicts);
    uint64_t few = UINT64_MAX, *alive = piece.size < 64 ? &few : all_alive(scratch, piece.size);
    size_t count = 0, at = 0;
    for (;;) {
        if ((alive[next.end / 64] >> next.end % 64 & 1) &&
            (count == 0 || are_neighbours(matching, scratch->verdicts, ids[count - 1], next.token))) {
            ids[count++] = next.token;
            if (next.end == piece.size)
                break;
            at = next.end;
            next = longest_token(matching, text, at, piece.size);
            continue;
        }
        uint32_t shorter = matching->beginnings[next.token].shorter;
        if (shorter == NONE) { /* nothing goes on from here: the token before is taken back, for a shorter one */
            alive[at / 64] &= ~((uint64_t)1 << at % 64);
            shorter = ids[--count];
            at -= matching->beginnings[shorter].size;
        }
        next = (struct candidate){shorter, at + matching->beginnings[shorter].size};
    }
    for (size_t i = 0; i < count; i++)
        ids[i] = matching->ids[ids[i]];
    return count;
}
