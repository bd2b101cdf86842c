/*
 * The transformer against its reference in double, packed rows against documents alone, and its bits for several
 * numbers of threads.
 */
#include "model/transformer.h"

#include "folder.h"
#include "model/optimizer.h"
#include "near.h"
#include "reference_transformer.h"

/* Per tensor, as MODEL.md asks of f32 against f64. */
#define GRADIENT_TOLERANCE 2e-5
#define LOGIT_TOLERANCE 5e-6

struct sizes {
    size_t vocabulary, layers, width, heads, kv_heads, head_size, intermediate, rows, length;
    bool tied, qk_norm;
};

static const struct sizes all_sizes[] = {
    {61, 2, 32, 4, 4, 8, 48, 2, 9, true, false},       /* plain */
    {130, 2, 48, 6, 2, 10, 70, 3, 40, true, false},    /* grouped queries, odd sizes */
    {300, 1, 64, 2, 1, 48, 128, 2, 70, false, false},  /* untied, head_size not width / heads */
    {2500, 1, 16, 1, 1, 16, 32, 17, 64, false, false}, /* several chunks of targets */
    {130, 2, 48, 6, 2, 10, 70, 3, 40, true, true},     /* normalised queries and keys, a chunk and a half of rows */
};
#define SIZES (sizeof all_sizes / sizeof *all_sizes)

static struct random generator;

static void seed(void) {
    random_seed(&generator, 3);
}

/* Larger weights than training starts with, so that every part of the model matters; no two norms alike. */
static struct model *make_model(const struct sizes *s) {
    struct model_config config = model_config_default(s->vocabulary, s->layers, s->width, s->heads, s->length);
    config.kv_heads = s->kv_heads;
    config.head_size = s->head_size;
    config.intermediate = s->intermediate;
    config.tied = s->tied;
    config.qk_norm = s->qk_norm;
    ck_assert_int_eq(model_config_check(&config, NULL), 0);
    struct model *model = model_new(&config);
    model_initialise(model, 5);
    for (size_t i = 0; i < model->tensor_count; i++)
        for (size_t j = 0; j < tensor_elements(&model->tensors[i]); j++) {
            float *weight = &model->weights[model->tensors[i].offset + j];
            *weight = model->tensors[i].rows ? *weight * 6 : *weight + 0.2f * (float)random_normal(&generator);
        }
    return model;
}

/* A batch that owns its arrays. */
struct owned_batch {
    struct batch batch;
    int32_t *tokens, *targets, *starts;
    float *weights;
};

static struct owned_batch make_batch(const struct sizes *s, bool packed, bool weighted) {
    size_t n = s->rows * s->length;
    struct owned_batch b = {.tokens = memory_zeroed(n, sizeof(int32_t)), .targets = memory_zeroed(n, sizeof(int32_t))};
    b.starts = packed ? memory_zeroed(n, sizeof(int32_t)) : NULL;
    b.weights = weighted ? random_floats(&generator, n) : NULL;
    for (size_t i = 0; i < n; i++) {
        b.tokens[i] = (int32_t)random_below(&generator, s->vocabulary);
        b.targets[i] = random_below(&generator, 3) ? (int32_t)random_below(&generator, s->vocabulary) : TARGET_NONE;
        if (packed)
            b.starts[i] = i % s->length == 0             ? 0
                          : random_below(&generator, 12) ? b.starts[i - 1]
                                                         : (int32_t)(i % s->length);
    }
    b.batch = (struct batch){s->rows, s->length, b.tokens, b.targets, b.starts, b.weights};
    return b;
}

static void release_batch(struct owned_batch *b) {
    free(b->tokens);
    free(b->targets);
    free(b->starts);
    free(b->weights);
}

static void assert_gradients(const struct model *model, const float *got, const double *expected) {
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct tensor *tensor = &model->tensors[i];
        double off = distance(got + tensor->offset, expected + tensor->offset, tensor_elements(tensor));
        ck_assert_msg(off <= GRADIENT_TOLERANCE, "gradient of %s is off by %g", tensor->name, off);
    }
}

