/* Encoding against a slow reference, the way back, tokenizer.json there and back, and what it refuses. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "random_tokenizer.h"
#include "suite.h"
#include "token/byte_level.h"
#include "token/tokenizer.h"
#include "token/vocabulary.h"

struct rule {
    uint32_t left, right, result;
};

/* The tokenizer's merges, taken from its file text: the reference shares nothing with the encoder. */
static struct rule *read_rules(const struct tokenizer *tokenizer, size_t *count) {
    struct bytes json = {0};
    tokenizer_append_json(tokenizer, &json);
    struct rule *rules = memory_zeroed(tokenizer_merge_count(tokenizer) + 1, sizeof(*rules));
    *count = 0;
    const char *line = strstr(bytes_text(&json), "\"merges\": [");
    while ((line = strstr(line, "\n      [\"")) != NULL) {
        line += 9;
        const char *middle = strstr(line, "\", \""), *end = strstr(middle, "\"]");
        struct bytes left = {0}, right = {0}, both = {0};
        ck_assert(byte_level_decode((struct span){line, (size_t)(middle - line)}, &left));
        ck_assert(byte_level_decode((struct span){middle + 4, (size_t)(end - middle - 4)}, &right));
        bytes_append_span(&both, span_of_bytes(&left));
        bytes_append_span(&both, span_of_bytes(&right));
        for (uint32_t id = SPECIAL_COUNT; id < tokenizer_vocabulary_size(tokenizer); id++) {
            struct span token = tokenizer_token(tokenizer, id);
            if (span_equal(token, span_of_bytes(&left)))
                rules[*count].left = id;
            if (span_equal(token, span_of_bytes(&right)))
                rules[*count].right = id;
            if (span_equal(token, span_of_bytes(&both)))
                rules[*count].result = id;
        }
        (*count)++;
        bytes_release(&left);
        bytes_release(&right);
        bytes_release(&both);
    }
    bytes_release(&json);
    ck_assert_uint_eq(*count, tokenizer_merge_count(tokenizer));
    return rules;
}

/* BPE by its definition: the first rule that applies anywhere, at its leftmost place, again and again. */
static void encode_slowly(const struct tokenizer *tokenizer, const struct rule *rules, size_t rule_count,
                          struct span piece, struct token_ids *ids) {
    size_t first = ids->count;
    for (size_t i = 0; i < piece.size; i++)
        for (uint32_t id = SPECIAL_COUNT; id < SPECIAL_COUNT + 256; id++)
            if (tokenizer_token(tokenizer, id).data[0] == piece.data[i])
                token_ids_append(ids, id);
    for (size_t rule = 0; rule < rule_count;) {
        size_t at = first;
        while (at + 1 < ids->count && (ids->data[at] != rules[rule].left || ids->data[at + 1] != rules[rule].right))
            at++;
        if (at + 1 >= ids->count) {
            rule++;
            continue;
        }
        ids->data[at] = rules[rule].result;
        memmove(ids->data + at + 1, ids->data + at + 2, (ids->count - at - 2) * sizeof(*ids->data));
        ids->count--;
        rule = 0;
    }
}

static void compare_with_slow(struct encoder *encoder, const struct tokenizer *tokenizer, const struct rule *rules,
                              size_t rule_count, struct span text) {
    struct token_ids fast = {0}, slow = {0};
    struct error error;
    struct span piece;
    ck_assert_int_eq(encoder_append_text(encoder, text, &fast, &error), 0);
    struct cutter *cutter = cutter_new(tokenizer_pretokenizer(tokenizer));
    cutter_begin(cutter, text);
    while (cutter_take(cutter, &piece, 1, &error) == 1)
        encode_slowly(tokenizer, rules, rule_count, piece, &slow);
    cutter_free(cutter);
    ck_assert_uint_eq(fast.count, slow.count);
    ck_assert(fast.count == 0 || memcmp(fast.data, slow.data, fast.count * sizeof(*fast.data)) == 0);
    token_ids_release(&fast);
    token_ids_release(&slow);
}

