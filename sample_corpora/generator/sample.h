/*
 * The state in which one file is written: its own random numbers, the text given to each language so far, and what has
 * been used of the material, so that intents and phrasings come evenly.
 */
#ifndef GENERATOR_SAMPLE_H
#define GENERATOR_SAMPLE_H

#include <stdbool.h>

#include "base/random.h"
#include "material.h"
#include "phrase.h"

struct deck {
    size_t order[SECTION_MAX]; /* of sections; shuffled */
    size_t count, next;
};

struct sample {
    const struct material *materials; /* LANGUAGE_COUNT of them */
    struct random random;
    uint64_t text[LANGUAGE_COUNT]; /* bytes of running text written */
    struct deck intents[LANGUAGE_COUNT], topics[LANGUAGE_COUNT];
    unsigned uses[LANGUAGE_COUNT][SECTION_MAX]; /* of each intent */
};

void sample_begin(struct sample *sample, const struct material *materials, uint64_t seed);
/* The language with the least text so far: taking it every time keeps the languages even. */
size_t sample_language(const struct sample *sample);
uint64_t sample_total(const struct sample *sample);
bool sample_chance(struct sample *sample, unsigned percent);
/* The next intent (never the greeting or the farewell) or topic: each comes once before any comes again. */
const struct section *sample_intent(struct sample *sample, size_t language);
const struct section *sample_topic(struct sample *sample, size_t language);
/* Appends a phrasing of the intent; its phrasings take turns. */
void sample_ask(struct sample *sample, size_t language, const struct section *intent, const struct values *values,
                struct bytes *out);
/* Appends one entry of a section of words.txt. */
void sample_word(struct sample *sample, size_t language, const char *section, const struct values *values,
                 struct bytes *out);
/* A day and time of 2024 as RFC 3339 UTC. */
void sample_time(struct sample *sample, struct bytes *out);
/* Appends a blank between two sentences, where the language has one. */
void sample_space(size_t language, struct bytes *out);

#endif
