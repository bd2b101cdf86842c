/*
 * Owns encoding: text to pieces to ids. Short pieces merge in place in arrays on the stack, long ones through a heap
 * over a linked list, so that the time stays n log n; frequent pieces come from a bounded cache. Knows nothing of files
 * or shards.
 */
#include "token/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/vocabulary.h"

/* Cache slots fill a cache line: pieces and results that are longer are merged each time. */
#define CACHE_SLOTS 32768
#define CACHE_PIECE_MAX 30
#define CACHE_IDS_MAX 8

/* Up to this many bytes the quadratic loop is faster than the heap. */
#define SHORT_PIECE_MAX 48

/* So many pieces are cut before the first is looked up, so that the slots of the later ones are on their way from
 * memory meanwhile. */
#define LOOKAHEAD 16

struct cache_slot {
    uint32_t ids[CACHE_IDS_MAX];
    char piece[CACHE_PIECE_MAX];
    uint8_t size, count; /* size 0: free */
};

/* A token of a long piece being merged. Positions fit 32 bits: a record's line is at most RECORD_LINE_MAX. */
struct link {
    uint32_t id, previous, next;
};

#define LINK_NONE UINT32_MAX

struct encoder {
    const struct tokenizer *tokenizer;
    struct cutter *cutter;
    void *cache_memory;
    struct cache_slot *cache; /* within cache_memory, at a cache line */
    struct link *links;
    size_t link_capacity;
    uint64_t *heap; /* rank << 32 | position of the left token, smallest first */
    size_t heap_count, heap_capacity;
};

struct encoder *encoder_new(const struct tokenizer *tokenizer) {
    struct encoder *encoder = memory_zeroed(1, sizeof(*encoder));
    encoder->tokenizer = tokenizer;
    encoder->cutter = cutter_new(tokenizer->pretokenizer);
    encoder->cache_memory = memory_zeroed(CACHE_SLOTS + 1, sizeof(*encoder->cache));
    uintptr_t address = (uintptr_t)encoder->cache_memory;
    encoder->cache = (struct cache_slot *)((address + sizeof(*encoder->cache) - 1) & ~(sizeof(*encoder->cache) - 1));
    return encoder;
}

void encoder_free(struct encoder *encoder) {
    if (!encoder)
        return;
    cutter_free(encoder->cutter);
    free(encoder->cache_memory);
    free(encoder->links);
    free(encoder->heap);
    free(encoder);
}

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