START_TEST(test_encoder_equals_slow_reference) {
    struct random random;
    random_seed(&random, (uint64_t)_i);
    struct tokenizer *tokenizer =
        random_tokenizer(&random, (enum pretokenizer_kind)(_i % (PRETOKENIZER_KNOWN + 1)), 10 + 10 * (unsigned)_i);
    struct encoder *encoder = encoder_new(tokenizer);
    size_t rule_count;
    struct rule *rules = read_rules(tokenizer, &rule_count);
    struct bytes text = {0};
    for (int round = 0; round < 150; round++) {
        bytes_clear(&text);
        append_random_text(&random, &text, random_below(&random, round % 10 == 0 ? 400 : 60));
        for (uint64_t bytes = round % 5 ? 0 : random_below(&random, 200); bytes > 0; bytes--) /* mostly tiny pieces */
            bytes_append_byte(&text, (char)random_below(&random, 256));
        compare_with_slow(encoder, tokenizer, rules, rule_count, span_of_bytes(&text));
    }
    bytes_release(&text);
    free(rules);
    encoder_free(encoder);
    tokenizer_free(tokenizer);
}
END_TEST

/* Any bytes at all, valid UTF-8 or not. */
START_TEST(test_decoding_gives_the_text_back) {
    struct random random;
    random_seed(&random, 11);
    struct tokenizer *tokenizer = random_tokenizer(&random, (enum pretokenizer_kind)_i, 100);
    struct encoder *encoder = encoder_new(tokenizer);
    struct token_ids ids = {0};
    struct bytes text = {0}, back = {0};
    for (int round = 0; round < 2000; round++) {
        bytes_clear(&text);
        bytes_clear(&back);
        ids.count = 0;
        size_t size = random_below(&random, 200);
        while (text.size < size) {
            if (random_below(&random, 2))
                bytes_append_byte(&text, (char)random_below(&random, 256));
            else
                append_random_text(&random, &text, text.size + 4);
        }
        struct error error;
        ck_assert_int_eq(encoder_append_text(encoder, span_of_bytes(&text), &ids, &error), 0);
        ck_assert_int_eq(tokenizer_decode(tokenizer, ids.data, ids.count, &back, &error), 0);
        ck_assert_uint_eq(back.size, text.size);
        ck_assert(text.size == 0 || memcmp(back.data, text.data, text.size) == 0);
        for (size_t i = 0; i < ids.count; i++)
            ck_assert(!tokenizer_is_special(tokenizer, ids.data[i]));
    }
    token_ids_release(&ids);
    bytes_release(&text);
    bytes_release(&back);
    encoder_free(encoder);
    tokenizer_free(tokenizer);
}
END_TEST

START_TEST(test_long_pieces_take_linear_time) {
    struct random random;
    random_seed(&random, 2);
    struct tokenizer *tokenizer = random_tokenizer(&random, PRETOKENIZER_DIGITS2, 60);
    struct encoder *encoder = encoder_new(tokenizer);
    size_t size = (size_t)4 << 20;
    char *text = memory_allocate(size);
    memset(text, 'a', size);
    struct token_ids ids = {0};
    struct bytes back = {0};
    struct error error;
    /* The quadratic way takes hours: Check's time-out. */
    ck_assert_int_eq(encoder_append_text(encoder, (struct span){text, size}, &ids, &error), 0);
    ck_assert_int_eq(tokenizer_decode(tokenizer, ids.data, ids.count, &back, &error), 0);
    ck_assert(back.size == size && memcmp(back.data, text, size) == 0);
    free(text);
    bytes_release(&back);
    token_ids_release(&ids);
    encoder_free(encoder);
    tokenizer_free(tokenizer);
}
END_TEST

START_TEST(test_records_and_specials) {
    struct tokenizer *tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_DIGITS2));
    tokenizer_build_end(tokenizer);
    struct encoder *encoder = encoder_new(tokenizer);
    struct token_ids ids = {0};
    struct record record = {0};
    record_begin(&record, RECORD_DIALOGUE);
    record_append_message(&record, ROLE_USER, SPAN_LITERAL("<|end|>"));
    record_append_message(&record, ROLE_ASSISTANT, SPAN_LITERAL("!"));
    struct error error;
    ck_assert_int_eq(encoder_append_record(encoder, &record, &ids, &error), 0);
    /* bos, user, the seven bytes of the literal text, end, assistant, "!" (first in the order of bytes), end */
    uint32_t expected[] = {0, 2, 0, 0, 0, 0, 0, 0, 0, 4, 3, 5, 4};
    for (size_t i = 0; i < 7; i++)
        expected[2 + i] = 5 + (uint32_t)("<|end|>"[i] - '!');
    ck_assert_uint_eq(ids.count, sizeof(expected) / sizeof(expected[0]));
    ck_assert_mem_eq(ids.data, expected, sizeof(expected));
    ck_assert_uint_eq(tokenizer_vocabulary_size(tokenizer), SPECIAL_COUNT + 256);
    record_release(&record);
    token_ids_release(&ids);
    encoder_free(encoder);
    tokenizer_free(tokenizer);
}
END_TEST

