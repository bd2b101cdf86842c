/*
 * Owns the table of pieces and their counts. Knows nothing of what a piece is.
 *
 * A key is a short piece itself, padded with zeros, and its size in the last byte; or of a long one its hash in the
 * first eight bytes, then where it lies in the text, then LONG_MARK.
 */
#include "bpe/piece_count.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define KEY_SIZE 16
#define SHORT_MAXIMUM (KEY_SIZE - 1)
#define LONG_MARK 0xFFu
#define FIRST_SLOTS 4096

/* A key as two little-endian numbers. */
struct key {
    uint64_t low, high;
};

static uint64_t load64(const void *from) {
    uint64_t value;
    memcpy(&value, from, sizeof(value));
    return le64toh(value);
}

static struct key key_load(const unsigned char bytes[KEY_SIZE]) {
    return (struct key){load64(bytes), load64(bytes + 8)};
}

static void key_store(struct key key, unsigned char bytes[KEY_SIZE]) {
    uint64_t low = htole64(key.low), high = htole64(key.high);
    memcpy(bytes, &low, sizeof(low));
    memcpy(bytes + 8, &high, sizeof(high));
}

static bool is_long(struct key key) {
    return key.high >> 56 == LONG_MARK;
}

static inline struct key key_of_short(struct span piece, size_t readable) {
    struct key key;
    if (readable >= KEY_SIZE) {
        unsigned bits = (unsigned)piece.size * 8;
        key.low = load64(piece.data);
        key.high = load64(piece.data + 8);
        key.low &= bits < 64 ? ((uint64_t)1 << bits) - 1 : UINT64_MAX;
        key.high &= bits <= 64 ? 0 : ((uint64_t)1 << (bits - 64)) - 1;
    } else {
        unsigned char bytes[KEY_SIZE] = {0};
        memcpy(bytes, piece.data, piece.size);
        key = key_load(bytes);
    }
    key.high |= (uint64_t)piece.size << 56;
    return key;
}

/* A product of the halves, folded; the last term keeps keys apart that make a factor zero. */
static inline uint64_t hash_short(struct key key) {
    unsigned __int128 product =
        (unsigned __int128)(key.low ^ 0x9E3779B97F4A7C15u) * (unsigned __int128)(key.high ^ 0xD1B54A32D192ED03u);
    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ key.high * 0xBF58476D1CE4E5B9u;
}

uint64_t piece_hash(struct span piece) {
    return piece.size <= SHORT_MAXIMUM ? hash_short(key_of_short(piece, piece.size)) : hash64(piece, 0);
}

static struct span long_piece(const struct piece_counts *counts, struct key key) {
    const char *at = counts->text.data + (key.high & (((uint64_t)1 << 56) - 1));
    uint32_t size;
    memcpy(&size, at, sizeof(size));
    return (struct span){at + sizeof(size), size};
}

static void grow(struct piece_counts *counts) {
    struct piece_slot *old = counts->slots;
    size_t old_count = counts->slot_count;
    counts->slot_count = old_count ? old_count * 2 : FIRST_SLOTS;
    counts->shift = 64 - (unsigned)__builtin_ctzll(counts->slot_count);
    counts->slots = memory_zeroed(counts->slot_count, sizeof(*counts->slots));
    for (size_t i = 0; i < old_count; i++) {
        struct key key = key_load(old[i].key);
        if (key.high == 0)
            continue;
        size_t slot = (size_t)((is_long(key) ? key.low : hash_short(key)) >> counts->shift);
        while (counts->slots[slot].key[KEY_SIZE - 1])
            slot = (slot + 1) & (counts->slot_count - 1);
        counts->slots[slot] = old[i];
    }
    free(old);
}

/* A piece that is looked for: its key, which for a long one lacks the place in the text, and its hash. */
struct sought {
    struct key key;
    uint64_t hash;
};

