/*
 * Owns the making of the trie of tokens: sorts them, goes through them depth first and finds places for the nodes.
 * Knows nothing of merges.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/matching_tables.h"
#include "token/vocabulary.h"

/* Places tried for the children of one node, among so many, before they are put behind all others: the time stays
 * linear. */
#define PLACES_TRIED 32
#define PLACES_SEEN 1024

/* ---- the tokens in order ---- */

struct sorted_token {
    uint64_t beginning; /* the first eight bytes, the first one highest, zeros behind */
    uint32_t number;
};

static struct span text_of(const struct matching *matching, uint32_t number) {
    return (struct span){matching->text + matching->starts[number], matching->beginnings[number].size};
}

static uint64_t beginning_of(struct span text) {
    uint64_t beginning = 0;
    for (size_t i = 0; i < 8; i++)
        beginning = beginning << 8 | (i < text.size ? (unsigned char)text.data[i] : 0);
    return beginning;
}

static int compare_texts(const void *a, const void *b, void *matching) {
    struct span left = text_of(matching, ((const struct sorted_token *)a)->number);
    struct span right = text_of(matching, ((const struct sorted_token *)b)->number);
    int order = memcmp(left.data, right.data, left.size < right.size ? left.size : right.size);
    return order ? order : (left.size > right.size) - (left.size < right.size);
}

/* One pass of a radix sort, by the byte at `shift`. */
static void distribute(const struct sorted_token *from, struct sorted_token *to, size_t count, unsigned shift) {
    size_t starts[257] = {0};
    for (size_t i = 0; i < count; i++)
        starts[(from[i].beginning >> shift & 0xFF) + 1]++;
    for (size_t i = 0; i < 256; i++)
        starts[i + 1] += starts[i];
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].beginning >> shift & 0xFF]++] = from[i];
}

static struct sorted_token *sort_tokens(struct matching *matching) {
    size_t count = matching->count;
    struct sorted_token *tokens = memory_allocate(count * sizeof *tokens),
                        *other = memory_allocate(count * sizeof *other);
    for (uint32_t number = 0; number < count; number++)
        tokens[number] = (struct sorted_token){beginning_of(text_of(matching, number)), number};
    for (unsigned shift = 0; shift < 64; shift += 16) {
        distribute(tokens, other, count, shift);
        distribute(other, tokens, count, shift + 8);
    }
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && tokens[end].beginning == tokens[first].beginning;)
            end++;
        if (end - first > 1)
            qsort_r(tokens + first, end - first, sizeof *tokens, compare_texts, matching);
    }
    free(other);
    return tokens;
}

/* ---- places ---- */

/* Tokens that begin with the same `depth` bytes: their node, and the longest token that all of them begin with. */
struct branch {
    uint32_t first, end; /* of the sorted tokens */
    uint32_t depth, node, shorter;
};

struct making {
    struct matching *matching;
    struct sorted_token *tokens;
    unsigned char *taken; /* by place: TAKEN_… */
    size_t lowest;        /* all places below are taken */
    size_t behind;        /* all places from here on are free */
    size_t capacity, node_count;
    struct branch *branches; /* that are to be gone into */
    size_t branch_count, branch_capacity;
};

enum { TAKEN_NODE = 1, TAKEN_CHILDREN = 2 };

static void make_room(struct making *making, size_t places) {
    if (places <= making->capacity)
        return;
    size_t capacity = making->capacity ? making->capacity * 2 : 1024;
    while (capacity < places)
        capacity *= 2;
    making->matching->nodes = memory_resize(making->matching->nodes, capacity, sizeof *making->matching->nodes);
    making->taken = memory_resize(making->taken, capacity, 1);
    memset(making->taken + making->capacity, 0, capacity - making->capacity);
    for (size_t i = making->capacity; i < capacity; i++)
        making->matching->nodes[i] = (struct node){NODE_LEAF, NO_TOKEN << 8};
    making->capacity = capacity;
}

static bool is_free(const struct making *making, size_t children, const unsigned char *bytes, size_t count) {
    if (making->taken[children] & TAKEN_CHILDREN)
        return false;
    for (size_t i = 0; i < count; i++)
        if (making->taken[children + bytes[i]] & TAKEN_NODE)
            return false;
    return true;
}

static size_t find_place(const struct making *making, const unsigned char *bytes, size_t count) {
    size_t tried = 0, first = making->lowest > bytes[0] ? making->lowest : bytes[0];
    size_t end = making->behind < first + PLACES_SEEN ? making->behind : first + PLACES_SEEN;
    for (size_t place = first; place < end && tried < PLACES_TRIED; place++)
        if (!(making->taken[place] & TAKEN_NODE) && (tried++, is_free(making, place - bytes[0], bytes, count)))
            return place - bytes[0];
    size_t children = making->behind > bytes[0] ? making->behind - bytes[0] : 0;
    while (making->taken[children] & TAKEN_CHILDREN)
        children++;
    return children;
}

