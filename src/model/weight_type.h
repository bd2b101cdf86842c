/*
 * The types that weights are stored as, and conversion from and to the f32 they are computed in. Every conversion
 * rounds to nearest, ties to even, but for Q8_0, whose definition rounds ties away from zero.
 */
#ifndef MODEL_WEIGHT_TYPE_H
#define MODEL_WEIGHT_TYPE_H

#include <stddef.h>
#include <stdint.h>

enum weight_type {
    WEIGHT_F32,
    WEIGHT_F16,  /* IEEE 754 binary16 */
    WEIGHT_BF16, /* the upper half of an f32 */
    WEIGHT_Q8_0  /* ggml's: blocks of 32, an f16 scale and 32 signed bytes; no safetensors type */
};

#define WEIGHT_Q8_0_BLOCK 32 /* numbers */

/* Bytes of count numbers; for Q8_0 count must divide by WEIGHT_Q8_0_BLOCK. */
size_t weight_type_size(enum weight_type type, size_t count);
/* Writes count numbers as weight_type_size bytes. */
void weight_type_encode(enum weight_type type, const float *numbers, size_t count, void *out);

uint16_t float16_from(float number); /* overflow becomes infinity, subnormals are kept */
float float16_to(uint16_t bits);
uint16_t bfloat16_from(float number); /* a NaN stays one */
float bfloat16_to(uint16_t bits);

#endif
