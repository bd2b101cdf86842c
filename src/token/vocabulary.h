/* The inside of a tokenizer, shared by the files of this folder and nobody else. */
#ifndef TOKEN_VOCABULARY_H
#define TOKEN_VOCABULARY_H

#include "token/tokenizer.h"

enum token_kind { TOKEN_HOLE, TOKEN_TEXT, TOKEN_SPECIAL };

struct token_entry {
    size_t start; /* of the token's bytes within tokenizer.text */
    uint32_t size;
    enum token_kind kind;
};

/* A merge; its rank is its place in the list. */
struct merge {
    uint32_t left, right, result;
};

/* Slot of the table of mergeable pairs: key is left << 32 | right, PAIR_EMPTY where free. */
struct pair_slot {
    uint64_t key;
    uint32_t rank, result;
};

#define PAIR_EMPTY UINT64_MAX

/* Slot of the table of tokens by their bytes. */
struct text_slot {
    uint64_t key;      /* a hash of the bytes; of up to eight the bytes themselves, as the size tells how */
    uint32_t id, size; /* id TOKEN_NONE where free */
};

struct tokenizer {
    struct pretokenizer *pretokenizer; /* owned */
    bool ignore_merges;                /* a piece that is a token is that token, merges unasked (rank files) */
    struct bytes text;
    struct token_entry *tokens; /* by id */
    uint32_t size, capacity;
    struct merge *merges;
    size_t merge_count, merge_capacity;
    uint32_t special[SPECIAL_COUNT];
    uint32_t byte_id[256];
    struct pair_slot *pairs; /* power of two slots, linear probing; NULL where matching does without */
    unsigned pair_shift;     /* 64 - log2(slots) */
    size_t pair_mask;
    struct text_slot *by_text; /* TOKEN_TEXT tokens */
    size_t text_count, text_slots;
    struct matching *matching; /* how pieces are encoded; NULL where merges do not allow it */
    bool reaches_all;          /* merging makes every token of text of its bytes */
    struct hash128 digest;
};

/* An empty tokenizer: add tokens and merges, then finish. */
struct tokenizer *vocabulary_new(
    struct pretokenizer *pretokenizer); /* takes the pretokeniser, which may be set later */
void vocabulary_reserve(struct tokenizer *tokenizer, size_t tokens); /* room for so many tokens: saves time only */
/* Puts a token at a free id; ERROR_DATA where the id is taken or too large, or the text is there already. */
int vocabulary_add(struct tokenizer *tokenizer, uint32_t id, struct span text, enum token_kind kind,
                   struct error *error);
uint32_t vocabulary_find(const struct tokenizer *tokenizer,
                         struct span text);                                 /* of TOKEN_TEXT; TOKEN_NONE where absent */
void vocabulary_add_merge(struct tokenizer *tokenizer, struct merge merge); /* the next in rank */
/* After the last token: ERROR_DATA for a byte without one. */
int vocabulary_index_bytes(struct tokenizer *tokenizer, struct error *error);
/* After the last token and merge: builds the tables of encoding and the digest. ERROR_DATA for a byte without token,
 * or, with the rank of the second as its position, for a pair listed twice. */
int vocabulary_finish(struct tokenizer *tokenizer, struct error *error);

/* Builds the table of pairs, which vocabulary_finish leaves out where pieces are encoded without. */
void vocabulary_index_pairs(struct tokenizer *tokenizer);

static inline size_t pair_slot_of(const struct tokenizer *tokenizer, uint64_t key) {
    return (size_t)((key * 0x9E3779B97F4A7C15u) >> tokenizer->pair_shift);
}

/* The slot of a mergeable pair, or NULL. */
static inline const struct pair_slot *pair_find(const struct tokenizer *tokenizer, uint32_t left, uint32_t right) {
    uint64_t key = (uint64_t)left << 32 | right;
    for (size_t slot = pair_slot_of(tokenizer, key);; slot = (slot + 1) & tokenizer->pair_mask) {
        const struct pair_slot *found = &tokenizer->pairs[slot];
        if (found->key == key)
            return found;
        if (found->key == PAIR_EMPTY)
            return NULL;
    }
}

/* Whether a file begins as a rank file of tiktoken or as GPT-2's vocab.bpe. */
bool rank_file_recognise(struct span file);
/* Such a file as a tokenizer, if it is a published one, whose pretokeniser and special tokens are known; ERROR_DATA
 * otherwise. The name stands in messages. */
int rank_file_parse(struct tokenizer **tokenizer, const char *name, struct span file, struct error *error);

#endif
