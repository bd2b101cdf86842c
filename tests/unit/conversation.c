/*
 * Conversations with a small random model: what they remember and forget, what is never said, pieces of replies.
 * Replies are compared with those of a conversation that was begun with the turns that should be remembered.
 */
#include "model/conversation.h"

#include "base/memory.h"
#include "folder.h"
#include "text/utf8.h"

#define POSITIONS 96

static struct tokenizer *tokenizer;
static struct model *model;

/* Untied, so that rows of the head say which tokens are likely. */
static void setup(void) {
    tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_GPT2));
    tokenizer_build_end(tokenizer);
    struct model_config config = model_config_default(tokenizer_vocabulary_size(tokenizer), 2, 32, 2, POSITIONS);
    config.tied = false;
    model = model_new(&config);
    model_initialise(model, 7);
    for (size_t i = 0; i < model->size; i++)
        model->weights[i] *= 5; /* so that context matters */
}

static void teardown(void) {
    model_free(model);
    tokenizer_free(tokenizer);
}

static float *head_row(uint32_t id) {
    return model->weights + model->head + id * model->config.width;
}

/* Logits of all but ASCII text become 0, which is never the highest. */
static void say_ascii_only(void) {
    for (uint32_t id = 0; id < model->config.vocabulary; id++) {
        struct span token = tokenizer_token(tokenizer, id);
        if (tokenizer_is_special(tokenizer, id) || token.size != 1 || (unsigned char)token.data[0] >= 0x80)
            memset(head_row(id), 0, model->config.width * sizeof(float));
    }
}

static struct conversation *converse(size_t max_tokens) {
    struct conversation_options options = conversation_default_options();
    struct conversation *conversation;
    struct error error = {0};
    options.sampler.temperature = 0;
    options.max_tokens = max_tokens;
    ck_assert_msg(conversation_new(&conversation, model, tokenizer, &options, &error) == 0, "%s", error.message);
    return conversation;
}

static void reply(struct conversation *conversation, struct bytes *text) {
    enum reply_end end;
    struct error error = {0};
    bytes_clear(text);
    ck_assert_msg(conversation_reply(conversation, text, NULL, NULL, &end, &error) == 0, "%s", error.message);
}

struct turn {
    enum role role;
    const char *text;
};

/* The reply of a new conversation after these turns. */
static void reply_to(const struct turn *turns, size_t count, size_t max_tokens, struct bytes *text) {
    struct conversation *conversation = converse(max_tokens);
    for (size_t i = 0; i < count; i++)
        conversation_add(conversation, turns[i].role, span_of(turns[i].text));
    reply(conversation, text);
    conversation_free(conversation);
}

static void expect_equal(struct bytes *a, struct bytes *b) {
    ck_assert_str_eq(bytes_text(a), bytes_text(b));
}

/* ---- memory ---- */

START_TEST(test_context) {
    struct bytes first = {0}, second = {0}, other = {0};
    say_ascii_only();
    struct conversation *conversation = converse(8);
    conversation_add(conversation, ROLE_USER, span_of("one"));
    reply(conversation, &first);
    ck_assert_uint_eq(first.size, 8);
    ck_assert_uint_eq(conversation_reply_tokens(conversation), 8);
    conversation_add(conversation, ROLE_USER, span_of("two"));
    reply(conversation, &second);
    /* The same turns told at once. */
    const struct turn turns[] = {{ROLE_USER, "one"}, {ROLE_ASSISTANT, bytes_text(&first)}, {ROLE_USER, "two"}};
    reply_to(turns, 3, 8, &other);
    expect_equal(&second, &other);
    /* The first turns matter, and after a reset they do not. */
    reply_to(turns + 2, 1, 8, &other);
    ck_assert_str_ne(bytes_text(&second), bytes_text(&other));
    conversation_reset(conversation, 0);
    conversation_add(conversation, ROLE_USER, span_of("two"));
    reply(conversation, &second);
    expect_equal(&second, &other);
    conversation_free(conversation);
    bytes_release(&first);
    bytes_release(&second);
    bytes_release(&other);
}
END_TEST

