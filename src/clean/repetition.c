/*
 * Counting of repeated n-grams. An n-gram can come twice only where both (n-1)-grams in it do, so
 * each length looks at the places alone that the one before left over: in ordinary text that is a few. Knows nothing of
 * thresholds.
 */
#include "clean/repetition.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "text/utf8.h"

void repetition_release(struct repetition *repetition) {
    intern_release(&repetition->intern);
    free(repetition->positions);
    free(repetition->ids);
    free(repetition->counts);
    free(repetition->keys);
    free(repetition->sketch);
    free(repetition->tallies);
    *repetition = (struct repetition){0};
}

/* Makes room for places of n-grams. */
static void reserve_places(struct repetition *repetition, size_t count) {
    if (count <= repetition->capacity)
        return;
    repetition->capacity = count + count / 2;
    repetition->positions = memory_resize(repetition->positions, repetition->capacity, sizeof *repetition->positions);
    repetition->ids = memory_resize(repetition->ids, repetition->capacity, sizeof *repetition->ids);
    repetition->counts = memory_resize(repetition->counts, repetition->capacity, sizeof *repetition->counts);
}

/* ---- keys that come twice ---- */

static uint64_t *reserve_keys(struct repetition *repetition, size_t count) {
    if (count > repetition->key_capacity) {
        repetition->key_capacity = count + count / 2;
        repetition->keys = memory_resize(repetition->keys, repetition->key_capacity, sizeof *repetition->keys);
    }
    return repetition->keys;
}

static inline uint64_t scramble(uint64_t key) {
    return key * UINT64_C(0xD6E8FEB86659FD93);
}

/* How many bits number at least so many things. */
static unsigned bits_for(size_t count, unsigned least) {
    unsigned bits = least;
    while (((size_t)1 << bits) < count)
        bits++;
    return bits;
}

/*
 * Marks the buckets that keys hit: in the lower half of a word those hit once or more, in the upper half those hit
 * twice or more. There are 16 buckets a key, but two bits each, which are near. Returns how many bits of a scrambled
 * key name a bucket.
 */
__attribute__((target_clones("arch=haswell", "default"))) static unsigned fill_sketch(struct repetition *repetition,
                                                                                      size_t count) {
    unsigned bits = bits_for(16 * count, 10);
    size_t words = (size_t)1 << (bits - 5);
    if (words > repetition->sketch_words) {
        free(repetition->sketch);
        repetition->sketch = memory_allocate(words * sizeof *repetition->sketch);
        repetition->sketch_words = words;
    }
    uint64_t *sketch = repetition->sketch;
    const uint64_t *keys = repetition->keys;
    memset(sketch, 0, words * sizeof *sketch);
    for (size_t i = 0; i < count; i++) {
        uint64_t bucket = scramble(keys[i]) >> (64 - bits);
        uint64_t *word = &sketch[bucket >> 5], bit = UINT64_C(1) << (bucket & 31);
        *word |= bit | (*word & bit) << 32;
    }
    return bits;
}

/* False for a key that comes once, but for a few. */
static inline bool may_return(const uint64_t *sketch, uint64_t key, unsigned bits) {
    uint64_t bucket = scramble(key) >> (64 - bits);
    return sketch[bucket >> 5] >> (32 + (bucket & 31)) & 1;
}

/* ---- n-grams of tokens ---- */

/* Leaves the places out whose n-gram comes once; returns how many are left. */
static size_t keep_repeated(struct repetition *repetition, size_t places) {
    size_t kept = 0;
    for (size_t i = 0; i < places; i++) {
        uint32_t id = repetition->ids[i];
        repetition->positions[kept] = repetition->positions[i];
        repetition->ids[kept] = id;
        kept += repetition->counts[id] >= 2;
    }
    return kept;
}

