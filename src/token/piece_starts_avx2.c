/* Compiled for x86-64-v3, which has AVX2 (flags in the Makefile); it holds no code of its own. */
#if defined(__AVX2__)
#define PIECE_STARTS piece_starts_avx2
#include "token/piece_starts.inc"
#else
typedef int piece_starts_avx2_is_left_out;
#endif
