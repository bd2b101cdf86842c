/* Logits from the cache against the whole forward pass, and the sampler against the definitions of its filters. */
#include "model/generate.h"

#include "folder.h"
#include "model/transformer.h"
#include "near.h"

enum { LENGTH = 150, VOCABULARY = 97 };

static struct random generator;

static struct model *make_model(bool qk_norm) {
    struct model_config config = model_config_default(VOCABULARY, 3, 40, 4, LENGTH);
    config.kv_heads = 2;
    config.qk_norm = qk_norm;
    struct model *model = model_new(&config);
    model_initialise(model, 5);
    for (size_t i = 0; i < model->tensor_count; i++)
        for (size_t j = 0; model->tensors[i].rows && j < tensor_elements(&model->tensors[i]); j++)
            model->weights[model->tensors[i].offset + j] *= 6;
    random_seed(&generator, 6);
    return model;
}

/* The prompt at once, in pieces, and token by token: the logits of the training forward pass every time. */
START_TEST(test_cache_is_forward) {
    static const size_t pieces[] = {1, 7, 128, 129, LENGTH};
    struct model *model = make_model(_i == 1);
    int32_t tokens[LENGTH];
    for (size_t i = 0; i < LENGTH; i++)
        tokens[i] = (int32_t)random_below(&generator, VOCABULARY);
    struct transformer *transformer =
        transformer_new(&model->config, &(struct transformer_options){.rows = 1, .length = LENGTH, .threads = 1});
    struct batch batch = {.rows = 1, .length = LENGTH, .tokens = tokens};
    float *expected = random_floats(&generator, LENGTH * VOCABULARY);
    transformer_logits(transformer, model, &batch, expected);
    struct generator *g = generator_new(model, LENGTH, 2);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        generator_truncate(g, 0);
        for (size_t at = 0; at < LENGTH;) {
            size_t now = LENGTH - at < pieces[i] ? LENGTH - at : pieces[i];
            const float *logits = generator_feed(g, tokens + at, now);
            ck_assert_ptr_nonnull(logits);
            at += now;
            ck_assert_uint_eq(generator_length(g), at);
            double *row = to_doubles(expected + (at - 1) * VOCABULARY, VOCABULARY);
            ASSERT_NEAR(logits, row, VOCABULARY, 5e-6);
            free(row);
        }
    }
    ck_assert_ptr_null(generator_feed(g, tokens, 1));
    ck_assert_uint_eq(generator_length(g), LENGTH);
    ck_assert_ptr_null(generator_feed(g, tokens, 0));
    /* A kept prefix continues as if nothing had followed. */
    generator_truncate(g, 20);
    double *row = to_doubles(expected + 24 * VOCABULARY, VOCABULARY);
    const float *again = generator_feed(g, tokens + 20, 5);
    ASSERT_NEAR(again, row, VOCABULARY, 5e-6);
    free(row);
    free(expected);
    generator_free(g);
    transformer_free(transformer);
    model_free(model);
}
END_TEST

START_TEST(test_threads_keep_bits) {
    struct model *model = make_model(false);
    int32_t tokens[40];
    for (size_t i = 0; i < 40; i++)
        tokens[i] = (int32_t)random_below(&generator, VOCABULARY);
    float expected[VOCABULARY];
    for (size_t threads = 1; threads <= 4; threads++) {
        struct generator *g = generator_new(model, 41, threads);
        generator_feed(g, tokens, 39);
        const float *logits = generator_feed(g, tokens + 39, 1);
        if (threads == 1)
            memcpy(expected, logits, sizeof expected);
        ck_assert(memcmp(expected, logits, sizeof expected) == 0);
        generator_free(g);
    }
    ck_assert_uint_gt(generator_memory(&model->config, 41, 1), 2 * 3 * 2 * 41 * 10 * sizeof(float));
    model_free(model);
}
END_TEST

static const float logits[6] = {1.0f, 3.0f, -INFINITY, 3.0f, 2.0f, -1.0f};

/* How often each token comes in many draws. */
static void draw(const struct sampler_options *options, const int32_t *history, size_t history_count, double share[6]) {
    enum { DRAWS = 40000 };
    struct sampler *sampler = sampler_new(options, 6, 17);
    for (size_t i = 0; i < 6; i++)
        share[i] = 0;
    for (size_t i = 0; i < DRAWS; i++)
        share[sampler_next(sampler, logits, history, history_count)] += 1.0 / DRAWS;
    sampler_free(sampler);
}

/* The expected shares are softmax over what is kept, of logits / temperature. */
static void assert_shares(const double share[6], const double weight[6]) {
    double sum = 0;
    for (size_t i = 0; i < 6; i++)
        sum += weight[i];
    for (size_t i = 0; i < 6; i++) {
        if (weight[i] > 0)
            ck_assert_double_eq_tol(share[i], weight[i] / sum, 0.012);
        else
            ck_assert_double_eq(share[i], 0);
    }
}