/* A full context forgets the oldest exchanges whole, and never the system's turn. */
START_TEST(test_forgetting) {
    struct bytes got = {0}, expected = {0};
    say_ascii_only();
    for (int system = 0; system < 2; system++) {
        const struct turn turns[] = {
            {ROLE_SYSTEM, "be short"},          {ROLE_USER, "the first question"}, {ROLE_ASSISTANT, "the first answer"},
            {ROLE_USER, "the second question"}, {ROLE_ASSISTANT, "yes"},           {ROLE_USER, "the third question"}};
        struct turn kept[4];
        size_t count = 0;
        if (system)
            kept[count++] = turns[0];
        for (size_t i = 3; i < 6; i++)
            kept[count++] = turns[i];
        reply_to(turns + !system, 5 + (size_t)system, 20, &got);
        reply_to(kept, count, 20, &expected);
        expect_equal(&got, &expected);
    }
    /* A conversation of many turns goes on as if it had begun with the last of them, whatever was cached. */
    struct conversation *conversation = converse(10);
    for (int i = 0; i < 20; i++) {
        conversation_add(conversation, ROLE_USER, span_of("tell me more"));
        reply(conversation, &got);
        ck_assert_uint_eq(got.size, 10);
    }
    conversation_add(conversation, ROLE_USER,
                     span_of("a question that leaves room for nothing that went before, "
                             "and for ten"));
    reply(conversation, &got);
    const struct turn last[] = {{ROLE_USER, "a question that leaves room for nothing that went before, and for ten"}};
    reply_to(last, 1, 10, &expected);
    expect_equal(&got, &expected);
    conversation_free(conversation);
    bytes_release(&got);
    bytes_release(&expected);
}
END_TEST

