/* Dialogues and articles made of the material: what every file format is filled with. */
#ifndef GENERATOR_TALK_H
#define GENERATOR_TALK_H

#include "sample.h"

enum { TALK_TURNS_MAX = 16, ARTICLE_PARAGRAPHS_MAX = 8 };

/* Turns by a customer (even index) and the shop (odd index). Zero-initialised is valid; buffers are used again. */
struct talk {
    struct bytes turns[TALK_TURNS_MAX];
    size_t count, language;
    struct values values; /* of the first exchange */
};

/* A dialogue of so many intents, often with a greeting before and a farewell after. Counts its text. */
void talk_compose(struct sample *sample, size_t language, size_t intents, struct talk *talk);
/* A dialogue of 1 to 3 intents. */
void talk_compose_any(struct sample *sample, size_t language, struct talk *talk);
/* A thread: one question, its answer, and perhaps thanks or a second answer. */
void talk_compose_thread(struct sample *sample, size_t language, struct talk *talk);
void talk_release(struct talk *talk);

struct article {
    struct bytes title;
    struct bytes paragraphs[ARTICLE_PARAGRAPHS_MAX];
    const struct section *topics[ARTICLE_PARAGRAPHS_MAX]; /* of each paragraph */
    size_t count, language;
    struct values values; /* of the title */
};

/* So many paragraphs, two on each topic, none saying twice what another says. Counts its text. */
void article_compose(struct sample *sample, size_t language, size_t paragraphs, struct article *article);
void article_release(struct article *article);

#endif
