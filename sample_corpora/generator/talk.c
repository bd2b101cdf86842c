/* Composes dialogues and articles. Knows no file format. */
#include "talk.h"

enum { SENTENCES_MAX = 32 };

static struct bytes *next_turn(struct talk *talk) {
    struct bytes *turn = &talk->turns[talk->count++];
    bytes_clear(turn);
    return turn;
}

static void begin_talk(struct sample *sample, size_t language, struct talk *talk) {
    talk->count = 0;
    talk->language = language;
    values_draw(&talk->values, &sample->materials[language], &sample->random);
}

static void count_talk(struct sample *sample, const struct talk *talk) {
    for (size_t i = 0; i < talk->count; i++)
        sample->text[talk->language] += talk->turns[i].size;
}

static void answer(struct sample *sample, struct talk *talk, const struct section *intent,
                   const struct values *values) {
    phrase_draw(&sample->materials[talk->language], &sample->random, values, intent, '=', next_turn(talk));
}

/* A question with what people put before and after one, and its answer. */
static void exchange(struct sample *sample, struct talk *talk, const struct section *intent,
                     const struct values *values) {
    size_t language = talk->language;
    bool first = talk->count == 0;
    struct bytes *turn = next_turn(talk);
    if (sample_chance(sample, first ? 15 : 35)) {
        sample_word(sample, language, first ? "prefix" : "connector", values, turn);
        sample_space(language, turn);
    }
    sample_ask(sample, language, intent, values, turn);
    if (sample_chance(sample, 8)) {
        sample_space(language, turn);
        sample_word(sample, language, "suffix", values, turn);
    }
    answer(sample, talk, intent, values);
}

/* A greeting or farewell and its answer. */
static void courtesy(struct sample *sample, struct talk *talk, const char *name) {
    const struct section *intent = material_words(&sample->materials[talk->language], name);
    sample_ask(sample, talk->language, intent, &talk->values, next_turn(talk));
    answer(sample, talk, intent, &talk->values);
}

void talk_compose(struct sample *sample, size_t language, size_t intents, struct talk *talk) {
    struct values values;
    begin_talk(sample, language, talk);
    values = talk->values;
    if (sample_chance(sample, 20))
        courtesy(sample, talk, "greeting");
    for (size_t i = 0; i < intents; i++) {
        exchange(sample, talk, sample_intent(sample, language), &values);
        values_draw(&values, &sample->materials[language], &sample->random);
    }
    if (sample_chance(sample, 35))
        courtesy(sample, talk, "thanks");
    count_talk(sample, talk);
}

void talk_compose_any(struct sample *sample, size_t language, struct talk *talk) {
    size_t draw = random_below(&sample->random, 20);
    talk_compose(sample, language, draw < 5 ? 1 : draw < 13 ? 2 : 3, talk);
}

void talk_compose_thread(struct sample *sample, size_t language, struct talk *talk) {
    const struct section *intent = sample_intent(sample, language);
    begin_talk(sample, language, talk);
    exchange(sample, talk, intent, &talk->values);
    if (sample_chance(sample, 50))
        exchange(sample, talk, sample_intent(sample, language), &talk->values);
    if (sample_chance(sample, 50))
        courtesy(sample, talk, "thanks");
    count_talk(sample, talk);
}

void talk_release(struct talk *talk) {
    for (size_t i = 0; i < TALK_TURNS_MAX; i++)
        bytes_release(&talk->turns[i]);
}

/* The sentences of a topic in an order drawn for one article; each is used once. */
struct supply {
    const struct section *topic;
    size_t order[SENTENCES_MAX], count, next;
};

static void open_topic(struct sample *sample, size_t language, struct supply *supply) {
    supply->topic = sample_topic(sample, language);
    supply->count = section_count(supply->topic, '-');
    if (supply->count > SENTENCES_MAX)
        supply->count = SENTENCES_MAX;
    supply->next = 0;
    for (size_t i = 0; i < supply->count; i++) {
        size_t j = random_below(&sample->random, i + 1);
        supply->order[i] = supply->order[j];
        supply->order[j] = i;
    }
}

/* Three or four sentences, in the order of the supply. */
static void compose_paragraph(struct sample *sample, size_t language, struct supply *supply, struct bytes *out) {
    const struct material *material = &sample->materials[language];
    size_t end = supply->next + 3 + random_below(&sample->random, 2);
    bytes_clear(out);
    for (; supply->next < end && supply->next < supply->count; supply->next++) {
        struct span text = section_entry(supply->topic, '-', supply->order[supply->next]);
        struct values values;
        values_draw(&values, material, &sample->random);
        if (out->size > 0)
            sample_space(language, out);
        phrase_expand(material, &sample->random, &values, text, out);
    }
}

void article_compose(struct sample *sample, size_t language, size_t paragraphs, struct article *article) {
    const struct material *material = &sample->materials[language];
    struct supply supply;
    open_topic(sample, language, &supply);
    article->language = language;
    article->count = 0;
    values_draw(&article->values, material, &sample->random);
    bytes_clear(&article->title);
    phrase_draw(material, &sample->random, &article->values, supply.topic, '=', &article->title);
    sample->text[language] += article->title.size;
    while (article->count < paragraphs && article->count < ARTICLE_PARAGRAPHS_MAX) {
        struct bytes *paragraph = &article->paragraphs[article->count];
        article->topics[article->count++] = supply.topic;
        compose_paragraph(sample, language, &supply, paragraph);
        sample->text[language] += paragraph->size;
        if (article->count % 2 == 0)
            open_topic(sample, language, &supply);
    }
}

void article_release(struct article *article) {
    bytes_release(&article->title);
    for (size_t i = 0; i < ARTICLE_PARAGRAPHS_MAX; i++)
        bytes_release(&article->paragraphs[i]);
}
