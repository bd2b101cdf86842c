/*
 * Owns the search for the tokens of a piece. Knows nothing of how its tables are made, of the cache of pieces or of
 * special tokens.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "token/matching_search.h"

/* A token that is to come next in the piece. */
struct candidate {
    uint32_t token;
    size_t end; /* where it would end */
};

/* Whether the text, of `left` bytes, goes on with the rest of a leaf's token, which stands `depth` bytes into it. */
static inline size_t leaf_rest(const struct matching *matching, const struct node *leaf, size_t depth,
                               const unsigned char *text, size_t left) {
    size_t rest = leaf->link >> NODE_BITS & NODE_REST_MAX;
    if (rest == 0)
        return 0;
    uint32_t number = leaf->entry >> 8;
    if (rest == NODE_REST_MAX)
        rest = matching->beginnings[number].size - depth;
    if (rest > left)
        return SIZE_MAX;
    for (size_t i = 0; i < rest && i < NODE_REST_BYTES; i++)
        if (text[i] != (leaf->link >> 8 * i & 0xFF))
            return SIZE_MAX;
    const char *whole = matching->text + matching->starts[number];
    return rest > NODE_REST_BYTES &&
                   memcmp(text + NODE_REST_BYTES, whole + depth + NODE_REST_BYTES, rest - NODE_REST_BYTES) != 0
               ? SIZE_MAX
               : rest;
}

/* The longest token at a place below size. */
static inline struct candidate longest_token(const struct matching *matching, const unsigned char *text, size_t at,
                                             size_t size) {
    struct candidate longest = {text[at], at + 1};
    uint32_t children = 0;
    for (size_t end = at; end < size;) {
        const struct node *node = &matching->nodes[children + text[end]];
        if ((node->entry & 0xFF) != text[end])
            break;
        end++;
        uint32_t token = node->entry >> 8;
        if (node->link & NODE_LEAF) {
            size_t rest = token == NO_TOKEN ? SIZE_MAX : leaf_rest(matching, node, end - at, text + end, size - end);
            return rest == SIZE_MAX ? longest : (struct candidate){token, end + rest};
        }
        longest.token = token != NO_TOKEN ? token : longest.token;
        longest.end = token != NO_TOKEN ? end : longest.end;
        children = node->link;
    }
    return longest;
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

/*
 * Whether the last token, of REPEATED_MIN bytes or more, comes once more. Runs of one sign have tokens of many sizes,
 * of which one, again and again, is the right one; the others lead nowhere, but take long to do so.
 */
#define REPEATED_MIN 8

static inline bool is_repeated(const struct matching *matching, struct matching_scratch *scratch,
                               const unsigned char *text, size_t at, size_t size, uint32_t last,
                               const uint64_t *alive) {
    size_t end = at + matching->beginnings[last].size;
    return end - at >= REPEATED_MIN && end <= size && alive[end / 64] >> end % 64 & 1 &&
           memcmp(text + at, text + at - (end - at), end - at) == 0 &&
           are_neighbours(matching, scratch->verdicts, last, last);
}

CLONED size_t matching_find_tokens(const struct matching *matching, struct matching_scratch *scratch,
                                   const unsigned char *text, size_t size, uint32_t *numbers) {
    uint64_t few = UINT64_MAX, *alive = size < 64 ? &few : all_alive(scratch, size);
    size_t count = 0;
    for (size_t at = 0; at < size;) {
        if (count > 0 && is_repeated(matching, scratch, text, at, size, numbers[count - 1], alive)) {
            numbers[count] = numbers[count - 1];
            at += matching->beginnings[numbers[count++]].size;
            continue;
        }
        struct candidate next = longest_token(matching, text, at, size);
        while (!(alive[next.end / 64] >> next.end % 64 & 1) ||
               (count > 0 && !are_neighbours(matching, scratch->verdicts, numbers[count - 1], next.token))) {
            uint32_t shorter = matching->beginnings[next.token].shorter;
            if (shorter == NONE) { /* nothing goes on from here: the token before is taken back, for a shorter one */
                alive[at / 64] &= ~((uint64_t)1 << at % 64);
                shorter = numbers[--count];
                at -= matching->beginnings[shorter].size;
                if (matching->beginnings[shorter].size >= REPEATED_MIN) { /* longer ones may not have been tried */
                    next = longest_token(matching, text, at, size);
                    continue;
                }
            }
            next = (struct candidate){shorter, at + matching->beginnings[shorter].size};
        }
        numbers[count++] = next.token;
        at = next.end;
    }
    return count;
}

/* The ids of a piece of three bytes, of which what is no text has many: by merging. */
static size_t encode_three(const struct matching *matching, const unsigned char *text, uint32_t *ids) {
    uint32_t first = matching->byte_pairs[text[0] << 8 | text[1]];
    uint32_t second = matching->byte_pairs[text[1] << 8 | text[2]];
    if (first == NO_TOKEN && second == NO_TOKEN) {
        for (size_t i = 0; i < 3; i++)
            ids[i] = matching->ids[text[i]];
        return 3;
    }
    bool left_first = first <= second; /* of equal merges the left one */
    uint32_t left = left_first ? first : text[0], right = left_first ? text[2] : second;
    uint32_t whole = merged(matching, left, right);
    ids[0] = matching->ids[whole == NO_TOKEN ? left : whole];
    ids[1] = matching->ids[right];
    return whole == NO_TOKEN ? 2 : 1;
}

size_t matching_encode(const struct matching *matching, struct matching_scratch *scratch, struct span piece,
                       uint32_t *ids) {
    const unsigned char *text = (const unsigned char *)piece.data;
    if (piece.size == 3)
        return encode_three(matching, text, ids);
    if (matching_begins_with_character(piece)) {
        struct span pieces[] = {piece, {piece.data + piece.size, 0}};
        uint32_t *next = ids;
        matching_encode_characters(matching, scratch, pieces, &next);
        return (size_t)(next - ids);
    }
    matching_scratch_prepare(scratch);
    size_t count = matching_find_tokens(matching, scratch, text, piece.size, ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = matching->ids[ids[i]];
    return count;
}

void matching_scratch_prepare(struct matching_scratch *scratch) {
    if (!scratch->verdicts)
        scratch->verdicts = memory_zeroed(VERDICTS, sizeof *scratch->verdicts);
}

void matching_scratch_release(struct matching_scratch *scratch) {
    free(scratch->alive);
    free(scratch->verdicts);
    free(scratch->characters);
    free(scratch->joined);
    *scratch = (struct matching_scratch){0};
}
