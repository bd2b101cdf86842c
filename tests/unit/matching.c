/* Searching for tokens, and merging of many pieces, against merging by its definition. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "random_tokenizer.h"
#include "suite.h"
#include "token/matching_search.h"
#include "token/merging.h"
#include "token/tokenizer.h"
#include "token/vocabulary.h"

/* The tokens of a random tokenizer with its merges in another order, some of them before those that make their tokens.
 */
static struct tokenizer *disordered_tokenizer(struct random *random, bool *ordered) {
    struct tokenizer *from = random_tokenizer(random, PRETOKENIZER_GPT2, 40);
    struct tokenizer *tokenizer = vocabulary_new(pretokenizer_new(PRETOKENIZER_GPT2));
    struct error error;
    for (uint32_t id = 0; id < tokenizer_vocabulary_size(from); id++)
        ck_assert_int_eq(vocabulary_add(tokenizer, id, tokenizer_token(from, id), from->tokens[id].kind, &error), 0);
    for (size_t i = 0; i + 1 < from->merge_count; i++) {
        size_t other = random_below(random, 16) ? i : i + random_below(random, 9) % (from->merge_count - i);
        struct merge moved = from->merges[i];
        from->merges[i] = from->merges[other];
        from->merges[other] = moved;
    }
    for (size_t i = 0; i < from->merge_count; i++)
        vocabulary_add_merge(tokenizer, from->merges[i]);
    ck_assert_int_eq(vocabulary_finish(tokenizer, &error), 0);
    tokenizer_free(from);
    *ordered = tokenizer->matching != NULL;
    vocabulary_index_pairs(tokenizer);
    return tokenizer;
}

/* Of texts that make at most 400 tokens. */
static void expect_as_merging(const struct tokenizer *tokenizer, struct matching_scratch *matching,
                              struct merging_scratch *merging, struct span text) {
    uint32_t fast[400 + 3], slow[400];
    size_t count = merging_encode(tokenizer, merging, text, slow);
    ck_assert_uint_eq(matching_encode(tokenizer->matching, matching, text, fast), count);
    ck_assert_mem_eq(fast, slow, count * sizeof *fast);
}

/* Of texts of at most TOGETHER_SIZE_MAX bytes, up to TOGETHER_MAX. */
static void expect_together_as_merging(const struct tokenizer *tokenizer, struct merging_scratch *merging,
                                       const struct span *texts, size_t text_count) {
    struct together found[TOGETHER_MAX];
    uint32_t slow[TOGETHER_SIZE_MAX];
    matching_encode_together(tokenizer->matching, texts, text_count, found);
    for (size_t i = 0; i < text_count; i++) {
        ck_assert_uint_eq(merging_encode(tokenizer, merging, texts[i], slow), found[i].count);
        ck_assert_mem_eq(found[i].ids, slow, found[i].count * sizeof *slow);
    }
}

/* Searching gives what merging gives, for every tokenizer that it takes. */
START_TEST(test_matching_equals_merging) {
    struct random random;
    random_seed(&random, 21);
    struct matching_scratch matching = {0};
    struct merging_scratch merging = {0};
    struct bytes text = {0};
    int orders[2] = {0, 0};
    for (int round = 0; round < 300; round++) {
        bool ordered;
        struct tokenizer *tokenizer = disordered_tokenizer(&random, &ordered);
        orders[ordered]++;
        for (int i = 0; i < 60 && ordered; i++) {
            bytes_clear(&text);
            append_random_text(&random, &text, 1 + random_below(&random, i % 10 ? 20 : 300));
            expect_as_merging(tokenizer, &matching, &merging, span_of_bytes(&text));
            for (size_t once = text.size; text.size < 150 && i % 3 == 0;) /* the same again and again */
                bytes_append_byte(&text, text.data[text.size - once]);
            expect_as_merging(tokenizer, &matching, &merging, span_of_bytes(&text));
        }
        tokenizer_free(tokenizer);
        matching_scratch_release(&matching);
    }
    ck_assert_msg(orders[0] > 20 && orders[1] > 20, "%d, %d", orders[0], orders[1]);
    merging_scratch_release(&merging);
    bytes_release(&text);
}
END_TEST

START_TEST(test_together_equals_merging) {
    struct random random;
    random_seed(&random, 24);
    struct merging_scratch merging = {0};
    struct bytes text = {0};
    int ordered_count = 0;
    for (int round = 0; round < 400; round++) {
        bool ordered;
        struct tokenizer *tokenizer = disordered_tokenizer(&random, &ordered);
        struct span texts[TOGETHER_MAX];
        bytes_clear(&text);
        append_random_text(&random, &text, 400);
        size_t count = round % 2 ? random_below(&random, TOGETHER_MAX + 1) : TOGETHER_MAX;
        for (size_t i = 0; i < count; i++) {
            size_t size = 2 + random_below(&random, TOGETHER_SIZE_MAX - 1);
            texts[i] = (struct span){text.data + random_below(&random, text.size - size + 1), size};
        }
        if (ordered)
            expect_together_as_merging(tokenizer, &merging, texts, count);
        ordered_count += ordered;
        tokenizer_free(tokenizer);
    }
    ck_assert_int_gt(ordered_count, 100);
    merging_scratch_release(&merging);
    bytes_release(&text);
}
END_TEST