/* The places of tokens that come twice or more. */
static size_t begin_places(struct repetition *repetition, const uint32_t *ids, const uint32_t *counts, size_t tokens) {
    size_t places = 0;
    reserve_places(repetition, tokens);
    for (size_t i = 0; i < tokens; i++) {
        repetition->positions[places] = (uint32_t)i;
        repetition->ids[places] = ids[i];
        places += counts[ids[i]] >= 2;
    }
    return places;
}

/* From the places of repeated n-grams to those of repeated ones of one token more. */
static size_t extend_places(struct repetition *repetition, size_t places) {
    uint32_t *positions = repetition->positions, *ids = repetition->ids, *counts = repetition->counts;
    uint64_t *keys = reserve_keys(repetition, places);
    size_t made = 0, kept = 0;
    for (size_t i = 0; i + 1 < places; i++) {
        keys[made] = (uint64_t)ids[i] << 32 | ids[i + 1];
        bool adjoin = positions[i + 1] == positions[i] + 1;
        positions[made] = positions[i];
        made += adjoin;
    }
    unsigned bits = fill_sketch(repetition, made);
    for (size_t i = 0; i < made; i++) {
        keys[kept] = keys[i];
        positions[kept] = positions[i];
        kept += may_return(repetition->sketch, keys[i], bits);
    }
    intern_begin(&repetition->intern, kept);
    for (size_t i = 0; i < kept; i++)
        ids[i] = intern_add(&repetition->intern, keys[i]);
    memset(counts, 0, repetition->intern.count * sizeof *counts);
    for (size_t i = 0; i < kept; i++)
        counts[ids[i]]++;
    return keep_repeated(repetition, kept);
}

static size_t ngram_chars(const struct word *words, size_t n) {
    size_t chars = 0;
    for (size_t i = 0; i < n; i++)
        chars += words[i].length;
    return chars;
}

static size_t top_chars(const struct repetition *repetition, const struct word_list *words, size_t n, size_t places) {
    size_t top = 0, first = 0;
    for (size_t i = 0; i < places; i++) {
        uint32_t count = repetition->counts[repetition->ids[i]];
        if (count > top) {
            top = count;
            first = repetition->positions[i];
        }
    }
    return top ? (ngram_chars(words->items + first, n) + n - 1) * top : 0;
}

static size_t duplicate_chars(struct repetition *repetition, const struct word_list *words, size_t n, size_t places) {
    const uint32_t seen = 0; /* no repeated n-gram has this count */
    uint32_t *counts = repetition->counts;
    size_t chars = 0, next = 0;
    for (size_t i = 0; i < places; i++) {
        size_t position = repetition->positions[i];
        if (position < next)
            continue;
        if (counts[repetition->ids[i]] == seen) {
            chars += ngram_chars(words->items + position, n);
            next = position + n;
        }
        counts[repetition->ids[i]] = seen;
    }
    return chars;
}

void repetition_ngrams(struct repetition *repetition, const struct word_list *words, const uint32_t *ids,
                       const uint32_t *counts, struct ngrams *ngrams) {
    *ngrams = (struct ngrams){0};
    size_t places = begin_places(repetition, ids, counts, words->count);
    for (size_t n = 2; n <= DUP_NGRAM_MAX && places > 1; n++) {
        places = extend_places(repetition, places);
        if (n <= TOP_NGRAM_MAX)
            ngrams->top_chars[n] = top_chars(repetition, words, n, places);
        if (n >= DUP_NGRAM_MIN)
            ngrams->duplicate_chars[n] = duplicate_chars(repetition, words, n, places);
    }
}

/* ---- shares of repeated n-grams ---- */

/* A table for so many tallies, at a load of at most one half. */
static uint64_t *begin_tallies(struct repetition *repetition, size_t count, unsigned *bits) {
    *bits = bits_for(2 * count, 6);
    size_t capacity = (size_t)1 << *bits;
    if (capacity > repetition->tally_capacity) {
        free(repetition->tallies);
        repetition->tallies = memory_allocate(capacity * sizeof *repetition->tallies);
        repetition->tally_capacity = capacity;
    }
    memset(repetition->tallies, 0, capacity * sizeof *repetition->tallies);
    return repetition->tallies;
}

