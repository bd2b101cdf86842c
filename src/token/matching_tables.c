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
        if (left < BYTES && right < BYTES)
            matching->byte_pairs[left << 8 | right] = number;
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
    matching->byte_pairs = memory_allocate(BYTES * BYTES * sizeof *matching->byte_pairs);
    memset(matching->byte_pairs, 0xFF, BYTES * BYTES * sizeof *matching->byte_pairs);
    size_t slots = power_of_two_over(2 * most), bits = power_of_two_over(16 * most);
    matching->pairs = memory_table(slots * sizeof *matching->pairs);
    memset(matching->pairs, 0xFF, slots * sizeof *matching->pairs);
    matching->pair_mask = slots - 1;
    matching->pair_filter = memory_zeroed(bits / 64, sizeof *matching->pair_filter);
    matching->filter_mask = bits - 1;
}

struct matching *matching_new(const struct tokenizer *tokenizer) {
    struct matching *matching = memory_zeroed(1, sizeof *matching);
    matching->vocabulary_size = tokenizer->size;
    make_tables(matching, tokenizer);
    find_last_merges(matching, tokenizer);
    find_joins(matching);
    if (is_ordered(matching, tokenizer) && matching_make_trie(matching, tokenizer))
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
    free(matching->nodes);
    free(matching->starts);
    free(matching->byte_pairs);
    free(matching->pairs);
    free(matching->pair_filter);
    free(matching->joins);
    free(matching);
}

bool matching_reaches(const struct matching *matching, uint32_t id) {
    return matching->numbers[id] != NONE;
}
