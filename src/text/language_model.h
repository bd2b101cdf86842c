/*
 * The weights by which languages are told (filters/language.weights), made by tests/tools/train_language.c.
 *
 * Every n-gram of letters (language_letters.h) that says something has a row of a table: a tag, by which other n-grams
 * of the same place are told from it, and LANGUAGE_DIMS small numbers. The rows of a text's n-grams are summed, divided
 * by a power of their number, and multiplied with a vector for each language of the script: a factorised multinomial
 * logistic regression (as fastText, Joulin et al. 2017, with tags instead of collisions).
 *
 * Languages so near each other that this says little (Croatian, Bosnian and Serbian, say) are siblings: what it gives
 * each of them, to a power (the group's trust), is multiplied with what longer n-grams and words say, whose rows hold
 * that for every sibling directly (multinomial logistic regression, the last sibling's logit 0); their sum stays.
 *
 * The file, little-endian:
 *     8 bytes      "GPTLANG3"
 *     5 × uint32   bytes of a row, rows, classes, groups of siblings, rows of siblings
 *     3 × float32  exponent, scale, floor of scoring (struct language_model)
 *     classes ×    char[12] language (BCP 47, NULs behind), char[4] script (ISO 15924), float32 bias,
 *                  LANGUAGE_DIMS × float32
 *     groups ×     uint32 number of siblings, float32 trust, LANGUAGE_SIBLINGS_MAX × { uint32 class, float32 bias,
 * float32 unit } rows ×       uint8 tag, LANGUAGE_DIMS × uint8 rows ×       of siblings: uint8 tag,
 * (LANGUAGE_SIBLINGS_MAX - 1) × uint8 uint64       XXH3-64 of all before
 */
#ifndef TEXT_LANGUAGE_MODEL_H
#define TEXT_LANGUAGE_MODEL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "text/language.h"
#include "text/language_letters.h"

#define LANGUAGE_DIMS 15
#define LANGUAGE_ZERO 128
#define LANGUAGE_ROW_BITS 16
#define LANGUAGE_ROWS ((size_t)1 << LANGUAGE_ROW_BITS)
#define LANGUAGE_CLASSES_MAX 96 /* with the scripts of one language at most LANGUAGE_MAX languages */
/* Numbers of classes and languages are reckoned eight at a time, some behind the last with them. */
#define LANGUAGE_LANES 8
typedef float language_lanes __attribute__((vector_size(4 * LANGUAGE_LANES), aligned(4), may_alias));
#define LANGUAGE_LOGITS_MAX (LANGUAGE_CLASSES_MAX + LANGUAGE_LANES)
#define LANGUAGE_TAG_SIZE 12
/* The class of text that is in no language, such as programs (ISO 639: no linguistic content). */
#define LANGUAGE_PROGRAM "zxx"
#define LANGUAGE_GROUPS_MAX 24
#define LANGUAGE_SIBLINGS_MAX 4
#define LANGUAGE_SIBLING_ROW_BITS 17
#define LANGUAGE_SIBLING_ROWS ((size_t)1 << LANGUAGE_SIBLING_ROW_BITS)

struct language_row {
    uint8_t tag;                   /* 0 in an empty row, never an n-gram's */
    uint8_t values[LANGUAGE_DIMS]; /* numbers from -127 to 127, LANGUAGE_ZERO added */
};

/* A language in a script. Classes of a script stand together. */
struct language_class {
    char language[LANGUAGE_TAG_SIZE];
    enum language_script script;
    float bias, vector[LANGUAGE_DIMS];
};

/* Classes of one script. */
struct language_siblings {
    uint32_t count; /* 2 to LANGUAGE_SIBLINGS_MAX */
    float trust;    /* 0 to 1: the share of the table's logits that is added to the siblings' own */
    uint32_t members[LANGUAGE_SIBLINGS_MAX];
    float biases[LANGUAGE_SIBLINGS_MAX], units[LANGUAGE_SIBLINGS_MAX]; /* units: of the numbers in rows */
};

struct language_model {
    float exponent; /* sums are divided by the number of n-grams to this power */
    float scale;    /* of the logits that come of it */
    float floor;    /* share of every probability that goes to all classes alike: no text is quite sure */
    size_t class_count;
    struct language_class *classes;
    size_t first[SCRIPT_CODED + 1];       /* of each script's classes; the end of the one before */
    float (*matrix)[LANGUAGE_LOGITS_MAX]; /* the classes' vectors, dimension by dimension */
    float biases[LANGUAGE_CLASSES_MAX];
    size_t program_class;  /* LANGUAGE_PROGRAM; class_count where there is none */
    size_t program;        /* the class LANGUAGE_PROGRAM as a language; it is the last and not counted */
    size_t language_count; /* of the classes and of scripts of one language, each once */
    const char *languages[LANGUAGE_MAX];
    size_t language_of[LANGUAGE_CLASSES_MAX]; /* classes */
    size_t only_language[SCRIPT_COUNT];       /* of the scripts from SCRIPT_CODED on */
    struct language_row *rows;                /* LANGUAGE_ROWS, and an empty one */
    size_t group_count;
    struct language_siblings groups[LANGUAGE_GROUPS_MAX];
    uint32_t *sibling_rows; /* LANGUAGE_SIBLING_ROWS: a tag in the low byte, numbers with LANGUAGE_ZERO added above */
    struct language_letters letters;
};

/* Where the n-gram of a hash stands in the table, and its tag. */
static inline size_t language_row_of(uint64_t hash) {
    return (size_t)(hash >> (64 - LANGUAGE_ROW_BITS));
}
static inline uint8_t language_tag_of(uint64_t hash) {
    return (uint8_t)(hash >> (56 - LANGUAGE_ROW_BITS));
}
static inline size_t language_sibling_row_of(uint64_t hash) {
    return (size_t)(hash >> (64 - LANGUAGE_SIBLING_ROW_BITS));
}
static inline uint8_t language_sibling_tag_of(uint64_t hash) {
    return (uint8_t)(hash >> (56 - LANGUAGE_SIBLING_ROW_BITS));
}
/* What the sum of so many rows of siblings is multiplied with: n-grams that overlap say much the same. */
static inline float language_sibling_factor(size_t rows) {
    return rows > 0 ? 1 / sqrtf((float)rows) : 0;
}

/* Errors name the file: ERROR_DATA where it is no such file, or damaged. On failure *model is NULL. */
int language_model_load(struct language_model **model, const char *path, struct error *error);
/* The file's bytes. */
void language_model_write(const struct language_model *model, struct bytes *out);

/*
 * What text says in one script: the logit of each of the script's classes, into logits[0 .. first[script+1] -
 * first[script]); logits has room for LANGUAGE_LOGITS_MAX.
 */
void language_model_logits(const struct language_model *model, enum language_script script,
                           const struct language_codes *codes, float *logits);

/* Parts anew what siblings have together in chances, the probabilities of a script's classes that sum to 1. */
void language_model_part_siblings(const struct language_model *model, enum language_script script,
                                  const struct language_codes *codes, float *chances);

#endif