/* Moves the keys to the front that may come again; returns how many. */
__attribute__((target_clones("arch=haswell", "default"))) static size_t keep_returning(struct repetition *repetition,
                                                                                       size_t count) {
    unsigned bits = fill_sketch(repetition, count);
    uint64_t *keys = repetition->keys;
    const uint64_t *sketch = repetition->sketch;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t key = keys[i];
        keys[kept] = key;
        kept += may_return(sketch, key, bits);
    }
    return kept;
}

/*
 * Counts the keys that come twice or more, into repetition->counts; returns how many different ones they are, and how
 * many all are. Two keys that meet in a slot and share 32 more bits would be taken for one.
 */
static size_t count_repeated(struct repetition *repetition, size_t count, size_t *different) {
    size_t returning = keep_returning(repetition, count), met = 0, repeated = 0;
    unsigned bits;
    uint64_t *tallies = begin_tallies(repetition, returning, &bits);
    size_t mask = ((size_t)1 << bits) - 1;
    reserve_places(repetition, returning);
    for (size_t i = 0; i < returning; i++) {
        uint64_t hash = scramble(repetition->keys[i]), tag = hash << 32;
        size_t slot = (size_t)(hash >> (64 - bits));
        while (((tallies[slot] ^ tag) >> 32) * (tallies[slot] != 0) != 0) /* one branch, which is foreseen */
            slot = (slot + 1) & mask;
        repetition->ids[met] = (uint32_t)slot;
        met += tallies[slot] == 0;
        tallies[slot] = (tag | (uint32_t)tallies[slot]) + 1;
    }
    for (size_t i = 0; i < met; i++) {
        uint32_t times = (uint32_t)tallies[repetition->ids[i]];
        repetition->counts[repeated] = times;
        repeated += times > 1;
    }
    *different = count - returning + met;
    return repeated;
}

double repetition_of_list(struct repetition *repetition, const uint32_t *ids, size_t count, size_t n) {
    size_t different, sum = 0;
    if (count < n)
        return 0;
    size_t grams = count - n + 1;
    uint64_t *keys = reserve_keys(repetition, grams);
    struct hash_rolling rolling = hash_rolling_begin((unsigned)n);
    for (size_t i = 0; i < count; i++) {
        uint64_t key = hash_rolling_next(&rolling, (uint64_t)ids[i] + 1, i < n ? 0 : (uint64_t)ids[i - n] + 1);
        if (i + 1 >= n)
            keys[i + 1 - n] = key;
    }
    size_t repeated = count_repeated(repetition, grams, &different);
    for (size_t i = 0; i < repeated; i++)
        sum += repetition->counts[i];
    return (double)sum / (double)grams;
}

/* The sum of the `most` largest counts. */
static uint64_t sum_largest(uint32_t *counts, size_t count, size_t most) {
    enum { SMALL = 256 };
    size_t times[SMALL] = {0}, large = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (counts[i] < SMALL)
            times[counts[i]]++;
        else
            counts[large++] = counts[i];
    }
    /* There are few large ones in any text: n-grams, of which each takes up a 256th part of it or so. */
    for (size_t taken = 0; taken < large && most > 0; taken++, most--) {
        size_t best = taken;
        for (size_t i = taken; i < large; i++)
            best = counts[i] > counts[best] ? i : best;
        uint32_t swap = counts[taken];
        sum += counts[best];
        counts[taken] = counts[best];
        counts[best] = swap;
    }
    for (size_t value = SMALL; value-- > 0 && most > 0;) {
        size_t taken = times[value] < most ? times[value] : most;
        sum += (uint64_t)value * taken;
        most -= taken;
    }
    return sum;
}

