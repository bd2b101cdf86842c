/*
 * Owns a tokenizer's tables: tokens by id, ids by text, mergeable pairs, and the digest over them. Knows nothing of
 * tokenizer.json, of the trainer, or of how text is encoded.
 */
#include "token/vocabulary.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "token/matching.h"

uint32_t *token_ids_reserve(struct token_ids *ids, size_t more) {
    if (ids->capacity - ids->count < more) {
        size_t capacity = ids->capacity ? ids->capacity : 64;
        while (capacity - ids->count < more)
            capacity *= 2;
        ids->data = memory_resize(ids->data, capacity, sizeof(*ids->data));
        memory_prefer_huge_pages(ids->data, capacity * sizeof(*ids->data));
        ids->capacity = capacity;
    }
    return ids->data + ids->count;
}

void token_ids_append(struct token_ids *ids, uint32_t id) {
    *token_ids_reserve(ids, 1) = id;
    ids->count++;
}

void token_ids_release(struct token_ids *ids) {
    free(ids->data);
    *ids = (struct token_ids){0};
}

struct tokenizer *vocabulary_new(struct pretokenizer *pretokenizer) {
    struct tokenizer *tokenizer = memory_zeroed(1, sizeof(*tokenizer));
    tokenizer->pretokenizer = pretokenizer;
    for (int i = 0; i < SPECIAL_COUNT; i++)
        tokenizer->special[i] = TOKEN_NONE;
    return tokenizer;
}

void tokenizer_free(struct tokenizer *tokenizer) {
    if (!tokenizer)
        return;
    pretokenizer_free(tokenizer->pretokenizer);
    bytes_release(&tokenizer->text);
    free(tokenizer->tokens);
    free(tokenizer->merges);
    free(tokenizer->pairs);
    free(tokenizer->by_text);
    matching_free(tokenizer->matching);
    free(tokenizer);
}

static void make_room(struct tokenizer *tokenizer, uint32_t size) {
    if (size > tokenizer->capacity) {
        uint32_t capacity = tokenizer->capacity ? tokenizer->capacity : 512;
        while (capacity < size)
            capacity *= 2;
        tokenizer->tokens = memory_resize(tokenizer->tokens, capacity, sizeof(*tokenizer->tokens));
        memset(tokenizer->tokens + tokenizer->capacity, 0,
               (capacity - tokenizer->capacity) * sizeof(*tokenizer->tokens));
        tokenizer->capacity = capacity;
    }
    if (size > tokenizer->size)
        tokenizer->size = size;
}

static uint64_t text_key(struct span text) {
    uint32_t first, last;
    if (text.size > 8)
        return hash64(text, 0);
    if (text.size < 4) {
        const unsigned char *bytes = (const unsigned char *)text.data;
        return bytes[0] | (uint64_t)bytes[text.size / 2] << 8 | (uint64_t)bytes[text.size - 1] << 16;
    }
    memcpy(&first, text.data, sizeof first);
    memcpy(&last, text.data + text.size - sizeof last, sizeof last);
    return first | (uint64_t)last << 32;
}

/* Where the search for a key begins. */
static size_t first_slot(const struct tokenizer *tokenizer, uint64_t key, size_t size) {
    uint64_t product = (key ^ size) * 0x9E3779B97F4A7C15u;
    return (product ^ product >> 32) & (tokenizer->text_slots - 1);
}

/* The slot of a text of at least one byte: the one that holds it, or the free one where it belongs. */
static struct text_slot *text_slot(const struct tokenizer *tokenizer, struct span text, uint64_t key) {
    for (size_t at = first_slot(tokenizer, key, text.size);; at = (at + 1) & (tokenizer->text_slots - 1)) {
        struct text_slot *slot = &tokenizer->by_text[at];
        if (slot->id == TOKEN_NONE)
            return slot;
        if (slot->key == key && slot->size == text.size &&
            (text.size <= 8 || span_equal(tokenizer_token(tokenizer, slot->id), text)))
            return slot;
    }
}

