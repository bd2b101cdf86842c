/*
 * Owns encoding: text to pieces to ids. What a piece becomes is matching.c's affair, or merging.c's for tokenizers that
 * it does not take; most pieces come from a bounded cache. Knows nothing of files or shards.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/matching.h"
#include "token/merging.h"
#include "token/tokenizer.h"
#include "token/vocabulary.h"

/* So many pieces are cut before the first is looked up, so that the cache's lines are on their way meanwhile. */
#define BATCH 64

/*
 * The cache: sets of two pieces of at most 15 bytes that fill a cache line, the one found last first. It takes 2 MiB:
 * its lines come while other pieces are cut, and a smaller one loses more in pieces it does not hold.
 */
#define CACHE_SETS ((size_t)32768)
#define CACHE_PIECE_MAX 15
#define CACHE_IDS_MAX 3
#define IN_LONG_CACHE UINT32_MAX /* for the count of a piece with more ids */

/* The bytes of a piece and behind them, in the last byte, their number. */
struct piece_key {
    uint64_t low, high;
};

struct cache_entry {
    struct piece_key key; /* all zero: free */
    uint32_t ids[CACHE_IDS_MAX], count;
};

struct cache_set {
    struct cache_entry entries[2];
};

/*
 * A second cache for what does not fit there: longer pieces, up to 31 bytes with their number behind them, and pieces
 * of more tokens, which the first one knows to be here. One line holds one.
 */
#define LONG_ENTRIES ((size_t)16384)
#define LONG_PIECE_MAX 31
#define LONG_IDS_MAX 7

struct long_key {
    struct piece_key parts[2];
};

struct long_entry {
    struct long_key key; /* all zero: free */
    uint32_t ids[LONG_IDS_MAX], count;
};

/*
 * What is no text (a file's bytes) is cut into tiny pieces, too many different ones for the cache, in an order that no
 * branch foresees. Pieces of one or two bytes have a place each there: their ids, and above the second (of 24 bits) how
 * many they are.
 */
#define TINY_PIECE_MAX 2
#define TINY_PIECES (257 * 256)

struct tiny_entry {
    uint32_t first, second_and_count; /* 0: not looked at yet */
};

struct encoder {
    const struct tokenizer *tokenizer;
    struct cutter *cutter;
    bool whole_first;  /* a piece may be a token that merging never makes */
    bool by_character; /* pieces of Chinese and the like are taken together */
    struct cache_set *cache;
    struct long_entry *long_cache; /* behind it */
    struct tiny_entry *tiny;
    struct matching_scratch matching;
    struct merging_scratch merging;
};

struct encoder *encoder_new(const struct tokenizer *tokenizer) {
    struct encoder *encoder = memory_zeroed(1, sizeof(*encoder));
    encoder->tokenizer = tokenizer;
    encoder->cutter = cutter_new(tokenizer->pretokenizer);
    encoder->whole_first = tokenizer->ignore_merges && !tokenizer->reaches_all;
    encoder->by_character = tokenizer->matching && !encoder->whole_first;
    encoder->cache = memory_table((CACHE_SETS + LONG_ENTRIES) * sizeof(*encoder->cache)); /* both are of one line */
    encoder->long_cache = (struct long_entry *)(encoder->cache + CACHE_SETS);
    encoder->tiny = memory_table(TINY_PIECES * sizeof(*encoder->tiny));
    return encoder;
}

void encoder_free(struct encoder *encoder) {
    if (!encoder)
        return;
    cutter_free(encoder->cutter);
    free(encoder->cache);
    free(encoder->tiny);
    matching_scratch_release(&encoder->matching);
    merging_scratch_release(&encoder->merging);
    free(encoder);
}

/* Writes the ids of one piece to ids, which has room for its size; returns how many. */
static size_t encode_piece(struct encoder *encoder, struct span piece, uint32_t *ids) {
    const struct tokenizer *tokenizer = encoder->tokenizer;
    if (encoder->whole_first && (ids[0] = vocabulary_find(tokenizer, piece)) != TOKEN_NONE)
        return 1;
    return tokenizer->matching ? matching_encode(tokenizer->matching, &encoder->matching, piece, ids)
                               : merging_encode(tokenizer, &encoder->merging, piece, ids);
}

