/*
 * Owns the plan of one window: the tokens of its documents, where these stand in rows, and what is trained. Which
 * documents a window has is packing_order.c's; which window is next is packing.c's.
 */
#include "model/packing_window.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void packing_window_init(struct packing_window *window, const struct packing_plan *plan) {
    size_t most = (size_t)(plan->order.block * plan->order.window);
    *window = (struct packing_window){.plan = plan, .cursor = shard_cursor_new(plan->set, plan->options.split)};
    window->documents = memory_zeroed(most, sizeof *window->documents);
    window->shuffled = memory_zeroed(most, sizeof *window->shuffled);
}

void packing_window_release(struct packing_window *window) {
    shard_cursor_free(window->cursor);
    token_ids_release(&window->tokens);
    free(window->documents);
    free(window->shuffled);
    free(window->pieces);
    free(window->row_order);
}

static void add_piece(struct packing_window *window, size_t start, size_t count) {
    if (window->piece_count == window->piece_capacity) {
        window->piece_capacity = window->piece_capacity ? 2 * window->piece_capacity : 1024;
        window->pieces = memory_resize(window->pieces, window->piece_capacity, sizeof *window->pieces);
    }
    window->pieces[window->piece_count++] = (struct packing_piece){.start = start, .count = count};
}

static bool is_tuning(const struct packing_window *window) {
    return window->plan->options.objective == OBJECTIVE_SFT;
}

/* Whether rows are filled with pieces that were fitted, not with one stream. */
static bool is_fitted(const struct packing_window *window) {
    return is_tuning(window) || window->plan->options.method == PACKING_BEST_FIT;
}

/* ---- fine-tuning: what of a dialogue fits, and where ---- */

static bool starts_turn(const struct packing_window *window, uint32_t id) {
    return id == window->plan->special[SPECIAL_SYSTEM] || id == window->plan->special[SPECIAL_USER] ||
           id == window->plan->special[SPECIAL_ASSISTANT];
}

