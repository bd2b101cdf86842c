/*
 * Siblings: languages so near each other that samples of all languages together teach little of what parts them. Their
 * texts are held against each other alone, in longer n-grams and words.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "trainer.h"

#define COUNTED 40000U /* samples a class from which n-grams are counted */
#define FILL 0.85      /* share of the rows that groups take together */
#define RATE 0.6F
#define DROPPED 0.3
#define FREE (LANGUAGE_SIBLINGS_MAX - 1) /* numbers in a row */

/*
 * The groups, what share of the rows each has before all are made to sum to FILL, and of samples each member: where a
 * text says nothing of what parts them, it is taken for the one of which more is written.
 */
static const struct {
    enum language_script script;
    double rows;
    struct {
        const char *language;
        double share;
    } members[LANGUAGE_SIBLINGS_MAX];
} families[] = {
    {SCRIPT_LATIN, 3, {{"da", 1}, {"nb", 1}, {"nn", 0.7}, {"sv", 1}}},
    {SCRIPT_LATIN, 4, {{"hr", 1}, {"bs", 0.4}, {"sr", 0.6}, {"sl", 1}}},
    {SCRIPT_LATIN, 3, {{"id", 1}, {"ms", 0.4}}},
    {SCRIPT_LATIN, 1.5, {{"cs", 1}, {"sk", 1}}},
    {SCRIPT_LATIN, 2, {{"es", 1}, {"pt", 1}, {"gl", 0.4}, {"ca", 0.7}}},
    {SCRIPT_LATIN, 0.5, {{"ca", 1}, {"oc", 0.4}}},
    {SCRIPT_LATIN, 1, {{"nl", 1}, {"af", 0.7}}},
    {SCRIPT_LATIN, 0.5, {{"fi", 1}, {"et", 0.8}}},
    {SCRIPT_LATIN, 0.5, {{"tr", 1}, {"az", 0.7}}},
    {SCRIPT_LATIN, 0.5, {{"ga", 1}, {"gd", 0.7}}},
    {SCRIPT_LATIN, 1, {{"xh", 1}, {"zu", 1}}},
    {SCRIPT_LATIN, 1, {{"st", 1}, {"tn", 1}}},
    {SCRIPT_CYRILLIC, 1.5, {{"ru", 1}, {"uk", 1}, {"be", 0.7}, {"bg", 1}}},
    {SCRIPT_CYRILLIC, 1.5, {{"bg", 1}, {"mk", 0.8}, {"sr", 0.8}}},
    {SCRIPT_ARABIC, 0.5, {{"fa", 1}, {"ur", 0.7}, {"ckb", 0.5}}},
    {SCRIPT_DEVANAGARI, 1, {{"hi", 1}, {"mr", 0.8}, {"ne", 0.5}}},
    {SCRIPT_ETHIOPIC, 1, {{"am", 1}, {"ti", 1}}},
};
#define FAMILIES (sizeof families / sizeof *families)

struct learner {
    struct trainer *trainer;
    uint8_t *tags;
    uint8_t *owners; /* of rows: the group that has it, and 1; 0: none */
    float (*rows)[FREE];
    double shares[FAMILIES][LANGUAGE_SIBLINGS_MAX]; /* of samples, of each group's members, summed up */
};

/* Names the group's members and sums up their shares of samples; one whose text is missing is left out. */
static void set_group(struct learner *learner, size_t family, size_t index) {
    const struct trainer *trainer = learner->trainer;
    struct language_siblings *group = &learner->trainer->model.groups[index];
    double sum = 0;
    *group = (struct language_siblings){.trust = 0.5F};
    for (size_t k = 0; k < LANGUAGE_SIBLINGS_MAX && families[family].members[k].language; k++) {
        size_t class = texts_find(trainer, families[family].members[k].language, families[family].script);
        if (class == trainer->class_count)
            continue;
        learner->shares[index][group->count] = sum += families[family].members[k].share;
        group->members[group->count++] = (uint32_t) class;
    }
}

/* The rows of the sample's n-grams, less a share dropped by chance. */
static size_t find_places(struct learner *learner, size_t group) {
    struct trainer *trainer = learner->trainer;
    size_t count = grams_of_group(trainer, group), known = 0;
    for (size_t i = 0; i < count; i++) {
        size_t row = language_sibling_row_of(trainer->hashes[i]);
        if (learner->owners[row] == group + 1 && learner->tags[row] == language_sibling_tag_of(trainer->hashes[i]) &&
            random_uniform(&trainer->random) >= DROPPED)
            trainer->places[known++] = (uint32_t)row;
    }
    return known;
}

