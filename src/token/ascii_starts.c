/*
 * Owns the masks of classes and what follows from them. Where pieces begin is what the patterns in scanner.c say, for
 * text that only letters, digits, symbols, spaces and newlines of ASCII make up, and bytes that are no characters.
 * Knows nothing of other characters.
 */
#include "token/ascii_starts.h"

#include <stdbool.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "token/contraction.h"

#define BLOCK 64

/* A bit for each byte of a block that is of a class; lowest first. */
struct classes {
    uint64_t upper, lower, digit, space, newline, apostrophe, slash;
    uint64_t tab;  /* and the other white space */
    uint64_t high; /* not ASCII */
};

/* The same of bytes that are not ASCII: which begin a character of so many bytes, and which go on with one. */
struct beyond_ascii {
    uint64_t two, three, four, other;
};

#ifdef __SSE2__

static inline uint64_t bits(__m128i matches) {
    return (uint64_t)(uint32_t)_mm_movemask_epi8(matches);
}

static inline __m128i equal(__m128i bytes, char byte) {
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte));
}

static inline __m128i within(__m128i bytes, char first, char last) {
    __m128i above = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(above, _mm_set1_epi8((char)(last - first))), above);
}

static inline struct classes classify(const char *text) {
    struct classes classes = {0};
    for (unsigned at = 0; at < BLOCK; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        __m128i newline = _mm_or_si128(equal(bytes, '\n'), equal(bytes, '\r'));
        classes.upper |= bits(within(bytes, 'A', 'Z')) << at;
        classes.lower |= bits(within(bytes, 'a', 'z')) << at;
        classes.digit |= bits(within(bytes, '0', '9')) << at;
        classes.space |= bits(equal(bytes, ' ')) << at;
        classes.newline |= bits(newline) << at;
        classes.apostrophe |= bits(equal(bytes, '\'')) << at;
        classes.slash |= bits(equal(bytes, '/')) << at;
        classes.tab |= bits(_mm_andnot_si128(newline, within(bytes, '\t', '\r'))) << at;
        classes.high |= bits(bytes) << at;
    }
    return classes;
}

static inline struct beyond_ascii classify_high(const char *text) {
    struct beyond_ascii classes = {0};
    for (unsigned at = 0; at < BLOCK; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + at));
        classes.two |= bits(within(bytes, '\xC2', '\xDF')) << at;
        classes.three |= bits(within(bytes, '\xE0', '\xEF')) << at;
        classes.four |= bits(within(bytes, '\xF0', '\xF4')) << at;
        classes.other |= bits(within(bytes, '\x80', '\xBF')) << at;
    }
    return classes;
}

#else

static inline struct classes classify(const char *text) {
    struct classes classes = {0};
    for (unsigned at = 0; at < BLOCK; at++) {
        unsigned char byte = (unsigned char)text[at];
        bool newline = byte == '\n' || byte == '\r';
        classes.upper |= (uint64_t)(byte - 'A' < 26u) << at;
        classes.lower |= (uint64_t)(byte - 'a' < 26u) << at;
        classes.digit |= (uint64_t)(byte - '0' < 10u) << at;
        classes.space |= (uint64_t)(byte == ' ') << at;
        classes.newline |= (uint64_t)newline << at;
        classes.apostrophe |= (uint64_t)(byte == '\'') << at;
        classes.slash |= (uint64_t)(byte == '/') << at;
        classes.tab |= (uint64_t)(byte - '\t' < 5u && !newline) << at;
        classes.high |= (uint64_t)(byte >= 0x80) << at;
    }
    return classes;
}

static inline struct beyond_ascii classify_high(const char *text) {
    struct beyond_ascii classes = {0};
    for (unsigned at = 0; at < BLOCK; at++) {
        unsigned char byte = (unsigned char)text[at];
        classes.two |= (uint64_t)(byte >= 0xC2 && byte < 0xE0) << at;
        classes.three |= (uint64_t)(byte >= 0xE0 && byte < 0xF0) << at;
        classes.four |= (uint64_t)(byte >= 0xF0 && byte < 0xF5) << at;
        classes.other |= (uint64_t)(byte >= 0x80 && byte < 0xC0) << at;
    }
    return classes;
}

#endif

/* The bits below one of 0 to 64. */
static inline uint64_t below(unsigned bit) {
    return bit < 64 ? ((uint64_t)1 << bit) - 1 : UINT64_MAX;
}

/* One more than the highest bit that is set, 0 where none is. */
static inline unsigned bits_end(uint64_t mask) {
    return mask ? 64 - (unsigned)__builtin_clzll(mask) : 0;
}

/* The first digit of each group of `digits` (2 or 3) within runs of digits. */
static inline uint64_t group_starts(uint64_t digit, unsigned digits) {
    uint64_t longer = digit & digit << 1 & digit << 2; /* as many digits and one more end here */
    if (digits == 3)
        longer &= digit << 3;
    uint64_t group = digit & ~(digit << 1), starts = group;
    while ((group = group << digits & longer) != 0)
        starts |= group;
    return starts;
}

/*
 * gpt2 and cl100k: a contraction at the start of a piece is one, so that another begins behind it. Only where it ends
 * beyond the block is its start the last that is known.
 */
static inline uint64_t cut_contractions(uint64_t starts, uint64_t apostrophes, const char *text, size_t size,
                                        bool any_case) {
    for (; apostrophes; apostrophes &= apostrophes - 1) {
        unsigned at = (unsigned)__builtin_ctzll(apostrophes);
        unsigned end = at + (unsigned)contraction_size(text, size, at, any_case);
        if (end >= BLOCK)
            return starts & below(at + 1);
        starts = (starts & (below(at + 1) | ~below(end))) | (uint64_t)1 << end;
    }
    return starts;
}

