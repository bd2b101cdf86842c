/*
 * Owns what a tokenizer answers: sizes, special tokens, ids to bytes, and the tokenizer a list of merges makes. Knows
 * nothing of its file format (tokenizer_read.c, tokenizer_write.c) or of encoding (encoder.c).
 */
#include "token/tokenizer.h"

#include <stdlib.h>

#include "base/memory.h"
#include "text/utf8.h"
#include "token/byte_level.h"
#include "token/vocabulary.h"

static const char *const special_texts[SPECIAL_COUNT] = {"<|bos|>", "<|system|>", "<|user|>", "<|assistant|>",
                                                         "<|end|>"};

const char *special_token_text(enum special_token special) {
    return special_texts[special];
}

uint32_t tokenizer_vocabulary_size(const struct tokenizer *tokenizer) {
    return tokenizer->size;
}

struct hash128 tokenizer_digest(const struct tokenizer *tokenizer) {
    return tokenizer->digest;
}

const struct pretokenizer *tokenizer_pretokenizer(const struct tokenizer *tokenizer) {
    return tokenizer->pretokenizer;
}

size_t tokenizer_merge_count(const struct tokenizer *tokenizer) {
    return tokenizer->merge_count;
}

void tokenizer_merge(const struct tokenizer *tokenizer, size_t rank, uint32_t *left, uint32_t *right) {
    *left = tokenizer->merges[rank].left;
    *right = tokenizer->merges[rank].right;
}

bool tokenizer_ignores_merges(const struct tokenizer *tokenizer) {
    return tokenizer->ignore_merges;
}

uint32_t tokenizer_special(const struct tokenizer *tokenizer, enum special_token special) {
    return tokenizer->special[special];
}

uint32_t tokenizer_special_of_role(const struct tokenizer *tokenizer, enum role role) {
    switch (role) {
    case ROLE_SYSTEM:
        return tokenizer->special[SPECIAL_SYSTEM];
    case ROLE_USER:
        return tokenizer->special[SPECIAL_USER];
    case ROLE_ASSISTANT:
        break;
    }
    return tokenizer->special[SPECIAL_ASSISTANT];
}

bool tokenizer_is_special(const struct tokenizer *tokenizer, uint32_t id) {
    return id < tokenizer->size && tokenizer->tokens[id].kind == TOKEN_SPECIAL;
}

struct span tokenizer_token(const struct tokenizer *tokenizer, uint32_t id) {
    if (id >= tokenizer->size || tokenizer->tokens[id].kind == TOKEN_HOLE)
        return (struct span){NULL, 0};
    const struct token_entry *token = &tokenizer->tokens[id];
    return (struct span){tokenizer->text.data + token->start, token->size};
}

int tokenizer_decode(const struct tokenizer *tokenizer, const uint32_t *ids, size_t count, struct bytes *out,
                     struct error *error) {
    for (size_t i = 0; i < count; i++) {
        struct span token = tokenizer_token(tokenizer, ids[i]);
        if (!token.data)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the id %u at %zu is no token of the tokenizer",
                             ids[i], i);
        if (!tokenizer_is_special(tokenizer, ids[i]))
            bytes_append_span(out, token);
    }
    return 0;
}

int tokenizer_require_specials(const struct tokenizer *tokenizer, struct error *error) {
    for (int i = 0; i < SPECIAL_COUNT; i++)
        if (tokenizer->special[i] == TOKEN_NONE)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "the tokenizer has no special token %s",
                             special_texts[i]);
    return 0;
}

/* What the builder adds cannot clash: its texts and ids are all different by construction. */
static void add_next(struct tokenizer *tokenizer, struct span text, enum token_kind kind) {
    struct error error;
    if (vocabulary_add(tokenizer, tokenizer->size, text, kind, &error) != 0)
        abort();
}

/* Whether the text is a special token's, as tokenizer.json spells both in one list. Those of a tokenizer that is being
 * built come first. */
static bool is_spelled_special(const struct tokenizer *tokenizer, struct span spelled) {
    for (uint32_t id = 0; tokenizer_is_special(tokenizer, id); id++)
        if (span_equal(tokenizer_token(tokenizer, id), spelled))
            return true;
    return false;
}

static int check_special(const struct tokenizer *tokenizer, struct span text, struct error *error) {
    struct bytes spelled = {0};
    const char *wrong = NULL;
    if (text.size == 0)
        wrong = "is empty";
    else if (utf8_valid_prefix(text) < text.size)
        wrong = "is no UTF-8";
    else if (is_spelled_special(tokenizer, text))
        wrong = "is a special token already";
    else if (byte_level_decode(text, &spelled) && spelled.size == 1)
        wrong = "is how a byte is spelled";
    bytes_release(&spelled);
    if (wrong)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "special token '%.*s' %s", (int)text.size, text.data,
                         wrong);
    return 0;
}

int tokenizer_build_begin_special(struct tokenizer **tokenizer, struct pretokenizer *pretokenizer,
                                  const char *const *specials, size_t count, struct error *error) {
    *tokenizer = vocabulary_new(pretokenizer);
    for (int i = 0; i < SPECIAL_COUNT; i++)
        add_next(*tokenizer, span_of(special_texts[i]), TOKEN_SPECIAL);
    for (size_t i = 0; i < count; i++) {
        if (check_special(*tokenizer, span_of(specials[i]), error) != 0) {
            tokenizer_free(*tokenizer);
            *tokenizer = NULL;
            return -1;
        }
        add_next(*tokenizer, span_of(specials[i]), TOKEN_SPECIAL);
    }
    for (unsigned i = 0; i < BYTE_LEVEL_COUNT; i++) {
        char byte = (char)byte_level_byte(i);
        add_next(*tokenizer, (struct span){&byte, 1}, TOKEN_TEXT);
    }
    return 0;
}

struct tokenizer *tokenizer_build_begin(struct pretokenizer *pretokenizer) {
    struct tokenizer *tokenizer;
    tokenizer_build_begin_special(&tokenizer, pretokenizer, NULL, 0, NULL);
    return tokenizer;
}

uint32_t tokenizer_build_merge(struct tokenizer *tokenizer, uint32_t left, uint32_t right) {
    struct bytes text = {0}, spelled = {0};
    bytes_append_span(&text, tokenizer_token(tokenizer, left));
    bytes_append_span(&text, tokenizer_token(tokenizer, right));
    uint32_t id = vocabulary_find(tokenizer, span_of_bytes(&text));
    byte_level_append(&spelled, span_of_bytes(&text));
    bool allowed = id != TOKEN_NONE || !is_spelled_special(tokenizer, span_of_bytes(&spelled));
    if (id == TOKEN_NONE && allowed) {
        id = tokenizer->size;
        add_next(tokenizer, span_of_bytes(&text), TOKEN_TEXT);
    }
    bytes_release(&text);
    bytes_release(&spelled);
    if (allowed)
        vocabulary_add_merge(tokenizer, (struct merge){left, right, id});
    return id;
}

void tokenizer_build_end(struct tokenizer *tokenizer) {
    struct error error;
    if (vocabulary_finish(tokenizer, &error) != 0)
        abort();
}
