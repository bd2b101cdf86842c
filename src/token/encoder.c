/*
 * Owns encoding: text to pieces to ids. What a piece becomes is matching.c's affair, or merging.c's for tokenizers that
 * it does not take; most pieces come from a bounded cache. Knows nothing of files or shards.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clones.h"
#include "base/memory.h"
#include "token/matching.h"
#include "token/merging.h"
#include "token/piece_cache.h"
#include "token/tokenizer.h"
#include "token/vocabulary.h"

/* So many pieces are cut before the first is looked up, so that the cache's lines are on their way meanwhile. */
#define BATCH 128

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

/*
 * Pieces that the cache does not hold are put off until there are many, since finding them together takes less time
 * (matching_encode_together). Meanwhile their ids are missing among those of the text.
 */
#define GAPS_MAX TOGETHER_MAX
_Static_assert(BATCH < GAPS_MAX, "there is room for a batch of gaps");

struct gap {
    size_t place;   /* in the list of ids */
    uint32_t piece; /* that belongs there */
};

struct postponed {
    struct span pieces[TOGETHER_MAX];
    struct long_key keys[TOGETHER_MAX]; /* of pieces of the first cache the first part only; of others nothing */
    size_t count;
    struct gap gaps[GAPS_MAX]; /* no fewer than pieces, for some come more than once */
    size_t gap_count;
    struct together found[TOGETHER_MAX];
};

struct encoder {
    const struct tokenizer *tokenizer;
    struct cutter *cutter;
    bool whole_first; /* a piece may be a token that merging never makes */
    bool is_matched;  /* a piece is what matching.h finds, and nothing else */
    struct piece_cache cache;
    struct tiny_entry *tiny;
    const uint32_t *ids; /* the list that is appended to, now */
    struct postponed postponed;
    struct matching_scratch matching;
    struct merging_scratch merging;
};

struct encoder *encoder_new(const struct tokenizer *tokenizer) {
    struct encoder *encoder = memory_zeroed(1, sizeof(*encoder));
    encoder->tokenizer = tokenizer;
    encoder->cutter = cutter_new(tokenizer->pretokenizer);
    encoder->whole_first = tokenizer->ignore_merges && !tokenizer->reaches_all;
    encoder->is_matched = tokenizer->matching && !encoder->whole_first;
    encoder->tiny = memory_table(TINY_PIECES * sizeof(*encoder->tiny));
    piece_cache_init(&encoder->cache);
    if (encoder->is_matched)
        piece_cache_add_tokens(&encoder->cache, tokenizer);
    return encoder;
}

