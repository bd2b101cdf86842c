/*
 * Owns merging: short pieces in place in arrays, long ones through a heap over a linked list, so that the time stays
 * n log n.
 */
#include "token/merging.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/vocabulary.h"

/* Up to this many bytes the quadratic loop is faster than the heap. */
#define SHORT_PIECE_MAX 48

/* A token of a long piece. */
struct link {
    uint32_t id, previous, next;
};

#define LINK_NONE UINT32_MAX

static uint32_t rank_of(const struct tokenizer *tokenizer, uint32_t left, uint32_t right) {
    const struct pair_slot *pair = pair_find(tokenizer, left, right);
    return pair ? pair->rank : UINT32_MAX;
}

/* Merges size <= SHORT_PIECE_MAX bytes: the lowest rank first, the leftmost among equals. Returns the number of ids. */
static size_t merge_short(const struct tokenizer *tokenizer, const char *piece, size_t size, uint32_t *ids) {
    uint32_t ranks[SHORT_PIECE_MAX]; /* of the pair that starts there */
    size_t count = size;
    for (size_t i = 0; i < count; i++)
        ids[i] = tokenizer->byte_id[(unsigned char)piece[i]];
    for (size_t i = 0; i + 1 < count; i++)
        ranks[i] = rank_of(tokenizer, ids[i], ids[i + 1]);
    while (count > 1) {
        uint32_t lowest = UINT32_MAX;
        for (size_t i = 0; i + 1 < count; i++)
            lowest = ranks[i] < lowest ? ranks[i] : lowest;
        if (lowest == UINT32_MAX)
            break;
        size_t best = 0;
        while (ranks[best] != lowest)
            best++;
        ids[best] = tokenizer->merges[lowest].result;
        count--;
        memmove(ids + best + 1, ids + best + 2, (count - best - 1) * sizeof(*ids));
        memmove(ranks + best, ranks + best + 1, (count - best) * sizeof(*ranks));
        if (best + 1 < count)
            ranks[best] = rank_of(tokenizer, ids[best], ids[best + 1]);
        if (best > 0)
            ranks[best - 1] = rank_of(tokenizer, ids[best - 1], ids[best]);
    }
    return count;
}

static void heap_push(struct merging_scratch *queue, uint64_t item) {
    if (queue->heap_count == queue->heap_capacity) {
        queue->heap_capacity = queue->heap_capacity ? queue->heap_capacity * 2 : 1024;
        queue->heap = memory_resize(queue->heap, queue->heap_capacity, sizeof(*queue->heap));
    }
    uint64_t *heap = queue->heap;
    size_t at = queue->heap_count++;
    for (; at > 0 && heap[(at - 1) / 2] > item; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = item;
}

static uint64_t heap_pop(struct merging_scratch *queue) {
    uint64_t *heap = queue->heap, smallest = heap[0];
    uint64_t item = heap[--queue->heap_count];
    size_t count = queue->heap_count, at = 0;
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && heap[child + 1] < heap[child])
            child++;
        if (heap[child] >= item)
            break;
        heap[at] = heap[child];
    }
    heap[at] = item;
    return smallest;
}

/* A piece being merged. */
struct merging {
    const struct tokenizer *tokenizer;
    struct merging_scratch *scratch;
};

static void push_pair(const struct merging *merging, uint32_t left, uint32_t right) {
    const struct link *links = merging->scratch->links;
    uint32_t rank = rank_of(merging->tokenizer, links[left].id, links[right].id);
    if (rank != UINT32_MAX)
        heap_push(merging->scratch, (uint64_t)rank << 32 | left);
}

/* Joins the pair at `left` by the merge of that rank, if it is still there: entries of pairs that changed since stay in
 * the heap. */
static void merge_link(const struct merging *merging, uint32_t left, uint32_t rank) {
    struct link *links = merging->scratch->links;
    const struct merge *merge = &merging->tokenizer->merges[rank];
    uint32_t right = links[left].next;
    if (links[left].id != merge->left || right == LINK_NONE || links[right].id != merge->right)
        return;
    links[left].id = merge->result;
    links[left].next = links[right].next;
    links[right].id = TOKEN_NONE;
    if (links[left].next != LINK_NONE) {
        links[links[left].next].previous = left;
        push_pair(merging, left, links[left].next);
    }
    if (links[left].previous != LINK_NONE)
        push_pair(merging, links[left].previous, left);
}

static size_t merge_long(const struct merging *merging, const char *piece, size_t size, uint32_t *ids) {
    struct merging_scratch *scratch = merging->scratch;
    if (scratch->link_capacity < size) {
        scratch->links = memory_resize(scratch->links, size, sizeof(*scratch->links));
        scratch->link_capacity = size;
    }
    struct link *links = scratch->links;
    for (size_t i = 0; i < size; i++)
        links[i] = (struct link){merging->tokenizer->byte_id[(unsigned char)piece[i]],
                                 i ? (uint32_t)(i - 1) : LINK_NONE, i + 1 < size ? (uint32_t)(i + 1) : LINK_NONE};
    for (size_t i = 0; i + 1 < size; i++)
        push_pair(merging, (uint32_t)i, (uint32_t)(i + 1));
    while (scratch->heap_count > 0) {
        uint64_t item = heap_pop(scratch);
        merge_link(merging, (uint32_t)item, (uint32_t)(item >> 32));
    }
    size_t count = 0;
    for (uint32_t at = 0; at != LINK_NONE; at = links[at].next)
        ids[count++] = links[at].id;
    return count;
}

size_t merging_encode(const struct tokenizer *tokenizer, struct merging_scratch *scratch, struct span piece,
                      uint32_t *ids) {
    const struct merging merging = {tokenizer, scratch};
    if (piece.size <= SHORT_PIECE_MAX)
        return merge_short(tokenizer, piece.data, piece.size, ids);
    return merge_long(&merging, piece.data, piece.size, ids);
}

void merging_scratch_release(struct merging_scratch *scratch) {
    free(scratch->links);
    free(scratch->heap);
    *scratch = (struct merging_scratch){0};
}