/* o200k: a contraction behind a word belongs to it, but one behind another contraction does not. */
static inline uint64_t join_contractions(uint64_t starts, uint64_t apostrophes, const char *text, size_t size) {
    unsigned end = 0;
    for (; apostrophes; apostrophes &= apostrophes - 1) {
        unsigned at = (unsigned)__builtin_ctzll(apostrophes);
        unsigned length = at == end ? 0 : (unsigned)contraction_size(text, size, at, true);
        if (length == 0)
            continue;
        end = at + length;
        if (end >= BLOCK)
            return starts & below(at);
        starts = (starts & ~(below(end) ^ below(at))) | (uint64_t)1 << end;
    }
    return starts;
}

/*
 * Bytes that are surely no part of a character, and so a piece each: a first byte that not all it takes follows, or one
 * of the others that no such beginning is before.
 */
static inline uint64_t strays_of(uint64_t high, const char *block) {
    struct beyond_ascii classes = classify_high(block);
    uint64_t unseen = ~(UINT64_MAX >> 1); /* what follows the last bytes is not here */
    uint64_t one = classes.other >> 1 | unseen, two = one & (classes.other >> 2 | unseen | unseen >> 1);
    uint64_t four = classes.four & two & (classes.other >> 3 | unseen | unseen >> 1 | unseen >> 2);
    uint64_t three = (classes.three & two) | four, character = (classes.two & one) | three;
    return high & ~(character | character << 1 | three << 2 | four << 3);
}

/* Of a block whose first `size` bytes are the text's. */
static inline uint64_t starts_of(enum pretokenizer_kind kind, const struct classes *classes, uint64_t stray,
                                 const char *text, size_t size) {
    uint64_t unknown = classes->high & ~stray;
    if (size < BLOCK)
        unknown |= ~below((unsigned)size);
    unsigned known_end = unknown ? (unsigned)__builtin_ctzll(unknown) : 64;
    uint64_t known = below(known_end);
    uint64_t letter = (classes->upper | classes->lower) & known, digit = classes->digit & known;
    uint64_t blank = (classes->space | classes->tab) & known, newline = classes->newline & known;
    uint64_t white = blank | newline, behind_space = (classes->space & known) << 1;
    stray &= known;
    uint64_t symbol = known & ~(letter | digit | white | stray), apostrophe = classes->apostrophe & known;
    /* White space is cut by what follows it: the last run is left out, but for where it begins. */
    unsigned end = bits_end(known & ~white);
    uint64_t symbol_start = symbol & ~(symbol << 1) & ~behind_space, starts;
    if (kind == PRETOKENIZER_GPT2) {
        starts = (white & (~(white << 1) | ~(white >> 1))) | symbol_start | (letter & ~(letter << 1) & ~behind_space) |
                 (digit & ~(digit << 1) & ~behind_space);
    } else {
        /* A run that has a newline behind a space is one piece as far as that; where it is, nothing more is known. */
        uint64_t hard = blank & newline >> 1;
        if (kind == PRETOKENIZER_O200K)
            hard |= newline & classes->slash >> 1;
        if (hard)
            end = bits_end(known & ~white & below((unsigned)__builtin_ctzll(hard)));
        starts = (blank & (~(blank << 1) | ~(blank >> 1))) | (newline & ~(newline << 1) & ~(symbol << 1)) |
                 symbol_start | (letter & ~(letter << 1) & ~(blank << 1) & ~(symbol_start << 1)) |
                 group_starts(digit, kind == PRETOKENIZER_DIGITS2 ? 2 : 3);
        if (kind == PRETOKENIZER_O200K)
            starts |= letter & classes->upper & classes->lower << 1;
    }
    starts |= stray;
    uint64_t valid = end < 64 ? below(end + 1) : UINT64_MAX;
    if (kind == PRETOKENIZER_O200K) {
        if (known_end > 0)
            valid &= ~(apostrophe & (uint64_t)1 << (known_end - 1)); /* what follows it decides */
        return 1 | join_contractions(starts & valid, apostrophe & letter << 1 & letter >> 1 & valid, text, size);
    }
    starts = 1 | (starts & valid);
    return cut_contractions(starts, apostrophe & starts & letter >> 1, text, size, kind != PRETOKENIZER_GPT2);
}

static inline uint64_t find_starts(enum pretokenizer_kind kind, const char *text, size_t size) {
    char copy[BLOCK] = {0};
    const char *block = text;
    if (size < BLOCK) {
        memcpy(copy, text, size);
        block = copy;
    }
    struct classes classes = classify(block);
    uint64_t stray = classes.high ? strays_of(classes.high, block) : 0;
    return starts_of(kind, &classes, stray, text, size);
}

uint64_t ascii_starts(enum pretokenizer_kind kind, const char *text, size_t size) {
    switch (kind) {
    case PRETOKENIZER_GPT2:
        return find_starts(PRETOKENIZER_GPT2, text, size);
    case PRETOKENIZER_CL100K:
        return find_starts(PRETOKENIZER_CL100K, text, size);
    case PRETOKENIZER_O200K:
        return find_starts(PRETOKENIZER_O200K, text, size);
    case PRETOKENIZER_DIGITS2:
    case PRETOKENIZER_REGEX:
        break;
    }
    return find_starts(PRETOKENIZER_DIGITS2, text, size);
}
