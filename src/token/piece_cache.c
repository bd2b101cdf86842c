/* Owns the memory of the caches of pieces and what is put into it. Knows nothing of how pieces become ids. */
#include "token/piece_cache.h"

#include <stdlib.h>

#include "base/memory.h"
#include "token/matching.h"
#include "token/vocabulary.h"

/* So many tokens, those of the lowest ids, leave half of the places free at least. */
#define TOKENS_MAX CACHE_SETS

void piece_cache_init(struct piece_cache *cache) {
    _Static_assert(sizeof *cache->sets == sizeof *cache->long_entries, "both are of one line");
    cache->sets = memory_table((CACHE_SETS + LONG_ENTRIES) * sizeof *cache->sets);
    cache->long_entries = (struct long_entry *)(cache->sets + CACHE_SETS);
}

void piece_cache_release(struct piece_cache *cache) {
    free(cache->sets);
    *cache = (struct piece_cache){0};
}

/* A token whose place is on its way from memory. */
struct coming {
    struct piece_key key;
    struct cache_set *set;
    uint32_t id;
};

static bool find_place(const struct piece_cache *cache, const struct tokenizer *tokenizer, uint32_t id,
                       struct coming *coming) {
    struct span text = tokenizer_token(tokenizer, id);
    if (tokenizer->tokens[id].kind != TOKEN_TEXT || text.size > CACHE_PIECE_MAX ||
        matching_begins_with_character(text) || !matching_reaches(tokenizer->matching, id))
        return false;
    coming->key = piece_key_of(text, tokenizer->text.data + tokenizer->text.size);
    coming->set = piece_cache_set(cache, coming->key);
    coming->id = id;
    __builtin_prefetch(coming->set, 1);
    return true;
}

void piece_cache_add_tokens(struct piece_cache *cache, const struct tokenizer *tokenizer) {
    struct coming coming[64];
    uint32_t next = tokenizer->size < TOKENS_MAX ? tokenizer->size : (uint32_t)TOKENS_MAX;
    while (next > 0) { /* the lowest ids last, so that they remain */
        size_t count = 0;
        while (next > 0 && count < sizeof coming / sizeof *coming)
            count += find_place(cache, tokenizer, --next, &coming[count]);
        for (size_t i = 0; i < count; i++) {
            struct cache_entry *entry = cache_set_add(coming[i].set, &coming[i].key);
            entry->ids[0] = coming[i].id;
            entry->count = 1;
        }
    }
}

void piece_cache_fill(const struct piece_cache *cache, struct cache_entry *entry, struct span piece,
                      const uint32_t *ids, size_t count) {
    if (count <= CACHE_IDS_MAX) {
        entry->count = (uint32_t)count;
        memcpy(entry->ids, ids, count * sizeof *ids);
    } else if (piece_comes_again(piece)) {
        struct long_key key = long_key_of_short(entry->key);
        piece_cache_fill_long(piece_cache_long(cache, &key), &key, ids, count);
        entry->count = COUNT_IN_LONG;
    } else {
        entry->key = (struct piece_key){0, 0};
    }
}

void piece_cache_fill_long(struct long_entry *entry, const struct long_key *key, const uint32_t *ids, size_t count) {
    if (count > LONG_IDS_MAX) {
        if (long_keys_equal(&entry->key, key))
            entry->key = (struct long_key){{{0, 0}, {0, 0}}};
        return;
    }
    entry->key = *key;
    entry->count = (uint32_t)count;
    memcpy(entry->ids, ids, count * sizeof *ids);
}