/* Characters of three bytes, most of which share bytes; and what may stand between them. */
static void append_characters(struct random *random, struct bytes *text, size_t count) {
    static const char *const characters[] = {"一",
                                             "不",
                                             "中",
                                             "人",
                                             "他",
                                             "们",
                                             "国",
                                             "在",
                                             "我",
                                             "有",
                                             "的",
                                             "是",
                                             "这",
                                             "る",
                                             "ん",
                                             "。",
                                             "한",
                                             " ",
                                             "a",
                                             "é",
                                             "\xE4",
                                             "\xB8",
                                             "\xF0\x9F\x98\x80"};
    uint64_t kinds = random_below(random, 4) ? 15 : sizeof characters / sizeof characters[0];
    while (count-- > 0)
        bytes_append_text(text, characters[random_below(random, kinds)]);
}

/* Merges of random neighbours of a text: tokens within characters, whole ones, several, and across their borders. */
static struct tokenizer *characters_tokenizer(struct random *random, enum pretokenizer_kind kind, size_t merges) {
    struct tokenizer *tokenizer = tokenizer_build_begin(pretokenizer_new(kind));
    struct bytes text = {0};
    append_characters(random, &text, 600);
    uint32_t *ids = memory_allocate(text.size * sizeof *ids);
    size_t count = text.size;
    for (size_t i = 0; i < count; i++)
        for (ids[i] = SPECIAL_COUNT; tokenizer_token(tokenizer, ids[i]).data[0] != text.data[i];)
            ids[i]++;
    while (merges-- > 0 && count > 1) {
        size_t at = random_below(random, count - 1), kept = 0;
        uint32_t left = ids[at], right = ids[at + 1], joined = tokenizer_build_merge(tokenizer, left, right);
        for (size_t i = 0; i < count; i++) {
            bool merge = i + 1 < count && ids[i] == left && ids[i + 1] == right;
            ids[kept++] = merge ? joined : ids[i];
            i += merge;
        }
        count = kept;
    }
    free(ids);
    bytes_release(&text);
    tokenizer_build_end(tokenizer);
    vocabulary_index_pairs(tokenizer);
    return tokenizer;
}

/* A text's ids are those of its pieces. */
static void expect_pieces_merged(const struct tokenizer *tokenizer, struct encoder *encoder,
                                 struct merging_scratch *merging, struct span text) {
    struct token_ids fast = {0}, slow = {0};
    struct cutter *cutter = cutter_new(tokenizer_pretokenizer(tokenizer));
    struct span piece;
    struct error error;
    ck_assert_int_eq(encoder_append_text(encoder, text, &fast, &error), 0);
    cutter_begin(cutter, text);
    while (cutter_take(cutter, &piece, 1, &error) == 1)
        slow.count += merging_encode(tokenizer, merging, piece, token_ids_reserve(&slow, piece.size));
    ck_assert_uint_eq(fast.count, slow.count);
    ck_assert_mem_eq(fast.data, slow.data, slow.count * sizeof *slow.data);
    cutter_free(cutter);
    token_ids_release(&fast);
    token_ids_release(&slow);
}

START_TEST(test_characters_equal_merging) {
    struct random random;
    random_seed(&random, 22);
    struct merging_scratch merging = {0};
    struct bytes text = {0};
    for (int round = 0; round < 100; round++) {
        enum pretokenizer_kind kind = (enum pretokenizer_kind)(round % PRETOKENIZER_KNOWN);
        struct tokenizer *tokenizer = characters_tokenizer(&random, kind, random_below(&random, 400));
        struct encoder *encoder = encoder_new(tokenizer);
        struct matching_scratch matching = {0};
        ck_assert_ptr_nonnull(tokenizer->matching);
        for (int i = 0; i < 200; i++) {
            bytes_clear(&text);
            append_characters(&random, &text, 1 + random_below(&random, i % 10 ? 12 : 90));
            expect_as_merging(tokenizer, &matching, &merging, span_of_bytes(&text));
            for (uint64_t parts = random_below(&random, 20); parts > 0; parts--) {
                append_random_text(&random, &text, text.size + random_below(&random, 9));
                append_characters(&random, &text, random_below(&random, 9));
            }
            expect_pieces_merged(tokenizer, encoder, &merging, span_of_bytes(&text));
        }
        encoder_free(encoder);
        tokenizer_free(tokenizer);
        matching_scratch_release(&matching);
    }
    merging_scratch_release(&merging);
    bytes_release(&text);
}
END_TEST

/* So many pairs that buckets overflow: each is found, and none that is not there. */
START_TEST(test_pairs_are_found) {
    struct random random;
    random_seed(&random, 23);
    struct tokenizer *tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_GPT2));
    for (uint32_t i = 0; i < 60000; i++) {
        uint32_t right = (uint32_t)random_below(&random, 8) + 8 * (i % 30);
        tokenizer_build_merge(tokenizer, SPECIAL_COUNT + i / 30, SPECIAL_COUNT + right);
    }
    tokenizer_build_end(tokenizer);
    const struct matching *matching = tokenizer->matching;
    ck_assert_ptr_nonnull(matching);
    size_t displaced = 0;
    for (uint32_t number = BYTES; number < matching->count; number++) {
        struct split split = matching->splits[number];
        ck_assert_uint_eq(merged(matching, split.left, split.right), number);
        displaced += matching_find_displaced(matching, pair_hash(split.left, split.right)) == number;
        uint32_t found = merged(matching, split.right, number);
        ck_assert(found == NO_TOKEN ||
                  (matching->splits[found].left == split.right && matching->splits[found].right == number));
    }
    ck_assert_uint_gt(displaced, 10);
    tokenizer_free(tokenizer);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("matching");
    TCase *cases = tcase_create("matching");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, test_matching_equals_merging);
    tcase_add_test(cases, test_together_equals_merging);
    tcase_add_test(cases, test_characters_equal_merging);
    tcase_add_test(cases, test_pairs_are_found);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
