/*
 * train_language [-n MILLIONS] [-s SEED] [-o WEIGHTS] FOLDER: learns the weights that tell languages
 * (filters/language.weights) from the texts that tests/tools/language_texts gathers, and prints how well held-out lines
 * are told. The same texts give the same weights.
 *
 * A line in HELD_OUT is never learned from. Samples are lines, or cuts of them, of chance length. N-grams are chosen by
 * what they tell of the language (information gain); rows and vectors are then learned by stochastic gradient descent.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/input.h"
#include "base/memory.h"
#include "base/random.h"
#include "text/language_model.h"
#include "text/utf8.h"

#define FILE_MAX ((size_t)1 << 30)
#define HELD_OUT 40U
#define DIMS LANGUAGE_DIMS
/* Found with held-out lines. */
#define EXPONENT 0.5F
#define RATE 0.35F
#define DROPPED 0.25
#define STRIPPED 0.04
#define COUNTED 12000U   /* samples a class from which n-grams are counted */
#define LINES_MAX 60000U /* lines of a kind that are read of a language, chosen by chance where there are more */
/* A line is taken for one of another language where a first model is so sure of that, and gives its own no more. */
#define FOREIGN 0.8F
#define OWN 0.05F
#define COMMON 5U /* times that an n-gram comes at least */

/* What is learned: the languages of each script; of those before a bar more samples are seen than of those behind it,
 * so that they are likelier where a text says little. */
static const char *const taught[SCRIPT_CODED] = {
    [SCRIPT_LATIN] = "en | de fr es it pt nl sv da nb pl cs ro hu fi tr id vi hr "
                     "| af az ca cy eo et eu ga is la lt lv sk sl sq sw tl "
                     "| bs sr ms nn gl br gd fy mt lb fo ku oc uz lg mi om sn so st tn ts xh yo zu ",
    [SCRIPT_CYRILLIC] = "ru | uk bg | be kk mk mn sr | ky tg tt ",
    [SCRIPT_ARABIC] = "| ar fa | ur | ps ug ckb ",
    [SCRIPT_DEVANAGARI] = "| hi | mr | ne ",
    [SCRIPT_ETHIOPIC] = "| | am ti | ",
    [SCRIPT_BENGALI] = "| bn | | as ",
    [SCRIPT_HEBREW] = "| he | | yi ",
};
static const double weights[] = {8, 4, 1.5, 0.6};
/* The most that each script but Latin takes of the table. */
static const double shares[SCRIPT_CODED] = {0, 0.12, 0.06, 0.05, 0.02, 0.03, 0.02};

enum kind { PROSE, STORY, UI, WORDS, KINDS };
static const char *const kind_names[KINDS] = {"prose", "story", "ui", "words"};
static const double kind_weights[KINDS] = {0.35, 0.3, 0.2, 0.15};

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
    struct language_codes codes;
    uint64_t hashes[LANGUAGE_GRAMS_MAX];
    uint32_t places[LANGUAGE_GRAMS_MAX];
};

static void die(const char *message) {
    fprintf(stderr, "train_language: %s\n", message);
    exit(1);
}

static size_t pick(struct trainer *trainer, size_t count) {
    return (size_t)random_below(&trainer->random, count);
}

/* ---- texts ---- */

static void lines_add(struct lines *lines, struct span line) {
    if (lines->count == lines->capacity) {
        lines->capacity = lines->capacity ? lines->capacity * 2 : 64;
        lines->items = memory_resize(lines->items, lines->capacity, sizeof *lines->items);
    }
    lines->items[lines->count++] = line;
}

/* True where most of a line's letters are of the script. */
static bool is_written_in(struct trainer *trainer, struct span line, enum language_script script) {
    uint32_t sum = 0;
    language_letters_read(&trainer->model.letters, line, &trainer->codes);
    for (size_t i = 0; i < SCRIPT_COUNT; i++)
        sum += trainer->codes.weight[i];
    return trainer->codes.weight[script] * 10 > sum * 7 && sum >= 4;
}

/* Takes the next line of a file of texts off; its kind, KINDS at the end. */
static enum kind next_line(struct span *rest, struct span *line) {
    if (rest->size == 0)
        return KINDS;
    const char *at = rest->data, *newline = memchr(at, '\n', rest->size);
    if (!newline)
        die("a file of texts is cut");
    size_t size = (size_t)(newline - at);
    const char *tab = memchr(at, '\t', size);
    enum kind kind = 0;
    while (kind < KINDS && !(tab && span_is((struct span){at, (size_t)(tab - at)}, kind_names[kind])))
        kind++;
    if (kind == KINDS)
        die("a line is of no kind");
    *line = (struct span){tab + 1, (size_t)(newline - tab - 1)};
    *rest = (struct span){newline + 1, rest->size - size - 1};
    return kind;
}