START_TEST(test_temperature) {
    struct sampler_options options = sampler_default_options();
    double share[6];
    draw(&options, NULL, 0, share);
    assert_shares(share, (double[]){exp(1), exp(3), 0, exp(3), exp(2), exp(-1)});
    options.temperature = 2;
    draw(&options, NULL, 0, share);
    assert_shares(share, (double[]){exp(.5), exp(1.5), 0, exp(1.5), exp(1), exp(-.5)});
    options.temperature = 0;
    draw(&options, NULL, 0, share);
    ck_assert_double_eq_tol(share[1], 1, 1e-9);
}
END_TEST

START_TEST(test_top_k) {
    struct sampler_options options = sampler_default_options();
    double share[6];
    options.top_k = 1; /* the lower id of equals */
    draw(&options, NULL, 0, share);
    ck_assert_double_eq_tol(share[1], 1, 1e-9);
    options.top_k = 3;
    draw(&options, NULL, 0, share);
    assert_shares(share, (double[]){0, exp(3), 0, exp(3), exp(2), 0});
    options.top_k = 6;
    draw(&options, NULL, 0, share);
    assert_shares(share, (double[]){exp(1), exp(3), 0, exp(3), exp(2), exp(-1)});
}
END_TEST

START_TEST(test_top_p) {
    struct sampler_options options = sampler_default_options();
    double share[6], sum = exp(1) + 2 * exp(3) + exp(2) + exp(-1);
    options.top_p = exp(3) / sum - 0.001;
    draw(&options, NULL, 0, share);
    ck_assert_double_eq_tol(share[1], 1, 1e-9);
    options.top_p = exp(3) / sum + 0.001;
    draw(&options, NULL, 0, share);
    assert_shares(share, (double[]){0, exp(3), 0, exp(3), 0, 0});
    options.top_p = 2 * exp(3) / sum + 0.001;
    draw(&options, NULL, 0, share);
    assert_shares(share, (double[]){0, exp(3), 0, exp(3), exp(2), 0});
    options.top_k = 2; /* top-p then works on what top-k kept */
    draw(&options, NULL, 0, share);
    assert_shares(share, (double[]){0, exp(3), 0, exp(3), 0, 0});
    options.top_k = 0;
    options.top_p = 1e-9;
    draw(&options, NULL, 0, share);
    ck_assert_double_eq_tol(share[1], 1, 1e-9);
}
END_TEST

START_TEST(test_repetition) {
    static const int32_t history[] = {1, 5, 1, 1};
    struct sampler_options options = sampler_default_options();
    double share[6];
    options.repetition_penalty = 2;
    draw(&options, history, 4, share);
    assert_shares(share, (double[]){exp(1), exp(1.5), 0, exp(3), exp(2), exp(-2)});
}
END_TEST

START_TEST(test_selection) {
    random_seed(&generator, 8);
    /* Many sizes and many equal values: top-k keeps exactly the first k of the order. */
    for (size_t count = 2; count < 70; count++) {
        float *values = random_floats(&generator, count);
        for (size_t i = 0; i < count; i++)
            values[i] = rintf(values[i] * 2);
        for (size_t k = 1; k < count; k++) {
            struct sampler_options options = {.repetition_penalty = 1, .temperature = 1e6, .top_k = k, .top_p = 1};
            struct sampler *sampler = sampler_new(&options, count, k);
            for (size_t round = 0; round < 20; round++) {
                size_t token = (size_t)sampler_next(sampler, values, NULL, 0), before = 0;
                for (size_t i = 0; i < count; i++)
                    before += values[i] > values[token] || (values[i] == values[token] && i < token);
                ck_assert_uint_lt(before, k);
            }
            sampler_free(sampler);
        }
        free(values);
    }
}
END_TEST

START_TEST(test_seed) {
    struct sampler_options options = sampler_default_options();
    struct sampler *a = sampler_new(&options, 6, 5), *b = sampler_new(&options, 6, 5), *c = sampler_new(&options, 6, 6);
    size_t same = 0;
    for (size_t i = 0; i < 200; i++) {
        int32_t token = sampler_next(a, logits, NULL, 0);
        ck_assert_int_eq(token, sampler_next(b, logits, NULL, 0));
        same += token == sampler_next(c, logits, NULL, 0);
    }
    ck_assert_uint_lt(same, 180);
    sampler_seed(a, 5);
    sampler_seed(b, 5);
    ck_assert_int_eq(sampler_next(a, logits, NULL, 0), sampler_next(b, logits, NULL, 0));
    sampler_free(a);
    sampler_free(b);
    sampler_free(c);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("generate");
    TCase *cases = tcase_create("generate");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_cache_is_forward, 0, 2);
    tcase_add_test(cases, test_threads_keep_bits);
    tcase_add_test(cases, test_temperature);
    tcase_add_test(cases, test_top_k);
    tcase_add_test(cases, test_top_p);
    tcase_add_test(cases, test_repetition);
    tcase_add_test(cases, test_selection);
    tcase_add_test(cases, test_seed);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
