/* Bits of the number formats. It owns rounding and knows nothing of files. */
#include "model/weight_type.h"

#include <math.h>
#include <string.h>

#define SIGN 0x80000000u
#define INFINITE 0x7F800000u

static uint32_t bits_of(float number) {
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits) {
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

uint16_t bfloat16_from(float number) {
    uint32_t bits = bits_of(number);
    if ((bits & ~SIGN) > INFINITE)
        return (uint16_t)(bits >> 16 | 0x40); /* quiet: rounding must not make an infinity of it */
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

float bfloat16_to(uint16_t bits) {
    return float_of((uint32_t)bits << 16);
}

uint16_t float16_from(float number) {
    uint32_t bits = bits_of(number), sign = bits >> 16 & 0x8000, magnitude = bits & ~SIGN;
    if (magnitude > INFINITE)
        return (uint16_t)(sign | 0x7E00);
    if (magnitude >= bits_of(65536))
        return (uint16_t)(sign | 0x7C00);
    /* Below the smallest normal half, adding 1/2 leaves the wanted bits at the end of the sum, rounded by the addition.
     */
    if (magnitude < bits_of(0x1p-14f))
        return (uint16_t)(sign | (bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f)));
    magnitude += 0xFFF + (magnitude >> 13 & 1);
    return (uint16_t)(sign | (magnitude - (112u << 23)) >> 13); /* exponents are biased by 127 and by 15 */
}

float float16_to(uint16_t bits) {
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 0x1F, fraction = bits & 0x3FF;
    if (exponent == 0) {
        float value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    return float_of(sign | (exponent == 0x1F ? 0xFFu : exponent + 112) << 23 | fraction << 13);
}

size_t weight_type_size(enum weight_type type, size_t count) {
    switch (type) {
    case WEIGHT_F32:
        return count * sizeof(float);
    case WEIGHT_Q8_0:
        return count / WEIGHT_Q8_0_BLOCK * (sizeof(uint16_t) + WEIGHT_Q8_0_BLOCK);
    default:
        return count * sizeof(uint16_t);
    }
}

static void encode_q8_block(const float *numbers, unsigned char *out) {
    float greatest = 0;
    for (size_t i = 0; i < WEIGHT_Q8_0_BLOCK; i++)
        greatest = fmaxf(greatest, fabsf(numbers[i]));
    float scale = greatest / 127, inverse = scale > 0 ? 1 / scale : 0;
    uint16_t half = float16_from(scale);
    memcpy(out, &half, sizeof half);
    for (size_t i = 0; i < WEIGHT_Q8_0_BLOCK; i++) {
        int8_t byte = (int8_t)roundf(numbers[i] * inverse);
        memcpy(out + sizeof half + i, &byte, 1);
    }
}

void weight_type_encode(enum weight_type type, const float *numbers, size_t count, void *out) {
    uint16_t *halves = out;
    switch (type) {
    case WEIGHT_F32:
        memcpy(out, numbers, count * sizeof *numbers);
        break;
    case WEIGHT_F16:
        for (size_t i = 0; i < count; i++)
            halves[i] = float16_from(numbers[i]);
        break;
    case WEIGHT_BF16:
        for (size_t i = 0; i < count; i++)
            halves[i] = bfloat16_from(numbers[i]);
        break;
    case WEIGHT_Q8_0:
        for (size_t i = 0; i < count; i += WEIGHT_Q8_0_BLOCK)
            encode_q8_block(numbers + i, (unsigned char *)out + weight_type_size(type, i));
        break;
    }
}
