/*
 * Every kernel of every instruction set against its plain reference, and the references' gradients against finite
 * differences.
 */
#include "model/ops.h"

#include "folder.h"
#include "model/kernels.h"
#include "model/reference.h"
#include "near.h"

/* f32 sums of a few hundred terms. */
#define TOLERANCE 1e-6
/* Central differences in double: step^2 of truncation, 1e-16/step of rounding. */
#define STEP 1e-5
#define DIFFERENCE_TOLERANCE 1e-8

#define ROWS 70
#define WIDTH 52 /* no multiple of a vector */

static struct random generator;
static struct threads *team;

static void stop(void) {
    threads_free(team);
}

static void seed(void) {
    team = threads_new(2);
    random_seed(&generator, 7);
}

/* d(sum of output x weights)/d(input[i]) numerically, compared with `gradient`. */
struct difference {
    double *input, *output;
    const double *output_weights;
    size_t input_count, output_count;
    void (*forward)(void *context);
    void *context;
};

static double weighted(const struct difference *d) {
    double sum = 0;
    d->forward(d->context);
    for (size_t i = 0; i < d->output_count; i++)
        sum += d->output[i] * d->output_weights[i];
    return sum;
}

static void assert_gradient(const struct difference *d, const double *gradient) {
    double difference = 0, size = 0;
    for (size_t i = 0; i < d->input_count; i++) {
        double kept = d->input[i];
        d->input[i] = kept + STEP;
        double above = weighted(d);
        d->input[i] = kept - STEP;
        double below = weighted(d);
        d->input[i] = kept;
        double numeric = (above - below) / (2 * STEP);
        difference += pow(numeric - gradient[i], 2);
        size += numeric * numeric;
    }
    ck_assert_double_gt(size, 0);
    ck_assert_msg(sqrt(difference / size) <= DIFFERENCE_TOLERANCE, "gradient is off by %g", sqrt(difference / size));
}

static double *random_doubles(size_t count) {
    float *values = random_floats(&generator, count);
    double *copy = to_doubles(values, count);
    free(values);
    return copy;
}

static double *zeros(size_t count) {
    return memory_zeroed(count, sizeof(double));
}

struct linear {
    double *y, *x, *w;
};
static void linear_forward(void *context) {
    struct linear *l = context;
    reference_linear(l->y, l->x, l->w, 3, 5, 4);
}

START_TEST(test_difference_linear) {
    struct linear l = {zeros(12), random_doubles(15), random_doubles(20)};
    double *dy = random_doubles(12), *dx = zeros(15), *dw = zeros(20);
    reference_linear_backward(dx, dw, dy, l.x, l.w, 3, 5, 4);
    assert_gradient(&(struct difference){l.x, l.y, dy, 15, 12, linear_forward, &l}, dx);
    assert_gradient(&(struct difference){l.w, l.y, dy, 20, 12, linear_forward, &l}, dw);
    double *const all[] = {l.y, l.x, l.w, dy, dx, dw};
    for (size_t i = 0; i < 6; i++)
        free(all[i]);
}
END_TEST

static void norm_forward(void *context) {
    struct linear *l = context;
    reference_rmsnorm(l->y, l->x, l->w, 3, 7, 1e-5);
}

START_TEST(test_difference_rmsnorm) {
    struct linear l = {zeros(21), random_doubles(21), random_doubles(7)};
    double *dy = random_doubles(21), *dx = zeros(21), *dw = zeros(7);
    reference_rmsnorm_backward(dx, dw, dy, l.x, l.w, 3, 7, 1e-5);
    assert_gradient(&(struct difference){l.x, l.y, dy, 21, 21, norm_forward, &l}, dx);
    assert_gradient(&(struct difference){l.w, l.y, dy, 7, 21, norm_forward, &l}, dw);
    double *const all[] = {l.y, l.x, l.w, dy, dx, dw};
    for (size_t i = 0; i < 6; i++)
        free(all[i]);
}
END_TEST

static void rope_forward(void *context) {
    struct linear *l = context;
    memcpy(l->y, l->x, 8 * sizeof(double));
    reference_rope(l->y, 8, 13, 10000, 1);
}

