/*
 * How well held-out lines are told.
 */
#include <math.h>
#include <stdio.h>

#include "trainer.h"

static bool is_told(struct trainer *trainer, size_t index, struct span text, double *loss, double scale) {
    const struct class *class = &trainer->classes[index];
    float p[LANGUAGE_CLASSES_MAX];
    size_t first = trainer->first[class->script], last = trainer->first[class->script + 1], best = 0;
    sample_read(trainer, text, class, false);
    if (learning_judge(trainer, class->script, p) == 0)
        return false;
    if (trainer->model.sibling_rows)
        language_model_part_siblings(&trainer->model, class->script, &trainer->codes, p);
    double total = 0;
    for (size_t i = 0; i < last - first; i++) {
        best = p[i] > p[best] ? i : best;
        total += pow(p[i], scale);
    }
    *loss -= log(pow(p[index - first], scale) / total + 1e-9);
    return best == index - first;
}

void judging_print(struct trainer *trainer) {
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
                right[0] += is_told(trainer, i, sample_beginning(text, 120), &loss, 1);
                right[1] += is_told(trainer, i, sample_beginning(text, 30), &loss, 1);
                right[2] += is_told(trainer, i, sample_beginning(text, 15), &loss, 1);
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

double judging_calibrate(struct trainer *trainer) {
    double best = 1, least = INFINITY;
    for (double scale = 0.5; scale < 2.5; scale *= 1.08) {
        double loss = 0;
        for (size_t i = 0; i < trainer->class_count; i++) {
            const struct class *class = &trainer->classes[i];
            for (size_t kind = 0; kind < WORDS; kind++)
                for (size_t line = 0; line < class->held[kind].count && line < 100; line++)
                    is_told(trainer, i, sample_beginning(class->held[kind].items[line], 20 + 60 * (line % 3)), &loss,
                            scale);
        }
        if (loss < least) {
            least = loss;
            best = scale;
        }
    }
    return best;
}