/* The key of 8 to 16 bytes, from two loads that overlap. */
static inline uint64_t overlap_key(const char *data, size_t size) {
    uint64_t first, last;
    memcpy(&first, data, 8);
    memcpy(&last, data + size - 8, 8);
    uint64_t sum = first * UINT64_C(0x9E3779B97F4A7C15) + last * UINT64_C(0xC2B2AE3D27D4EB4F);
    return sum ^ sum >> 32; /* all bytes count in the lower half, too */
}

/* Keys of n-grams of bytes. */
static void ascii_keys(const char *data, size_t grams, size_t n, uint64_t *keys) {
#pragma GCC unroll 4
    for (size_t i = 0; i < grams; i++)
        keys[i] = overlap_key(data + i, n);
}

/* The key of some bytes of a text. */
static uint64_t bytes_key(struct span text, size_t from, size_t size) {
    uint64_t key = size, word;
    if (size >= 8 && size <= 16)
        return overlap_key(text.data + from, size) + (size << 8);
    for (size_t i = from; size > 0; i += 8) {
        size_t taken = size < 8 ? size : 8;
        if (text.size - i >= 8) {
            memcpy(&word, text.data + i, 8);
            word &= UINT64_MAX >> (64 - 8 * taken);
        } else {
            word = 0;
            memcpy(&word, text.data + i, taken);
        }
        key = (key ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        key ^= key >> 32;
        size -= taken;
    }
    return key;
}

static size_t character_size(unsigned char first) {
    return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* Keys of n-grams of characters; returns how many. Where all are ASCII they are those of ascii_keys. */
static size_t wide_keys(struct span text, size_t n, uint64_t *keys) {
    size_t start = 0, end = 0, grams = 0, ascii_end = 0;
    for (size_t i = 0; i < n; i++, end += character_size((unsigned char)text.data[end]))
        if (end >= text.size)
            return 0;
    for (;;) {
        if (n >= 8 && start >= ascii_end && (signed char)text.data[start] >= 0)
            ascii_end = utf8_ascii_end(text, start);
        if (end - start == n && end <= ascii_end) {
            size_t whole = ascii_end - end + 1; /* n-grams in this stretch */
            ascii_keys(text.data + start, whole, n, keys + grams);
            grams += whole;
            start += whole - 1;
            end += whole - 1;
        } else {
            keys[grams++] = bytes_key(text, start, end - start);
        }
        if (end >= text.size)
            return grams;
        start += character_size((unsigned char)text.data[start]);
        end += character_size((unsigned char)text.data[end]);
    }
}

double repetition_of_chars(struct repetition *repetition, struct span text, size_t n) {
    size_t different;
    uint64_t *keys = reserve_keys(repetition, text.size + 1);
    size_t grams = wide_keys(text, n, keys);
    if (grams == 0)
        return 0;
    size_t repeated = count_repeated(repetition, grams, &different);
    size_t most = (size_t)sqrt((double)different);
    return (double)sum_largest(repetition->counts, repeated, most < repeated ? most : repeated) / (double)grams;
}

/* ---- loops ---- */

size_t repetition_loop(struct repetition *repetition, const uint32_t *ids, size_t count) {
    /* The Z function of the list read backwards: how long the list shifted by p agrees with itself. */
    size_t best = 0, left = 0, right = 0;
    reserve_places(repetition, count);
    uint32_t *agree = repetition->positions;
    for (size_t p = 1; p < count; p++) {
        size_t same = 0;
        if (p < right)
            same = agree[p - left] < right - p ? agree[p - left] : right - p;
        while (p + same < count && ids[count - 1 - same] == ids[count - 1 - p - same])
            same++;
        agree[p] = (uint32_t)same;
        if (p + same > right) {
            left = p;
            right = p + same;
        }
        if (same >= 2 * p && p + same > best)
            best = p + same;
    }
    return count - best;
}
