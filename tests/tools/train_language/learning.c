/*
 * The table of n-grams of all classes: choosing them, and learning their rows and the classes' vectors by stochastic
 * gradient descent; and lines that a first model finds to be of other languages.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "trainer.h"

/* Found with held-out lines. */
#define RATE 0.35F
#define DROPPED 0.25
#define COUNTED 12000U /* samples a class from which n-grams are counted */
/* A line is taken for one of another language where a first model is so sure of that, and gives its own no more. */
#define FOREIGN 0.8F
#define OWN 0.05F

/* The most that each script but Latin takes of the table. */
static const double shares[SCRIPT_CODED] = {0, 0.12, 0.06, 0.05, 0.02, 0.03, 0.02};

/* Gives a script's n-grams that tell most their places in the table; returns how many. */
static size_t place_grams(struct trainer *trainer, const struct gram *all, size_t count, size_t most) {
    size_t placed = 0;
    for (size_t i = 0; i < count && all[i].gain > 0 && placed < most; i++) {
        size_t row = language_row_of(all[i].hash);
        placed += !trainer->taken[row];
        if (!trainer->taken[row])
            trainer->tags[row] = language_tag_of(all[i].hash);
        trainer->taken[row] = true;
    }
    return placed;
}

void learning_choose(struct trainer *trainer) {
    memset(trainer->taken, 0, LANGUAGE_ROWS * sizeof *trainer->taken);
    for (size_t script = SCRIPT_CODED; script-- > 0;) { /* Latin last, which has n-grams enough to fill the rest */
        size_t first = trainer->first[script], classes = trainer->first[script + 1] - first, count;
        size_t members[LANGUAGE_CLASSES_MAX];
        for (size_t i = 0; i < classes; i++)
            members[i] = first + i;
        struct gram *grams = grams_rank(trainer, members, classes, COUNTED, grams_of_script, script, &count);
        size_t most = script == SCRIPT_LATIN ? SIZE_MAX : (size_t)(shares[script] * (double)LANGUAGE_ROWS);
        size_t placed = place_grams(trainer, grams, count, most);
        fprintf(stderr, "%s: %zu classes, %zu of %zu n-grams\n", language_script_name((enum language_script)script),
                classes, placed, count);
        free(grams);
    }
}

/* Finds the rows of the n-grams that are in the table, less a share dropped by chance. Sets the sample's factor. */
static size_t find_places(struct trainer *trainer, size_t count, double dropped) {
    size_t known = 0;
    trainer->factor = count > 0 ? powf((float)((1 - dropped) * (double)count), -EXPONENT) : 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = trainer->hashes[i];
        size_t row = language_row_of(hash);
        if (trainer->tags[row] == language_tag_of(hash) &&
            (dropped == 0 || random_uniform(&trainer->random) >= dropped))
            trainer->places[known++] = (uint32_t)row;
    }
    return known;
}

/* The probabilities of a script's classes; the sum of rows over a power of their number into `sum`. */
static void forward(const struct trainer *trainer, enum language_script script, size_t known, float *sum, float *p) {
    size_t first = trainer->first[script], last = trainer->first[script + 1];
    float highest = -INFINITY, total = 0;
    for (size_t d = 0; d < DIMS; d++)
        sum[d] = 0;
    for (size_t i = 0; i < known; i++)
        for (size_t d = 0; d < DIMS; d++)
            sum[d] += trainer->rows[trainer->places[i]][d];
    for (size_t d = 0; d < DIMS; d++)
        sum[d] *= trainer->factor;
    for (size_t i = first; i < last; i++) {
        p[i - first] = trainer->biases[i];
        for (size_t d = 0; d < DIMS; d++)
            p[i - first] += trainer->vectors[i][d] * sum[d];
        highest = fmaxf(highest, p[i - first]);
    }
    for (size_t i = 0; i < last - first; i++)
        total += p[i] = expf(p[i] - highest);
    for (size_t i = 0; i < last - first; i++)
        p[i] /= total;
}