/* Words of any length, many of them once more within a few. */
static void append_words(struct random *random, struct bytes *text, size_t count) {
    size_t start = text->size;
    for (; count > 0; count--) {
        size_t place = text->size, again = random_below(random, place - start + 1);
        bytes_append_byte(text, ' ');
        if (random_below(random, 3) == 0 && place - start > 50)
            for (size_t i = 0; i < 20 && i < again; i++)
                bytes_append_byte(text, text->data[place - again + i]);
        for (uint64_t size = random_below(random, random_below(random, 8) ? 10 : 45); size > 0; size--)
            bytes_append_byte(text, "aabbe"[random_below(random, 5)]);
    }
}

/* What is put off is put right, wherever the text or the message ends. */
START_TEST(test_many_new_words_equal_slow_reference) {
    struct random random;
    random_seed(&random, 31);
    struct bytes text = {0};
    for (int round = 0; round < 24; round++) {
        struct tokenizer *tokenizer = random_tokenizer(&random, (enum pretokenizer_kind)(round % 5), 60);
        struct encoder *encoder = encoder_new(tokenizer);
        size_t rule_count;
        struct rule *rules = read_rules(tokenizer, &rule_count);
        for (int i = 0; i < 4; i++) {
            bytes_clear(&text);
            append_words(&random, &text, random_below(&random, 600));
            compare_with_slow(encoder, tokenizer, rules, rule_count, span_of_bytes(&text));
        }
        free(rules);
        encoder_free(encoder);
        tokenizer_free(tokenizer);
    }
    bytes_release(&text);
}
END_TEST

START_TEST(test_record_is_its_messages) {
    struct random random;
    random_seed(&random, 32);
    struct tokenizer *tokenizer = random_tokenizer(&random, PRETOKENIZER_CL100K, 60);
    struct encoder *encoder = encoder_new(tokenizer), *other = encoder_new(tokenizer);
    struct token_ids whole = {0}, parts = {0};
    struct error error;
    for (int round = 0; round < 50; round++) {
        struct record record = {0};
        struct bytes texts[9] = {0}; /* the record borrows them */
        record_begin(&record, RECORD_DIALOGUE);
        whole.count = parts.count = 0;
        token_ids_append(&parts, tokenizer_special(tokenizer, SPECIAL_BOS));
        for (uint64_t i = random_below(&random, 9); i < 9; i++) {
            enum role role = i % 2 ? ROLE_USER : ROLE_ASSISTANT;
            append_words(&random, &texts[i], random_below(&random, 90));
            record_append_message(&record, role, span_of_bytes(&texts[i]));
            token_ids_append(&parts, tokenizer_special_of_role(tokenizer, role));
            ck_assert_int_eq(encoder_append_text(other, span_of_bytes(&texts[i]), &parts, &error), 0);
            token_ids_append(&parts, tokenizer_special(tokenizer, SPECIAL_END));
        }
        ck_assert_int_eq(encoder_append_record(encoder, &record, &whole, &error), 0);
        ck_assert_uint_eq(whole.count, parts.count);
        ck_assert_mem_eq(whole.data, parts.data, parts.count * sizeof *parts.data);
        for (size_t i = 0; i < 9; i++)
            bytes_release(&texts[i]);
        record_release(&record);
    }
    token_ids_release(&whole);
    token_ids_release(&parts);
    encoder_free(encoder);
    encoder_free(other);
    tokenizer_free(tokenizer);
}
END_TEST

START_TEST(test_file_there_and_back) {
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i <= PRETOKENIZER_REGEX; i++) {
        struct tokenizer *tokenizer = random_tokenizer(&random, (enum pretokenizer_kind)i, 200), *back;
        struct bytes json = {0}, again = {0};
        struct error error;
        tokenizer_append_json(tokenizer, &json);
        ck_assert_msg(tokenizer_parse(&back, "x", span_of_bytes(&json), &error) == 0, "%s", error.message);
        tokenizer_append_json(back, &again);
        ck_assert(span_equal(span_of_bytes(&json), span_of_bytes(&again)));
        struct hash128 a = tokenizer_digest(tokenizer), b = tokenizer_digest(back);
        ck_assert(a.low == b.low && a.high == b.high);
        bytes_release(&json);
        bytes_release(&again);
        tokenizer_free(tokenizer);
        tokenizer_free(back);
    }
}
END_TEST