static void grow_by_text(struct tokenizer *tokenizer, size_t slots) {
    struct text_slot *old = tokenizer->by_text;
    size_t old_slots = tokenizer->text_slots;
    tokenizer->text_slots = slots;
    tokenizer->by_text = memory_table(slots * sizeof(*tokenizer->by_text));
    memset(tokenizer->by_text, 0xFF, slots * sizeof(*tokenizer->by_text));
    for (size_t i = 0; i < old_slots; i++) {
        if (old[i].id == TOKEN_NONE)
            continue;
        size_t at = first_slot(tokenizer, old[i].key, old[i].size);
        while (tokenizer->by_text[at].id != TOKEN_NONE)
            at = (at + 1) & (slots - 1);
        tokenizer->by_text[at] = old[i];
    }
    free(old);
}

static size_t power_of_two_over(size_t count) {
    size_t size = 16;
    while (size < count)
        size *= 2;
    return size;
}

void vocabulary_reserve(struct tokenizer *tokenizer, size_t tokens) {
    size_t slots = power_of_two_over(2 * (tokens < TOKENIZER_VOCABULARY_MAX ? tokens : TOKENIZER_VOCABULARY_MAX));
    if (slots > tokenizer->text_slots)
        grow_by_text(tokenizer, slots);
}

static int add_by_text(struct tokenizer *tokenizer, uint32_t id, struct error *error) {
    if (tokenizer->text_count * 2 >= tokenizer->text_slots)
        grow_by_text(tokenizer, tokenizer->text_slots ? 2 * tokenizer->text_slots : 1024);
    struct span text = tokenizer_token(tokenizer, id);
    uint64_t key = text_key(text);
    struct text_slot *slot = text_slot(tokenizer, text, key);
    if (slot->id != TOKEN_NONE)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "tokens %u and %u are the same text", slot->id, id);
    *slot = (struct text_slot){key, id, (uint32_t)text.size};
    tokenizer->text_count++;
    return 0;
}

int vocabulary_add(struct tokenizer *tokenizer, uint32_t id, struct span text, enum token_kind kind,
                   struct error *error) {
    if (id >= TOKENIZER_VOCABULARY_MAX)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "token id %u is beyond the limit of %u", id,
                         TOKENIZER_VOCABULARY_MAX);
    if (text.size == 0 || text.size > UINT32_MAX)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "token %u is empty", id);
    make_room(tokenizer, id + 1);
    if (tokenizer->tokens[id].kind != TOKEN_HOLE)
        return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "token id %u stands twice", id);
    tokenizer->tokens[id] = (struct token_entry){tokenizer->text.size, (uint32_t)text.size, kind};
    bytes_append_span(&tokenizer->text, text);
    if (kind == TOKEN_TEXT)
        return add_by_text(tokenizer, id, error);
    for (int i = 0; i < SPECIAL_COUNT; i++)
        if (span_is(text, special_token_text((enum special_token)i)))
            tokenizer->special[i] = id;
    return 0;
}

uint32_t vocabulary_find(const struct tokenizer *tokenizer, struct span text) {
    if (text.size == 0 || tokenizer->text_slots == 0)
        return TOKEN_NONE;
    return text_slot(tokenizer, text, text_key(text))->id;
}

void vocabulary_add_merge(struct tokenizer *tokenizer, struct merge merge) {
    if (tokenizer->merge_count == tokenizer->merge_capacity) {
        tokenizer->merge_capacity = tokenizer->merge_capacity ? tokenizer->merge_capacity * 2 : 1024;
        tokenizer->merges = memory_resize(tokenizer->merges, tokenizer->merge_capacity, sizeof(*tokenizer->merges));
    }
    tokenizer->merges[tokenizer->merge_count++] = merge;
}

int vocabulary_index_bytes(struct tokenizer *tokenizer, struct error *error) {
    for (unsigned byte = 0; byte < 256; byte++) {
        char text = (char)byte;
        tokenizer->byte_id[byte] = vocabulary_find(tokenizer, (struct span){&text, 1});
        if (tokenizer->byte_id[byte] == TOKEN_NONE)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                             "no token for the byte 0x%02X: this is no byte-level vocabulary", byte);
    }
    return 0;
}

/* No pair may merge twice. Two merges of one token are the same where their left tokens are; there are fewer of them
 * than the token has bytes. */