static inline uint64_t mixed(struct piece_key key) {
    unsigned __int128 product = (unsigned __int128)(key.low ^ 0x9E3779B97F4A7C15u) * (key.high ^ 0xD6E8FEB86659FD93u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Masks of the first 0 to 16 bytes, from 16 - size on. */
static const uint8_t mask_bytes[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                       0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

/* The first size (0 to 16) bytes at data, zeros behind them; text_end: how far bytes can be read. */
static inline struct piece_key load_key(const char *data, size_t size, const char *text_end) {
    struct piece_key key = {0, 0}, mask;
    if (text_end - data < 16) {
        memcpy(&key, data, size);
        return key;
    }
    memcpy(&key, data, sizeof key);
    memcpy(&mask, mask_bytes + 16 - size, sizeof mask);
    return (struct piece_key){key.low & mask.low, key.high & mask.high};
}

/* Of a piece of 1 to CACHE_PIECE_MAX bytes. */
static inline struct piece_key key_of(struct span piece, const char *text_end) {
    struct piece_key key = load_key(piece.data, piece.size, text_end);
    key.high |= (uint64_t)piece.size << 56;
    return key;
}

static inline struct cache_set *set_of(const struct encoder *encoder, struct piece_key key) {
    return &encoder->cache[mixed(key) % CACHE_SETS];
}

static inline bool key_equal(const struct piece_key *a, const struct piece_key *b) {
    return ((a->low ^ b->low) | (a->high ^ b->high)) == 0;
}

/*
 * Whether a long piece is worth a place: those of scripts without spaces between words are halves of sentences; their
 * characters take three bytes.
 */
static inline bool comes_again(struct span piece) {
    unsigned char last = (unsigned char)piece.data[piece.size - 1], before = (unsigned char)piece.data[piece.size - 2];
    return last < 0x80 || before >> 5 == 6;
}

/* The place in the second cache of a piece of 1 to LONG_PIECE_MAX bytes, and its key. */
static struct long_entry *long_entry_of(const struct encoder *encoder, struct span piece, const char *text_end,
                                        struct long_key *key) {
    size_t first = piece.size < 16 ? piece.size : 16;
    key->parts[0] = load_key(piece.data, first, text_end);
    key->parts[1] = load_key(piece.data + first, piece.size - first, text_end);
    key->parts[1].high |= (uint64_t)piece.size << 56;
    uint64_t hash = mixed(key->parts[0]) ^ mixed(key->parts[1]) >> 7;
    return &encoder->long_cache[hash % LONG_ENTRIES];
}

static void fill_long(struct long_entry *entry, const struct long_key *key, const uint32_t *ids, size_t count) {
    if (count > LONG_IDS_MAX)
        return;
    entry->key = *key;
    entry->count = (uint32_t)count;
    memcpy(entry->ids, ids, count * sizeof(*ids));
}

/* Such a piece through the second cache. */
static size_t look_up_long(struct encoder *encoder, struct span piece, const char *text_end, uint32_t *ids) {
    struct long_key key;
    struct long_entry *entry = long_entry_of(encoder, piece, text_end, &key);
    if (key_equal(&entry->key.parts[0], &key.parts[0]) && key_equal(&entry->key.parts[1], &key.parts[1])) {
        memcpy(ids, entry->ids, sizeof entry->ids);
        return entry->count;
    }
    size_t count = encode_piece(encoder, piece, ids);
    fill_long(entry, &key, ids, count);
    return count;
}

/* A piece that is too long for the first cache. */
static inline size_t encode_longer(struct encoder *encoder, struct span piece, const char *text_end, uint32_t *ids) {
    return piece.size <= LONG_PIECE_MAX && comes_again(piece) ? look_up_long(encoder, piece, text_end, ids)
                                                              : encode_piece(encoder, piece, ids);
}

/* Puts what the cache does not hold into its place. */
static size_t encode_missing(struct encoder *encoder, struct span piece, const char *text_end,
                             const struct piece_key *key, struct cache_set *set, uint32_t *ids) {
    size_t count = encode_piece(encoder, piece, ids);
    bool in_long_cache = count > CACHE_IDS_MAX;
    if (in_long_cache && !comes_again(piece))
        return count;
    set->entries[1] = set->entries[0];
    set->entries[0].key = *key;
    if (in_long_cache) {
        struct long_key long_key;
        struct long_entry *entry = long_entry_of(encoder, piece, text_end, &long_key);
        fill_long(entry, &long_key, ids, count);
        set->entries[0].count = IN_LONG_CACHE;
    } else {
        set->entries[0].count = (uint32_t)count;
        memcpy(set->entries[0].ids, ids, count * sizeof(*ids));
    }
    return count;
}

/* ids has room for the piece's bytes and LONG_IDS_MAX more. */
static inline size_t look_up(struct encoder *encoder, struct span piece, const char *text_end,
                             const struct piece_key *key, struct cache_set *set, uint32_t *ids) {
    struct cache_entry *entry = &set->entries[0];
    if (!key_equal(&entry->key, key)) {
        if (!key_equal(&set->entries[1].key, key))
            return encode_missing(encoder, piece, text_end, key, set, ids);
        struct cache_entry first = *entry;
        *entry = set->entries[1];
        set->entries[1] = first;
    }
    if (entry->count == IN_LONG_CACHE)
        return look_up_long(encoder, piece, text_end, ids);
    memcpy(ids, entry->ids, sizeof entry->ids);
    return entry->count;
}

static void fill_tiny(struct encoder *encoder, struct span piece, struct tiny_entry *entry) {
    uint32_t ids[TINY_PIECE_MAX] = {0};
    uint32_t count = (uint32_t)encode_piece(encoder, piece, ids);
    *entry = (struct tiny_entry){ids[0], (count > 1 ? ids[1] : 0) | count << 24};
}

/* A piece of one or two bytes, which nothing has to be asked of; ids has room for two. */
static inline size_t look_up_tiny(struct encoder *encoder, struct span piece, uint32_t *ids) {
    size_t last = piece.size - 1, second = ((size_t)(unsigned char)piece.data[last] + 1) << 8;
    struct tiny_entry *entry = &encoder->tiny[(unsigned char)piece.data[0] + last * second];
    if (entry->second_and_count == 0)
        fill_tiny(encoder, piece, entry);
    ids[0] = entry->first;
    ids[1] = entry->second_and_count & 0xFFFFFF;
    return entry->second_and_count >> 24;
}

/* As encode_batch, for pieces most of which are tiny. */
static uint32_t *encode_tiny_batch(struct encoder *encoder, const struct span *pieces, size_t count, uint32_t *next) {
    for (size_t i = 0; i < count; i++)
        next += pieces[i].size <= TINY_PIECE_MAX ? look_up_tiny(encoder, pieces[i], next)
                                                 : encode_piece(encoder, pieces[i], next);
    return next;
}

/* Whether pieces begin with characters from U+3000 on, of which Chinese is made. A look at some tells enough. */
static inline bool are_wide(const struct span *pieces, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i += 8)
        any |= (unsigned char)pieces[i].data[0] >= 0xE3;
    return any;
}

/* Where the cache may hold a piece, on its way from memory. */
static inline void prepare(const struct encoder *encoder, struct span piece, const char *text_end,
                           struct piece_key *key, struct cache_set **set) {
    *key = key_of(piece, text_end);
    *set = set_of(encoder, *key);
    __builtin_prefetch(*set);
}

/* Writes the ids of up to BATCH pieces from next on; returns where they end. */
static uint32_t *encode_batch(struct encoder *encoder, const struct span *pieces, size_t count, const char *text_end,
                              uint32_t *next) {
    struct piece_key keys[BATCH];
    struct cache_set *sets[BATCH];
    for (size_t i = 0; i < count; i++)
        if (pieces[i].size <= CACHE_PIECE_MAX)
            prepare(encoder, pieces[i], text_end, &keys[i], &sets[i]);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].size <= CACHE_PIECE_MAX)
            next += look_up(encoder, pieces[i], text_end, &keys[i], sets[i], next);
        else
            next += encode_longer(encoder, pieces[i], text_end, next);
    }
    return next;
}