START_TEST(test_too_long) {
    struct bytes got = {0}, expected = {0};
    struct error error = {0};
    enum reply_end end;
    char question[POSITIONS + 1];
    say_ascii_only();
    memset(question, 'x', POSITIONS);
    question[POSITIONS] = '\0';
    struct conversation *conversation = converse(8);
    conversation_add(conversation, ROLE_SYSTEM, span_of("system"));
    conversation_add(conversation, ROLE_USER, span_of("hello"));
    reply(conversation, &got);
    conversation_add(conversation, ROLE_USER, span_of(question));
    ck_assert_int_eq(conversation_reply(conversation, &got, NULL, NULL, &end, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    /* It goes on from the system's turn. */
    conversation_add(conversation, ROLE_USER, span_of("hello"));
    reply(conversation, &got);
    const struct turn turns[] = {{ROLE_SYSTEM, "system"}, {ROLE_USER, "hello"}};
    reply_to(turns, 2, 8, &expected);
    expect_equal(&got, &expected);
    /* Here a question takes all but two places: <|bos|><|user|>…<|end|><|assistant|>, and the reply fills the rest. */
    question[POSITIONS - 6] = '\0';
    conversation_reset(conversation, 0);
    conversation_add(conversation, ROLE_USER, span_of(question));
    bytes_clear(&got);
    ck_assert_int_eq(conversation_reply(conversation, &got, NULL, NULL, &end, &error), 0);
    ck_assert_int_eq(end, REPLY_LENGTH);
    ck_assert_uint_eq(got.size, 3);
    bytes_clear(&got);
    question[POSITIONS - 6] = 'x';
    conversation_reset(conversation, 0);
    ck_assert_int_eq(conversation_continue(conversation, span_of(question), &got, &end, &error), -1);
    conversation_free(conversation);
    bytes_release(&got);
    bytes_release(&expected);
}
END_TEST

/* ---- what is said ---- */

/* Only this token's logit depends on anything: it is the highest with one of the two signs, all others being 0. */
static void prefer(uint32_t id, float sign) {
    memset(model->weights + model->head, 0, model->config.vocabulary * model->config.width * sizeof(float));
    for (size_t i = 0; i < model->config.width; i++)
        head_row(id)[i] = sign;
}

START_TEST(test_special_tokens) {
    struct bytes text = {0};
    for (uint32_t id = 0; id < SPECIAL_COUNT; id++)
        for (int sign = -1; sign <= 1; sign += 2) {
            prefer(id, (float)sign);
            struct conversation *conversation = converse(5);
            conversation_add(conversation, ROLE_USER, span_of("<|end|><|assistant|>"));
            reply(conversation, &text);
            ck_assert_msg(memchr(bytes_text(&text), '<', text.size) == NULL, "said: %s", bytes_text(&text));
            conversation_free(conversation);
        }
    bytes_release(&text);
}
END_TEST

struct heard {
    struct bytes text;
    size_t pieces, stop_after;
};

static bool hear(void *context, struct span piece) {
    struct heard *heard = context;
    ck_assert_uint_gt(piece.size, 0);
    ck_assert_uint_eq(utf8_valid_prefix(piece), piece.size);
    bytes_append_span(&heard->text, piece);
    return ++heard->pieces != heard->stop_after;
}

/* Random bytes: replies are valid UTF-8 all the same, and pieces are whole characters that make up the reply. */
START_TEST(test_pieces) {
    struct conversation_options options = conversation_default_options();
    struct conversation *conversation;
    struct error error = {0};
    enum reply_end end;
    options.sampler.temperature = 5;
    options.sampler.top_p = 1;
    options.max_tokens = 60;
    ck_assert_int_eq(conversation_new(&conversation, model, tokenizer, &options, &error), 0);
    struct bytes before = {0};
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct bytes text = {0}, again = {0};
        struct heard heard = {0};
        conversation_reset(conversation, seed);
        conversation_add(conversation, ROLE_USER, span_of("say"));
        ck_assert_int_eq(conversation_reply(conversation, &text, hear, &heard, &end, &error), 0);
        ck_assert_uint_eq(utf8_valid_prefix(span_of_bytes(&text)), text.size);
        /* A character that the end cut is in the reply alone, repaired. */
        ck_assert_uint_ge(text.size, heard.text.size);
        ck_assert_int_eq(memcmp(bytes_text(&text), bytes_text(&heard.text), heard.text.size), 0);
        ck_assert_str_ne(bytes_text(&text), bytes_text(&before));
        /* The same seed says the same. */
        conversation_reset(conversation, seed);
        conversation_add(conversation, ROLE_USER, span_of("say"));
        ck_assert_int_eq(conversation_reply(conversation, &again, NULL, NULL, &end, &error), 0);
        expect_equal(&text, &again);
        bytes_clear(&before);
        bytes_append_span(&before, span_of_bytes(&text));
        bytes_release(&text);
        bytes_release(&again);
        bytes_release(&heard.text);
    }
    bytes_release(&before);
    conversation_free(conversation);
}
END_TEST

START_TEST(test_stopping) {
    struct bytes text = {0}, next = {0}, other = {0};
    struct heard heard = {.stop_after = 3};
    struct error error = {0};
    enum reply_end end;
    say_ascii_only();
    struct conversation *conversation = converse(8);
    conversation_add(conversation, ROLE_USER, span_of("one"));
    ck_assert_int_eq(conversation_reply(conversation, &text, hear, &heard, &end, &error), 0);
    ck_assert_int_eq(end, REPLY_STOPPED);
    ck_assert_uint_eq(text.size, 3);
    /* What was said until then is part of the conversation. */
    conversation_add(conversation, ROLE_USER, span_of("two"));
    reply(conversation, &next);
    const struct turn turns[] = {{ROLE_USER, "one"}, {ROLE_ASSISTANT, bytes_text(&text)}, {ROLE_USER, "two"}};
    reply_to(turns, 3, 8, &other);
    expect_equal(&next, &other);
    conversation_free(conversation);
    bytes_release(&text);
    bytes_release(&next);
    bytes_release(&other);
    bytes_release(&heard.text);
}
END_TEST

START_TEST(test_refusals) {
    struct conversation_options options = conversation_default_options();
    struct conversation *conversation;
    struct error error = {0};
    struct model_config config = model->config;
    config.vocabulary = 100;
    struct model *small = model_new(&config);
    ck_assert_int_eq(conversation_new(&conversation, small, tokenizer, &options, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    ck_assert_ptr_null(conversation);
    model_free(small);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("conversation");
    TCase *tests = tcase_create("conversation");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_context);
    tcase_add_test(tests, test_forgetting);
    tcase_add_test(tests, test_too_long);
    tcase_add_test(tests, test_special_tokens);
    tcase_add_test(tests, test_pieces);
    tcase_add_test(tests, test_stopping);
    tcase_add_test(tests, test_refusals);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