START_TEST(test_difference_rope) {
    struct linear l = {zeros(8), random_doubles(8), NULL};
    double *dy = random_doubles(8), *dx = zeros(8);
    memcpy(dx, dy, 8 * sizeof(double));
    reference_rope(dx, 8, 13, 10000, -1);
    assert_gradient(&(struct difference){l.x, l.y, dy, 8, 8, rope_forward, &l}, dx);
    double *const all[] = {l.y, l.x, dy, dx};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
}
END_TEST

static void swiglu_forward(void *context) {
    struct linear *l = context;
    reference_swiglu(l->y, l->x, 2, 5);
}

START_TEST(test_difference_swiglu) {
    struct linear l = {zeros(10), random_doubles(20), NULL};
    double *dy = random_doubles(10), *dx = zeros(20);
    reference_swiglu_backward(dx, dy, l.x, 2, 5);
    assert_gradient(&(struct difference){l.x, l.y, dy, 20, 10, swiglu_forward, &l}, dx);
    double *const all[] = {l.y, l.x, dy, dx};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
}
END_TEST

static void loss_forward(void *context) {
    struct linear *l = context;
    *l->y = reference_cross_entropy(l->x, 9, 4);
}

START_TEST(test_difference_cross_entropy) {
    struct linear l = {zeros(1), random_doubles(9), NULL};
    double *dy = random_doubles(1), *dx = zeros(9);
    reference_cross_entropy_backward(dx, l.x, 9, 4, *dy);
    assert_gradient(&(struct difference){l.x, l.y, dy, 9, 1, loss_forward, &l}, dx);
    double *const all[] = {l.y, l.x, dy, dx};
    for (size_t i = 0; i < 4; i++)
        free(all[i]);
}
END_TEST

struct attention {
    struct reference_attention task;
    double *output;
};
static void attention_forward(void *context) {
    struct attention *a = context;
    reference_attention(&a->task, a->output);
}

START_TEST(test_difference_attention) {
    enum { LENGTH = 6, D = 4, COUNT = LENGTH * D };
    static const int32_t starts[LENGTH] = {0, 0, 0, 3, 3, 5};
    double *q = random_doubles(COUNT), *k = random_doubles(COUNT), *v = random_doubles(COUNT),
           *dy = random_doubles(COUNT);
    for (int packed = 0; packed < 2; packed++) {
        double *dq = zeros(COUNT), *dk = zeros(COUNT), *dv = zeros(COUNT);
        struct attention a = {.task = {.length = LENGTH,
                                       .head_size = D,
                                       .q = q,
                                       .k = k,
                                       .v = v,
                                       .stride = D,
                                       .starts = packed ? starts : NULL,
                                       .output_stride = D},
                              .output = zeros(COUNT)};
        reference_attention_backward(&a.task, dy, dq, dk, dv);
        assert_gradient(&(struct difference){q, a.output, dy, COUNT, COUNT, attention_forward, &a}, dq);
        assert_gradient(&(struct difference){k, a.output, dy, COUNT, COUNT, attention_forward, &a}, dk);
        assert_gradient(&(struct difference){v, a.output, dy, COUNT, COUNT, attention_forward, &a}, dv);
        free(dq);
        free(dk);
        free(dv);
        free(a.output);
    }
    free(q);
    free(k);
    free(v);
    free(dy);
}
END_TEST

START_TEST(test_kernel_rmsnorm) {
    const struct kernels *kernels = kernels_at((size_t)_i);
    if (kernels == NULL)
        return;
    struct ops ops = {.kernels = kernels, .threads = team};
    size_t count = ROWS * WIDTH;
    float *x = random_floats(&generator, count), *weight = random_floats(&generator, WIDTH),
          *dy = random_floats(&generator, count);
    float *y = random_floats(&generator, count), *dx = random_floats(&generator, count),
          *dweight = random_floats(&generator, WIDTH);
    float *rstd = random_floats(&generator, ROWS),
          *scratch = random_floats(&generator, ops_rmsnorm_scratch(ROWS, WIDTH));
    double *rx = to_doubles(x, count), *rweight = to_doubles(weight, WIDTH), *rdy = to_doubles(dy, count),
           *ry = zeros(count);
    double *rdx = to_doubles(dx, count), *rdweight = to_doubles(dweight, WIDTH);
    ops_rmsnorm_forward(&ops, y, rstd, x, weight, ROWS, WIDTH, 1e-5);
    ops_rmsnorm_backward(&ops, dx, dweight, dy, x, weight, rstd, ROWS, WIDTH, scratch);
    reference_rmsnorm(ry, rx, rweight, ROWS, WIDTH, 1e-5);
    reference_rmsnorm_backward(rdx, rdweight, rdy, rx, rweight, ROWS, WIDTH, 1e-5);
    ASSERT_NEAR(y, ry, count, TOLERANCE);
    ASSERT_NEAR(dx, rdx, count, TOLERANCE);
    ASSERT_NEAR(dweight, rdweight, WIDTH, TOLERANCE);
    void *const all[] = {x, weight, dy, y, dx, dweight, rstd, scratch, rx, rweight, rdy, ry, rdx, rdweight};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}
