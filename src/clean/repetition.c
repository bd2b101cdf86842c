/*
 * Counting of repeated lines, paragraphs and n-grams, by 64-bit hashes in one open-addressing table. Knows nothing of
 * thresholds.
 */
#include "clean/repetition.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "text/utf8.h"

struct repetition_slot {
    uint64_t hash;  /* 0 is empty */
    uint64_t count; /* how often it came */
};

void repetition_release(struct repetition *repetition) {
    free(repetition->slots);
    *repetition = (struct repetition){0};
}

/* Empties the table, with room for `expected` different hashes at a load of at most one half. */
static void table_begin(struct repetition *repetition, size_t expected) {
    size_t capacity = 64;
    while (capacity < 2 * expected)
        capacity *= 2;
    if (capacity > repetition->allocated) {
        free(repetition->slots);
        repetition->slots = memory_zeroed(capacity, sizeof *repetition->slots);
        repetition->allocated = capacity;
    } else {
        memset(repetition->slots, 0, capacity * sizeof *repetition->slots);
    }
    repetition->capacity = capacity;
}

/* The slot of a hash, which is empty (count 0) where it has not come yet. */
static struct repetition_slot *table_find(struct repetition *repetition, uint64_t hash) {
    size_t mask = repetition->capacity - 1;
    hash += hash == 0;
    size_t i = (size_t)(hash ^ hash >> 32) & mask;
    while (repetition->slots[i].hash != 0 && repetition->slots[i].hash != hash)
        i = (i + 1) & mask;
    repetition->slots[i].hash = hash;
    return &repetition->slots[i];
}

/* Counts a hash, and returns how often it has come now. */
static uint64_t table_add(struct repetition *repetition, uint64_t hash) {
    return ++table_find(repetition, hash)->count;
}

static struct span trim(struct span text) {
    while (text.size > 0 && strchr(" \t\n", text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && strchr(" \t\n", text.data[text.size - 1]))
        text.size--;
    return text;
}

/* Cuts the first piece off the text, and the newlines behind it. */
static struct span piece_next(struct span *text, size_t newlines) {
    size_t end = 0, run = 0;
    for (; end < text->size; end += run ? run : 1) {
        for (run = 0; end + run < text->size && text->data[end + run] == '\n';)
            run++;
        if (run >= newlines)
            break;
    }
    struct span piece = {text->data, end};
    size_t skip = end < text->size ? end + run : end;
    text->data += skip;
    text->size -= skip;
    return piece;
}

struct duplicates repetition_pieces(struct repetition *repetition, struct span text, size_t newlines) {
    struct duplicates result = {0};
    struct span rest = trim(text);
    size_t expected = 1;
    for (size_t i = 0; i < rest.size; i++)
        expected += rest.data[i] == '\n';
    table_begin(repetition, expected);
    while (rest.size > 0) {
        struct span piece = piece_next(&rest, newlines);
        result.pieces++;
        if (table_add(repetition, hash64(piece, 0)) > 1) {
            result.duplicates++;
            result.duplicate_chars += utf8_length(piece);
        }
    }
    return result;
}

/* The hash of n tokens in order: a polynomial in the tokens' hashes. */
static uint64_t ngram_hash(const uint64_t *hashes, size_t n) {
    uint64_t hash = 0;
    for (size_t i = 0; i < n; i++)
        hash = hash * UINT64_C(0x9E3779B97F4A7C15) + hashes[i];
    return hash;
}

static size_t ngram_chars(const struct word *words, size_t n) {
    size_t chars = 0;
    for (size_t i = 0; i < n; i++)
        chars += words[i].length;
    return chars;
}

size_t repetition_top_ngram(struct repetition *repetition, const struct word_list *words, const uint64_t *hashes,
                            size_t n) {
    uint64_t top = 0;
    if (words->count < n)
        return 0;
    size_t grams = words->count - n + 1;
    table_begin(repetition, grams);
    for (size_t i = 0; i < grams; i++) {
        uint64_t count = table_add(repetition, ngram_hash(hashes + i, n));
        if (count > top)
            top = count;
    }
    if (top < 2)
        return 0;
    size_t first = 0;
    while (table_find(repetition, ngram_hash(hashes + first, n))->count < top)
        first++;
    return (ngram_chars(words->items + first, n) + n - 1) * (size_t)top;
}

size_t repetition_dup_ngrams(struct repetition *repetition, const struct word_list *words, const uint64_t *hashes,
                             size_t n) {
    size_t chars = 0;
    if (words->count < n)
        return 0;
    table_begin(repetition, words->count - n + 1);
    for (size_t i = 0; i + n <= words->count;) {
        if (table_add(repetition, ngram_hash(hashes + i, n)) > 1) {
            chars += ngram_chars(words->items + i, n);
            i += n;
        } else {
            i++;
        }
    }
    return chars;
}
