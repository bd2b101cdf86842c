/*
 * The pieces met last and their ids, bounded: one thread's. Inline, since most pieces of a text need nothing but this.
 * What a piece becomes that is not here is the encoder's affair.
 */
#ifndef TOKEN_PIECE_CACHE_H
#define TOKEN_PIECE_CACHE_H

#include <stdbool.h>
#include <string.h>

#include "token/tokenizer.h"

/* The first bytes of a piece and behind them zeros; where all fit, the last byte is their number. */
struct piece_key {
    uint64_t low, high;
};

/*
 * Sets of two pieces of at most 15 bytes that fill a cache line, the one found last first. They take 8 MiB, room for
 * all the words of a language and the tokens of a vocabulary: what is not at hand comes while other pieces are cut.
 */
#define CACHE_SETS ((size_t)1 << 17)
#define CACHE_PIECE_MAX 15
#define CACHE_IDS_MAX 3

/* Instead of the count of a piece's ids. */
#define COUNT_POSTPONED (UINT32_MAX - 1) /* they are not known yet: the first one is for the encoder's use */
#define COUNT_IN_LONG UINT32_MAX         /* they are in the second cache */

struct cache_entry {
    struct piece_key key; /* all zero: free */
    uint32_t ids[CACHE_IDS_MAX], count;
};

struct cache_set {
    struct cache_entry entries[2];
};

/*
 * A second cache for what does not fit there: longer pieces, up to 31 bytes with their number behind them, and pieces
 * of more tokens. One line holds one.
 */
#define LONG_ENTRIES ((size_t)1 << 14)
#define LONG_PIECE_MAX 31
#define LONG_IDS_MAX 7

struct long_key {
    struct piece_key parts[2];
};

struct long_entry {
    struct long_key key; /* all zero: free */
    uint32_t ids[LONG_IDS_MAX], count;
};

struct piece_cache {
    struct cache_set *sets;
    struct long_entry *long_entries; /* behind them, in the same memory */
};

void piece_cache_init(struct piece_cache *cache);
void piece_cache_release(struct piece_cache *cache);
/* Puts the tokens of a tokenizer that merging reaches (matching.h) into the free cache: most words of a text are some.
 */
void piece_cache_add_tokens(struct piece_cache *cache, const struct tokenizer *tokenizer);

/* ---- keys ---- */

/* Masks of the first 0 to 16 bytes, from 16 - size on. */
static const uint8_t piece_key_masks[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

/* The first size (0 to 16) bytes at data, zeros behind them; text_end: how far bytes can be read. */
static inline struct piece_key piece_key_load(const char *data, size_t size, const char *text_end) {
    struct piece_key key = {0, 0};
    if (text_end - data < 16) {
        memcpy(&key, data, size);
        return key;
    }
    const uint8_t *mask = piece_key_masks + 16 - size;
    uint64_t low_mask, high_mask;
    memcpy(&key, data, sizeof key);
    memcpy(&low_mask, mask, sizeof low_mask);
    memcpy(&high_mask, mask + 8, sizeof high_mask);
    return (struct piece_key){key.low & low_mask, key.high & high_mask};
}

/* Of a piece of 1 to CACHE_PIECE_MAX bytes. */
static inline struct piece_key piece_key_of(struct span piece, const char *text_end) {
    struct piece_key key = piece_key_load(piece.data, piece.size, text_end);
    key.high |= (uint64_t)piece.size << 56;
    return key;
}

static inline bool piece_keys_equal(const struct piece_key *a, const struct piece_key *b) {
    return ((a->low ^ b->low) | (a->high ^ b->high)) == 0;
}

static inline uint64_t piece_key_hash(struct piece_key key) {
    unsigned __int128 product = (unsigned __int128)(key.low ^ 0x9E3779B97F4A7C15u) * (key.high ^ 0xD6E8FEB86659FD93u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Of a piece of 1 to LONG_PIECE_MAX bytes. */
static inline struct long_key long_key_of(struct span piece, const char *text_end) {
    size_t first = piece.size < 16 ? piece.size : 16;
    struct long_key key = {{piece_key_load(piece.data, first, text_end),
                            piece_key_load(piece.data + first, piece.size - first, text_end)}};
    key.parts[1].high |= (uint64_t)piece.size << 56;
    return key;
}

/* The same for a piece whose key is known. */
static inline struct long_key long_key_of_short(struct piece_key key) {
    uint64_t size = key.high & (uint64_t)0xFF << 56;
    return (struct long_key){{{key.low, key.high ^ size}, {0, size}}};
}

static inline bool long_keys_equal(const struct long_key *a, const struct long_key *b) {
    return piece_keys_equal(&a->parts[0], &b->parts[0]) && piece_keys_equal(&a->parts[1], &b->parts[1]);
}

/* ---- entries ---- */

static inline struct cache_set *piece_cache_set(const struct piece_cache *cache, struct piece_key key) {
    return &cache->sets[piece_key_hash(key) % CACHE_SETS];
}

/* The piece's entry, which is now the first of its set, or NULL. */
static inline struct cache_entry *cache_set_find(struct cache_set *set, const struct piece_key *key) {
    struct cache_entry *entry = &set->entries[0];
    if (piece_keys_equal(&entry->key, key))
        return entry;
    if (!piece_keys_equal(&set->entries[1].key, key))
        return NULL;
    struct cache_entry first = *entry;
    *entry = set->entries[1];
    set->entries[1] = first;
    return entry;
}

/* The place of a piece that has none, which is the first of its set; the second one goes. */
static inline struct cache_entry *cache_set_add(struct cache_set *set, const struct piece_key *key) {
    set->entries[1] = set->entries[0];
    set->entries[0].key = *key;
    return &set->entries[0];
}

/* The only place where a piece can be. */
static inline struct long_entry *piece_cache_long(const struct piece_cache *cache, const struct long_key *key) {
    uint64_t hash = piece_key_hash(key->parts[0]) ^ piece_key_hash(key->parts[1]) >> 7;
    return &cache->long_entries[hash % LONG_ENTRIES];
}

/*
 * Whether a piece of two or more bytes is worth a place among long ones: those of scripts without spaces between words
 * are halves of sentences; their characters take three bytes.
 */
static inline bool piece_comes_again(struct span piece) {
    unsigned char last = (unsigned char)piece.data[piece.size - 1], before = (unsigned char)piece.data[piece.size - 2];
    return last < 0x80 || before >> 5 == 6;
}

/* Fills the place of a piece, or leaves it free where too many ids are to be remembered. */
void piece_cache_fill(const struct piece_cache *cache, struct cache_entry *entry, struct span piece,
                      const uint32_t *ids, size_t count);
void piece_cache_fill_long(struct long_entry *entry, const struct long_key *key, const uint32_t *ids, size_t count);

#endif
