/* Cutting text by masks: of 64 bytes at once, where the pieces of a known pretokeniser begin. */
#ifndef TOKEN_PIECE_STARTS_H
#define TOKEN_PIECE_STARTS_H

#include <stdint.h>

#include "token/pretokenizer.h"

/*
 * A bit for each of the first 64 bytes of a text that is known to begin a piece, the first byte always among them: what
 * lies between two neighbouring bits is one piece. Bytes that decide over more than masks tell (numbers beyond ASCII,
 * the end of the text) and what may hang together with them are left out, so there can be one bit only. kind is not
 * PRETOKENIZER_REGEX; size >= 1.
 */
typedef uint64_t piece_starts_function(enum pretokenizer_kind kind, const char *text, size_t size);

/* The same, compiled for any processor and for those that can more. */
piece_starts_function piece_starts_plain;
#if defined(__x86_64__)
piece_starts_function piece_starts_avx2;
#endif

static inline piece_starts_function *piece_starts_best(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
        return piece_starts_avx2;
#endif
    return piece_starts_plain;
}

#endif
