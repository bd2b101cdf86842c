/*
 * Owns the text of all different pieces while it is merged token by token. A token's id stands at its first and its
 * last byte, so that both neighbours of a place are found at once; a bit a byte says where tokens start. A merge costs
 * its occurrences, not the lengths of pieces. Knows nothing of files or of pretokenising.
 */
#include "bpe/learn.h"

#include <stdlib.h>

#include "base/memory.h"
#include "bpe/pair_table.h"

/* Stands before, between and after pieces. */
#define SEPARATOR UINT32_MAX

/* One entry for so many places leads from a place to its piece. */
#define BLOCK_SIZE 64

struct text {
    const struct tokenizer *tokenizer;
    uint32_t *symbols; /* ids at the first and last place of each token */
    uint64_t *starts;  /* bit set where a token or separator starts */
    size_t size;
    uint32_t *piece_start; /* first place of each piece, and the size at the end */
    uint64_t *piece_count;
    size_t pieces;
    uint32_t *block_piece; /* the piece of the first place of each block (or the one before it) */
};

static bool starts_at(const struct text *text, size_t place) {
    return text->starts[place / 64] >> place % 64 & 1;
}

static size_t token_size(const struct text *text, uint32_t id) {
    return tokenizer_token(text->tokenizer, id).size;
}

static uint64_t count_at(const struct text *text, uint32_t place) {
    size_t piece = text->block_piece[place / BLOCK_SIZE];
    while (text->piece_start[piece + 1] <= place)
        piece++;
    return text->piece_count[piece];
}

/* Pieces of one byte have no pairs. */
static void measure(struct text *text, const struct piece_counts *counts) {
    text->size = 1;
    for (size_t i = 0; i < counts->count; i++) {
        if (counts->pieces[i].size >= 2) {
            text->size += counts->pieces[i].size + 1;
            text->pieces++;
        }
    }
}

static void lay_out(struct text *text, const struct piece_counts *counts, const uint32_t byte_id[256]) {
    size_t place = 0, piece = 0;
    text->symbols[place++] = SEPARATOR;
    for (size_t i = 0; i < counts->count; i++) {
        const struct piece *from = &counts->pieces[i];
        if (from->size < 2)
            continue;
        text->piece_start[piece] = (uint32_t)place;
        text->piece_count[piece++] = from->count;
        for (size_t j = 0; j < from->size; j++)
            text->symbols[place++] = byte_id[(unsigned char)counts->text.data[from->start + j]];
        text->symbols[place++] = SEPARATOR;
    }
    text->piece_start[piece] = (uint32_t)place;
    for (size_t i = 0, p = 0; i < text->size; i += BLOCK_SIZE) {
        while (p + 1 < text->pieces && text->piece_start[p + 1] <= i)
            p++;
        text->block_piece[i / BLOCK_SIZE] = (uint32_t)p;
    }
    for (size_t i = 0; i < text->size / 64 + 1; i++)
        text->starts[i] = UINT64_MAX;
}

static int text_init(struct text *text, const struct tokenizer *tokenizer, const struct piece_counts *counts,
                     struct error *error) {
    *text = (struct text){.tokenizer = tokenizer};
    measure(text, counts);
    if (text->size >= UINT32_MAX)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                         "the different pieces of the text are %zu bytes, more than 4 GiB: give a sample", text->size);
    text->symbols = memory_allocate(text->size * sizeof(*text->symbols));
    text->starts = memory_allocate((text->size / 64 + 1) * sizeof(*text->starts));
    text->piece_start = memory_allocate((text->pieces + 1) * sizeof(*text->piece_start));
    text->piece_count = memory_allocate((text->pieces + 1) * sizeof(*text->piece_count));
    text->block_piece = memory_allocate((text->size / BLOCK_SIZE + 1) * sizeof(*text->block_piece));
    uint32_t byte_id[256];
    for (uint32_t id = SPECIAL_COUNT; id < SPECIAL_COUNT + 256; id++)
        byte_id[(unsigned char)tokenizer_token(tokenizer, id).data[0]] = id;
    lay_out(text, counts, byte_id);
    return 0;
}