/*
 * The same for pieces of Chinese and the like, which are taken together. An empty piece stands behind the last. A
 * function of its own, so that the registers of the other, which is all that most languages need, remain its own.
 */
static __attribute__((noinline)) uint32_t *encode_wide_batch(struct encoder *encoder, const struct span *pieces,
                                                             size_t count, const char *text_end, uint32_t *next) {
    const struct matching *matching = encoder->tokenizer->matching;
    struct piece_key keys[BATCH];
    struct cache_set *sets[BATCH];
    for (size_t i = 0; i < count; i++)
        if (pieces[i].size <= CACHE_PIECE_MAX)
            prepare(encoder, pieces[i], text_end, &keys[i], &sets[i]);
    for (size_t i = 0; i < count;) {
        size_t taken = 1;
        if (matching_begins_with_character(pieces[i]))
            taken = matching_encode_characters(matching, &encoder->matching, pieces + i, &next);
        else if (pieces[i].size <= CACHE_PIECE_MAX)
            next += look_up(encoder, pieces[i], text_end, &keys[i], sets[i], next);
        else
            next += encode_longer(encoder, pieces[i], text_end, next);
        i += taken;
    }
    return next;
}

int encoder_append_text(struct encoder *encoder, struct span text, struct token_ids *ids, struct error *error) {
    const char *text_end = text.data + text.size;
    struct span pieces[BATCH + 1];
    long count;
    cutter_begin(encoder->cutter, text);
    while ((count = cutter_take(encoder->cutter, pieces, BATCH, error)) > 0) {
        const char *end = pieces[count - 1].data + pieces[count - 1].size;
        size_t size = (size_t)(end - pieces[0].data), pieces_count = (size_t)count;
        uint32_t *place = token_ids_reserve(ids, size + LONG_IDS_MAX), *next;
        pieces[count] = (struct span){end, 0};
        if (size < TINY_PIECE_MAX * pieces_count)
            next = encode_tiny_batch(encoder, pieces, pieces_count, place);
        else if (encoder->by_character && are_wide(pieces, pieces_count))
            next = encode_wide_batch(encoder, pieces, pieces_count, text_end, place);
        else
            next = encode_batch(encoder, pieces, pieces_count, text_end, place);
        ids->count += (size_t)(next - place);
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