void encoder_free(struct encoder *encoder) {
    if (!encoder)
        return;
    cutter_free(encoder->cutter);
    piece_cache_release(&encoder->cache);
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

/* ---- what the cache does not hold ---- */

/* Whether a piece can be put off. One of three bytes is found as fast. */
static inline bool can_wait(const struct encoder *encoder, struct span piece) {
    return encoder->is_matched && piece.size > 3 && piece.size <= TOGETHER_SIZE_MAX;
}

/*
 * Whether a piece of text is put off: characters have a memory of their own, and long words of other letters than those
 * of ASCII are searched as fast as merged, since their tokens are short.
 */
static bool is_postponed(const struct encoder *encoder, struct span piece) {
    return can_wait(encoder, piece) && (piece.size <= CACHE_PIECE_MAX || (unsigned char)piece.data[1] < 0x80) &&
           !matching_begins_with_character(piece);
}

static void add_gap(struct encoder *encoder, const uint32_t *ids, uint32_t piece) {
    struct postponed *postponed = &encoder->postponed;
    postponed->gaps[postponed->gap_count++] = (struct gap){(size_t)(ids - encoder->ids), piece};
}

/* Puts off a piece that has a place in one of the caches; returns its number. */
static uint32_t postpone(struct encoder *encoder, struct span piece, const struct long_key *key, const uint32_t *ids) {
    struct postponed *postponed = &encoder->postponed;
    uint32_t number = (uint32_t)postponed->count++;
    postponed->pieces[number] = piece;
    postponed->keys[number] = *key;
    add_gap(encoder, ids, number);
    return number;
}

/* Fills the place in a cache that a piece still has. */
static void remember(const struct encoder *encoder, uint32_t number) {
    struct span piece = encoder->postponed.pieces[number];
    const struct long_key *key = &encoder->postponed.keys[number];
    const struct together *found = &encoder->postponed.found[number];
    if (key->parts[0].high == 0 && key->parts[1].high == 0)
        return;
    if (key->parts[1].high == 0) {
        struct cache_set *set = piece_cache_set(&encoder->cache, key->parts[0]);
        for (size_t i = 0; i < 2; i++)
            if (piece_keys_equal(&set->entries[i].key, &key->parts[0]))
                piece_cache_fill(&encoder->cache, &set->entries[i], piece, found->ids, found->count);
    } else {
        struct long_entry *entry = piece_cache_long(&encoder->cache, key);
        if (long_keys_equal(&entry->key, key))
            piece_cache_fill_long(entry, key, found->ids, found->count);
    }
}

/* Puts the ids of what was put off where they are missing. */
static void take_postponed(struct encoder *encoder, struct token_ids *ids) {
    struct postponed *postponed = &encoder->postponed;
    size_t more = 0;
    if (postponed->gap_count == 0)
        return;
    matching_encode_together(encoder->tokenizer->matching, postponed->pieces, postponed->count, postponed->found);
    for (uint32_t i = 0; i < postponed->count; i++)
        remember(encoder, i);
    for (size_t i = 0; i < postponed->gap_count; i++)
        more += postponed->found[postponed->gaps[i].piece].count;
    token_ids_reserve(ids, more);
    size_t end = ids->count;
    ids->count += more;
    for (const struct gap *gap = postponed->gaps + postponed->gap_count; gap-- > postponed->gaps; end = gap->place) {
        const struct together *found = &postponed->found[gap->piece];
        uint32_t *place = ids->data + gap->place;
        memmove(place + more, place, (end - gap->place) * sizeof *place);
        more -= found->count;
        memcpy(place + more, found->ids, found->count * sizeof *place);
    }
    postponed->count = postponed->gap_count = 0;
}

/* A piece of up to LONG_PIECE_MAX bytes through the second cache. */
static size_t look_up_long(struct encoder *encoder, struct span piece, const char *text_end, uint32_t *ids) {
    struct long_key key = long_key_of(piece, text_end);
    struct long_entry *entry = piece_cache_long(&encoder->cache, &key);
    if (!long_keys_equal(&entry->key, &key)) {
        if (is_postponed(encoder, piece)) {
            entry->key = key;
            entry->count = COUNT_POSTPONED;
            entry->ids[0] = postpone(encoder, piece, &key, ids);
            return 0;
        }
        size_t count = encode_piece(encoder, piece, ids);
        piece_cache_fill_long(entry, &key, ids, count);
        return count;
    }
    if (entry->count == COUNT_POSTPONED) {
        add_gap(encoder, ids, entry->ids[0]);
        return 0;
    }
    memcpy(ids, entry->ids, sizeof entry->ids);
    return entry->count;
}

/* A piece that is too long for the first cache. */
static inline size_t encode_longer(struct encoder *encoder, struct span piece, const char *text_end, uint32_t *ids) {
    return piece.size <= LONG_PIECE_MAX && piece_comes_again(piece) ? look_up_long(encoder, piece, text_end, ids)
                                                                    : encode_piece(encoder, piece, ids);
}

static size_t encode_missing(struct encoder *encoder, struct span piece, const struct piece_key *key,
                             struct cache_set *set, uint32_t *ids) {
    struct cache_entry *entry = cache_set_add(set, key);
    if (is_postponed(encoder, piece)) {
        struct long_key whole = {{*key, {0, 0}}};
        entry->count = COUNT_POSTPONED;
        entry->ids[0] = postpone(encoder, piece, &whole, ids);
        return 0;
    }
    size_t count = encode_piece(encoder, piece, ids);
    piece_cache_fill(&encoder->cache, entry, piece, ids, count);
    return count;
}

/* A piece whose ids are not in its entry. */
static size_t look_further(struct encoder *encoder, struct span piece, const char *text_end,
                           const struct cache_entry *entry, uint32_t *ids) {
    if (entry->count == COUNT_IN_LONG)
        return look_up_long(encoder, piece, text_end, ids);
    add_gap(encoder, ids, entry->ids[0]);
    return 0;
}

/* ---- pieces ---- */

/* ids has room for the piece's bytes and LONG_IDS_MAX more. */
static inline size_t look_up(struct encoder *encoder, struct span piece, const char *text_end,
                             const struct piece_key *key, struct cache_set *set, uint32_t *ids) {
    const struct cache_entry *entry = cache_set_find(set, key);
    if (!entry)
        return encode_missing(encoder, piece, key, set, ids);
    if (entry->count >= COUNT_POSTPONED)
        return look_further(encoder, piece, text_end, entry, ids);
    memcpy(ids, entry->ids, sizeof entry->ids);
    return entry->count;
}

static inline size_t look_up_at_once(struct encoder *encoder, struct span piece, const char *text_end, uint32_t *ids) {
    struct piece_key key = piece_key_of(piece, text_end);
    return look_up(encoder, piece, text_end, &key, piece_cache_set(&encoder->cache, key), ids);
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

/* As encode_batch, for pieces most of which are tiny; the others hardly come again. */
static uint32_t *encode_tiny_batch(struct encoder *encoder, const struct span *pieces, size_t count, uint32_t *next) {
    static const struct long_key without_place;
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].size <= TINY_PIECE_MAX)
            next += look_up_tiny(encoder, pieces[i], next);
        else if (can_wait(encoder, pieces[i]))
            postpone(encoder, pieces[i], &without_place, next);
        else
            next += encode_piece(encoder, pieces[i], next);
    }
    return next;
}

