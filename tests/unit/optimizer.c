/* AdamW and Muon against their definitions in double, clipping, what decays, and steps that are refused. */
#include "model/optimizer.h"

#include "folder.h"
#include "model/muon.h"
#include "model/reference.h"
#include "near.h"

static struct random generator;

static struct threads *team;

static void start(void) {
    team = threads_new(2);
}

static void stop(void) {
    threads_free(team);
}

static struct model *make_model(void) {
    struct model_config config = model_config_default(300, 2, 96, 4, 32);
    struct model *model = model_new(&config);
    model_initialise(model, 9);
    random_seed(&generator, 21);
    return model;
}

/* Random gradients where there are weights; alignment gaps stay zero, as a backward pass leaves them. */
static void fill(const struct model *model, float *gradients, double scale) {
    for (size_t i = 0; i < model->tensor_count; i++)
        for (size_t j = 0; j < tensor_elements(&model->tensors[i]); j++)
            gradients[model->tensors[i].offset + j] = (float)(scale * random_normal(&generator));
}

static double norm_of(const float *values, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

START_TEST(test_reference) {
    enum { STEPS = 20 };
    double clip = _i ? 0.5 : 0, scale = 1.0 / 64;
    struct model *model = make_model();
    struct optimizer_options options = {
        .beta1 = 0.8, .beta2 = 0.97, .epsilon = 1e-7, .weight_decay = 0.3, .clip = clip};
    struct optimizer *optimizer = optimizer_new(model, &options);
    float *gradients = model_block_new(model);
    double *weights = to_doubles(model->weights, model->size), *first = memory_zeroed(model->size, sizeof *first);
    double *second = memory_zeroed(model->size, sizeof *second);
    for (uint64_t step = 1; step <= STEPS; step++) {
        double rate = 1e-3 * (double)step;
        fill(model, gradients, 2);
        double norm = norm_of(gradients, model->size) * scale,
               factor = clip > 0 && norm > clip ? scale * clip / norm : scale;
        for (size_t i = 0; i < model->tensor_count; i++) {
            const struct tensor *t = &model->tensors[i];
            struct reference_adamw a = {
                options.beta1, options.beta2, options.epsilon, t->rows ? options.weight_decay : 0, rate, step};
            for (size_t j = t->offset; j < t->offset + tensor_elements(t); j++)
                reference_adamw(&a, &weights[j], &first[j], &second[j], (double)gradients[j] * factor);
        }
        ck_assert_double_eq_tol(optimizer_step(optimizer, model, gradients, scale, rate, team), norm, 1e-9 * norm);
        ck_assert_double_eq(norm_of(gradients, model->size), 0);
    }
    ck_assert_uint_eq(optimizer->step, STEPS);
    ASSERT_NEAR(model->weights, weights, model->size, 1e-6);
    ASSERT_NEAR(optimizer->first, first, model->size, 1e-6);
    ASSERT_NEAR(optimizer->second, second, model->size, 1e-6);
    void *const all[] = {gradients, weights, first, second};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    optimizer_free(optimizer);
    model_free(model);
}
END_TEST

/* Matrices against Muon's definition, everything else against AdamW's; tall, wide and square ones are among them. */
START_TEST(test_muon_reference) {
    enum { STEPS = 4 };
    struct model *model = make_model();
    struct optimizer_options options = optimizer_default_options();
    options.kind = OPTIMIZER_MUON;
    options.muon_momentum = 0.9;
    options.muon_rate = 3;
    options.clip = 0;
    struct optimizer *optimizer = optimizer_new(model, &options);
    float *gradients = model_block_new(model);
    double *weights = to_doubles(model->weights, model->size), *first = memory_zeroed(model->size, sizeof *first);
    double *second = memory_zeroed(model->size, sizeof *second);
    size_t matrices = 0;
    for (uint64_t step = 1; step <= STEPS; step++) {
        fill(model, gradients, 1);
        double *given = to_doubles(gradients, model->size);
        for (size_t i = 0; i < model->tensor_count; i++) {
            const struct tensor *t = &model->tensors[i];
            struct reference_adamw a = {
                options.beta1, options.beta2, options.epsilon, t->rows ? options.weight_decay : 0, 1e-2, step};
            struct reference_muon m = {options.muon_momentum, options.weight_decay, 3e-2};
            bool muon = optimizer_is_muon(&options, model, t);
            ck_assert_int_eq(muon, strstr(t->name, "_proj") != NULL);
            matrices += muon;
            if (muon)
                reference_muon(&m, weights + t->offset, first + t->offset, given + t->offset, t->rows, t->columns);
            for (size_t j = t->offset; !muon && j < t->offset + tensor_elements(t); j++)
                reference_adamw(&a, &weights[j], &first[j], &second[j], given[j]);
        }
        optimizer_step(optimizer, model, gradients, 1, 1e-2, team);
        ck_assert_double_eq(norm_of(gradients, model->size), 0);
        free(given);
    }
    ck_assert_uint_eq(matrices, (size_t)STEPS * 2 * 7);
    for (size_t i = 0; i < model->tensor_count; i++)
        ASSERT_NEAR(model->weights + model->tensors[i].offset, weights + model->tensors[i].offset,
                    tensor_elements(&model->tensors[i]), 2e-6);
    ASSERT_NEAR(optimizer->first, first, model->size, 1e-6);
    void *const all[] = {gradients, weights, first, second};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    optimizer_free(optimizer);
    model_free(model);
}
END_TEST

/* What comes out of the iteration is nearly orthogonal: its rows (or columns) have a Gram matrix near the unit's. */
START_TEST(test_orthogonal) {
    static const size_t shapes[][2] = {{64, 200}, {200, 64}, {1, 40}, {33, 1}};
    size_t rows = shapes[_i][0], columns = shapes[_i][1], edge = rows < columns ? rows : columns;
    random_seed(&generator, 5);
    float *x = random_floats(&generator, rows * columns);
    float *scratch = memory_zeroed(muon_scratch(rows, columns), sizeof *scratch);
    const float *y = muon_orthogonalise(x, rows, columns, scratch, kernels_best(), team);
    double off = 0;
    for (size_t i = 0; i < edge; i++)
        for (size_t j = 0; j < edge; j++) {
            double dot = 0;
            for (size_t k = 0; k < (rows < columns ? columns : rows); k++)
                dot += (double)(rows < columns ? y[i * columns + k] : y[k * columns + i]) *
                       (double)(rows < columns ? y[j * columns + k] : y[k * columns + j]);
            off += pow(dot - (i == j), 2);
        }
    /* Singular values between 0.68 and 1.2: their squares are at most 0.54 off. */
    ck_assert_double_le(sqrt(off / (double)edge), 0.54);
    memset(x, 0, rows * columns * sizeof *x);
    ck_assert_double_eq(norm_of(muon_orthogonalise(x, rows, columns, scratch, kernels_best(), team), rows * columns),
                        0);
    free(x);
    free(scratch);
}
END_TEST

START_TEST(test_not_finite) {
    static const float values[] = {NAN, INFINITY, -INFINITY};
    struct model *model = make_model();
    struct optimizer_options options = optimizer_default_options();
    struct optimizer *optimizer = optimizer_new(model, &options);
    float *gradients = model_block_new(model), *before = copy_floats(model->weights, model->size);
    fill(model, gradients, 1);
    gradients[model->tensors[3].offset + 5] = values[_i];
    ck_assert(!isfinite(optimizer_step(optimizer, model, gradients, 1, 1e-3, team)));
    ck_assert(memcmp(before, model->weights, model->size * sizeof(float)) == 0);
    ck_assert_uint_eq(optimizer->step, 0);
    ck_assert_double_eq(norm_of(gradients, model->size), 0);
    ck_assert_double_eq(norm_of(optimizer->first, model->size), 0);
    free(gradients);
    free(before);
    optimizer_free(optimizer);
    model_free(model);
}
END_TEST

START_TEST(test_threads_keep_bits) {
    float *expected = NULL;
    for (size_t threads = 1; threads <= 4; threads++) {
        struct model *model = make_model();
        struct optimizer_options options = optimizer_default_options();
        options.kind = _i ? OPTIMIZER_MUON : OPTIMIZER_ADAMW;
        struct optimizer *optimizer = optimizer_new(model, &options);
        struct threads *several = threads_new(threads);
        float *gradients = model_block_new(model);
        for (size_t step = 0; step < 3; step++) {
            fill(model, gradients, 1);
            optimizer_step(optimizer, model, gradients, 1, 1e-2, several);
        }
        if (expected == NULL)
            expected = copy_floats(model->weights, model->size);
        ck_assert(memcmp(expected, model->weights, model->size * sizeof(float)) == 0);
        free(gradients);
        threads_free(several);
        optimizer_free(optimizer);
        model_free(model);
    }
    free(expected);
}
END_TEST

START_TEST(test_gaps_stay_zero) {
    struct model_config config = model_config_default(17, 1, 6, 1, 8);
    struct model *model = model_new(&config);
    model_initialise(model, 1);
    struct optimizer_options options = optimizer_default_options();
    struct optimizer *optimizer = optimizer_new(model, &options);
    float *gradients = model_block_new(model);
    random_seed(&generator, 2);
    fill(model, gradients, 1);
    optimizer_step(optimizer, model, gradients, 1, 1e-2, team);
    unsigned char *used = memory_zeroed(model->size, 1);
    for (size_t i = 0; i < model->tensor_count; i++)
        memset(used + model->tensors[i].offset, 1, tensor_elements(&model->tensors[i]));
    size_t gaps = 0;
    for (size_t i = 0; i < model->size; i++) {
        ck_assert(used[i] || !(model->weights[i] < 0 || model->weights[i] > 0));
        gaps += !used[i];
    }
    ck_assert_uint_gt(gaps, 0);
    free(used);
    free(gradients);
    optimizer_free(optimizer);
    model_free(model);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("optimizer");
    TCase *cases = tcase_create("optimizer");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_loop_test(cases, test_reference, 0, 2);
    tcase_add_loop_test(cases, test_not_finite, 0, 3);
    tcase_add_test(cases, test_muon_reference);
    tcase_add_loop_test(cases, test_orthogonal, 0, 4);
    tcase_add_loop_test(cases, test_threads_keep_bits, 0, 2);
    tcase_add_test(cases, test_gaps_stay_zero);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
