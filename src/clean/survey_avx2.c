/*
 * The survey by blocks of 32 bytes with AVX2. A block's bytes are tested against the sets of bytes that begin something
 * noteworthy; only characters that do are decoded and looked up. Line ends are judged by the bytes before them.
 */
#if defined(__x86_64__)
#include <immintrin.h>

#include "clean/survey_tables.h"
#include "text/utf8.h"

#define AVX2 __attribute__((target("avx2,bmi")))

/* The tables of a survey, each twice in a register. */
struct vectors {
    __m256i ascii_low, ascii_high, others_low, others_high;
    __m256i seconds[SURVEY_SPLIT_PAIRS], leads[SURVEY_SPLIT_PAIRS], split_high, thirds, third_leads;
};

static inline AVX2 __m256i table_load(const uint8_t table[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)table));
}

static inline AVX2 __m256i load(const char *data) {
    return _mm256_loadu_si256((const __m256i *)data);
}

static inline AVX2 __m256i high_bits(__m256i bytes) {
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
}

static AVX2 struct vectors vectors_load(const struct survey *survey) {
    struct vectors v = {.ascii_low = table_load(survey->ascii.low),
                        .ascii_high = table_load(survey->ascii.high),
                        .others_low = table_load(survey->others.low),
                        .others_high = table_load(survey->others.high),
                        .split_high = table_load(survey->split_high),
                        .thirds = table_load(survey->thirds),
                        .third_leads = table_load(survey->third_leads)};
    for (int i = 0; i < SURVEY_SPLIT_PAIRS; i++) {
        v.seconds[i] = table_load(survey->split_seconds[i]);
        v.leads[i] = table_load(survey->split_leads[i]);
    }
    return v;
}

static inline AVX2 __m256i begin_with(__m256i bytes, uint8_t high) {
    return _mm256_cmpeq_epi8(_mm256_and_si256(bytes, _mm256_set1_epi8((char)0xF0)), _mm256_set1_epi8((char)high));
}

/* Bytes in the set of seconds of the lead before them, by the pairs from one on to another. */
static inline AVX2 __m256i match_seconds(const struct vectors *v, int from, int to, __m256i low, __m256i lead) {
    __m256i seconds = _mm256_setzero_si256();
    for (int i = from; i < to; i++)
        seconds = _mm256_or_si256(
            seconds, _mm256_and_si256(_mm256_shuffle_epi8(v->seconds[i], low), _mm256_shuffle_epi8(v->leads[i], lead)));
    return seconds;
}

/* Zero for every byte that needs no look: neither itself the first byte of a noteworthy character, nor the second byte
 * of one whose lead is split, nor the third of punctuation. */
static inline AVX2 __m256i noteworthy(const struct vectors *v, __m256i now, __m256i before, __m256i twice_before) {
    const __m256i fifteen = _mm256_set1_epi8(15);
    __m256i low = _mm256_and_si256(now, fifteen), high = high_bits(now);
    __m256i ascii = _mm256_and_si256(_mm256_shuffle_epi8(v->ascii_low, low), _mm256_shuffle_epi8(v->ascii_high, high));
    __m256i others =
        _mm256_and_si256(_mm256_shuffle_epi8(v->others_low, low), _mm256_shuffle_epi8(v->others_high, high));
    __m256i lead = _mm256_and_si256(before, fifteen);
    __m256i threes = match_seconds(v, 0, SURVEY_SPLIT_THREES, low, lead);
    __m256i twos = match_seconds(v, SURVEY_SPLIT_THREES, SURVEY_SPLIT_PAIRS, low, lead);
    __m256i seconds = _mm256_or_si256(_mm256_and_si256(threes, begin_with(before, 0xE0)),
                                      _mm256_and_si256(twos, begin_with(before, 0xD0)));
    __m256i thirds = _mm256_and_si256(_mm256_shuffle_epi8(v->thirds, low),
                                      _mm256_shuffle_epi8(v->third_leads, _mm256_and_si256(twice_before, fifteen)));
    __m256i page =
        _mm256_and_si256(begin_with(twice_before, 0xE0), _mm256_cmpeq_epi8(before, _mm256_set1_epi8((char)0x80)));
    thirds = _mm256_and_si256(thirds, page);
    __m256i tails = _mm256_and_si256(_mm256_or_si256(seconds, thirds), _mm256_shuffle_epi8(v->split_high, high));
    return _mm256_or_si256(_mm256_or_si256(ascii, others), tails);
}

/* Non-zero where a line ends in a blank, or a third newline stands in a row. */
static inline AVX2 __m256i untidy(__m256i now, __m256i before, __m256i twice_before) {
    const __m256i newline = _mm256_set1_epi8('\n');
    __m256i blank = _mm256_or_si256(_mm256_cmpeq_epi8(before, _mm256_set1_epi8(' ')),
                                    _mm256_cmpeq_epi8(before, _mm256_set1_epi8('\t')));
    __m256i third = _mm256_and_si256(_mm256_cmpeq_epi8(before, newline), _mm256_cmpeq_epi8(twice_before, newline));
    return _mm256_and_si256(_mm256_cmpeq_epi8(now, newline), _mm256_or_si256(blank, third));
}

/* Looks up the characters of a block that its mask marks by one of their bytes. */
static void look_at(const struct survey *survey, struct span text, size_t at, uint32_t mask,
                    struct survey_state *state) {
    for (; mask; mask &= mask - 1) {
        size_t position = at + (size_t)__builtin_ctz(mask);
        unsigned char byte = (unsigned char)text.data[position];
        if (byte < 0x80)
            state->found |= survey->characters[byte];
        else
            survey_character(survey, text, byte < 0xC0 ? utf8_previous(text.data, position) : position, state);
    }
}

AVX2 void survey_run_avx2(const struct survey *survey, struct span text, struct survey_state *state) {
    const struct vectors v = vectors_load(survey);
    bool spaces = survey->wanted & FINDING_SPACE;
    size_t last = text.size - sizeof(__m256i);
    for (size_t at = 2;; at += sizeof(__m256i)) {
        if (at > last) /* the last block overlaps the one before: looking twice changes nothing */
            at = last;
        __m256i now = load(text.data + at), before = load(text.data + at - 1), twice_before = load(text.data + at - 2);
        __m256i marked = noteworthy(&v, now, before, twice_before);
        if (spaces && (state->found & FINDING_SPACE) == 0) {
            __m256i odd = untidy(now, before, twice_before);
            state->found |= _mm256_testz_si256(odd, odd) ? 0 : FINDING_SPACE;
        }
        if (!_mm256_testz_si256(marked, marked)) {
            __m256i none = _mm256_cmpeq_epi8(marked, _mm256_setzero_si256());
            look_at(survey, text, at, ~(uint32_t)_mm256_movemask_epi8(none), state);
        }
        if (at == last)
            return;
    }
}
#endif