END_TEST

START_TEST(test_kernel_swiglu) {
    const struct kernels *kernels = kernels_at((size_t)_i);
    if (kernels == NULL)
        return;
    struct ops ops = {.kernels = kernels, .threads = team};
    size_t count = ROWS * WIDTH;
    float *gate_up = random_floats(&generator, 2 * count), *dy = random_floats(&generator, count),
          *y = random_floats(&generator, count);
    /* Gates where exp would overflow or vanish. */
    gate_up[0] = 200;
    gate_up[1] = -200;
    gate_up[2] = -60;
    gate_up[3] = 0;
    double *rgate_up = to_doubles(gate_up, 2 * count), *rdy = to_doubles(dy, count), *ry = zeros(count),
           *rdx = zeros(2 * count);
    ops_swiglu_forward(&ops, y, gate_up, ROWS, WIDTH);
    ops_swiglu_backward(&ops, gate_up, dy, ROWS, WIDTH);
    reference_swiglu(ry, rgate_up, ROWS, WIDTH);
    reference_swiglu_backward(rdx, rdy, rgate_up, ROWS, WIDTH);
    ASSERT_NEAR(y, ry, count, TOLERANCE);
    ASSERT_NEAR(dy, ry, count, TOLERANCE);
    ASSERT_NEAR(gate_up, rdx, 2 * count, TOLERANCE);
    ck_assert(isfinite(gate_up[0]) && isfinite(gate_up[1]));
    void *const all[] = {gate_up, dy, y, rgate_up, rdy, ry, rdx};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}
END_TEST

START_TEST(test_kernel_cross_entropy) {
    const struct kernels *kernels = kernels_at((size_t)_i);
    if (kernels == NULL)
        return;
    enum { VOCABULARY = 1003 };
    for (size_t round = 0; round < 20; round++) {
        float *logits = random_floats(&generator, VOCABULARY);
        for (size_t i = 0; i < VOCABULARY; i++)
            logits[i] = logits[i] * (float)(1 + round * 3);
        size_t target = round % 4 == 0 ? 517 : round % 4 == 1 ? 911 : random_below(&generator, VOCABULARY);
        bool hit, hit_again;
        logits[517] = logits[911] = 300; /* the first of equals counts */
        double *rlogits = to_doubles(logits, VOCABULARY), *gradient = zeros(VOCABULARY);
        reference_cross_entropy_backward(gradient, rlogits, VOCABULARY, target, 0.25);
        double expected = reference_cross_entropy(rlogits, VOCABULARY, target);
        float scale = 0.25f;
        float loss = kernels->cross_entropy(logits, VOCABULARY, target, &hit, NULL, 0);
        float again = kernels->cross_entropy(logits, VOCABULARY, target, &hit_again, &scale, 0);
        ck_assert_double_eq_tol((double)loss, expected, 1e-5 * fmax(1, expected));
        ck_assert_double_eq_tol((double)again, expected, 1e-5 * fmax(1, expected));
        ck_assert_int_eq(hit, target == 517);
        ck_assert_int_eq(hit_again, target == 517);
        ASSERT_NEAR(logits, gradient, VOCABULARY, 2e-5);
        /* The squared logarithm of the sum adds 2 z log(sum) softmax to the gradient. */
        double sum = expected + rlogits[target];
        for (size_t i = 0; i < VOCABULARY; i++) {
            logits[i] = (float)rlogits[i];
            gradient[i] += 0.25 * 2 * 0.01 * sum * exp(rlogits[i] - sum);
        }
        ck_assert(kernels->cross_entropy(logits, VOCABULARY, target, &hit, &scale, 0.01f) == again);
        ASSERT_NEAR(logits, gradient, VOCABULARY, 2e-5);
        free(logits);
        free(rlogits);
        free(gradient);
    }
}
END_TEST