static void learn(struct trainer *trainer, size_t index, float rate) {
    const struct class *class = &trainer->classes[index];
    sample_draw(trainer, class);
    size_t known = find_places(trainer, grams_of_script(trainer, class->script), DROPPED);
    float sum[DIMS], p[LANGUAGE_CLASSES_MAX], back[DIMS] = {0};
    size_t first = trainer->first[class->script], last = trainer->first[class->script + 1];
    if (known == 0)
        return;
    forward(trainer, class->script, known, sum, p);
    for (size_t i = first; i < last; i++) {
        float slope = (p[i - first] - (i == index)) * rate;
        for (size_t d = 0; d < DIMS; d++) {
            back[d] += slope * trainer->vectors[i][d];
            trainer->vectors[i][d] -= slope * sum[d];
        }
        trainer->biases[i] -= slope * 0.1F;
    }
    for (size_t i = 0; i < known; i++)
        for (size_t d = 0; d < DIMS; d++)
            trainer->rows[trainer->places[i]][d] -= trainer->factor * back[d];
}

void learning_run(struct trainer *trainer, double millions) {
    memset(trainer->biases, 0, trainer->class_count * sizeof *trainer->biases);
    size_t steps = (size_t)(millions * 1e6);
    double whole = trainer->classes[trainer->class_count - 1].weight;
    for (size_t i = 0; i < LANGUAGE_ROWS; i++)
        for (size_t d = 0; d < DIMS; d++)
            trainer->rows[i][d] = trainer->taken[i] ? (float)random_normal(&trainer->random) * 0.05F : 0;
    for (size_t i = 0; i < trainer->class_count; i++)
        for (size_t d = 0; d < DIMS; d++)
            trainer->vectors[i][d] = (float)random_normal(&trainer->random) * 0.3F;
    for (size_t step = 0; step < steps; step++) {
        double at = random_uniform(&trainer->random) * whole;
        size_t index = 0;
        while (trainer->classes[index].weight < at)
            index++;
        learn(trainer, index, RATE * (1 - (float)step / (float)steps));
    }
}

/* ---- lines of other languages ---- */

size_t learning_judge(struct trainer *trainer, enum language_script script, float *p) {
    float sum[DIMS];
    size_t known = find_places(trainer, grams_of_script(trainer, script), 0);
    if (known > 0)
        forward(trainer, script, known, sum, p);
    return known;
}

/* True where the model, which learned from it, takes a line for one of another language. */
static bool is_foreign(struct trainer *trainer, size_t index, struct span text) {
    const struct class *class = &trainer->classes[index];
    float p[LANGUAGE_CLASSES_MAX];
    sample_read(trainer, text, class, false);
    size_t first = trainer->first[class->script], last = trainer->first[class->script + 1];
    if (learning_judge(trainer, class->script, p) < 10)
        return false;
    bool other = false;
    for (size_t i = first; i < last; i++)
        other |= p[i - first] > FOREIGN;
    return other && p[index - first] < OWN;
}

void learning_leave_out_foreign(struct trainer *trainer) {
    for (size_t i = 0; i < trainer->class_count; i++) {
        struct class *class = &trainer->classes[i];
        size_t left[2] = {0};
        for (size_t kind = 0; kind < 2 * (size_t)KINDS; kind++) {
            struct lines *lines = kind < KINDS ? &class->learn[kind] : &class->held[kind - KINDS];
            size_t kept = 0;
            for (size_t line = 0; line < lines->count; line++)
                if (!is_foreign(trainer, i, lines->items[line]))
                    lines->items[kept++] = lines->items[line];
            left[0] += lines->count;
            left[1] += lines->count - kept;
            lines->count = kept;
        }
        fprintf(stderr, "%s-%s: %zu of %zu lines are of other languages\n", class->language,
                language_script_name(class->script), left[1], left[0]);
    }
}
