/*
 * What the parts of train_language share: the texts of each class, samples drawn from them, and the weights in the
 * making as floats. A class is a language in a script, as in text/language_model.h.
 */
#ifndef TRAIN_LANGUAGE_TRAINER_H
#define TRAIN_LANGUAGE_TRAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/random.h"
#include "text/language_model.h"

#define DIMS LANGUAGE_DIMS
/* Sums of rows are divided by the number of n-grams to this power. */
#define EXPONENT 0.5F

/* How texts read (tests/tools/language_texts). Held-out lines of the kinds before WORDS are judged. */
enum kind { PROSE, STORY, UI, WORDS, TRANSLATED, KINDS };
/* The shares of samples that the kinds have, of those that a language has. */
extern const double kind_weights[KINDS];

struct lines {
    struct span *items;
    size_t count, capacity;
};

struct class {
    char language[LANGUAGE_TAG_SIZE];
    enum language_script script;
    double weight; /* share of samples, summed up to here */
    struct lines learn[KINDS], held[KINDS];
};

struct trainer {
    struct class classes[LANGUAGE_CLASSES_MAX];
    size_t class_count, first[SCRIPT_CODED + 1];
    struct language_model model;
    uint8_t *tags; /* of rows */
    bool *taken;   /* rows that are an n-gram's */
    float factor;  /* of the sum of the sample's rows */
    float (*rows)[DIMS], (*vectors)[DIMS];
    float *biases;
    uint8_t base[256]; /* Latin codes without their accents */
    struct random random;
    struct language_codes codes; /* the sample at hand */
    uint64_t hashes[LANGUAGE_GRAMS_MAX];
    uint32_t places[LANGUAGE_GRAMS_MAX];
};

void die(const char *message) __attribute__((noreturn));

/* ---- texts.c ---- */

/* Reads the languages that are taught from FOLDER/LANGUAGE.txt; those without a file are left out. */
void texts_read(struct trainer *trainer, const char *folder);
/* The number of a language's class in a script; class_count where there is none. */
size_t texts_find(const struct trainer *trainer, const char *language, enum language_script script);

/* ---- samples.c ---- */

/* Knows Latin letters by those without accent. */
void samples_init(struct trainer *trainer);
/* A line of the class, cut to chance length, into trainer->codes. */
void sample_draw(struct trainer *trainer, const struct class *class);
/* A text into trainer->codes; strip: without accents. */
void sample_read(struct trainer *trainer, struct span text, const struct class *class, bool strip);
/* A cut of the line from the beginning of a word on. */
struct span sample_cut(struct trainer *trainer, struct span line, size_t size);
/* The beginning of a line, at most so many bytes. */
struct span sample_beginning(struct span line, size_t size);

/* ---- grams.c ---- */

/* N-grams of the sample at hand into trainer->hashes: those of language_grams or language_sibling_grams. */
size_t grams_of_script(struct trainer *trainer, size_t script);
size_t grams_of_group(struct trainer *trainer, size_t group);

struct gram {
    uint64_t hash;
    double gain;
    uint32_t *counts; /* of each class; freed where a gram is handed out */
};
/*
 * The n-grams of the classes' texts that come often enough, those that tell the classes apart best first; to be freed.
 * list gives the n-grams of a sample for its last argument; so many samples of each class are counted.
 */
struct gram *grams_rank(struct trainer *trainer, const size_t *classes, size_t class_count, size_t samples,
                        size_t (*list)(struct trainer *trainer, size_t which), size_t which, size_t *count);

/* ---- learning.c ---- */

/* Chooses the n-grams of the table and learns rows and vectors of all classes in so many million steps. */
void learning_choose(struct trainer *trainer);
void learning_run(struct trainer *trainer, double millions);
/* Leaves out lines that nobody translated, or that stand under the wrong language. */
void learning_leave_out_foreign(struct trainer *trainer);
/* The probabilities of the script's classes for the sample at hand, known: from how many n-grams (0: none, p unset). */
size_t learning_judge(struct trainer *trainer, enum language_script script, float *p);

/* ---- siblings.c ---- */

/* Chooses siblings' n-grams and learns what parts them, into trainer->model; so many million steps for each group. */
void siblings_learn(struct trainer *trainer, double millions);

/* ---- judging.c ---- */

/* Prints how well held-out lines are told: their first 120, 30 and 15 bytes; and what the
 * first are taken for most often. */
void judging_print(struct trainer *trainer);
/* Sets the model's scale and its groups' trust to those under which the languages of held-out lines are likeliest. */
void judging_calibrate(struct trainer *trainer);

#endif
