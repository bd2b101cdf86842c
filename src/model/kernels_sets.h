/* The tables of kernels.c, one an instruction set. Only x86-64 has more than the plain one. */
#ifndef MODEL_KERNELS_SETS_H
#define MODEL_KERNELS_SETS_H

#include "model/kernels.h"

extern const struct kernels kernels_plain;
#if defined(__x86_64__)
extern const struct kernels kernels_avx2;
extern const struct kernels kernels_avx512;
#endif

#endif
