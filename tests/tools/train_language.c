/*
 * train_language [-n MILLIONS] [-s SEED] [-k WEIGHTS] [-o WEIGHTS] FOLDER: learns the weights that tell languages
 * (filters/language.weights) from the texts that tests/tools/language_texts gathers, and prints how well held-out lines
 * are told. The same texts give the same weights. Its parts are in train_language/.
 *
 * N-grams are chosen by what they tell of the language; rows and vectors are then learned by stochastic gradient
 * descent: twice, the second time without lines that the first weights take for another language. Last, siblings learn
 * what parts them; with -k that alone, beside the table of weights that were learned before.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "train_language/trainer.h"

void die(const char *message) {
    fprintf(stderr, "train_language: %s\n", message);
    exit(1);
}

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

/* Learns the table of all classes, twice: the second time without lines that the first takes for another language. */
static void learn_table(struct trainer *trainer, double millions, uint64_t seed) {
    for (int round = 0; round < 2; round++) {
        learning_choose(trainer);
        random_seed(&trainer->random, seed);
        learning_run(trainer, round == 0 ? millions / 4 : millions);
        if (round == 0)
            learning_leave_out_foreign(trainer);
    }
    quantise(trainer);
    judging_print(trainer);
}

/* Makes room for what is learned of the classes. */
static void allocate(struct trainer *trainer) {
    trainer->model.class_count = trainer->class_count;
    memcpy(trainer->model.first, trainer->first, sizeof trainer->first);
    trainer->model.rows = memory_zeroed(LANGUAGE_ROWS + 1, sizeof *trainer->model.rows);
    trainer->model.classes = memory_zeroed(trainer->class_count, sizeof *trainer->model.classes);
    trainer->tags = memory_zeroed(LANGUAGE_ROWS, 1);
    trainer->taken = memory_zeroed(LANGUAGE_ROWS, sizeof *trainer->taken);
    trainer->rows = memory_zeroed(LANGUAGE_ROWS, sizeof *trainer->rows);
    trainer->vectors = memory_zeroed(trainer->class_count, sizeof *trainer->vectors);
    trainer->biases = memory_zeroed(trainer->class_count, sizeof *trainer->biases);
}

/* Takes the table of weights that were learned before, and reads the texts of siblings alone. */
static void keep_table(struct trainer *trainer, const char *path, const char *folder) {
    struct language_model *kept;
    struct error error;
    if (language_model_load(&kept, path, &error))
        die(error.message);
    trainer->class_count = kept->class_count;
    memcpy(trainer->first, kept->first, sizeof trainer->first);
    allocate(trainer);
    trainer->model.scale = kept->scale;
    memcpy(trainer->model.rows, kept->rows, LANGUAGE_ROWS * sizeof *kept->rows);
    memcpy(trainer->model.classes, kept->classes, kept->class_count * sizeof *kept->classes);
    for (size_t i = 0; i < LANGUAGE_ROWS; i++) {
        trainer->tags[i] = kept->rows[i].tag;
        for (size_t d = 0; d < DIMS; d++)
            trainer->rows[i][d] = (float)kept->rows[i].values[d] - LANGUAGE_ZERO;
    }
    for (size_t i = 0; i < kept->class_count; i++) {
        struct class *class = &trainer->classes[i];
        class->script = kept->classes[i].script;
        memcpy(class->language, kept->classes[i].language, LANGUAGE_TAG_SIZE);
        memcpy(trainer->vectors[i], kept->classes[i].vector, sizeof trainer->vectors[i]);
        trainer->biases[i] = kept->classes[i].bias;
        if (siblings_has(class))
            texts_read_class(trainer, class, folder);
    }
    language_model_free(kept);
}

int main(int argc, char **argv) {
    struct trainer *trainer = memory_zeroed(1, sizeof *trainer);
    const char *output = NULL, *kept = NULL;
    double millions = 4;
    uint64_t seed = 1;
    for (int option; (option = getopt(argc, argv, "n:s:k:o:")) != -1;) {
        if (option == 'n')
            millions = strtod(optarg, NULL);
        else if (option == 's')
            seed = strtoul(optarg, NULL, 10);
        else if (option == 'k')
            kept = optarg;
        else if (option == 'o')
            output = optarg;
        else
            return 2;
    }
    if (optind + 1 != argc)
        die("usage: train_language [-n MILLIONS] [-s SEED] [-k WEIGHTS] [-o WEIGHTS] FOLDER");
    language_letters_init(&trainer->model.letters);
    samples_init(trainer);
    if (kept) {
        keep_table(trainer, kept, argv[optind]);
    } else {
        texts_read(trainer, argv[optind]);
        if (trainer->class_count == 0)
            die("no texts");
        allocate(trainer);
        learn_table(trainer, millions, seed);
    }
    siblings_learn(trainer, millions / 15);
    judging_print(trainer);
    trainer->model.exponent = EXPONENT;
    trainer->model.floor = 0.001F;
    if (!kept)
        trainer->model.scale = (float)judging_calibrate(trainer);
    printf("scale %.2f\n", (double)trainer->model.scale);
    if (output)
        write_weights(&trainer->model, output);
    return 0;
}