static void text_release(struct text *text) {
    free(text->symbols);
    free(text->starts);
    free(text->piece_start);
    free(text->piece_count);
    free(text->block_piece);
}

static void count_pairs(const struct text *text, struct pair_table *table) {
    for (size_t piece = 0; piece < text->pieces; piece++)
        for (uint32_t place = text->piece_start[piece]; text->symbols[place + 1] != SEPARATOR; place++)
            pair_table_add(table, text->symbols[place], text->symbols[place + 1], text->piece_count[piece], place);
    pair_table_settle(table);
}

/* Joins the pair at a place, if it still stands there, and moves the counts of the pairs with its neighbours. */
static void merge_at(struct text *text, struct pair_table *table, uint32_t left, uint32_t right, uint32_t id,
                     uint32_t place) {
    if (!starts_at(text, place) || text->symbols[place] != left)
        return;
    size_t middle = place + token_size(text, left);
    if (!starts_at(text, middle) || text->symbols[middle] != right)
        return;
    size_t after = middle + token_size(text, right);
    uint32_t previous = text->symbols[place - 1], next = text->symbols[after];
    uint64_t times = count_at(text, place);
    pair_table_subtract(table, left, right, times);
    if (previous != SEPARATOR) {
        pair_table_subtract(table, previous, left, times);
        pair_table_add(table, previous, id, times, place - (uint32_t)token_size(text, previous));
    }
    if (next != SEPARATOR) {
        pair_table_subtract(table, right, next, times);
        pair_table_add(table, id, next, times, place);
    }
    text->starts[middle / 64] &= ~((uint64_t)1 << middle % 64);
    text->symbols[place] = id;
    text->symbols[after - 1] = id;
}

static int compare_places(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* From left to right, so that a run such as aaa joins its first two. */
static void sort_places(uint32_t *places, size_t count) {
    size_t sorted = 1;
    while (sorted < count && places[sorted - 1] <= places[sorted])
        sorted++;
    if (sorted < count)
        qsort(places, count, sizeof(*places), compare_places);
}

static void merge_everywhere(struct text *text, struct pair_table *table, struct pair pair, uint32_t id) {
    sort_places(pair.places, pair.place_count);
    for (size_t i = 0; i < pair.place_count; i++)
        merge_at(text, table, pair.left, pair.right, id, pair.places[i]);
    free(pair.places);
    pair_table_settle(table);
}

/* Takes the places away from the pair, which then can gather new ones. */
static struct pair take_places(struct pair *pair) {
    struct pair taken = *pair;
    pair->places = NULL;
    pair->place_count = pair->place_capacity = 0;
    return taken;
}

int learn_merges(struct tokenizer *tokenizer, const struct piece_counts *counts, const struct learn_options *options,
                 struct error *error) {
    struct text text;
    struct pair_table table = {0};
    if (text_init(&text, tokenizer, counts, error) != 0)
        return -1;
    count_pairs(&text, &table);
    while (tokenizer_vocabulary_size(tokenizer) < options->vocabulary_size) {
        struct pair *best = pair_table_best(&table);
        if (!best || best->count < options->minimum_count)
            break;
        /* A pair comes up again where its left part grew in another way since; it is listed once. */
        if (best->merge_id == 0)
            best->merge_id = tokenizer_build_merge(tokenizer, best->left, best->right);
        merge_everywhere(&text, &table, take_places(best), best->merge_id);
        if (options->progress && tokenizer_merge_count(tokenizer) % 64 == 0)
            options->progress(options->progress_context, tokenizer_vocabulary_size(tokenizer));
    }
    pair_table_release(&table);
    text_release(&text);
    return 0;
}