/* Whether pieces begin or end with characters from U+3000 on, of which Chinese is made. A look at some tells enough. */
static inline bool are_wide(const struct span *pieces, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i += 4) {
        size_t last = pieces[i].size < 3 ? 0 : pieces[i].size - 3;
        any |= (unsigned char)pieces[i].data[last] >= 0xE3;
    }
    return any;
}

/* Where the cache may hold each piece, on its way from memory. */
static inline void prepare(const struct encoder *encoder, const struct span *pieces, size_t count, const char *text_end,
                           struct piece_key *keys, struct cache_set **sets) {
    for (size_t i = 0; i < count; i++)
        if (pieces[i].size <= CACHE_PIECE_MAX) {
            keys[i] = piece_key_of(pieces[i], text_end);
            sets[i] = piece_cache_set(&encoder->cache, keys[i]);
            __builtin_prefetch(sets[i]);
        }
}

/* Writes the ids of up to BATCH pieces from next on; returns where they end. */
CLONED static uint32_t *encode_batch(struct encoder *encoder, const struct span *pieces, size_t count,
                                     const char *text_end, uint32_t *next) {
    struct piece_key keys[BATCH];
    struct cache_set *sets[BATCH];
    prepare(encoder, pieces, count, text_end, keys, sets);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].size <= CACHE_PIECE_MAX)
            next += look_up(encoder, pieces[i], text_end, &keys[i], sets[i], next);
        else
            next += encode_longer(encoder, pieces[i], text_end, next);
    }
    return next;
}

/*
 * The same for pieces of Chinese and the like, which are taken together; the others are few, so that the cache's lines
 * are not asked for beforehand. An empty piece stands behind the last.
 */
