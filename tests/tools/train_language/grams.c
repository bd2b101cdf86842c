/*
 * Counting n-grams, and ranking them by what they tell of the language (information gain).
 */
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"
#include "trainer.h"

#define COMMON 5U /* times that an n-gram comes at least */
#define SLOTS ((size_t)1 << 23)
#define SKETCH_BITS 25

/* N-grams that come COMMON times or more. */
struct counting {
    uint8_t *cells; /* how often n-grams of a hash come, at most 255 */
    struct gram *slots;
    size_t slot_count;
    double sums[LANGUAGE_CLASSES_MAX]; /* n-grams of each class */
};

static void sketch(struct counting *counting, const uint64_t *hashes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint8_t *cell = &counting->cells[hashes[i] >> (64 - SKETCH_BITS)];
        *cell = (uint8_t)(*cell + (*cell < 255));
    }
}

static void add_counts(struct counting *counting, const uint64_t *hashes, size_t count, size_t class, size_t classes) {
    counting->sums[class] += (double)count;
    for (size_t i = 0; i < count; i++) {
        if (counting->cells[hashes[i] >> (64 - SKETCH_BITS)] < COMMON)
            continue;
        size_t slot = hash_mix(hashes[i]) & (counting->slot_count - 1);
        while (counting->slots[slot].counts && counting->slots[slot].hash != hashes[i])
            slot = (slot + 1) & (counting->slot_count - 1);
        if (!counting->slots[slot].counts) {
            counting->slots[slot].hash = hashes[i];
            counting->slots[slot].counts = memory_zeroed(classes, sizeof(uint32_t));
        }
        counting->slots[slot].counts[class]++;
    }
}

/* The texts whose n-grams are counted. */
struct source {
    const size_t *classes;
    size_t count;
    size_t samples; /* of each class */
    size_t (*list)(struct trainer *trainer, size_t which);
    size_t which;
};

/* Takes the n-grams of a class's samples, each line once at most, to the sketch or to the counts. */
static void count_class(struct trainer *trainer, struct counting *counting, const struct source *source, size_t place,
                        bool sketching) {
    struct class *class = &trainer->classes[source->classes[place]];
    random_seed(&trainer->random, source->classes[place]);
    for (size_t kind = 0; kind < KINDS; kind++) {
        const struct lines *lines = &class->learn[kind];
        double share = (double)source->samples * kind_weights[kind] / (double)(lines->count + 1);
        for (size_t i = 0; i < lines->count; i++) {
            if (random_uniform(&trainer->random) > share)
                continue;
            sample_read(trainer, sample_cut(trainer, lines->items[i], 150), class, false);
            size_t count = source->list(trainer, source->which);
            if (sketching)
                sketch(counting, trainer->hashes, count);
            else
                add_counts(counting, trainer->hashes, count, place, source->count);
        }
    }
}

/* What an n-gram tells: the mean over classes of p log(p / mean p), p how often it comes in a class. */
static double gain_of(const struct gram *gram, const double *sums, size_t classes) {
    double mean = 0, gain = 0, p[LANGUAGE_CLASSES_MAX];
    for (size_t i = 0; i < classes; i++) {
        double count = gram->counts[i] >= 3 ? gram->counts[i] : 0;
        p[i] = count / (sums[i] + 100000);
        mean += p[i] / (double)classes;
    }
    for (size_t i = 0; i < classes; i++)
        gain += p[i] > 0 ? p[i] * log(p[i] / mean) : 0;
    return gain;
}

static int by_gain(const void *a, const void *b) {
    const struct gram *x = a, *y = b;
    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

struct gram *grams_rank(struct trainer *trainer, const size_t *classes, size_t class_count, size_t samples,
                        size_t (*list)(struct trainer *trainer, size_t which), size_t which, size_t *count) {
    const struct source source = {classes, class_count, samples, list, which};
    struct counting counting = {.slot_count = SLOTS};
    counting.cells = memory_zeroed((size_t)1 << SKETCH_BITS, 1);
    counting.slots = memory_zeroed(counting.slot_count, sizeof *counting.slots);
    for (size_t i = 0; i < 2 * class_count; i++)
        count_class(trainer, &counting, &source, i % class_count, i < class_count);
    *count = 0;
    for (size_t i = 0; i < counting.slot_count; i++) {
        struct gram *gram = &counting.slots[i];
        if (!gram->counts)
            continue;
        gram->gain = gain_of(gram, counting.sums, class_count);
        free(gram->counts);
        gram->counts = NULL;
        counting.slots[(*count)++] = *gram;
    }
    free(counting.cells);
    qsort(counting.slots, *count, sizeof *counting.slots, by_gain);
    return counting.slots;
}

size_t grams_of_script(struct trainer *trainer, size_t script) {
    return language_grams((enum language_script)script, trainer->codes.codes[script], trainer->codes.size[script],
                          trainer->hashes);
}

size_t grams_of_group(struct trainer *trainer, size_t group) {
    size_t script = trainer->classes[trainer->model.groups[group].members[0]].script;
    return language_sibling_grams(group, trainer->codes.codes[script], trainer->codes.size[script], trainer->hashes);
}
