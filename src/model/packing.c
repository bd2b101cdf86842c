/*
 * Windows of documents into rows. It owns the plan of one window at a time: the tokens, where documents stand in rows,
 * and what is trained. Which documents a window has is packing_order.c's; what is done with the rows it does not know.
 */
#include "model/packing.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/packing_order.h"

/* A document as it will stand in a row: tokens [start, start + count) of the window's buffer. */
struct piece {
    size_t start, count;
    size_t row, offset; /* fine-tuning: where it stands */
};

struct packing {
    const struct shard_set *set;
    struct packing_options options;
    struct packing_order order;
    struct shard_cursor *cursor;
    uint32_t special[SPECIAL_COUNT];
    struct packing_position position;
    struct packing_counts counts;
    bool planned; /* the window below is that of position */
    uint64_t *documents;
    size_t *shuffled;
    struct token_ids tokens; /* of the window's documents, in order */
    struct piece *pieces;
    size_t piece_count;
    size_t *row_order; /* fine-tuning: rows in a shuffled order */
    size_t row_count;
    uint64_t idle_windows; /* windows in a row that gave nothing to train */
};

struct packing *packing_new(const struct shard_set *set, const struct tokenizer *tokenizer,
                            const struct packing_options *options) {
    struct packing *packing = memory_zeroed(1, sizeof *packing);
    packing->set = set;
    packing->options = *options;
    packing->order = packing_order_make(shard_set_documents(set, options->split), shard_set_tokens(set, options->split),
                                        options->shuffle, options->seed);
    packing->cursor = shard_cursor_new(set, options->split);
    for (size_t i = 0; i < SPECIAL_COUNT; i++)
        packing->special[i] = tokenizer_special(tokenizer, (enum special_token)i);
    size_t most = (size_t)(packing->order.block * packing->order.window);
    packing->documents = memory_zeroed(most, sizeof *packing->documents);
    packing->shuffled = memory_zeroed(most, sizeof *packing->shuffled);
    packing->pieces = memory_zeroed(most, sizeof *packing->pieces);
    packing->row_order = memory_zeroed(most, sizeof *packing->row_order);
    return packing;
}

void packing_free(struct packing *packing) {
    if (!packing)
        return;
    shard_cursor_free(packing->cursor);
    token_ids_release(&packing->tokens);
    free(packing->documents);
    free(packing->shuffled);
    free(packing->pieces);
    free(packing->row_order);
    free(packing);
}

/* ---- fine-tuning: what of a dialogue fits, and where ---- */

static bool starts_turn(const struct packing *packing, uint32_t id) {
    return id == packing->special[SPECIAL_SYSTEM] || id == packing->special[SPECIAL_USER] ||
           id == packing->special[SPECIAL_ASSISTANT];
}

static size_t find_turn(const struct packing *packing, const uint32_t *ids, size_t from, size_t count) {
    while (from < count && !starts_turn(packing, ids[from]))
        from++;
    return from;
}

static bool contains(const uint32_t *ids, size_t count, uint32_t id) {
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id)
            return true;
    return false;
}

/*
 * Shortens a dialogue in place to at most limit tokens: <|bos|> and a system turn stay, then whole turns from a user's
 * on. Returns the new count, or 0 where no question with its answer fits.
 */
static size_t shorten_dialogue(const struct packing *packing, uint32_t *ids, size_t count, size_t limit) {
    size_t kept = 1, from = find_turn(packing, ids, 1, count);
    if (from < count && ids[from] == packing->special[SPECIAL_SYSTEM]) {
        kept = find_turn(packing, ids, from + 1, count);
        from = kept;
    }
    while (from < count && (kept + count - from > limit || ids[from] != packing->special[SPECIAL_USER]))
        from = find_turn(packing, ids, from + 1, count);
    if (from >= count || !contains(ids + from, count - from, packing->special[SPECIAL_ASSISTANT]))
        return 0;
    memmove(ids + kept, ids + from, (count - from) * sizeof *ids);
    return kept + count - from;
}

/* Takes the document at the buffer's end as a piece of fine-tuning, or leaves it out. */
static void add_dialogue(struct packing *packing, size_t start) {
    size_t count = packing->tokens.count - start, limit = packing->options.length + 1;
    uint32_t *ids = packing->tokens.data + start;
    if (!contains(ids, count, packing->special[SPECIAL_ASSISTANT])) {
        packing->counts.untrained++;
        count = 0;
    } else if (count > limit) {
        count = shorten_dialogue(packing, ids, count, limit);
        packing->counts.shortened += count > 0;
        packing->counts.too_long += count == 0;
    }
    packing->tokens.count = start + count;
    if (count)
        packing->pieces[packing->piece_count++] = (struct piece){.start = start, .count = count};
}