static size_t find_turn(const struct packing_window *window, const uint32_t *ids, size_t from, size_t count) {
    while (from < count && !starts_turn(window, ids[from]))
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
static size_t shorten_dialogue(const struct packing_window *window, uint32_t *ids, size_t count, size_t limit) {
    size_t kept = 1, from = find_turn(window, ids, 1, count);
    if (from < count && ids[from] == window->plan->special[SPECIAL_SYSTEM]) {
        kept = find_turn(window, ids, from + 1, count);
        from = kept;
    }
    while (from < count && (kept + count - from > limit || ids[from] != window->plan->special[SPECIAL_USER]))
        from = find_turn(window, ids, from + 1, count);
    if (from >= count || !contains(ids + from, count - from, window->plan->special[SPECIAL_ASSISTANT]))
        return 0;
    memmove(ids + kept, ids + from, (count - from) * sizeof *ids);
    return kept + count - from;
}

/* Takes the document at the buffer's end as a piece of fine-tuning, or leaves it out. */
static void add_dialogue(struct packing_window *window, size_t start) {
    size_t count = window->tokens.count - start, limit = window->plan->options.length + 1;
    uint32_t *ids = window->tokens.data + start;
    if (!contains(ids, count, window->plan->special[SPECIAL_ASSISTANT])) {
        window->counts.untrained++;
        count = 0;
    } else if (count > limit) {
        count = shorten_dialogue(window, ids, count, limit);
        window->counts.shortened += count > 0;
        window->counts.too_long += count == 0;
    }
    window->tokens.count = start + count;
    if (count)
        add_piece(window, start, count);
}

/* Takes the document at the buffer's end as a piece of pretraining; for fitting, as pieces that fit a row. */
static void add_text(struct packing_window *window, size_t start) {
    size_t end = window->tokens.count, limit = window->plan->options.length;
    for (size_t count; start < end; start += count) {
        count = end - start;
        if (is_fitted(window) && count > limit)
            count = limit;
        add_piece(window, start, count);
    }
}

/* ---- fitting ---- */

/* Longest first; equal ones in their order. A piece's start grows in that order. */
static int compare_pieces(const void *a, const void *b) {
    const struct packing_piece *left = a, *right = b;
    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return (left->start > right->start) - (left->start < right->start);
}

/* The places of a row that a piece takes: of a dialogue, the last token is a target only. */
static size_t places_of(const struct packing_window *window, const struct packing_piece *piece) {
    return piece->count - (is_tuning(window) ? 1 : 0);
}

/* Best fit decreasing. Rows are chained by the room they have left, so that finding the tightest one costs at most
 * `length` look-ups. */
static void fit_pieces(struct packing_window *window) {
    size_t length = window->plan->options.length;
    size_t *first = memory_zeroed(length + 1, sizeof *first); /* row + 1 by room left */
    size_t *next = memory_zeroed(window->piece_count + 1, sizeof *next);
    size_t rows = 0;
    if (window->piece_count > 1)
        qsort(window->pieces, window->piece_count, sizeof *window->pieces, compare_pieces);
    for (size_t i = 0; i < window->piece_count; i++) {
        struct packing_piece *piece = &window->pieces[i];
        size_t places = places_of(window, piece), room = places;
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
    window->row_count = rows;
}

static int compare_places(const void *a, const void *b) {
    const struct packing_piece *left = a, *right = b;
    if (left->row != right->row)
        return left->row < right->row ? -1 : 1;
    return (left->offset > right->offset) - (left->offset < right->offset);
}

/* ---- planning ---- */

/*
 * Reads the window's documents into the buffer, where they stand in the shuffled order, each at places[its number in
 * the list]. They are read in the order of the list, whose neighbours share frames: shuffled, each of them would
 * decompress a frame of its own.
 */
static int read_documents(struct packing_window *window, size_t count, size_t *places, struct error *error) {
    const struct packing_plan *plan = window->plan;
    uint64_t start, size;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        shard_set_locate(plan->set, plan->options.split, window->documents[window->shuffled[i]], &start, &size);
        places[window->shuffled[i]] = total;
        total += (size_t)size;
    }
    window->tokens.count = 0;
    uint32_t *ids = token_ids_reserve(&window->tokens, total);
    places[count] = total;
    for (size_t i = 0; i < count; i++) {
        shard_set_locate(plan->set, plan->options.split, window->documents[i], &start, &size);
        if (shard_cursor_read_tokens(window->cursor, start, (size_t)size, ids + places[i], error))
            return -1;
    }
    return 0;
}

static int read_window(struct packing_window *window, struct error *error) {
    const struct packing_plan *plan = window->plan;
    size_t count = packing_order_window(&plan->order, window->epoch, window->number, window->documents);
    for (size_t i = 0; i < count; i++)
        window->shuffled[i] = i;
    if (plan->options.shuffle)
        packing_order_shuffle(plan->options.seed, window->epoch, window->number, count, window->shuffled);
    size_t *places = memory_zeroed(count + 1, sizeof *places);
    int status = read_documents(window, count, places, error);
    window->piece_count = 0;
    window->counts = (struct packing_counts){0};
    for (size_t i = 0; i < count && status == 0; i++) {
        size_t start = window->tokens.count, from = places[window->shuffled[i]];
        size_t end = i + 1 < count ? places[window->shuffled[i + 1]] : places[count];
        /* What dialogues before this one lost makes room. */
        memmove(window->tokens.data + start, window->tokens.data + from, (end - from) * sizeof *window->tokens.data);
        window->tokens.count = start + end - from;
        window->counts.documents++;
        if (is_tuning(window))
            add_dialogue(window, start);
        else
            add_text(window, start);
    }
    free(places);
    return status;
}

static void order_rows(struct packing_window *window) {
    const struct packing_options *options = &window->plan->options;
    window->row_order = memory_resize(window->row_order, window->row_count + 1, sizeof *window->row_order);
    for (size_t i = 0; i < window->row_count; i++)
        window->row_order[i] = i;
    if (options->shuffle)
        packing_order_shuffle(~options->seed, window->epoch, window->number, window->row_count, window->row_order);
}

int packing_window_plan(struct packing_window *window, uint64_t epoch, uint64_t number, struct error *error) {
    window->epoch = epoch;
    window->number = number;
    if (read_window(window, error))
        return -1;
    if (!is_fitted(window)) {
        size_t length = window->plan->options.length;
        window->row_count = (window->tokens.count + length - 1) / length;
        return 0;
    }
    fit_pieces(window);
    if (window->piece_count > 1)
        qsort(window->pieces, window->piece_count, sizeof *window->pieces, compare_places);
    order_rows(window);
    return 0;
}

/* ---- rows ---- */

/* The first piece that ends after a place in the window's stream, or stands in a row or behind it where they were
 * fitted. */
static size_t find_piece(const struct packing_window *window, size_t row) {
    bool fitted = is_fitted(window);
    size_t low = 0, high = window->piece_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct packing_piece *piece = &window->pieces[middle];
        bool before = fitted ? piece->row < row : piece->start + piece->count <= row * window->plan->options.length;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill_stream_row(const struct packing_window *window, size_t row, int32_t *tokens, int32_t *targets,
                            int32_t *starts) {
    size_t length = window->plan->options.length, begin = row * length, piece = find_piece(window, row);
    size_t end = begin + length < window->tokens.count ? begin + length : window->tokens.count;
    for (size_t at = begin; at < end; at++) {
        while (window->pieces[piece].start + window->pieces[piece].count <= at)
            piece++;
        size_t start = window->pieces[piece].start;
        size_t last = start + window->pieces[piece].count - 1;
        tokens[at - begin] = (int32_t)window->tokens.data[at];
        targets[at - begin] = (int32_t)(at == last ? window->plan->special[SPECIAL_BOS] : window->tokens.data[at + 1]);
        starts[at - begin] = (int32_t)(start > begin ? start - begin : 0);
    }
}

static void fill_dialogue(const struct packing_window *window, const struct packing_piece *piece, int32_t *tokens,
                          int32_t *targets, int32_t *starts) {
    const uint32_t *ids = window->tokens.data + piece->start;
    bool assistant = false;
    for (size_t i = 0; i + 1 < piece->count; i++) {
        if (starts_turn(window, ids[i]))
            assistant = ids[i] == window->plan->special[SPECIAL_ASSISTANT];
        else if (ids[i] == window->plan->special[SPECIAL_END])
            assistant = false;
        tokens[piece->offset + i] = (int32_t)ids[i];
        targets[piece->offset + i] = assistant ? (int32_t)ids[i + 1] : TARGET_NONE;
        starts[piece->offset + i] = (int32_t)piece->offset;
    }
}

/* A text's piece: what follows its last token is the rest of the text, or the next one's <|bos|>. */
static void fill_text(const struct packing_window *window, const struct packing_piece *piece, int32_t *tokens,
                      int32_t *targets, int32_t *starts) {
    const struct token_ids *ids = &window->tokens;
    for (size_t i = 0; i < piece->count; i++) {
        size_t next = piece->start + i + 1;
        tokens[piece->offset + i] = (int32_t)ids->data[next - 1];
        targets[piece->offset + i] =
            (int32_t)(next < ids->count ? ids->data[next] : window->plan->special[SPECIAL_BOS]);
        starts[piece->offset + i] = (int32_t)piece->offset;
    }
}

void packing_window_fill(const struct packing_window *window, size_t row, int32_t *tokens, int32_t *targets,
                         int32_t *starts) {
    size_t length = window->plan->options.length;
    for (size_t i = 0; i < length; i++) { /* padding: one-token documents that train nothing */
        tokens[i] = (int32_t)window->plan->special[SPECIAL_BOS];
        targets[i] = TARGET_NONE;
        starts[i] = (int32_t)i;
    }
    if (!is_fitted(window)) {
        fill_stream_row(window, row, tokens, targets, starts);
        return;
    }
    row = window->row_order[row];
    for (size_t i = find_piece(window, row); i < window->piece_count && window->pieces[i].row == row; i++) {
        if (is_tuning(window))
            fill_dialogue(window, &window->pieces[i], tokens, targets, starts);
        else
            fill_text(window, &window->pieces[i], tokens, targets, starts);
    }
}
