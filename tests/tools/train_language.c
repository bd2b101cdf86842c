/*
 * train_language [-n MILLIONS] [-s SEED] [-o WEIGHTS] FOLDER: learns the weights that tell languages
 * (filters/language.weights) from the texts that tests/tools/language_texts gathers, and prints how well held-out lines
 * are told. The same texts give the same weights. Its parts are in train_language/.
 *
 * N-grams are chosen by what they tell of the language; rows and vectors are then learned by stochastic gradient
 * descent: twice, the second time without lines that the first weights take for another language. Then siblings
 * learn what parts them. What the two are multiplied with is chosen with held-out lines.
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
    trainer->model.exponent = EXPONENT;
    trainer->model.scale = 1;
    trainer->model.floor = 0.001F;
    memcpy(trainer->model.first, trainer->first, sizeof trainer->first);
    trainer->model.rows = memory_zeroed(LANGUAGE_ROWS + 1, sizeof *trainer->model.rows);
    trainer->model.classes = memory_zeroed(trainer->class_count, sizeof *trainer->model.classes);
    trainer->tags = memory_zeroed(LANGUAGE_ROWS, 1);
    trainer->taken = memory_zeroed(LANGUAGE_ROWS, sizeof *trainer->taken);
    trainer->rows = memory_zeroed(LANGUAGE_ROWS, sizeof *trainer->rows);
    trainer->vectors = memory_zeroed(trainer->class_count, sizeof *trainer->vectors);
    trainer->biases = memory_zeroed(trainer->class_count, sizeof *trainer->biases);
}

int main(int argc, char **argv) {
    struct trainer *trainer = memory_zeroed(1, sizeof *trainer);
    const char *output = NULL;
    double millions = 16;
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
    samples_init(trainer);
    texts_read(trainer, argv[optind]);
    if (trainer->class_count == 0)
        die("no texts");
    allocate(trainer);
    learn_table(trainer, millions, seed);
    siblings_learn(trainer, millions / 8);
    judging_calibrate(trainer);
    judging_print(trainer);
    if (output)
        write_weights(&trainer->model, output);
    return 0;
}