/* Longest first; equal ones in their order. A piece's start grows in that order. */
static int compare_pieces(const void *a, const void *b) {
    const struct piece *left = a, *right = b;
    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return (left->start > right->start) - (left->start < right->start);
}

/*
 * Best fit decreasing. Rows are chained by the room they have left, so that finding the tightest one costs at most
 * `length` look-ups. A piece of n tokens takes n - 1 places: its last token is a target only.
 */
static void fit_pieces(struct packing *packing) {
    size_t length = packing->options.length;
    size_t *first = memory_zeroed(length + 1, sizeof *first); /* row + 1 by room left */
    size_t *next = memory_zeroed(packing->piece_count + 1, sizeof *next);
    size_t rows = 0;
    qsort(packing->pieces, packing->piece_count, sizeof *packing->pieces, compare_pieces);
    for (size_t i = 0; i < packing->piece_count; i++) {
        struct piece *piece = &packing->pieces[i];
        size_t places = piece->count - 1, room = places;
        while (room <= length && first[room] == 0)
            room++;
        size_t row = rows;
        if (room <= length) {
            row = first[room] - 1;
            first[room] = next[row];
        } else {
            room = length;
            rows++;
        }
        piece->row = row;
        piece->offset = length - room;
        next[row] = first[room - places];
        first[room - places] = row + 1;
    }
    free(first);
    free(next);
    packing->row_count = rows;
}

static int compare_places(const void *a, const void *b) {
    const struct piece *left = a, *right = b;
    if (left->row != right->row)
        return left->row < right->row ? -1 : 1;
    return (left->offset > right->offset) - (left->offset < right->offset);
}

/* ---- a window ---- */

static int read_window(struct packing *packing, struct error *error) {
    struct packing_position at = packing->position;
    size_t count = packing_order_window(&packing->order, at.epoch, at.window, packing->documents);
    for (size_t i = 0; i < count; i++)
        packing->shuffled[i] = i;
    if (packing->options.shuffle)
        packing_order_shuffle(packing->options.seed, at.epoch, at.window, count, packing->shuffled);
    packing->tokens.count = 0;
    packing->piece_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t start = packing->tokens.count;
        if (shard_cursor_read(packing->cursor, packing->documents[packing->shuffled[i]], &packing->tokens, error))
            return -1;
        packing->counts.documents++;
        if (packing->options.objective == OBJECTIVE_SFT)
            add_dialogue(packing, start);
        else
            packing->pieces[packing->piece_count++] =
                (struct piece){.start = start, .count = packing->tokens.count - start};
    }
    return 0;
}

static int plan_window(struct packing *packing, struct error *error) {
    if (read_window(packing, error))
        return -1;
    size_t length = packing->options.length;
    if (packing->options.objective == OBJECTIVE_SFT) {
        fit_pieces(packing);
        qsort(packing->pieces, packing->piece_count, sizeof *packing->pieces, compare_places);
        for (size_t i = 0; i < packing->row_count; i++)
            packing->row_order[i] = i;
        if (packing->options.shuffle)
            packing_order_shuffle(~packing->options.seed, packing->position.epoch, packing->position.window,
                                  packing->row_count, packing->row_order);
    } else {
        packing->row_count = (packing->tokens.count + length - 1) / length;
    }
    packing->planned = true;
    return 0;
}

/* ---- rows ---- */

/* The first piece that ends after a place in the window's stream (pretraining), or stands in a row or behind it
 * (fine-tuning). */
