/*
 * Any bytes as a tokenizer.json, and as text for tokenizers whose merges come from the bytes too. A file that is taken
 * must write to the same tokenizer; every text must come back from its ids, cut into pieces that cover it, without
 * special tokens.
 */
#include <stdlib.h>
#include <string.h>

#include "token/merging.h"
#include "token/tokenizer.h"
#include "token/vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held) {
    if (!held)
        abort();
}

static void check_text(const struct tokenizer *tokenizer, struct span text) {
    struct encoder *encoder = encoder_new(tokenizer);
    struct token_ids ids = {0};
    struct bytes back = {0};
    struct error error;
    if (encoder_append_text(encoder, text, &ids, &error) != 0) {
        token_ids_release(&ids); /* a pattern of the file that takes too much work */
        encoder_free(encoder);
        return;
    }
    for (size_t i = 0; i < ids.count; i++)
        require(!tokenizer_is_special(tokenizer, ids.data[i]));
    require(tokenizer_decode(tokenizer, ids.data, ids.count, &back, &error) == 0);
    require(back.size == text.size && (text.size == 0 || memcmp(back.data, text.data, text.size) == 0));
    bytes_release(&back);
    token_ids_release(&ids);
    encoder_free(encoder);
}

/* The ids are those that merging each piece by its definition gives. */
static void check_merging(const struct tokenizer *tokenizer, struct span text) {
    struct encoder *encoder = encoder_new(tokenizer);
    struct cutter *cutter = cutter_new(tokenizer_pretokenizer(tokenizer));
    struct merging_scratch scratch = {0};
    struct token_ids ids = {0}, merged = {0};
    struct span piece;
    struct error error;
    require(encoder_append_text(encoder, text, &ids, &error) == 0);
    cutter_begin(cutter, text);
    while (cutter_take(cutter, &piece, 1, &error) == 1)
        merged.count += merging_encode(tokenizer, &scratch, piece, token_ids_reserve(&merged, piece.size));
    require(ids.count == merged.count);
    require(ids.count == 0 || memcmp(ids.data, merged.data, ids.count * sizeof *ids.data) == 0);
    merging_scratch_release(&scratch);
    token_ids_release(&ids);
    token_ids_release(&merged);
    cutter_free(cutter);
    encoder_free(encoder);
}

static void check_file(struct span file) {
    struct tokenizer *tokenizer, *again;
    struct error error;
    if (tokenizer_parse(&tokenizer, "x", file, &error) != 0)
        return;
    struct bytes json = {0};
    tokenizer_append_json(tokenizer, &json);
    require(tokenizer_parse(&again, "x", span_of_bytes(&json), &error) == 0);
    struct hash128 a = tokenizer_digest(tokenizer), b = tokenizer_digest(again);
    require(a.low == b.low && a.high == b.high);
    check_text(tokenizer, file);
    bytes_release(&json);
    tokenizer_free(tokenizer);
    tokenizer_free(again);
}

/* The first bytes choose the pretokeniser and merges, the rest is text. */
static void check_merges(const uint8_t *data, size_t size) {
    if (size < 2)
        return;
    struct tokenizer *tokenizer =
        tokenizer_build_begin(pretokenizer_new((enum pretokenizer_kind)(data[0] % PRETOKENIZER_KNOWN)));
    size_t merges = data[1] % 32, at = 2;
    uint64_t done[32];
    for (size_t i = 0; i < merges && at + 2 <= size; i++, at += 2) {
        uint32_t span = tokenizer_vocabulary_size(tokenizer) - SPECIAL_COUNT;
        uint32_t left = SPECIAL_COUNT + (uint32_t)(data[at] * 7) % span, right = SPECIAL_COUNT + data[at + 1] % span;
        bool repeated = false;
        done[i] = (uint64_t)left << 32 | right;
        for (size_t j = 0; j < i; j++)
            repeated |= done[j] == done[i];
        if (!repeated)
            tokenizer_build_merge(tokenizer, left, right);
    }
    tokenizer_build_end(tokenizer);
    vocabulary_index_pairs(tokenizer);
    check_text(tokenizer, (struct span){(const char *)data + at, size - at});
    check_merging(tokenizer, (struct span){(const char *)data + at, size - at});
    tokenizer_free(tokenizer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_file((struct span){(const char *)data, size});
    check_merges(data, size);
    return 0;
}