static int check_merges_differ(const struct tokenizer *tokenizer, struct error *error) {
    uint32_t *latest = memory_allocate(tokenizer->size * sizeof *latest); /* merge that makes a token */
    uint32_t *before = memory_allocate(tokenizer->merge_count * sizeof *before);
    memset(latest, 0xFF, tokenizer->size * sizeof *latest);
    int result = 0;
    for (size_t rank = 0; rank < tokenizer->merge_count && result == 0; rank++) {
        const struct merge *merge = &tokenizer->merges[rank];
        for (uint32_t other = latest[merge->result]; other != UINT32_MAX && result == 0; other = before[other])
            if (tokenizer->merges[other].left == merge->left)
                result = error_set(error, ERROR_DATA, rank, "merge %zu stands twice", rank);
        before[rank] = latest[merge->result];
        latest[merge->result] = (uint32_t)rank;
    }
    free(latest);
    free(before);
    return result;
}

void vocabulary_index_pairs(struct tokenizer *tokenizer) {
    if (tokenizer->pairs)
        return;
    size_t slots = power_of_two_over(tokenizer->merge_count * 2);
    tokenizer->pairs = memory_allocate(slots * sizeof(*tokenizer->pairs));
    tokenizer->pair_mask = slots - 1;
    tokenizer->pair_shift = 64 - (unsigned)__builtin_ctzll(slots);
    for (size_t i = 0; i < slots; i++)
        tokenizer->pairs[i].key = PAIR_EMPTY;
    for (size_t rank = 0; rank < tokenizer->merge_count; rank++) {
        const struct merge *merge = &tokenizer->merges[rank];
        uint64_t key = (uint64_t)merge->left << 32 | merge->right;
        size_t slot = pair_slot_of(tokenizer, key);
        while (tokenizer->pairs[slot].key != PAIR_EMPTY)
            slot = (slot + 1) & tokenizer->pair_mask;
        tokenizer->pairs[slot] = (struct pair_slot){key, (uint32_t)rank, merge->result};
    }
}

static void hash_number(struct hash_stream *stream, uint64_t number) {
    uint64_t lowest_first = htole64(number);
    hash_stream_update(stream, &lowest_first, sizeof lowest_first);
}

static void hash_text(struct hash_stream *stream, struct span text) {
    hash_number(stream, text.size);
    hash_stream_update(stream, text.data, text.size);
}

/* Everything that decides which ids a text gets; each list begins with its size, so that no two tokenizers share a byte
 * stream. */
static struct hash128 compute_digest(const struct tokenizer *tokenizer) {
    struct hash_stream *stream = hash_stream_new();
    hash_text(stream, span_of(pretokenizer_name(tokenizer->pretokenizer)));
    if (pretokenizer_kind(tokenizer->pretokenizer) == PRETOKENIZER_REGEX)
        hash_text(stream, pretokenizer_pattern(tokenizer->pretokenizer));
    hash_number(stream, tokenizer->ignore_merges);
    hash_number(stream, tokenizer->size);
    for (uint32_t id = 0; id < tokenizer->size; id++) {
        const struct token_entry *token = &tokenizer->tokens[id];
        hash_number(stream, (uint64_t)token->kind << 32 | token->size);
        hash_stream_update(stream, tokenizer->text.data + token->start, token->size);
    }
    hash_number(stream, tokenizer->merge_count);
    for (size_t i = 0; i < tokenizer->merge_count; i++) {
        hash_number(stream, (uint64_t)tokenizer->merges[i].left << 32 | tokenizer->merges[i].right);
        hash_number(stream, tokenizer->merges[i].result);
    }
    struct hash128 digest = hash_stream_digest(stream);
    hash_stream_free(stream);
    return digest;
}

static bool reaches_all(const struct tokenizer *tokenizer) {
    for (uint32_t id = 0; id < tokenizer->size && tokenizer->matching; id++)
        if (tokenizer->tokens[id].kind == TOKEN_TEXT && !matching_reaches(tokenizer->matching, id))
            return false;
    return tokenizer->matching != NULL;
}

int vocabulary_finish(struct tokenizer *tokenizer, struct error *error) {
    if (vocabulary_index_bytes(tokenizer, error) != 0 || check_merges_differ(tokenizer, error) != 0)
        return -1;
    tokenizer->digest = compute_digest(tokenizer);
    tokenizer->matching = matching_new(tokenizer);
    if (!tokenizer->matching)
        vocabulary_index_pairs(tokenizer);
    tokenizer->reaches_all = reaches_all(tokenizer);
    return 0;
}