static void learn(struct learner *learner, size_t index, float rate) {
    struct trainer *trainer = learner->trainer;
    struct language_siblings *group = &trainer->model.groups[index];
    double at = random_uniform(&trainer->random) * learner->shares[index][group->count - 1];
    size_t right = 0;
    while (right + 1 < group->count && learner->shares[index][right] < at)
        right++;
    sample_draw(trainer, &trainer->classes[group->members[right]]);
    size_t known = find_places(learner, index);
    float factor = language_sibling_factor(known), p[LANGUAGE_SIBLINGS_MAX], total = 0, highest = -INFINITY;
    for (size_t k = 0; k < group->count; k++) {
        float sum = 0;
        for (size_t i = 0; i < known && k + 1 < group->count; i++)
            sum += learner->rows[trainer->places[i]][k];
        p[k] = group->biases[k] + factor * sum;
        highest = fmaxf(highest, p[k]);
    }
    for (size_t k = 0; k < group->count; k++)
        total += p[k] = expf(p[k] - highest);
    for (size_t k = 0; k + 1 < group->count; k++) {
        float slope = (p[k] / total - (k == right)) * rate;
        for (size_t i = 0; i < known; i++)
            learner->rows[trainer->places[i]][k] -= factor * slope;
        group->biases[k] -= slope * 0.02F;
    }
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The group's rows to 8 bits, each member with a unit of its own. */
static void quantise(struct learner *learner, struct language_siblings *group, const uint32_t *places, size_t count) {
    float *sizes = memory_allocate((count + 1) * sizeof *sizes);
    for (size_t k = 0; k + 1 < group->count; k++) {
        for (size_t i = 0; i < count; i++)
            sizes[i] = fabsf(learner->rows[places[i]][k]);
        qsort(sizes, count, sizeof *sizes, by_value);
        group->units[k] = count > 0 ? fmaxf(sizes[count - 1 - count / 1000] / 127, 1e-9F) : 1;
        for (size_t i = 0; i < count; i++) {
            float value = roundf(learner->rows[places[i]][k] / group->units[k]);
            uint32_t byte = (uint32_t)(LANGUAGE_ZERO + (int)fmaxf(-127, fminf(127, value)));
            uint32_t *row = &learner->trainer->model.sibling_rows[places[i]];
            *row = (*row & ~(UINT32_C(0xFF) << (8 * (k + 1)))) | byte << (8 * (k + 1));
        }
    }
    for (size_t i = 0; i < count; i++)
        learner->trainer->model.sibling_rows[places[i]] |= learner->tags[places[i]];
    free(sizes);
}

/* Gives the n-grams that part the group best their rows, `most` or fewer; the caller frees *places. */
static size_t choose(struct learner *learner, size_t index, size_t most, uint32_t **places) {
    struct trainer *trainer = learner->trainer;
    const struct language_siblings *group = &trainer->model.groups[index];
    size_t members[LANGUAGE_SIBLINGS_MAX], count, placed = 0;
    for (size_t k = 0; k < group->count; k++)
        members[k] = group->members[k];
    struct gram *grams = grams_rank(trainer, members, group->count, COUNTED, grams_of_group, index, &count);
    *places = memory_allocate(most * sizeof **places);
    for (size_t i = 0; i < count && grams[i].gain > 0 && placed < most; i++) {
        size_t row = language_sibling_row_of(grams[i].hash);
        if (learner->owners[row])
            continue;
        learner->owners[row] = (uint8_t)(index + 1);
        learner->tags[row] = language_sibling_tag_of(grams[i].hash);
        (*places)[placed++] = (uint32_t)row;
    }
    fprintf(stderr, "siblings of %s: %zu of %zu n-grams\n", trainer->classes[members[0]].language, placed, count);
    free(grams);
    return placed;
}

/* Learns one group's rows; on a copy of the trainer, so that groups can be learned at the same time. */
static void learn_group(const struct learner *all, size_t index, size_t steps) {
    struct learner learner = *all;
    learner.trainer = memory_allocate(sizeof *learner.trainer);
    *learner.trainer = *all->trainer;
    random_seed(&learner.trainer->random, index);
    for (size_t step = 0; step < steps; step++)
        learn(&learner, index, RATE * (1 - (float)step / (float)steps));
    all->trainer->model.groups[index] = learner.trainer->model.groups[index];
    free(learner.trainer);
}

void siblings_learn(struct trainer *trainer, double millions) {
    struct learner learner = {.trainer = trainer};
    struct language_model *model = &trainer->model;
    uint32_t *places[FAMILIES];
    size_t placed[FAMILIES];
    learner.tags = memory_zeroed(LANGUAGE_SIBLING_ROWS, 1);
    learner.owners = memory_zeroed(LANGUAGE_SIBLING_ROWS, 1);
    learner.rows = memory_zeroed(LANGUAGE_SIBLING_ROWS, sizeof *learner.rows);
    model->sibling_rows = memory_allocate(LANGUAGE_SIBLING_ROWS * sizeof *model->sibling_rows);
    for (size_t i = 0; i < LANGUAGE_SIBLING_ROWS; i++)
        model->sibling_rows[i] = LANGUAGE_ZERO * UINT32_C(0x01010100);
    double shares = 0;
    for (size_t family = 0; family < FAMILIES; family++)
        shares += families[family].rows;
    for (size_t family = 0; family < FAMILIES; family++) {
        set_group(&learner, family, model->group_count);
        if (model->groups[model->group_count].count < 2)
            continue;
        size_t most = (size_t)(FILL * LANGUAGE_SIBLING_ROWS * families[family].rows / shares);
        placed[model->group_count] = choose(&learner, model->group_count, most, &places[model->group_count]);
        model->group_count++;
    }
#pragma omp parallel for schedule(dynamic)
    for (size_t index = 0; index < model->group_count; index++)
        learn_group(&learner, index, (size_t)(millions * 1e6));
    for (size_t index = 0; index < model->group_count; index++) {
        quantise(&learner, &model->groups[index], places[index], placed[index]);
        free(places[index]);
    }
    free(learner.tags);
    free(learner.owners);
    free(learner.rows);
}