static void check_against_reference(const struct sizes *s, bool packed, bool weighted) {
    struct model *model = make_model(s);
    struct owned_batch b = make_batch(s, packed, weighted);
    size_t n = s->rows * s->length;
    double *weights = to_doubles(model->weights, model->size), *expected = reference_new(model->size), *expected_logits;
    double expected_loss = reference_transformer(model, weights, &b.batch, expected, &expected_logits);
    struct transformer *transformer = transformer_new(
        &model->config,
        &(struct transformer_options){.rows = s->rows, .length = s->length, .threads = 2, .training = true});
    float *gradients = model_block_new(model), *losses = random_floats(&generator, n),
          *logits = random_floats(&generator, n * s->vocabulary);
    struct transformer_result result, evaluated;
    transformer_train(transformer, model, &b.batch, gradients, losses, &result);
    ck_assert_double_eq_tol(result.loss, expected_loss, 1e-6 * expected_loss);
    assert_gradients(model, gradients, expected);
    uint64_t targets = 0, correct = 0;
    for (size_t i = 0; i < n; i++) {
        const double *row = expected_logits + i * s->vocabulary;
        size_t best = 0;
        for (size_t j = 1; j < s->vocabulary; j++)
            best = row[j] > row[best] ? j : best;
        targets += b.targets[i] != TARGET_NONE;
        correct += b.targets[i] == (int32_t)best;
        double loss =
            b.targets[i] == TARGET_NONE ? 0 : reference_cross_entropy(row, s->vocabulary, (size_t)b.targets[i]);
        ck_assert_double_eq_tol((double)losses[i], loss, 1e-5);
    }
    ck_assert_uint_eq(result.targets, targets);
    ck_assert_uint_eq(result.correct, correct);
    transformer_evaluate(transformer, model, &b.batch, NULL, &evaluated);
    ck_assert_mem_eq(&evaluated, &result, sizeof result);
    transformer_logits(transformer, model, &b.batch, logits);
    ASSERT_NEAR(logits, expected_logits, n * s->vocabulary, LOGIT_TOLERANCE);
    /* Gradients accumulate: a second pass doubles them. */
    transformer_train(transformer, model, &b.batch, gradients, NULL, &result);
    for (size_t i = 0; i < model->size; i++)
        expected[i] *= 2;
    assert_gradients(model, gradients, expected);
    void *const all[] = {weights, expected, expected_logits, gradients, losses, logits};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    release_batch(&b);
    transformer_free(transformer);
    model_free(model);
}

START_TEST(test_reference) {
    check_against_reference(&all_sizes[_i], false, false);
    check_against_reference(&all_sizes[_i], true, false);
    check_against_reference(&all_sizes[_i], true, true);
}
END_TEST

/* The reference itself, by central differences in a few random directions of all weights. */
START_TEST(test_reference_differences) {
    const struct sizes *sizes = &all_sizes[_i ? SIZES - 1 : 0];
    struct model *model = make_model(sizes);
    struct owned_batch b = make_batch(sizes, true, false);
    double *weights = to_doubles(model->weights, model->size), *gradient = reference_new(model->size), step = 1e-6;
    reference_transformer(model, weights, &b.batch, gradient, NULL);
    for (size_t round = 0; round < 5; round++) {
        float *direction = random_floats(&generator, model->size);
        double expected = 0, loss[2];
        for (int side = 0; side < 2; side++) {
            double *moved = reference_new(model->size);
            for (size_t i = 0; i < model->size; i++)
                moved[i] = weights[i] + (side ? step : -step) * (double)direction[i];
            loss[side] = reference_transformer(model, moved, &b.batch, NULL, NULL);
            free(moved);
        }
        for (size_t i = 0; i < model->size; i++)
            expected += gradient[i] * (double)direction[i];
        ck_assert_double_eq_tol((loss[1] - loss[0]) / (2 * step), expected, 1e-6 * fabs(expected) + 1e-6);
        free(direction);
    }
    free(weights);
    free(gradient);
    release_batch(&b);
    model_free(model);
}
END_TEST

/* A packed row gives each of its documents the losses and gradients that it has alone. */
START_TEST(test_packed_is_alone) {
    enum { FIRST = 37, SECOND = 1, THIRD = 26, LENGTH = FIRST + SECOND + THIRD };
    static const size_t sizes[] = {FIRST, SECOND, THIRD};
    struct sizes s = {130, 2, 48, 6, 2, 10, 70, 1, LENGTH, true, false};
    struct model *model = make_model(&s);
    struct owned_batch b = make_batch(&s, true, false);
    struct transformer *transformer = transformer_new(
        &model->config, &(struct transformer_options){.rows = 1, .length = LENGTH, .threads = 2, .training = true});
    float *packed = model_block_new(model), *alone = model_block_new(model), losses[LENGTH], alone_losses[LENGTH];
    struct transformer_result result, part;
    for (size_t i = 0, begin = 0; i < 3; begin += sizes[i++])
        for (size_t t = begin; t < begin + sizes[i]; t++)
            b.starts[t] = (int32_t)begin;
    transformer_train(transformer, model, &b.batch, packed, losses, &result);
    double sum = 0;
    for (size_t i = 0, begin = 0; i < 3; begin += sizes[i++]) {
        struct batch document = {
            .rows = 1, .length = sizes[i], .tokens = b.tokens + begin, .targets = b.targets + begin};
        transformer_train(transformer, model, &document, alone, alone_losses + begin, &part);
        sum += part.loss;
    }
    for (size_t t = 0; t < LENGTH; t++)
        ck_assert_double_eq_tol((double)losses[t], (double)alone_losses[t], 1e-5);
    ck_assert_double_eq_tol(result.loss, sum, 1e-6 * sum);
    double *expected = to_doubles(alone, model->size);
    assert_gradients(model, packed, expected);
    free(expected);
    free(packed);
    free(alone);
    release_batch(&b);
    transformer_free(transformer);
    model_free(model);
}
END_TEST