/* Heads of a small batch; packed rows where starts is set. */
struct attention_case {
    size_t rows, length, heads, kv_heads, head_size;
    bool packed;
};

static const struct attention_case attention_cases[] = {
    {2, 1, 1, 1, 8, false},   {1, 31, 2, 1, 6, false},  {2, 33, 4, 2, 16, false}, {1, 100, 3, 1, 32, false},
    {2, 70, 2, 2, 48, false}, {2, 130, 4, 2, 20, true}, {3, 64, 2, 1, 32, true},  {1, 257, 2, 2, 64, true},
};
#define ATTENTION_CASES (sizeof attention_cases / sizeof *attention_cases)

/* Documents of random lengths, some of one token. */
static int32_t *random_starts(size_t rows, size_t length) {
    int32_t *starts = memory_zeroed(rows * length, sizeof *starts);
    for (size_t row = 0; row < rows; row++) {
        size_t start = 0, end = 1 + random_below(&generator, 50);
        for (size_t t = 0; t < length; t++) {
            if (t == end) {
                start = t;
                end = t + 1 + random_below(&generator, 50);
            }
            starts[row * length + t] = (int32_t)start;
        }
    }
    return starts;
}

/* The reference for all rows and heads: rope, attention and both backwards. */
static void reference_heads(const struct ops_heads *h, double theta, double *qkv, double *output,
                            const double *output_gradient, double *qkv_gradient) {
    size_t d = h->head_size, stride = (h->heads + 2 * h->kv_heads) * d, out = h->heads * d;
    for (size_t row = 0; row < h->rows * h->length; row++)
        for (size_t head = 0; head < h->heads + h->kv_heads; head++)
            reference_rope(qkv + row * stride + head * d, d, row % h->length - (h->starts ? (size_t)h->starts[row] : 0),
                           theta, 1);
    for (size_t row = 0; row < h->rows; row++)
        for (size_t head = 0; head < h->heads; head++) {
            size_t kv = head / (h->heads / h->kv_heads), base = row * h->length * stride;
            size_t q = base + head * d, k = base + (h->heads + kv) * d, v = base + (h->heads + h->kv_heads + kv) * d;
            struct reference_attention a = {.length = h->length,
                                            .head_size = d,
                                            .q = qkv + q,
                                            .k = qkv + k,
                                            .v = qkv + v,
                                            .stride = stride,
                                            .starts = h->starts ? h->starts + row * h->length : NULL,
                                            .output_stride = out};
            reference_attention(&a, output + row * h->length * out + head * d);
            reference_attention_backward(&a, output_gradient + row * h->length * out + head * d, qkv_gradient + q,
                                         qkv_gradient + k, qkv_gradient + v);
        }
    for (size_t row = 0; row < h->rows * h->length; row++)
        for (size_t head = 0; head < h->heads + h->kv_heads; head++)
            reference_rope(qkv_gradient + row * stride + head * d, d,
                           row % h->length - (h->starts ? (size_t)h->starts[row] : 0), theta, -1);
}

static void check_attention(const struct kernels *kernels, const struct attention_case *c) {
    struct ops ops = {.kernels = kernels, .threads = team};
    size_t n = c->rows * c->length, half = c->head_size / 2, theta = 500;
    size_t in = n * (c->heads + 2 * c->kv_heads) * c->head_size, out = n * c->heads * c->head_size;
    float *cosine = random_floats(&generator, c->length * half), *sine = random_floats(&generator, c->length * half);
    ops_rope_table(cosine, sine, c->length, c->head_size, (double)theta);
    int32_t *starts = c->packed ? random_starts(c->rows, c->length) : NULL;
    struct ops_heads heads = {.rows = c->rows,
                              .length = c->length,
                              .heads = c->heads,
                              .kv_heads = c->kv_heads,
                              .head_size = c->head_size,
                              .starts = starts,
                              .cosine = cosine,
                              .sine = sine};
    float *qkv = random_floats(&generator, in), *output = random_floats(&generator, out),
          *dy = random_floats(&generator, out);
    float *logsum = random_floats(&generator, n * c->heads),
          *scratch = random_floats(&generator, 2 * ops_attention_scratch(&heads));
    double *rqkv = to_doubles(qkv, in), *rdy = to_doubles(dy, out), *routput = zeros(out), *gradient = zeros(in);
    reference_heads(&heads, (double)theta, rqkv, routput, rdy, gradient);
    ops_rope(&ops, &heads, qkv, 1);
    ASSERT_NEAR(qkv, rqkv, in, TOLERANCE);
    ops_attention_forward(&ops, &heads, output, logsum, qkv, scratch);
    ASSERT_NEAR(output, routput, out, 2 * TOLERANCE);
    ops_attention_backward(&ops, &heads, qkv, output, logsum, dy, scratch);
    ops_rope(&ops, &heads, qkv, -1);
    ASSERT_NEAR(qkv, gradient, in, 2 * TOLERANCE);
    void *const all[] = {cosine, sine, starts, qkv, output, dy, logsum, scratch, rqkv, rdy, routput, gradient};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}