static void heap_push(struct encoder *encoder, uint64_t item) {
    if (encoder->heap_count == encoder->heap_capacity) {
        encoder->heap_capacity = encoder->heap_capacity ? encoder->heap_capacity * 2 : 1024;
        encoder->heap = memory_resize(encoder->heap, encoder->heap_capacity, sizeof(*encoder->heap));
    }
    uint64_t *heap = encoder->heap;
    size_t at = encoder->heap_count++;
    for (; at > 0 && heap[(at - 1) / 2] > item; at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = item;
}

static uint64_t heap_pop(struct encoder *encoder) {
    uint64_t *heap = encoder->heap, smallest = heap[0];
    uint64_t item = heap[--encoder->heap_count];
    size_t count = encoder->heap_count, at = 0;
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

static void push_pair(struct encoder *encoder, uint32_t left, uint32_t right) {
    uint32_t rank = rank_of(encoder->tokenizer, encoder->links[left].id, encoder->links[right].id);
    if (rank != UINT32_MAX)
        heap_push(encoder, (uint64_t)rank << 32 | left);
}

/* Joins the pair at `left` by the merge of that rank, if it is still there: entries of pairs that changed since stay in
 * the heap. */
static void merge_link(struct encoder *encoder, uint32_t left, uint32_t rank) {
    struct link *links = encoder->links;
    const struct merge *merge = &encoder->tokenizer->merges[rank];
    uint32_t right = links[left].next;
    if (links[left].id != merge->left || right == LINK_NONE || links[right].id != merge->right)
        return;
    links[left].id = merge->result;
    links[left].next = links[right].next;
    links[right].id = TOKEN_NONE;
    if (links[left].next != LINK_NONE) {
        links[links[left].next].previous = left;
        push_pair(encoder, left, links[left].next);
    }
    if (links[left].previous != LINK_NONE)
        push_pair(encoder, links[left].previous, left);
}

static void merge_long(struct encoder *encoder, const char *piece, size_t size, struct token_ids *ids) {
    if (encoder->link_capacity < size) {
        encoder->links = memory_resize(encoder->links, size, sizeof(*encoder->links));
        encoder->link_capacity = size;
    }
    struct link *links = encoder->links;
    for (size_t i = 0; i < size; i++)
        links[i] = (struct link){encoder->tokenizer->byte_id[(unsigned char)piece[i]],
                                 i ? (uint32_t)(i - 1) : LINK_NONE, i + 1 < size ? (uint32_t)(i + 1) : LINK_NONE};
    for (size_t i = 0; i + 1 < size; i++)
        push_pair(encoder, (uint32_t)i, (uint32_t)(i + 1));
    while (encoder->heap_count > 0) {
        uint64_t item = heap_pop(encoder);
        merge_link(encoder, (uint32_t)item, (uint32_t)(item >> 32));
    }
    for (uint32_t at = 0; at != LINK_NONE; at = links[at].next)
        token_ids_append(ids, links[at].id);
}

static void append_all(struct token_ids *ids, const uint32_t *from, size_t count) {
    memcpy(token_ids_reserve(ids, count), from, count * sizeof(*from));
    ids->count += count;
}

/* A piece of 2..SHORT_PIECE_MAX bytes that the cache does not hold. */
static size_t encode_short(struct encoder *encoder, struct span piece, uint32_t *found) {
    if (encoder->tokenizer->ignore_merges && (found[0] = vocabulary_find(encoder->tokenizer, piece)) != TOKEN_NONE)
        return 1;
    return merge_short(encoder->tokenizer, piece.data, piece.size, found);
}

static void append_long(struct encoder *encoder, struct span piece, struct token_ids *ids) {
    uint32_t whole = encoder->tokenizer->ignore_merges ? vocabulary_find(encoder->tokenizer, piece) : TOKEN_NONE;
    if (whole != TOKEN_NONE)
        token_ids_append(ids, whole);
    else
        merge_long(encoder, piece.data, piece.size, ids);
}

/* Pieces over CACHE_PIECE_MAX come without a slot. */
static void append_piece(struct encoder *encoder, struct span piece, struct cache_slot *slot, struct token_ids *ids) {
    if (slot && slot->size == piece.size && memcmp(slot->piece, piece.data, piece.size) == 0) {
        append_all(ids, slot->ids, slot->count);
        return;
    }
    if (piece.size > SHORT_PIECE_MAX) {
        append_long(encoder, piece, ids);
        return;
    }
    uint32_t found[SHORT_PIECE_MAX];
    size_t count = encode_short(encoder, piece, found);
    append_all(ids, found, count);
    if (slot && count <= CACHE_IDS_MAX) {
        slot->size = (uint8_t)piece.size;
        slot->count = (uint8_t)count;
        memcpy(slot->piece, piece.data, piece.size);
        memcpy(slot->ids, found, count * sizeof(*found));
    }
}

int encoder_append_text(struct encoder *encoder, struct span text, struct token_ids *ids, struct error *error) {
    struct span pieces[LOOKAHEAD];
    struct cache_slot *slots[LOOKAHEAD];
    long count;
    cutter_begin(encoder->cutter, text);
    while ((count = cutter_take(encoder->cutter, pieces, LOOKAHEAD, error)) > 0) {
        for (long i = 0; i < count; i++) {
            slots[i] = NULL;
            if (pieces[i].size <= CACHE_PIECE_MAX) {
                slots[i] = &encoder->cache[hash64(pieces[i], 0) % CACHE_SLOTS];
                __builtin_prefetch(slots[i]);
            }
        }
        for (long i = 0; i < count; i++)
            append_piece(encoder, pieces[i], slots[i], ids);
    }
    return count < 0 ? -1 : 0;
}

int encoder_append_message(struct encoder *encoder, enum role role, struct span content, struct token_ids *ids,
                           struct error *error) {
    token_ids_append(ids, tokenizer_special_of_role(encoder->tokenizer, role));
    if (encoder_append_text(encoder, content, ids, error) != 0)
        return -1;
    token_ids_append(ids, encoder->tokenizer->special[SPECIAL_END]);
    return 0;
}

int encoder_append_record(struct encoder *encoder, const struct record *record, struct token_ids *ids,
                          struct error *error) {
    token_ids_append(ids, encoder->tokenizer->special[SPECIAL_BOS]);
    if (record->kind == RECORD_DOCUMENT)
        return encoder_append_text(encoder, record->field[FIELD_TEXT], ids, error);
    for (size_t i = 0; i < record->message_count; i++)
        if (encoder_append_message(encoder, record->messages[i].role, record->messages[i].content, ids, error) != 0)
            return -1;
    return 0;
}
