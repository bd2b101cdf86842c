/* Number formats of weights: every half both ways, rounding at and beside ties, Q8_0 by hand. */
#include <math.h>
#include <string.h>

#include "model/weight_type.h"
#include "suite.h"

START_TEST(test_every_half) {
    for (uint32_t bits = 0; bits <= UINT16_MAX; bits++) {
        float half = float16_to((uint16_t)bits), brain = bfloat16_to((uint16_t)bits);
        if (isnan(half))
            ck_assert(isnan(float16_to(float16_from(half))));
        else
            ck_assert_uint_eq(float16_from(half), bits);
        if (isnan(brain))
            ck_assert(isnan(bfloat16_to(bfloat16_from(brain))));
        else
            ck_assert_uint_eq(bfloat16_from(brain), bits);
    }
}
END_TEST

/* Between two neighbours: nearer to one, to the other, and the tie to the even one. */
START_TEST(test_rounding) {
    for (uint32_t bits = 0; bits < 0x7BFF; bits++) {
        float low = float16_to((uint16_t)bits), high = float16_to((uint16_t)(bits + 1)),
              middle = low + (high - low) / 2;
        ck_assert_uint_eq(float16_from(middle), bits + (bits & 1));
        ck_assert_uint_eq(float16_from(nextafterf(middle, low)), bits);
        ck_assert_uint_eq(float16_from(nextafterf(middle, high)), bits + 1);
        ck_assert_uint_eq(float16_from(-middle), 0x8000 | (bits + (bits & 1)));
    }
    ck_assert_uint_eq(float16_from(65519.996f), 0x7BFF);
    ck_assert_uint_eq(float16_from(65520), 0x7C00);
    ck_assert_uint_eq(float16_from(1e30f), 0x7C00);
    ck_assert_uint_eq(float16_from(-INFINITY), 0xFC00);
    ck_assert_uint_eq(bfloat16_from(1.00390625f), 0x3F80);  /* 1 + 2^-8, a tie: to the even 1 */
    ck_assert_uint_eq(bfloat16_from(1.01171875f), 0x3F82);  /* 1 + 3 x 2^-8 */
    ck_assert_uint_eq(bfloat16_from(3.4e38f), 0x7F80);      /* rounds past the greatest */
    ck_assert_uint_eq(bfloat16_from(-1.0039064f), 0xBF81u); /* just past the tie */
}
END_TEST

START_TEST(test_q8_0) {
    float numbers[2 * WEIGHT_Q8_0_BLOCK] = {0};
    unsigned char out[2 * 34];
    for (int i = 0; i < WEIGHT_Q8_0_BLOCK; i++)
        numbers[i] = (float)(i - 16) * 0.5f; /* -8 to 7.5: scale 8/127 */
    ck_assert_uint_eq(weight_type_size(WEIGHT_Q8_0, 2 * WEIGHT_Q8_0_BLOCK), sizeof out);
    weight_type_encode(WEIGHT_Q8_0, numbers, 2 * WEIGHT_Q8_0_BLOCK, out);
    uint16_t scale;
    memcpy(&scale, out, sizeof scale);
    ck_assert_uint_eq(scale, float16_from(8.0f / 127));
    ck_assert_int_eq((int8_t)out[2], -127);
    ck_assert_int_eq((int8_t)out[2 + 16], 0);
    ck_assert_int_eq((int8_t)out[2 + 31], 119); /* 7.5 x 127 / 8 = 119.06 */
    for (size_t i = 34; i < sizeof out; i++)
        ck_assert_uint_eq(out[i], 0); /* a block of zeros has no scale to divide by */
}
END_TEST

int main(void) {
    Suite *suite = suite_create("weight_type");
    TCase *cases = tcase_create("all");
    tcase_add_test(cases, test_every_half);
    tcase_add_test(cases, test_rounding);
    tcase_add_test(cases, test_q8_0);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