CLONED static uint32_t *encode_wide_batch(struct encoder *encoder, const struct span *pieces, size_t count,
                                          const char *text_end, uint32_t *next) {
    const struct matching *matching = encoder->tokenizer->matching;
    for (size_t i = 0; i < count;) {
        size_t taken = 1;
        if (matching_begins_with_character(pieces[i]))
            taken = matching_encode_characters(matching, &encoder->matching, pieces + i, &next);
        else if (pieces[i].size <= CACHE_PIECE_MAX)
            next += look_up_at_once(encoder, pieces[i], text_end, next);
        else if (!piece_comes_again(pieces[i]))
            taken = matching_encode_characters(matching, &encoder->matching, pieces + i, &next);
        else
            next += encode_longer(encoder, pieces[i], text_end, next);
        i += taken;
    }
    return next;
}

/* encoder_append_text, but that ids of what was put off may be missing. */
static int append_pieces(struct encoder *encoder, struct span text, struct token_ids *ids, struct error *error) {
    const char *text_end = text.data + text.size;
    struct span pieces[BATCH + 1];
    long count;
    cutter_begin(encoder->cutter, text);
    while ((count = cutter_take(encoder->cutter, pieces, BATCH, error)) > 0) {
        const char *end = pieces[count - 1].data + pieces[count - 1].size;
        size_t size = (size_t)(end - pieces[0].data), pieces_count = (size_t)count;
        uint32_t *place = token_ids_reserve(ids, size + LONG_IDS_MAX), *next;
        encoder->ids = ids->data;
        pieces[count] = (struct span){end, 0};
        if (size < TINY_PIECE_MAX * pieces_count)
            next = encode_tiny_batch(encoder, pieces, pieces_count, place);
        else if (encoder->is_matched && are_wide(pieces, pieces_count))
            next = encode_wide_batch(encoder, pieces, pieces_count, text_end, place);
        else
            next = encode_batch(encoder, pieces, pieces_count, text_end, place);
        ids->count += (size_t)(next - place);
        if (encoder->postponed.gap_count > GAPS_MAX - BATCH)
            take_postponed(encoder, ids);
    }
    return count < 0 ? -1 : 0;
}

int encoder_append_text(struct encoder *encoder, struct span text, struct token_ids *ids, struct error *error) {
    int status = append_pieces(encoder, text, ids, error);
    take_postponed(encoder, ids);
    return status;
}

static int append_message(struct encoder *encoder, enum role role, struct span content, struct token_ids *ids,
                          struct error *error) {
    token_ids_append(ids, tokenizer_special_of_role(encoder->tokenizer, role));
    if (append_pieces(encoder, content, ids, error) != 0)
        return -1;
    token_ids_append(ids, encoder->tokenizer->special[SPECIAL_END]);
    return 0;
}

int encoder_append_message(struct encoder *encoder, enum role role, struct span content, struct token_ids *ids,
                           struct error *error) {
    int status = append_message(encoder, role, content, ids, error);
    take_postponed(encoder, ids);
    return status;
}

int encoder_append_contents(struct encoder *encoder, const struct record *record, struct token_ids *ids,
                            struct error *error) {
    int status = 0;
    if (record->kind == RECORD_DOCUMENT)
        return encoder_append_text(encoder, record->field[FIELD_TEXT], ids, error);
    for (size_t i = 0; i < record->message_count && status == 0; i++)
        status = append_pieces(encoder, record->messages[i].content, ids, error);
    take_postponed(encoder, ids);
    return status;
}

int encoder_append_record(struct encoder *encoder, const struct record *record, struct token_ids *ids,
                          struct error *error) {
    int status = 0;
    token_ids_append(ids, encoder->tokenizer->special[SPECIAL_BOS]);
    if (record->kind == RECORD_DOCUMENT)
        return encoder_append_text(encoder, record->field[FIELD_TEXT], ids, error);
    for (size_t i = 0; i < record->message_count && status == 0; i++)
        status = append_message(encoder, record->messages[i].role, record->messages[i].content, ids, error);
    take_postponed(encoder, ids);
    return status;
}