static size_t find_piece(const struct packing *packing, size_t row) {
    bool tuning = packing->options.objective == OBJECTIVE_SFT;
    size_t low = 0, high = packing->piece_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct piece *piece = &packing->pieces[middle];
        bool before = tuning ? piece->row < row : piece->start + piece->count <= row * packing->options.length;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill_stream_row(const struct packing *packing, size_t row, int32_t *tokens, int32_t *targets,
                            int32_t *starts) {
    size_t length = packing->options.length, begin = row * length, piece = find_piece(packing, row);
    size_t end = begin + length < packing->tokens.count ? begin + length : packing->tokens.count;
    for (size_t at = begin; at < end; at++) {
        while (packing->pieces[piece].start + packing->pieces[piece].count <= at)
            piece++;
        size_t start = packing->pieces[piece].start;
        size_t last = start + packing->pieces[piece].count - 1;
        tokens[at - begin] = (int32_t)packing->tokens.data[at];
        targets[at - begin] = (int32_t)(at == last ? packing->special[SPECIAL_BOS] : packing->tokens.data[at + 1]);
        starts[at - begin] = (int32_t)(start > begin ? start - begin : 0);
    }
}

static void fill_dialogue(const struct packing *packing, const struct piece *piece, int32_t *tokens, int32_t *targets,
                          int32_t *starts) {
    const uint32_t *ids = packing->tokens.data + piece->start;
    bool assistant = false;
    for (size_t i = 0; i + 1 < piece->count; i++) {
        if (starts_turn(packing, ids[i]))
            assistant = ids[i] == packing->special[SPECIAL_ASSISTANT];
        else if (ids[i] == packing->special[SPECIAL_END])
            assistant = false;
        tokens[piece->offset + i] = (int32_t)ids[i];
        targets[piece->offset + i] = assistant ? (int32_t)ids[i + 1] : TARGET_NONE;
        starts[piece->offset + i] = (int32_t)piece->offset;
    }
}

static void fill_row(const struct packing *packing, size_t row, int32_t *tokens, int32_t *targets, int32_t *starts) {
    size_t length = packing->options.length;
    for (size_t i = 0; i < length; i++) { /* padding: one-token documents that train nothing */
        tokens[i] = (int32_t)packing->special[SPECIAL_BOS];
        targets[i] = TARGET_NONE;
        starts[i] = (int32_t)i;
    }
    if (packing->options.objective == OBJECTIVE_PRETRAIN) {
        fill_stream_row(packing, row, tokens, targets, starts);
        return;
    }
    row = packing->row_order[row];
    for (size_t i = find_piece(packing, row); i < packing->piece_count && packing->pieces[i].row == row; i++)
        fill_dialogue(packing, &packing->pieces[i], tokens, targets, starts);
}

/* Makes position name a row that exists: 1, or 0 at the end, or -1. */
static int find_row(struct packing *packing, struct error *error) {
    uint64_t windows = packing_order_windows(&packing->order);
    if (packing->position.window >= windows && !packing->options.repeat)
        return 0;
    for (;;) {
        if (packing->position.window < windows && !packing->planned && plan_window(packing, error))
            return -1;
        if (packing->position.window < windows && packing->position.row < packing->row_count) {
            packing->idle_windows = 0;
            return 1;
        }
        if (packing->idle_windows++ > windows)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the split %s has nothing to train%s",
                             shard_split_name(packing->options.split),
                             packing->options.objective == OBJECTIVE_SFT ? ": no dialogue that fits" : "");
        packing->planned = false;
        packing->position.row = 0;
        if (++packing->position.window < windows)
            continue;
        if (!packing->options.repeat)
            return packing->position.window = windows, 0;
        packing->position.window = 0;
        packing->position.epoch++;
    }
}

int packing_next(struct packing *packing, struct packed_rows *packed, struct error *error) {
    packed->filled = 0;
    while (packed->filled < packed->rows) {
        int found = find_row(packing, error);
        if (found <= 0)
            return found;
        size_t at = packed->filled++ * packed->length;
        fill_row(packing, (size_t)packing->position.row++, packed->tokens + at, packed->targets + at,
                 packed->starts + at);
    }
    return 0;
}

struct packing_position packing_position(const struct packing *packing) {
    return packing->position;
}

void packing_seek(struct packing *packing, struct packing_position position) {
    packing->position = position;
    packing->planned = false;
    packing->idle_windows = 0;
}

struct packing_counts packing_counts(const struct packing *packing) {
    return packing->counts;
}

void packed_rows_init(struct packed_rows *packed, size_t rows, size_t length) {
    size_t count = rows * length;
    *packed = (struct packed_rows){.rows = rows,
                                   .length = length,
                                   .tokens = memory_zeroed(count, sizeof(int32_t)),
                                   .targets = memory_zeroed(count, sizeof(int32_t)),
                                   .starts = memory_zeroed(count, sizeof(int32_t))};
}

void packed_rows_release(struct packed_rows *packed) {
    free(packed->tokens);
    free(packed->targets);
    free(packed->starts);
    *packed = (struct packed_rows){0};
}

struct batch packed_rows_batch(const struct packed_rows *packed) {
    return (struct batch){.rows = packed->filled,
                          .length = packed->length,
                          .tokens = packed->tokens,
                          .targets = packed->targets,
                          .starts = packed->starts};
}
