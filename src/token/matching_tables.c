/*
 * Owns the making of the tables that searching for tokens takes. Knows nothing of pieces or of special tokens.
 */
#include "token/matching_tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/vocabulary.h"

/* ---- pairs ---- */

static unsigned bits_over(size_t count) {
    unsigned bits = 0;
    while ((size_t)1 << bits < count)
        bits++;
    return bits;
}

static void make_pairs(struct matching *matching, size_t most) {
    size_t buckets = PAIR_BUCKETS_LEAST;
    while (buckets * PAIR_BUCKET < 2 * most)
        buckets *= 2;
    size_t all = 1 + buckets + PAIR_DISPLACED_MAX, bits = 16 * buckets;
    matching->pairs = memory_table(all * sizeof *matching->pairs);
    for (size_t i = 0; i < all; i++)
        for (size_t j = 0; j < PAIR_BUCKET; j++)
            matching->pairs[i].entries[j] = NO_PAIR;
    matching->pair_shift = PAIR_HASH_BITS - bits_over(buckets);
    matching->pair_filter = memory_zeroed(bits / 64, sizeof *matching->pair_filter);
    matching->filter_shift = PAIR_HASH_BITS - bits_over(bits);
}

/* False where too many pairs stand close together. */
static bool add_pair(struct matching *matching, uint32_t left, uint32_t right, uint32_t result) {
    uint64_t hash = pair_hash(left, right), bit = hash >> matching->filter_shift;
    uint64_t entry = pair_rest(matching, hash) << NUMBER_BITS | result;
    matching->pair_filter[bit / 64] |= (uint64_t)1 << bit % 64;
    struct pair_bucket *bucket = &matching->pairs[(hash >> matching->pair_shift) + 1];
    for (uint64_t displaced = 0; displaced <= PAIR_DISPLACED_MAX; displaced++, bucket++)
        for (size_t i = 0; i < PAIR_BUCKET; i++)
            if (bucket->entries[i] == NO_PAIR) {
                bucket->entries[i] = displaced << PAIR_DISPLACED | entry;
                return true;
            }
    return false;
}

uint32_t matching_find_displaced(const struct matching *matching, uint64_t hash) {
    const struct pair_bucket *bucket = &matching->pairs[(hash >> matching->pair_shift) + 1];
    uint64_t rest = pair_rest(matching, hash);
    for (uint64_t displaced = 1; displaced <= PAIR_DISPLACED_MAX; displaced++) {
        if (bucket++->entries[PAIR_BUCKET - 1] == NO_PAIR)
            return NO_TOKEN;
        uint32_t found = find_in_bucket(bucket, displaced << (PAIR_DISPLACED - NUMBER_BITS) | rest);
        if (found != NO_TOKEN)
            return found;
    }
    return NO_TOKEN;
}

/*
 * Numbers every token that merging reaches: of the merges that make it, the one whose two tokens stay as they are until
 * its rank is its last one; the others never happen. False where add_pair is.
 */
static bool find_last_merges(struct matching *matching, const struct tokenizer *tokenizer) {
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
        if (!add_pair(matching, left, right, number))
            return false;
        if (left < BYTES && right < BYTES)
            matching->byte_pairs[left << 8 | right] = number;
    }
    return true;
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

/* The classes of the characters that begin with the first one or two bytes of a token. */
static uint64_t classes_of(const unsigned char first[2], bool is_byte) {
    if (first[0] >> 4 != 0xE && first[0] >= 0x80)
        return 0;
    uint64_t classes = 0;
    if (is_byte)
        for (unsigned second = 0x80; second < 0xC0; second++)
            classes |= (uint64_t)1 << character_class(first[0], (unsigned char)second);
    return classes ? classes : (uint64_t)1 << character_class(first[0], first[1]);
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
        matching->joins[split->left] |= classes_of(right, split->right < BYTES);
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
    for (size_t i = 0; i < BYTES * BYTES; i++)
        matching->byte_pairs[i] = NO_TOKEN;
    make_pairs(matching, most);
}

struct matching *matching_new(const struct tokenizer *tokenizer) {
    if (tokenizer->merge_count + BYTES >= NO_TOKEN)
        return NULL;
    struct matching *matching = memory_zeroed(1, sizeof *matching);
    matching->vocabulary_size = tokenizer->size;
    make_tables(matching, tokenizer);
    if (find_last_merges(matching, tokenizer) && is_ordered(matching, tokenizer)) {
        find_joins(matching);
        if (matching_make_trie(matching, tokenizer))
            return matching;
    }
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