START_TEST(test_kernel_attention) {
    const struct kernels *kernels = kernels_at((size_t)_i);
    for (size_t i = 0; kernels != NULL && i < ATTENTION_CASES; i++)
        check_attention(kernels, &attention_cases[i]);
}
END_TEST

START_TEST(test_kernel_attention_step) {
    const struct kernels *kernels = kernels_at((size_t)_i);
    if (kernels == NULL)
        return;
    enum { COUNT = 37, D = 24 };
    float *q = random_floats(&generator, COUNT * D), *k = random_floats(&generator, COUNT * D),
          *v = random_floats(&generator, COUNT * D);
    float output[D], scores[COUNT];
    double *rq = to_doubles(q, COUNT * D), *rk = to_doubles(k, COUNT * D), *rv = to_doubles(v, COUNT * D),
           *routput = zeros(COUNT * D);
    struct reference_attention a = {
        .length = COUNT, .head_size = D, .q = rq, .k = rk, .v = rv, .stride = D, .output_stride = D};
    reference_attention(&a, routput);
    kernels->attention_step(output, q + (COUNT - 1) * D, k, v, COUNT, D, scores);
    ASSERT_NEAR(output, routput + (COUNT - 1) * D, D, TOLERANCE);
    void *const all[] = {q, k, v, rq, rk, rv, routput};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}
END_TEST

START_TEST(test_embedding) {
    enum { VOCABULARY = 11, TOKENS = 200 };
    struct ops ops = {.kernels = kernels_best(), .threads = team};
    float *table = random_floats(&generator, VOCABULARY * WIDTH), *x = random_floats(&generator, TOKENS * WIDTH);
    float *dtable = random_floats(&generator, VOCABULARY * WIDTH), *dx = random_floats(&generator, TOKENS * WIDTH);
    double *expected = to_doubles(dtable, VOCABULARY * WIDTH);
    int32_t tokens[TOKENS];
    for (size_t i = 0; i < TOKENS; i++) {
        tokens[i] = (int32_t)random_below(&generator, VOCABULARY);
        for (size_t j = 0; j < WIDTH; j++)
            expected[(size_t)tokens[i] * WIDTH + j] += (double)dx[i * WIDTH + j];
    }
    ops_embed(&ops, x, table, tokens, TOKENS, WIDTH);
    for (size_t i = 0; i < TOKENS; i++)
        ck_assert_mem_eq(x + i * WIDTH, table + (size_t)tokens[i] * WIDTH, WIDTH * sizeof(float));
    ops_embed_backward(&ops, dtable, dx, tokens, TOKENS, WIDTH);
    ASSERT_NEAR(dtable, expected, VOCABULARY * WIDTH, TOLERANCE);
    void *const all[] = {table, x, dtable, dx, expected};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("ops");
    TCase *cases = tcase_create("ops");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, seed, stop);
    tcase_add_test(cases, test_difference_linear);
    tcase_add_test(cases, test_difference_rmsnorm);
    tcase_add_test(cases, test_difference_rope);
    tcase_add_test(cases, test_difference_swiglu);
    tcase_add_test(cases, test_difference_cross_entropy);
    tcase_add_test(cases, test_difference_attention);
    /* One loop an instruction set. */
    tcase_add_loop_test(cases, test_kernel_rmsnorm, 0, 3);
    tcase_add_loop_test(cases, test_kernel_swiglu, 0, 3);
    tcase_add_loop_test(cases, test_kernel_cross_entropy, 0, 3);
    tcase_add_loop_test(cases, test_kernel_attention, 0, 3);
    tcase_add_loop_test(cases, test_kernel_attention_step, 0, 3);
    tcase_add_test(cases, test_embedding);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