/* Takes a place for the children of a node, whose bytes ascend. */
static size_t place_children(struct making *making, const unsigned char *bytes, size_t count) {
    make_room(making, making->behind + 4 * BYTES);
    size_t children = find_place(making, bytes, count);
    making->taken[children] |= TAKEN_CHILDREN;
    for (size_t i = 0; i < count; i++)
        making->taken[children + bytes[i]] |= TAKEN_NODE;
    if (children + bytes[count - 1] >= making->behind)
        making->behind = children + bytes[count - 1] + 1;
    while (making->taken[making->lowest] & TAKEN_NODE)
        making->lowest++;
    making->node_count += count;
    return children;
}

/* ---- nodes ---- */

/* The node of the one token below it, with what that token goes on with. */
static struct node leaf_of(const struct making *making, uint32_t number, size_t depth) {
    struct span text = text_of(making->matching, number);
    size_t rest = text.size - depth;
    uint32_t link = NODE_LEAF | (uint32_t)(rest < NODE_REST_MAX ? rest : NODE_REST_MAX) << NODE_BITS;
    for (size_t i = 0; i < rest && i < NODE_REST_BYTES; i++)
        link |= (uint32_t)(unsigned char)text.data[depth + i] << 8 * i;
    return (struct node){link, number << 8 | (unsigned char)text.data[depth - 1]};
}

static void add_branch(struct making *making, struct branch branch) {
    if (making->branch_count == making->branch_capacity) {
        making->branch_capacity = making->branch_capacity ? 2 * making->branch_capacity : 256;
        making->branches = memory_resize(making->branches, making->branch_capacity, sizeof *making->branches);
    }
    making->branches[making->branch_count++] = branch;
}

static unsigned char byte_at(const struct making *making, uint32_t token, size_t depth) {
    const struct sorted_token *sorted = &making->tokens[token];
    if (depth < 8)
        return (unsigned char)(sorted->beginning >> (56 - 8 * depth) & 0xFF);
    return (unsigned char)text_of(making->matching, sorted->number).data[depth];
}

/* Makes the children of a branch. */
static void divide(struct making *making, struct branch branch) {
    struct beginning *beginnings = making->matching->beginnings;
    uint32_t starts[BYTES + 1], count = 0, number = making->tokens[branch.first].number;
    unsigned char bytes[BYTES];
    if (beginnings[number].size == branch.depth) {
        beginnings[number].shorter = branch.shorter;
        making->matching->nodes[branch.node].entry = number << 8 | (making->matching->nodes[branch.node].entry & 0xFF);
        branch.shorter = number;
        branch.first++;
    }
    for (uint32_t token = branch.first; token < branch.end; token++) {
        unsigned char byte = byte_at(making, token, branch.depth);
        if (count == 0 || byte != bytes[count - 1]) {
            starts[count] = token;
            bytes[count++] = byte;
        }
    }
    starts[count] = branch.end;
    size_t children = place_children(making, bytes, count);
    if (branch.depth > 0)
        making->matching->nodes[branch.node].link = (uint32_t)children;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t child = (uint32_t)(children + bytes[i]), only = making->tokens[starts[i]].number;
        if (starts[i] + 1 < starts[i + 1]) {
            making->matching->nodes[child].entry = NO_TOKEN << 8 | bytes[i];
            add_branch(making, (struct branch){starts[i], starts[i + 1], branch.depth + 1, child, branch.shorter});
        } else {
            making->matching->nodes[child] = leaf_of(making, only, branch.depth + 1);
            beginnings[only].shorter = branch.shorter;
        }
    }
}

bool matching_make_trie(struct matching *matching, const struct tokenizer *tokenizer) {
    if (tokenizer->text.size > UINT32_MAX)
        return false;
    matching->text = tokenizer->text.data;
    matching->starts = memory_allocate(matching->count * sizeof *matching->starts);
    for (uint32_t number = 0; number < matching->count; number++)
        matching->starts[number] = (uint32_t)tokenizer->tokens[matching->ids[number]].start;
    struct making making = {.matching = matching, .tokens = sort_tokens(matching)};
    add_branch(&making, (struct branch){0, matching->count, 0, 0, NONE});
    while (making.branch_count > 0 && making.node_count < NODE_LIMIT)
        divide(&making, making.branches[--making.branch_count]);
    free(making.tokens);
    free(making.taken);
    free(making.branches);
    return making.branch_count == 0;
}
