/* The tables of a survey, and the two ways to look a text over with them. For survey.c and survey_avx2.c alone. */
#ifndef CLEAN_SURVEY_TABLES_H
#define CLEAN_SURVEY_TABLES_H

#include <stdint.h>

#include "clean/survey.h"

#define SURVEY_BMP_SIZE 0x10000U
#define SURVEY_PAGE_SIZE 64U /* characters that share all bytes but their last in UTF-8 */
#define SURVEY_SPLIT_COUNT 10
#define SURVEY_SPLIT_PAIRS (SURVEY_SPLIT_COUNT / 2)
#define SURVEY_SPLIT_THREES 3 /* the first pairs are of leads of three bytes, E0 to EF, the others of D0 to DF */

/* Beside the findings: a combining mark, which is one only behind one of a higher class. */
#define SURVEY_MARK (1U << 7)

/*
 * Sets of bytes as vectors can test them: a byte is in the set where low[its low four bits] and high[its high four
 * bits] have a bit in common.
 */
struct survey_byte_set {
    uint8_t low[16], high[16];
};

struct survey {
    const struct normalizer *normalizer;
    const struct codepages *codepages;
    unsigned wanted;
    uint8_t characters[SURVEY_BMP_SIZE];
    uint8_t pages[SURVEY_BMP_SIZE / SURVEY_PAGE_SIZE]; /* all that is in the characters of one */
    /*
     * For vectors. Bytes that are, or begin, a character that says something: ASCII and the others. Leads of common
     * scripts that begin characters of both kinds are not among them: pairs of those have a set of second bytes, the
     * first of the pair in the low four bits, and split_leads says by a lead's low four bits which.
     * Punctuation, E2 80 and E3 80, is in nearly every text, so those pages are split again, by their third bytes.
     */
    struct survey_byte_set ascii, others;
    uint8_t split_seconds[SURVEY_SPLIT_PAIRS][16], split_leads[SURVEY_SPLIT_PAIRS][16], split_high[16];
    uint8_t thirds[16], third_leads[16];
};

/* Where a survey stands: characters that follow each other matter to each other. */
struct survey_state {
    unsigned found;
    size_t end;    /* of the last character that was looked at */
    uint32_t mark; /* that character, where it is a combining mark; else 0 */
};

/* Looks at the character beyond ASCII at a position, unless it was looked at before; returns its end. */
size_t survey_character(const struct survey *survey, struct span text, size_t at, struct survey_state *state);

#if defined(__x86_64__)
/* Looks over text (of more than SURVEY_VECTOR_MIN bytes) from its second byte on, with AVX2. */
#define SURVEY_VECTOR_MIN 34
void survey_run_avx2(const struct survey *survey, struct span text, struct survey_state *state);
#endif

#endif
