/*
 * Owns the making of the tables that searching for tokens takes. Knows nothing of pieces or of special tokens.
 */
#include "token/matching_tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/vocabulary.h"

static size_t power_of_two_over(size_t count) {
    size_t size = 1024;
    while (size < count)
        size *= 2;
    return size;
}

/* ---- pairs ---- */

static void add_pair(struct matching *matching, uint32_t left, uint32_t right, uint32_t result) {
    uint64_t hash = mix((uint64_t)left << 32 | right);
    size_t slot = hash & matching->pair_mask, bit = hash & matching->filter_mask;
    while (matching->pairs[slot].result != NONE)
        slot = (slot + 1) & matching->pair_mask;
    matching->pairs[slot] = (struct pair){(uint32_t)(hash >> 32), result};
    matching->pair_filter[bit / 64] |= (uint64_t)1 << bit % 64;
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

/* Before the trie: what merges across the border in front of a character. */
static void find_joins(struct matching *matching) {
    unsigned char(*first)[2] = memory_zeroed(matching->count, sizeof *first); /* bytes of each token */
    matching->joins = memory_zeroed(matching->count, sizeof *matching->joins);
    for (uint32_t number = 0; number < matching->count; number++) {
        if (number < BYTES) {
            first[number][0] = (unsigned char)number;
            continue;
        }
        const struct split *split = &matching->splits[number];
        const unsigned char *right = first[split->right];
        first[number][0] = first[split->left][0];
        first[number][1] = split->left < BYTES ? right[0] : first[split->left][1];
        if (right[0] >> 4 == 0xE)
            matching->joins[split->left] |= split->right < BYTES ? UINT64_MAX : (uint64_t)1 << character_class(right[0], right[1]);
    }
    for (uint32_t number = BYTES; number < matching->count; number++)
        matching->joins[number] |= matching->joins[matching->splits[number].right];
    free(first);
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
    matching->pairs = memory_table(slots * sizeof *matching->pairs);
    memset(matching->pairs, 0xFF, slots * sizeof *matching->pairs);
    matching->pair_mask = slots - 1;
    matching->pair_filter = memory_zeroed(bits / 64, sizeof *matching->pair_filter);
    matching->filter_mask = bits - 1;
}

/* ---- the trie ---- */

static void place_edge(struct matching *matching, struct edge edge) {
    size_t slot = edge_slot(matching, edge.key);
    while (matching->edges[slot].key != KEY_FREE)
        slot = slot + 1 == matching->edge_slots ? 0 : slot + 1;
    matching->edges[slot] = edge;
}

static void resize_edges(struct matching *matching, size_t slots) {
    struct edge *old = matching->edges;
    size_t old_slots = matching->edge_slots;
    matching->edges = memory_table(slots * sizeof *matching->edges);
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

static void mark_followers(struct matching *matching) {
    uint32_t *followers = memory_zeroed(matching->node_count, sizeof *followers);
    for (size_t i = 0; i < matching->edge_slots; i++)
        if (matching->edges[i].key != KEY_FREE)
            followers[matching->edges[i].key >> 8] |= follower_bit((unsigned char)matching->edges[i].key);
    for (size_t i = 0; i < matching->edge_slots; i++)
        if (matching->edges[i].key != KEY_FREE)
            matching->edges[i].to |= followers[matching->edges[i].to];
    free(followers);
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
    mark_followers(matching);
    matching->second = memory_table(BYTES * BYTES * sizeof *matching->second);
    for (uint32_t i = 0; i < BYTES * BYTES; i++)
        matching->second[i] = step(matching, i / BYTES, (unsigned char)(i % BYTES));
    return true;
}

struct matching *matching_new(const struct tokenizer *tokenizer) {
    struct matching *matching = memory_zeroed(1, sizeof *matching);
    matching->vocabulary_size = tokenizer->size;
    make_tables(matching, tokenizer);
    find_last_merges(matching, tokenizer);
    find_joins(matching);
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
    free(matching->joins);
    free(matching);
}

bool matching_reaches(const struct matching *matching, uint32_t id) {
    return matching->numbers[id] != NONE;
}
