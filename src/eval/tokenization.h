/* The tokenizations that sacreBLEU scores under, by their names there. */
#ifndef EVAL_TOKENIZATION_H
#define EVAL_TOKENIZATION_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"
#include "eval/ngrams.h"

enum tokenization {
    TOKENIZATION_13A,  /* mteval-v13a.pl: ASCII punctuation apart, entities undone */
    TOKENIZATION_ZH,   /* Chinese characters apart, the rest as 13a but for entities */
    TOKENIZATION_INTL, /* mteval-v14.pl --international: punctuation and symbols of all scripts apart */
    TOKENIZATION_CHAR, /* characters */
    TOKENIZATION_NONE, /* words between white space */
    TOKENIZATION_COUNT
};

/* "13a", "zh", "intl", "char", "none", for option tables; NULL at the end. */
extern const char *const tokenization_names[TOKENIZATION_COUNT + 1];

/* White space as Python's str.split takes it. */
bool is_python_space(uint32_t code);
/* A character that the zh tokenization sets apart. */
bool is_chinese(uint32_t code);

/* Replaces units by the tokens of a segment, one space between them. The segment must be valid UTF-8. */
void tokenize(enum tokenization tokenization, struct span segment, struct units *units);

/* Appends the words of text between white space, one space between them. */
void units_append_words(struct units *units, struct span text);

/* Appends text in lower case, as Unicode defines it without regard to language. */
int append_lower_case(struct span text, struct bytes *out, struct error *error);

#endif
