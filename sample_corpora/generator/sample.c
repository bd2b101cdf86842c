/* Keeps the languages, intents and phrasings of one file even. Knows no file format. */
#include "sample.h"

#include <string.h>

static bool is_intent(const struct section *section) {
    return section_count(section, '?') > 0 && !span_is(section->name, "greeting") && !span_is(section->name, "thanks");
}

static bool is_topic(const struct section *section) {
    return section_count(section, '=') > 0 && section_count(section, '-') > 0;
}

static void deck_fill(struct deck *deck, const struct material *material, bool (*belongs)(const struct section *)) {
    for (size_t i = 0; i < material->count; i++)
        if (belongs(&material->sections[i]))
            deck->order[deck->count++] = i;
    deck->next = deck->count;
}

/* Fisher and Yates, each time the deck is used up. */
static size_t deck_draw(struct deck *deck, struct random *random) {
    if (deck->next == deck->count) {
        for (size_t i = deck->count; i > 1; i--) {
            size_t j = random_below(random, i), swap = deck->order[i - 1];
            deck->order[i - 1] = deck->order[j];
            deck->order[j] = swap;
        }
        deck->next = 0;
    }
    return deck->order[deck->next++];
}

void sample_begin(struct sample *sample, const struct material *materials, uint64_t seed) {
    *sample = (struct sample){.materials = materials};
    random_seed(&sample->random, seed);
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        deck_fill(&sample->intents[i], &materials[i], is_intent);
        deck_fill(&sample->topics[i], &materials[i], is_topic);
        for (size_t j = 0; j < materials[i].count; j++)
            sample->uses[i][j] = (unsigned)random_below(&sample->random, 64);
    }
}

size_t sample_language(const struct sample *sample) {
    size_t least = 0;
    for (size_t i = 1; i < LANGUAGE_COUNT; i++)
        if (sample->text[i] < sample->text[least])
            least = i;
    return least;
}

uint64_t sample_total(const struct sample *sample) {
    uint64_t total = 0;
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        total += sample->text[i];
    return total;
}

bool sample_chance(struct sample *sample, unsigned percent) {
    return random_below(&sample->random, 100) < percent;
}

const struct section *sample_intent(struct sample *sample, size_t language) {
    return &sample->materials[language].sections[deck_draw(&sample->intents[language], &sample->random)];
}

const struct section *sample_topic(struct sample *sample, size_t language) {
    return &sample->materials[language].sections[deck_draw(&sample->topics[language], &sample->random)];
}

void sample_ask(struct sample *sample, size_t language, const struct section *intent, const struct values *values,
                struct bytes *out) {
    const struct material *material = &sample->materials[language];
    size_t turn = sample->uses[language][intent - material->sections]++;
    phrase_expand(material, &sample->random, values, section_entry(intent, '?', turn % section_count(intent, '?')),
                  out);
}

void sample_word(struct sample *sample, size_t language, const char *section, const struct values *values,
                 struct bytes *out) {
    const struct material *material = &sample->materials[language];
    phrase_draw(material, &sample->random, values, material_words(material, section), '-', out);
}

void sample_time(struct sample *sample, struct bytes *out) {
    unsigned draw[5];
    static const unsigned bounds[5] = {12, 28, 24, 60, 60};
    for (size_t i = 0; i < 5; i++)
        draw[i] = (unsigned)random_below(&sample->random, bounds[i]);
    bytes_append_format(out, "2024-%02u-%02uT%02u:%02u:%02uZ", draw[0] + 1, draw[1] + 1, draw[2], draw[3], draw[4]);
}

void sample_space(size_t language, struct bytes *out) {
    if (strcmp(LANGUAGES[language], "zh") != 0)
        bytes_append_byte(out, ' ');
}
