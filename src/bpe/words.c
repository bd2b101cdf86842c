/* Owns the layout of words in cells. Knows nothing of pairs, nor of which merges are made. */
#include "bpe/words.h"

#include <stdlib.h>

#include "base/memory.h"

/* Counts below this have an entry each; there are few different ones above it. */
#define SMALL_TIMES ((uint64_t)1 << 16)

/* How many cells the words of each count take; then, where the next word of that count goes. */
struct layout {
    size_t small[SMALL_TIMES];
    struct word_class *large; /* sorted by falling count; start counts cells at first */
    size_t large_count, large_capacity;
};

static void count_large(struct layout *layout, uint64_t times, size_t cells) {
    if (layout->large_count == layout->large_capacity) {
        layout->large_capacity = layout->large_capacity ? layout->large_capacity * 2 : 1024;
        layout->large = memory_resize(layout->large, layout->large_capacity, sizeof(*layout->large));
    }
    layout->large[layout->large_count++] = (struct word_class){times, cells};
}

static int compare_classes(const void *a, const void *b) {
    const struct word_class *left = a, *right = b;
    return (left->times < right->times) - (left->times > right->times);
}

static void unite_large(struct layout *layout) {
    size_t count = 0;
    if (layout->large_count > 0)
        qsort(layout->large, layout->large_count, sizeof(*layout->large), compare_classes);
    for (size_t i = 0; i < layout->large_count; i++) {
        if (count > 0 && layout->large[count - 1].times == layout->large[i].times)
            layout->large[count - 1].start += layout->large[i].start;
        else
            layout->large[count++] = layout->large[i];
    }
    layout->large_count = count;
}

static int measure(struct layout *layout, struct piece_source *pieces, struct error *error) {
    struct span piece;
    uint64_t times;
    int got;
    if (piece_source_rewind(pieces, error) != 0)
        return -1;
    while ((got = piece_source_next(pieces, &piece, &times, error)) > 0) {
        if (piece.size < 2)
            continue;
        if (times < SMALL_TIMES)
            layout->small[times] += piece.size + 1;
        else
            count_large(layout, times, piece.size + 1);
    }
    unite_large(layout);
    return got;
}

/* Replaces the sizes of a layout by where each class starts. */
static void make_classes(struct words *words, struct layout *layout) {
    size_t count = layout->large_count;
    for (uint64_t times = 1; times < SMALL_TIMES; times++)
        count += layout->small[times] > 0;
    words->classes = memory_allocate((count + 1) * sizeof(*words->classes));
    words->size = 1;
    for (size_t i = 0; i < layout->large_count; i++) {
        size_t cells = layout->large[i].start;
        layout->large[i].start = words->size;
        words->classes[words->class_count++] = layout->large[i];
        words->size += cells;
    }
    for (uint64_t times = SMALL_TIMES - 1; times > 0; times--) {
        size_t cells = layout->small[times];
        if (cells == 0)
            continue;
        layout->small[times] = words->size;
        words->classes[words->class_count++] = (struct word_class){times, words->size};
        words->size += cells;
    }
    words->classes[words->class_count] = (struct word_class){0, words->size};
}

/* Where the next word of that count goes. */
static size_t *find_cursor(struct layout *layout, uint64_t times) {
    if (times < SMALL_TIMES)
        return &layout->small[times];
    const struct word_class key = {times, 0};
    struct word_class *class =
        bsearch(&key, layout->large, layout->large_count, sizeof(*layout->large), compare_classes);
    return &class->start;
}

static int lay_out(struct words *words, struct layout *layout, struct piece_source *pieces, const uint32_t byte_id[256],
                   struct error *error) {
    struct span piece;
    uint64_t times;
    int got;
    if (piece_source_rewind(pieces, error) != 0)
        return -1;
    words->cells[0] = WORD_END;
    while ((got = piece_source_next(pieces, &piece, &times, error)) > 0) {
        if (piece.size < 2)
            continue;
        size_t *cursor = find_cursor(layout, times), place = *cursor;
        for (size_t i = 0; i < piece.size; i++)
            words->cells[place++] = byte_id[(unsigned char)piece.data[i]];
        words->cells[place++] = WORD_END;
        *cursor = place;
    }
    return got;
}

int words_init(struct words *words, struct piece_source *pieces, const uint32_t byte_id[256], struct error *error) {
    *words = (struct words){0};
    struct layout *layout = memory_zeroed(1, sizeof(*layout));
    int result = measure(layout, pieces, error);
    if (result == 0) {
        make_classes(words, layout);
        if (words->size > UINT32_MAX)
            result = error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                               "the different pieces of the text are %zu bytes, more than 4 GiB: give a sample",
                               words->size);
    }
    if (result == 0) {
        words->cells = memory_allocate(words->size * sizeof(*words->cells));
        result = lay_out(words, layout, pieces, byte_id, error);
    }
    free(layout->large);
    free(layout);
    return result;
}

/* Moves the word at `from` down to `to`; returns the cell after its end. */
static size_t move_word(struct words *words, size_t from, size_t *to) {
    size_t start = *to, out = start;
    for (; words->cells[from] != WORD_END; from = words_next(words, from))
        words->cells[out++] = words->cells[from];
    if (out - start >= 2) {
        words->cells[out++] = WORD_END;
        *to = out;
    }
    return from + 1;
}

void words_compact(struct words *words) {
    size_t out = words->size > 0 ? 1 : 0, classes = 0;
    for (size_t i = 0; i < words->class_count; i++) {
        size_t start = out, end = words->classes[i + 1].start;
        for (size_t at = words->classes[i].start; at < end;)
            at = move_word(words, at, &out);
        if (out > start)
            words->classes[classes++] = (struct word_class){words->classes[i].times, start};
    }
    words->class_count = classes;
    words->size = out;
    words->classes[classes] = (struct word_class){0, out};
    words->cells = memory_resize(words->cells, words->size, sizeof(*words->cells));
}

size_t words_class(const struct words *words, size_t place, size_t from) {
    size_t low = from, high = words->class_count, step = 1;
    while (low + step < high && words->classes[low + step].start <= place) {
        low += step;
        step *= 2;
    }
    if (low + step < high)
        high = low + step;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (words->classes[middle].start <= place)
            low = middle;
        else
            high = middle;
    }
    return low;
}

void words_release(struct words *words) {
    free(words->cells);
    free(words->classes);
    *words = (struct words){0};
}
