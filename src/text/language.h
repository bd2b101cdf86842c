/*
 * Which language a text is in. Letters are counted by script; scripts of one language tell it at once, those of several
 * by n-grams (language_model.h). Long texts are judged by windows spread over them, so a text costs what 2 KiB cost.
 */
#ifndef TEXT_LANGUAGE_H
#define TEXT_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

struct language_model; /* immutable, so that threads share it */

/* Loads a file of weights (language_model.h); path NULL: the one that comes along. On failure *model is NULL. */
int language_model_open(struct language_model **model, const char *path, struct error *error);
void language_model_free(struct language_model *model);

/* At most so many languages are known. */
#define LANGUAGE_MAX 128
/* The number of a language that is none, and its tag. */
#define LANGUAGE_NONE LANGUAGE_MAX
#define LANGUAGE_UNDETERMINED "und"

/* Languages are numbered from 0; tags are BCP 47. */
size_t language_count(const struct language_model *model);
const char *language_tag(const struct language_model *model, size_t language);
/* The number of a tag's language: regions and scripts are passed over (pt-BR), other names of the same known (no for
 * nb, fil for tl). LANGUAGE_NONE where it is not told. */
size_t language_find(const struct language_model *model, struct span tag);
/* True of languages so near each other that a sentence of one is often taken for one of the other (nb and da, say). */
bool language_are_siblings(const struct language_model *model, size_t a, size_t b);

/* What was found. Zero probabilities everywhere where there are no letters. */
struct language_verdict {
    size_t language;             /* the likeliest; LANGUAGE_NONE where there are no letters, or of a program */
    double score;                /* the likeliest's probability, 0 to 1: of a text in several languages, about its share
                                    of what is no program */
    size_t letters;              /* bytes of letters that were looked at */
    float chances[LANGUAGE_MAX]; /* of every language */
};

struct language_judge; /* for one thread at a time */

struct language_judge *language_judge_new(const struct language_model *model); /* borrowed */
void language_judge_free(struct language_judge *judge);

/*
 * Judges texts (valid UTF-8) as one. hints, of which there may be none, are languages that are likelier than others
 * before anything was read; what is read outweighs them soon.
 */
void language_judge_texts(struct language_judge *judge, const struct span *texts, size_t count, const size_t *hints,
                          size_t hint_count, struct language_verdict *verdict);

#endif