/* Replaces one passage of a good file and expects the reason. */
static void expect_refusal(const char *from, const char *to, const char *reason) {
    struct tokenizer *tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_CL100K)), *broken;
    tokenizer_build_merge(tokenizer, 5, 6);
    tokenizer_build_end(tokenizer);
    struct bytes json = {0}, changed = {0};
    tokenizer_append_json(tokenizer, &json);
    const char *text = bytes_text(&json), *at = strstr(text, from);
    ck_assert_msg(at != NULL, "%s", from);
    bytes_append(&changed, text, (size_t)(at - text));
    bytes_append_text(&changed, to);
    bytes_append_text(&changed, at + strlen(from));
    struct error error = {0};
    ck_assert_msg(tokenizer_parse(&broken, "t.json", span_of_bytes(&changed), &error) == -1, "%s", to);
    ck_assert_ptr_null(broken);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_msg(strstr(error.message, reason) && strncmp(error.message, "t.json: ", 8) == 0, "%s", error.message);
    bytes_release(&json);
    bytes_release(&changed);
    tokenizer_free(tokenizer);
}

START_TEST(test_broken_files_are_refused_with_the_reason) {
    expect_refusal("\"type\": \"BPE\"", "\"type\": \"Unigram\"", "only type BPE");
    expect_refusal("\"normalizer\": null", "\"normalizer\": {\"type\":\"NFC\"}", "normalizer");
    expect_refusal("{1,3}", "{1,4}+", "byte 53 of the pattern: {m,n}+");
    expect_refusal("{1,3}", "(", "pre_tokenizer: missing closing parenthesis");
    expect_refusal("\"Isolated\"", "\"Removed\"", "Isolated");
    expect_refusal("\"add_prefix_space\": false", "\"add_prefix_space\": true", "add_prefix_space");
    expect_refusal("\"use_regex\": false", "\"use_regex\": true", "use_regex");
    expect_refusal("\"byte_fallback\": false", "\"byte_fallback\": true", "byte_fallback");
    expect_refusal("\"dropout\": null", "\"dropout\": 0.1", "dropout");
    expect_refusal("\"#\": 7,", "", "no token for the byte 0x23");
    expect_refusal("\"!\": 5,", "\"!\": 6,", "token id 6 stands twice");
    expect_refusal("\"!\": 5,", "\"!\": -1,", "no integer within the limits");
    expect_refusal("\"!\": 5,", "\"!\": 99999999,", "no integer within the limits");
    expect_refusal("\"!\": 5,", "\"\xE4\xB8\xAD\": 5,", "byte-level spelling");
    expect_refusal("\"!\": 5,", "\"\": 5,", "empty");
    expect_refusal("[\"!\", \"\\\"\"]", "[\"!\"]", "malformed");
    expect_refusal("[\"!\", \"\\\"\"]", "[\"!\", \"#\"]", "not in the vocabulary");
    expect_refusal("[\"!\", \"\\\"\"]", "[\"!\", \"\\\"\"], \"! \\\"\"", "stands twice");
    expect_refusal("\"special\": true", "\"special\": false", "not special");
    expect_refusal("\"merges\": [", "\"merged\": [", "no merges");
    expect_refusal("\"vocab\": {", "\"vocab\": 3, \"v\": {", "no vocab");
    expect_refusal("\"decoder\": {\"type\": \"ByteLevel\"", "\"decoder\": {\"type\": \"Metaspace\"", "decoder");
    expect_refusal("\n}\n", "\n", "");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("encoder");
    TCase *cases = tcase_create("encoder");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_encoder_equals_slow_reference, 0, 16);
    tcase_add_loop_test(cases, test_decoding_gives_the_text_back, 0, PRETOKENIZER_KNOWN);
    tcase_add_test(cases, test_many_new_words_equal_slow_reference);
    tcase_add_test(cases, test_record_is_its_messages);
    tcase_add_test(cases, test_long_pieces_take_linear_time);
    tcase_add_test(cases, test_records_and_specials);
    tcase_add_test(cases, test_file_there_and_back);
    tcase_add_test(cases, test_broken_files_are_refused_with_the_reason);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
