/* Products of many shapes against the triple loop, and their bits for several numbers of threads. */
#include "model/matmul.h"

#include "model/linear.h"
#include "model/weight_type.h"

#include "folder.h"
#include "near.h"

static struct random generator;
static struct threads *teams[5]; /* of 1 to 4 threads */

static void start(void) {
    for (size_t i = 1; i <= 4; i++)
        teams[i] = threads_new(i);
}

static void stop(void) {
    for (size_t i = 1; i <= 4; i++)
        threads_free(teams[i]);
}

struct shape {
    size_t m, n, k;
};

static const struct shape shapes[] = {{1, 1, 1},    {1, 96, 8192},  {1, 4096, 64},  {3, 5, 7},       {64, 64, 8192},
                                      {77, 96, 32}, {129, 384, 64}, {384, 33, 129}, {257, 1100, 48}, {2100, 70, 19}};
#define SHAPES (sizeof shapes / sizeof *shapes)

/* A product with strides a little larger than needed; the gaps of c must survive. */
static struct matmul make(const struct shape *s, unsigned kind) {
    struct matmul p = {.m = s->m,
                       .n = s->n,
                       .k = s->k,
                       .transpose_a = kind & 1,
                       .transpose_b = kind >> 1 & 1,
                       .accumulate = kind >> 2 & 1};
    p.a_stride = (p.transpose_a ? s->m : s->k) + 3;
    p.b_stride = (p.transpose_b ? s->k : s->n) + 2;
    p.c_stride = s->n + 1;
    p.a = random_floats(&generator, (p.transpose_a ? s->k : s->m) * p.a_stride);
    p.b = random_floats(&generator, (p.transpose_b ? s->n : s->k) * p.b_stride);
    p.c = random_floats(&generator, s->m * p.c_stride);
    return p;
}

static uint16_t *halves(const float *x, size_t count) {
    uint16_t *half = memory_allocate(count * sizeof *half);
    kernels_best()->round_bf16(half, x, count);
    return half;
}

static void check(const struct shape *s, unsigned kind, bool half) {
    struct matmul p = make(s, kind);
    if (half) {
        p.a_half = halves(p.a, (p.transpose_a ? p.k : p.m) * p.a_stride);
        p.b_half = halves(p.b, (p.transpose_b ? p.n : p.k) * p.b_stride);
    }
    struct matmul expected = p;
    size_t count = p.m * p.c_stride;
    float *begin = copy_floats(p.c, count);
    expected.c = copy_floats(p.c, count);
    matmul_reference(&expected);
    matmul_run(&p, teams[1]);
    double *reference = to_doubles(expected.c, count);
    /* Rounding adds up as the square root of the terms. */
    ASSERT_NEAR(p.c, reference, count, 1e-6 * fmax(1, sqrt((double)p.k / 1000)));
    for (size_t i = 0; i < p.m; i++)
        ck_assert(memcmp(&p.c[i * p.c_stride + p.n], &begin[i * p.c_stride + p.n], sizeof(float)) == 0);
    for (size_t threads = 2; threads <= 4; threads++) {
        struct matmul other = p;
        other.c = copy_floats(begin, count);
        matmul_run(&other, teams[threads]);
        ck_assert_msg(memcmp(other.c, p.c, count * sizeof(float)) == 0, "%zu threads: other bits", threads);
        free(other.c);
    }
    free(reference);
    free(expected.c);
    free(begin);
    free((uint16_t *)p.a_half);
    free((uint16_t *)p.b_half);
    free((float *)p.a);
    free((float *)p.b);
    free(p.c);
}

START_TEST(test_shape) {
    random_seed(&generator, 11);
    for (unsigned kind = 0; kind < 8; kind++)
        check(&shapes[_i], kind, false);
}
END_TEST

START_TEST(test_half_shape) {
    if (!matmul_has_bf16())
        return;
    random_seed(&generator, 13);
    for (unsigned kind = 0; kind < 8; kind++)
        check(&shapes[_i], kind, true);
}
END_TEST

/* Every instruction set's rounding is that of weight_type.h, for all exponents and the ends and middle of the half that
 * is cut off. */
START_TEST(test_round) {
    static const uint32_t cut[] = {0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF};
    enum { COUNT = 1 << 16 };
    float *x = memory_allocate(COUNT * sizeof *x);
    uint16_t *half = memory_allocate(COUNT * sizeof *half);
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
        for (size_t set = 0; kernels_at(set); set++) {
            for (uint32_t j = 0; j < COUNT; j++) {
                uint32_t bits = j << 16 | cut[i];
                memcpy(&x[j], &bits, sizeof bits);
            }
            kernels_at(set)->round_bf16(half, x, COUNT);
            for (size_t j = 0; j < COUNT; j++)
                ck_assert_uint_eq(half[j], bfloat16_from(x[j]));
        }
    free(x);
    free(half);
}
END_TEST

/* y = x w', dx = dy w, dw += dy' x, the two apart and at once */
START_TEST(test_linear) {
    enum { ROWS = 21, IN = 34, OUT = 50 };
    random_seed(&generator, 12);
    float *x = random_floats(&generator, ROWS * IN), *w = random_floats(&generator, OUT * IN),
          *y = random_floats(&generator, ROWS * OUT);
    float *dx = random_floats(&generator, ROWS * IN), *dw = random_floats(&generator, OUT * IN);
    double *ry = to_doubles(y, ROWS * OUT), *rdx = memory_zeroed(ROWS * IN, sizeof *rdx),
           *rdw = to_doubles(dw, OUT * IN);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t o = 0; o < OUT; o++)
            for (size_t i = 0; i < IN; i++) {
                rdx[r * IN + i] += (double)y[r * OUT + o] * (double)w[o * IN + i];
                rdw[o * IN + i] += (double)y[r * OUT + o] * (double)x[r * IN + i];
                ry[r * OUT + o] += (double)x[r * IN + i] * (double)w[o * IN + i];
            }
    struct linear linear = {.threads = teams[2], .kernels = kernels_best()};
    if (_i == 0) {
        linear_input(&linear, dx, y, w, ROWS, IN, OUT);
        linear_weight(&linear, dw, y, x, ROWS, IN, OUT);
    } else {
        linear_backward(&linear, dx, dw, y, x, w, ROWS, IN, OUT);
    }
    linear_forward(&linear, y, x, w, ROWS, IN, OUT, true);
    ASSERT_NEAR(dx, rdx, ROWS * IN, 1e-6);
    ASSERT_NEAR(dw, rdw, OUT * IN, 1e-6);
    ASSERT_NEAR(y, ry, ROWS * OUT, 1e-6);
    void *const all[] = {x, w, y, dx, dw, ry, rdx, rdw};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("matmul");
    TCase *cases = tcase_create("matmul");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_loop_test(cases, test_shape, 0, (int)SHAPES);
    tcase_add_loop_test(cases, test_half_shape, 0, (int)SHAPES);
    tcase_add_test(cases, test_round);
    tcase_add_loop_test(cases, test_linear, 0, 2);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