/* Trains a few steps; returns the weights. */
static float *train(const struct sizes *s, size_t threads, double *loss) {
    seed();
    struct model *model = make_model(s);
    struct owned_batch b = make_batch(s, true, false);
    struct optimizer_options options = optimizer_default_options();
    struct optimizer *optimizer = optimizer_new(model, &options);
    struct transformer *transformer = transformer_new(
        &model->config,
        &(struct transformer_options){.rows = s->rows, .length = s->length, .threads = threads, .training = true});
    float *gradients = model_block_new(model);
    struct transformer_result result = {0};
    for (size_t step = 0; step < 3; step++) {
        transformer_train(transformer, model, &b.batch, gradients, NULL, &result);
        optimizer_step(optimizer, model, gradients, 1 / (double)result.targets, 1e-3, transformer_threads(transformer));
    }
    float *weights = copy_floats(model->weights, model->size);
    *loss = result.loss;
    free(gradients);
    release_batch(&b);
    transformer_free(transformer);
    optimizer_free(optimizer);
    model_free(model);
    return weights;
}

START_TEST(test_threads_keep_bits) {
    /* Widths and odd token counts of the promise. */
    static const struct sizes sizes[] = {{500, 1, 32, 2, 2, 16, 96, 3, 77, true, false},
                                         {500, 1, 64, 2, 1, 32, 160, 1, 129, true, true},
                                         {500, 1, 128, 4, 4, 32, 352, 5, 33, false, false},
                                         {4096, 1, 384, 6, 6, 64, 1024, 3, 101, true, false}};
    struct sizes s = sizes[_i];
    struct model_config config = model_config_default(s.vocabulary, s.layers, s.width, s.heads, s.length);
    config.kv_heads = s.kv_heads;
    config.head_size = s.head_size;
    config.intermediate = s.intermediate;
    config.tied = s.tied;
    config.qk_norm = s.qk_norm;
    struct model *shape = model_new(&config);
    double loss, other_loss;
    float *weights = train(&s, 1, &loss);
    for (size_t threads = 2; threads <= 4; threads++) {
        float *other = train(&s, threads, &other_loss);
        ck_assert(memcmp(&loss, &other_loss, sizeof loss) == 0);
        ck_assert(memcmp(weights, other, shape->size * sizeof(float)) == 0);
        free(other);
    }
    free(weights);
    model_free(shape);
}
END_TEST

/* Computing again what the forward pass did not keep gives the same bits in less memory. */
START_TEST(test_recompute_keeps_bits) {
    const struct sizes s = {130, 4, 48, 6, 2, 10, 70, 3, 40, true, _i % 2 == 1};
    struct model *model = make_model(&s);
    struct owned_batch b = make_batch(&s, true, true);
    float *gradients[2];
    uint64_t memory[2];
    for (int recompute = 0; recompute < 2; recompute++) {
        const struct transformer_options shape = {.rows = s.rows,
                                                  .length = s.length,
                                                  .threads = 2,
                                                  .training = true,
                                                  .bf16 = _i / 2 == 1,
                                                  .recompute = recompute == 1};
        struct transformer *transformer = transformer_new(&model->config, &shape);
        struct transformer_result result;
        gradients[recompute] = model_block_new(model);
        transformer_train(transformer, model, &b.batch, gradients[recompute], NULL, &result);
        transformer_free(transformer);
        memory[recompute] = transformer_memory(&model->config, &shape);
    }
    ck_assert(memcmp(gradients[0], gradients[1], model->size * sizeof(float)) == 0);
    ck_assert_uint_lt(memory[1], memory[0]);
    free(gradients[0]);
    free(gradients[1]);
    release_batch(&b);
    model_free(model);
}
END_TEST

START_TEST(test_memory_is_known) {
    struct model_config config = model_config_default(1000, 2, 64, 4, 128);
    uint64_t training = transformer_memory(
                 &config, &(struct transformer_options){.rows = 4, .length = 128, .threads = 2, .training = true}),
             evaluation =
                 transformer_memory(&config, &(struct transformer_options){.rows = 4, .length = 128, .threads = 2});
    ck_assert_uint_gt(evaluation, 4 * 128 * 64 * sizeof(float));
    ck_assert_uint_gt(training, evaluation);
    ck_assert_uint_gt(
        transformer_memory(&config,
                           &(struct transformer_options){.rows = 8, .length = 128, .threads = 2, .training = true}),
        training);
    ck_assert_uint_lt(
        transformer_memory(&config,
                           &(struct transformer_options){.rows = 8, .length = 128, .threads = 2, .training = true}),
        2 * training + 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("transformer");
    TCase *cases = tcase_create("transformer");
    tcase_set_timeout(cases, 240);
    tcase_add_checked_fixture(cases, seed, NULL);
    tcase_add_loop_test(cases, test_reference, 0, (int)SIZES);
    tcase_add_loop_test(cases, test_reference_differences, 0, 2);
    tcase_add_test(cases, test_packed_is_alone);
    tcase_add_loop_test(cases, test_threads_keep_bits, 0, 4);
    tcase_add_loop_test(cases, test_recompute_keeps_bits, 0, 4);
    tcase_add_test(cases, test_memory_is_known);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