static void read_class(struct trainer *trainer, struct class *class, const char *folder) {
    char path[4096];
    struct bytes content = {0}; /* stays: lines borrow from it */
    struct error error;
    struct span line;
    size_t counts[KINDS] = {0};
    enum kind kind;
    snprintf(path, sizeof path, "%s/%s.txt", folder, class->language);
    if (input_load(path, FILE_MAX, &content, &error)) {
        fprintf(stderr, "train_language: %s: left out\n", error.message);
        return;
    }
    for (struct span rest = span_of_bytes(&content); (kind = next_line(&rest, &line)) < KINDS;)
        counts[kind]++;
    for (struct span rest = span_of_bytes(&content); (kind = next_line(&rest, &line)) < KINDS;) {
        uint64_t hash = hash64(line, 7);
        if (counts[kind] > LINES_MAX && hash_mix(hash) % counts[kind] >= LINES_MAX)
            continue;
        if (is_written_in(trainer, line, class->script))
            lines_add(hash % HELD_OUT == 0 ? &class->held[kind] : &class->learn[kind], line);
    }
}

static void read_classes(struct trainer *trainer, const char *folder) {
    double sum = 0;
    for (enum language_script script = 0; script < SCRIPT_CODED; script++) {
        size_t tier = 0;
        trainer->first[script] = trainer->class_count;
        for (const char *at = taught[script]; *at; at++) {
            size_t size = strcspn(at, " ");
            if (*at == '|') {
                tier++;
            } else if (size > 0) {
                struct class *class = &trainer->classes[trainer->class_count];
                *class = (struct class){.script = script};
                memcpy(class->language, at, size);
                read_class(trainer, class, folder);
                size_t lines = 0;
                for (size_t kind = 0; kind < KINDS; kind++)
                    lines += class->learn[kind].count;
                if (lines >= 50) {
                    class->weight = sum += weights[tier];
                    trainer->class_count++;
                }
            }
            at += size > 0 ? size - 1 : 0;
        }
    }
    trainer->first[SCRIPT_CODED] = trainer->class_count;
}

/* ---- samples ---- */

/* How long a sample is, in bytes: a third about 30, most under 200. */
static size_t sample_size(struct trainer *trainer) {
    double which = random_uniform(&trainer->random);
    if (which < 0.4)
        return 16 + pick(trainer, 30);
    return which < 0.8 ? 40 + pick(trainer, 90) : 120 + pick(trainer, 200);
}

static bool is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* A cut of the line from the beginning of a word on. */
static struct span cut(struct trainer *trainer, struct span line, size_t size) {
    if (line.size <= size)
        return line;
    size_t start = random_uniform(&trainer->random) < 0.3 ? 0 : pick(trainer, line.size - size + 1);
    while (start > 0 && line.data[start - 1] != ' ')
        start--;
    size_t end = start + size < line.size ? start + size : line.size;
    if (random_uniform(&trainer->random) < 0.7)
        while (end < line.size && line.data[end] != ' ')
            end++;
    while (end < line.size && is_continuation(line.data[end]))
        end++;
    return (struct span){line.data + start, end - start};
}

static const struct lines *choose_lines(struct trainer *trainer, const struct class *class) {
    double sum = 0, at;
    for (size_t kind = 0; kind < KINDS; kind++)
        sum += class->learn[kind].count ? kind_weights[kind] * fmin(1, (double)class->learn[kind].count / 500) : 0;
    at = random_uniform(&trainer->random) * sum;
    for (size_t kind = 0; kind < KINDS; kind++) {
        if (!class->learn[kind].count)
            continue;
        at -= kind_weights[kind] * fmin(1, (double)class->learn[kind].count / 500);
        if (at <= 0)
            return &class->learn[kind];
    }
    size_t kind = 0; /* by a rounding error */
    while (class->learn[kind].count == 0)
        kind++;
    return &class->learn[kind];
}

static void read_sample(struct trainer *trainer, struct span text, const struct class *class, bool strip) {
    language_letters_read(&trainer->model.letters, text, &trainer->codes);
    if (strip && class->script == SCRIPT_LATIN)
        for (size_t i = 0; i < trainer->codes.size[SCRIPT_LATIN]; i++)
            trainer->codes.codes[SCRIPT_LATIN][i] = trainer->base[trainer->codes.codes[SCRIPT_LATIN][i]];
}

