/* Tokenizers of random merges, and texts for them, for the tests of encoding. */
#ifndef TESTS_UNIT_RANDOM_TOKENIZER_H
#define TESTS_UNIT_RANDOM_TOKENIZER_H

#include <check.h>
#include <string.h>

#include "base/random.h"
#include "token/tokenizer.h"

/* Long pieces and gaps between matches for a pattern of its own. */
static struct pretokenizer *make_pretokenizer(enum pretokenizer_kind kind) {
    struct pretokenizer *pretokenizer;
    struct error error;
    if (kind != PRETOKENIZER_REGEX)
        return pretokenizer_new(kind);
    ck_assert_int_eq(pretokenizer_compile(&pretokenizer, SPAN_LITERAL("[ab\\s]+|e(?=1)"), &error), 0);
    return pretokenizer;
}

/* A tokenizer of merges of random pairs, so that longer tokens, tokens reached in two ways and lower ranks inside later
 * merges all occur. */
static struct tokenizer *random_tokenizer(struct random *random, enum pretokenizer_kind kind, unsigned merges) {
    static const char letters[] = "aab e1\n\xC3\xA9";
    struct tokenizer *tokenizer = tokenizer_build_begin(make_pretokenizer(kind));
    struct token_ids known = {0};
    uint32_t first = SPECIAL_COUNT;
    for (uint32_t id = first; id < first + 256; id++)
        if (memchr(letters, tokenizer_token(tokenizer, id).data[0], sizeof(letters) - 1))
            token_ids_append(&known, id);
    uint64_t done[1024];
    for (unsigned i = 0; i < merges; i++) {
        uint32_t left = known.data[random_below(random, known.count)];
        uint32_t right = known.data[random_below(random, known.count)];
        bool repeated = false;
        for (unsigned j = 0; j < i; j++)
            repeated |= done[j] == ((uint64_t)left << 32 | right);
        done[i] = repeated ? 0 : (uint64_t)left << 32 | right;
        if (!repeated)
            token_ids_append(&known, tokenizer_build_merge(tokenizer, left, right));
    }
    token_ids_release(&known);
    tokenizer_build_end(tokenizer);
    return tokenizer;
}

static void append_random_text(struct random *random, struct bytes *text, size_t size) {
    static const char *const parts[] = {"a",
                                        "a",
                                        "aa",
                                        "b",
                                        "\xE4\xB8\xAD",
                                        "\xE4\xBA\xBA",
                                        " ",
                                        "e",
                                        "1",
                                        "\xE4\xB8\xAD\xE4\xBA\xBA",
                                        "\xE3\x80\x82",
                                        "12",
                                        "\n",
                                        "\xC3\xA9",
                                        "ab",
                                        "\xE5\x9B\xBD",
                                        "\xF0\x9F\x98\x80"};
    uint64_t kinds = 1 + random_below(random, sizeof(parts) / sizeof(parts[0]));
    while (text->size < size)
        bytes_append_text(text, parts[random_below(random, kinds)]);
}

#endif
