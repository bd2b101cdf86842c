/*
 * The kernels compiled for x86-64-v3 (AVX2 and FMA) (flags in the Makefile). It holds no code of its own: the loops are
 * in the included files, the choice is in kernels.c.
 */
#include "model/kernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "model/kernels_sets.h"

#if defined(__AVX2__)
#define LANES 8
#define ROW_BLOCK 4
#define KERNELS_TABLE kernels_avx2
#define KERNELS_NAME "avx2"

#include "model/kernels_rows.inc"
#include "model/kernels_update.inc"

#include "model/kernels_attention.inc"

#include "model/kernels_set.inc"

#else
typedef int kernels_avx2_are_left_out;
#endif