static size_t sample_hashes(struct trainer *trainer, enum language_script script) {
    return language_grams(script, trainer->codes.codes[script], trainer->codes.size[script], trainer->hashes);
}

/* ---- choosing n-grams ---- */

#define SKETCH_BITS 25

struct counted {
    uint64_t hash;
    double gain;
    uint32_t *counts; /* of each class of its script */
};

/* N-grams of one script that come COMMON times or more. */
struct counting {
    uint8_t *cells; /* how often n-grams of a hash come, at most 255 */
    struct counted *slots;
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

/* Takes the n-grams of a class's samples, each line once at most, to the sketch or to the counts. */
static void count_class(struct trainer *trainer, struct counting *counting, size_t index, size_t first, size_t classes,
                        bool sketching) {
    struct class *class = &trainer->classes[index];
    random_seed(&trainer->random, index);
    for (size_t kind = 0; kind < KINDS; kind++) {
        const struct lines *lines = &class->learn[kind];
        double share = COUNTED * kind_weights[kind] / (double)(lines->count + 1);
        for (size_t i = 0; i < lines->count; i++) {
            if (random_uniform(&trainer->random) > share)
                continue;
            read_sample(trainer, cut(trainer, lines->items[i], 150), class, false);
            size_t count = sample_hashes(trainer, class->script);
            if (sketching)
                sketch(counting, trainer->hashes, count);
            else
                add_counts(counting, trainer->hashes, count, index - first, classes);
        }
    }
}

/* What an n-gram tells: the mean over classes of p log(p / mean p), p how often it comes in a class. */
static double gain_of(const struct counted *counted, const double *sums, size_t classes) {
    double mean = 0, gain = 0, p[LANGUAGE_CLASSES_MAX];
    for (size_t i = 0; i < classes; i++) {
        double count = counted->counts[i] >= 3 ? counted->counts[i] : 0;
        p[i] = count / (sums[i] + 100000);
        mean += p[i] / (double)classes;
    }
    for (size_t i = 0; i < classes; i++)
        gain += p[i] > 0 ? p[i] * log(p[i] / mean) : 0;
    return gain;
}

static int by_gain(const void *a, const void *b) {
    const struct counted *x = a, *y = b;
    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Gives a script's n-grams that tell most their places in the table; returns how many. */
static size_t place_grams(struct trainer *trainer, struct counted *all, size_t count, size_t most) {
    size_t placed = 0;
    qsort(all, count, sizeof *all, by_gain);
    for (size_t i = 0; i < count && all[i].gain > 0 && placed < most; i++) {
        size_t row = language_row_of(all[i].hash);
        placed += !trainer->taken[row];
        if (!trainer->taken[row])
            trainer->tags[row] = language_tag_of(all[i].hash);
        trainer->taken[row] = true;
    }
    return placed;
}

/* Chooses the n-grams of the table. */
static void choose_grams(struct trainer *trainer) {
    for (size_t script = SCRIPT_CODED; script-- > 0;) { /* Latin last, which has n-grams enough to fill the rest */
        size_t first = trainer->first[script], classes = trainer->first[script + 1] - first, count = 0;
        struct counting counting = {.slot_count = (size_t)1 << 23};
        counting.cells = memory_zeroed((size_t)1 << SKETCH_BITS, 1);
        counting.slots = memory_zeroed(counting.slot_count, sizeof *counting.slots);
        for (size_t i = 0; i < 2 * classes; i++)
            count_class(trainer, &counting, first + i % classes, first, classes, i < classes);
        for (size_t i = 0; i < counting.slot_count; i++) {
            struct counted *counted = &counting.slots[i];
            if (!counted->counts)
                continue;
            counted->gain = gain_of(counted, counting.sums, classes);
            free(counted->counts);
            counting.slots[count++] = *counted;
        }
        size_t most = script == SCRIPT_LATIN ? SIZE_MAX : (size_t)(shares[script] * (double)LANGUAGE_ROWS);
        size_t placed = place_grams(trainer, counting.slots, count, most);
        fprintf(stderr, "%s: %zu classes, %zu of %zu n-grams\n", language_script_name((enum language_script)script),
                classes, placed, count);
        free(counting.cells);
        free(counting.slots);
    }
}

/* ---- learning ---- */

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
    const struct lines *lines = choose_lines(trainer, class);
    struct span text = lines->items[random_below(&trainer->random, lines->count)];
    read_sample(trainer, cut(trainer, text, sample_size(trainer)), class, random_uniform(&trainer->random) < STRIPPED);
    size_t known = find_places(trainer, sample_hashes(trainer, class->script), DROPPED);
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

static void learn_all(struct trainer *trainer, double millions) {
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

/* True where the model, which learned from it, takes a line for one of another language. */
static bool is_foreign(struct trainer *trainer, size_t index, struct span text) {
    const struct class *class = &trainer->classes[index];
    float sum[DIMS], p[LANGUAGE_CLASSES_MAX];
    read_sample(trainer, text, class, false);
    size_t known = find_places(trainer, sample_hashes(trainer, class->script), 0);
    size_t first = trainer->first[class->script], last = trainer->first[class->script + 1];
    if (known < 10)
        return false;
    forward(trainer, class->script, known, sum, p);
    bool other = false;
    for (size_t i = first; i < last; i++)
        other |= p[i - first] > FOREIGN;
    return other && p[index - first] < OWN;
}

/* Leaves out lines that nobody translated, or that stand under the wrong language. */
static void leave_out_foreign(struct trainer *trainer) {
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

/* ---- judging held-out lines ---- */

static bool is_told(struct trainer *trainer, size_t index, struct span text, double *loss, double scale) {
    const struct class *class = &trainer->classes[index];
    float sum[DIMS], p[LANGUAGE_CLASSES_MAX];
    read_sample(trainer, text, class, false);
    size_t known = find_places(trainer, sample_hashes(trainer, class->script), 0), best = 0;
    size_t first = trainer->first[class->script], last = trainer->first[class->script + 1];
    if (known == 0)
        return false;
    forward(trainer, class->script, known, sum, p);
    double total = 0;
    for (size_t i = 0; i < last - first; i++) {
        best = p[i] > p[best] ? i : best;
        total += pow(p[i], scale);
    }
    *loss -= log(pow(p[index - first], scale) / total + 1e-9);
    return best == index - first;
}

static struct span beginning(struct span line, size_t size) {
    while (size < line.size && is_continuation(line.data[size]))
        size--;
    return (struct span){line.data, size < line.size ? size : line.size};
}

static void judge(struct trainer *trainer) {
    double sums[3] = {0};
    size_t judged = 0;
    for (size_t i = 0; i < trainer->class_count; i++) {
        size_t right[3] = {0}, all = 0;
        double loss = 0;
        const struct class *class = &trainer->classes[i];
        for (size_t kind = 0; kind < WORDS; kind++)
            for (size_t line = 0; line < class->held[kind].count && all < 1000; line++) {
                struct span text = class->held[kind].items[line];
                if (text.size < 60)
                    continue;
                all++;
                right[0] += is_told(trainer, i, beginning(text, 120), &loss, 1);
                right[1] += is_told(trainer, i, beginning(text, 30), &loss, 1);
                right[2] += is_told(trainer, i, beginning(text, 15), &loss, 1);
            }
        if (all == 0)
            continue;
        judged++;
        printf("%s-%s\t%zu\t%.3f\t%.3f\t%.3f\n", class->language, language_script_name(class->script), all,
               (double)right[0] / (double)all, (double)right[1] / (double)all, (double)right[2] / (double)all);
        for (size_t n = 0; n < 3; n++)
            sums[n] += (double)right[n] / (double)all;
    }
    printf("mean\t\t%.4f\t%.4f\t%.4f\n", sums[0] / (double)judged, sums[1] / (double)judged, sums[2] / (double)judged);
}

/* By which factor of the logits the probabilities of held-out lines are most likely. */
static double calibrate(struct trainer *trainer) {
    double best = 1, least = INFINITY;
    for (double scale = 0.5; scale < 2.5; scale *= 1.08) {
        double loss = 0;
        for (size_t i = 0; i < trainer->class_count; i++) {
            const struct class *class = &trainer->classes[i];
            for (size_t kind = 0; kind < WORDS; kind++)
                for (size_t line = 0; line < class->held[kind].count && line < 100; line++)
                    is_told(trainer, i, beginning(class->held[kind].items[line], 20 + 60 * (line % 3)), &loss, scale);
        }
        if (loss < least) {
            least = loss;
            best = scale;
        }
    }
    return best;
}

/* ---- writing ---- */

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Rows to 8 bits, each dimension with a scale of its own, which its place in the vectors takes up. */
static void quantise(struct trainer *trainer) {
    const size_t rows = LANGUAGE_ROWS;
    float *sizes = memory_allocate(rows * sizeof *sizes);
    for (size_t d = 0; d < DIMS; d++) {
        for (size_t i = 0; i < rows; i++)
            sizes[i] = fabsf(trainer->rows[i][d]);
        qsort(sizes, rows, sizeof *sizes, by_value);
        float unit = fmaxf(sizes[rows - 1 - rows / 2000] / 127, 1e-9F);
        for (size_t i = 0; i < rows; i++) {
            float value = roundf(trainer->rows[i][d] / unit);
            value = fmaxf(-127, fminf(127, value));
            trainer->model.rows[i].values[d] = (uint8_t)(LANGUAGE_ZERO + (int)value);
            trainer->rows[i][d] = unit * value;
        }
        for (size_t i = 0; i < trainer->class_count; i++)
            trainer->model.classes[i].vector[d] = trainer->vectors[i][d] * unit;
    }
    free(sizes);
    for (size_t i = 0; i < rows; i++)
        trainer->model.rows[i].tag = trainer->tags[i];
    for (size_t i = 0; i < trainer->class_count; i++) {
        trainer->model.classes[i].bias = trainer->biases[i];
        trainer->model.classes[i].script = trainer->classes[i].script;
        memcpy(trainer->model.classes[i].language, trainer->classes[i].language, LANGUAGE_TAG_SIZE);
    }
}

static void write_weights(const struct language_model *model, const char *path) {
    struct bytes out = {0};
    language_model_write(model, &out);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(out.data, 1, out.size, file) != out.size || fclose(file))
        die("the weights cannot be written");
    bytes_release(&out);
}

/* Latin codes by the letter without accent. */
static void init_bases(struct trainer *trainer) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normalizer = unorm2_getNFDInstance(&status);
    for (size_t i = 0; i < 256; i++)
        trainer->base[i] = (uint8_t)i;
    for (UChar32 c = 0xDF; c < 0x1F00; c++) {
        UChar parts[8];
        if (trainer->model.letters.script[c] == SCRIPT_LATIN && u_islower(c) &&
            unorm2_getDecomposition(normalizer, c, parts, 8, &status) > 1 && parts[0] < 0x80)
            trainer->base[trainer->model.letters.code[c]] = trainer->model.letters.code[parts[0]];
    }
}

int main(int argc, char **argv) {
    struct trainer *trainer = memory_zeroed(1, sizeof *trainer);
    const char *output = NULL;
    double millions = 6;
    uint64_t seed = 1;
    for (int option; (option = getopt(argc, argv, "n:s:o:")) != -1;) {
        if (option == 'n')
            millions = strtod(optarg, NULL);
        else if (option == 's')
            seed = strtoul(optarg, NULL, 10);
        else if (option == 'o')
            output = optarg;
        else
            return 2;
    }
    if (optind + 1 != argc)
        die("usage: train_language [-n MILLIONS] [-s SEED] [-o WEIGHTS] FOLDER");
    language_letters_init(&trainer->model.letters);
    init_bases(trainer);
    read_classes(trainer, argv[optind]);
    if (trainer->class_count == 0)
        die("no texts");
    trainer->model.class_count = trainer->class_count;
    trainer->model.rows = memory_zeroed(LANGUAGE_ROWS + 1, sizeof *trainer->model.rows);
    trainer->model.classes = memory_zeroed(trainer->class_count, sizeof *trainer->model.classes);
    trainer->tags = memory_zeroed(LANGUAGE_ROWS, 1);
    trainer->taken = memory_zeroed(LANGUAGE_ROWS, sizeof *trainer->taken);
    trainer->rows = memory_zeroed(LANGUAGE_ROWS, sizeof *trainer->rows);
    trainer->vectors = memory_zeroed(trainer->class_count, sizeof *trainer->vectors);
    trainer->biases = memory_zeroed(trainer->class_count, sizeof *trainer->biases);
    for (int round = 0; round < 2; round++) {
        memset(trainer->taken, 0, LANGUAGE_ROWS);
        choose_grams(trainer);
        random_seed(&trainer->random, seed);
        learn_all(trainer, round == 0 ? millions / 4 : millions);
        if (round == 0)
            leave_out_foreign(trainer);
    }
    quantise(trainer);
    judge(trainer);
    trainer->model.exponent = EXPONENT;
    trainer->model.floor = 0.001F;
    trainer->model.scale = (float)calibrate(trainer);
    printf("scale %.2f\n", (double)trainer->model.scale);
    if (output)
        write_weights(&trainer->model, output);
    return 0;
}