static inline struct sought seek(const struct piece_counts *counts, struct span piece, size_t readable) {
    struct sought sought;
    if (piece.size <= SHORT_MAXIMUM) {
        sought.key = key_of_short(piece, readable);
        sought.hash = hash_short(sought.key);
    } else {
        sought.hash = hash64(piece, 0);
        sought.key = (struct key){sought.hash, (uint64_t)LONG_MARK << 56};
    }
    __builtin_prefetch(&counts->slots[sought.hash >> counts->shift]);
    return sought;
}

static void append_long(struct piece_counts *counts, struct span piece) {
    uint32_t size = (uint32_t)piece.size;
    bytes_append(&counts->text, &size, sizeof(size));
    bytes_append_span(&counts->text, piece);
}

static inline bool is_same(const struct piece_counts *counts, struct key found, struct key key, struct span piece) {
    if (found.low != key.low)
        return false;
    return is_long(key) ? is_long(found) && span_equal(long_piece(counts, found), piece) : found.high == key.high;
}

static void count_sought(struct piece_counts *counts, const struct sought *sought, struct span piece, uint64_t times) {
    struct key key = sought->key;
    for (size_t slot = (size_t)(sought->hash >> counts->shift);; slot = (slot + 1) & (counts->slot_count - 1)) {
        struct piece_slot *at = &counts->slots[slot];
        struct key found = key_load(at->key);
        if (is_same(counts, found, key, piece)) {
            at->times += times;
            return;
        }
        if (found.high != 0)
            continue;
        if (is_long(key)) {
            key.high |= counts->text.size;
            append_long(counts, piece);
        }
        key_store(key, at->key);
        at->times = times;
        counts->count++;
        return;
    }
}

/* Makes room for so many more. */
static void make_room(struct piece_counts *counts, size_t more) {
    while (counts->count + more > counts->slot_count / 4 * 3)
        grow(counts);
}

void piece_counts_add(struct piece_counts *counts, struct span piece, uint64_t times) {
    make_room(counts, 1);
    struct sought sought = seek(counts, piece, piece.size);
    count_sought(counts, &sought, piece, times);
}

void piece_counts_add_run(struct piece_counts *counts, const struct span *pieces, size_t count, const char *end) {
    struct sought sought[PIECE_RUN];
    make_room(counts, count);
    for (size_t i = 0; i < count; i++)
        sought[i] = seek(counts, pieces[i], (size_t)(end - pieces[i].data));
    for (size_t i = 0; i < count; i++)
        count_sought(counts, &sought[i], pieces[i], 1);
}

void piece_counts_merge(struct piece_counts *into, const struct piece_counts *from) {
    struct span piece;
    uint64_t times;
    for (size_t slot = 0; piece_counts_next(from, &slot, &piece, &times);)
        piece_counts_add(into, piece, times);
}

bool piece_counts_next(const struct piece_counts *counts, size_t *slot, struct span *piece, uint64_t *times) {
    while (*slot < counts->slot_count) {
        const struct piece_slot *at = &counts->slots[(*slot)++];
        unsigned size = at->key[KEY_SIZE - 1];
        if (size == 0)
            continue;
        *piece = size == LONG_MARK ? long_piece(counts, key_load(at->key)) : (struct span){(const char *)at->key, size};
        *times = at->times;
        return true;
    }
    return false;
}

uint64_t piece_counts_memory(const struct piece_counts *counts) {
    return (uint64_t)counts->slot_count * sizeof(*counts->slots) + counts->text.capacity;
}

uint64_t piece_counts_memory_ahead(const struct piece_counts *counts) {
    bool grows_soon = counts->count >= counts->slot_count / 8 * 5;
    return piece_counts_memory(counts) + (grows_soon ? 2 * (uint64_t)counts->slot_count * sizeof(*counts->slots) : 0);
}

void piece_counts_release(struct piece_counts *counts) {
    bytes_release(&counts->text);
    free(counts->slots);
    *counts = (struct piece_counts){0};
}
