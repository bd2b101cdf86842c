/*
 * How well held-out lines are told.
 */
#include <math.h>
#include <stdio.h>

#include "trainer.h"

/*
 * The class that a text of a class is taken for; class_count where it says nothing. Adds to *loss the logarithm of how
 * unlikely its own was found.
 */
static size_t tell(struct trainer *trainer, size_t index, struct span text, double *loss) {
    const struct class *class = &trainer->classes[index];
    float p[LANGUAGE_CLASSES_MAX], total = 0;
    size_t first = trainer->first[class->script], last = trainer->first[class->script + 1], best = 0;
    sample_read(trainer, text, class, false);
    if (learning_judge(trainer, class->script, p) == 0)
        return trainer->class_count;
    for (size_t i = 0; i < last - first; i++)
        total += p[i] = powf(p[i], trainer->model.scale);
    for (size_t i = 0; i < last - first; i++)
        p[i] /= total;
    if (trainer->model.sibling_rows)
        language_model_part_siblings(&trainer->model, class->script, &trainer->codes, p);
    for (size_t i = 0; i < last - first; i++)
        best = p[i] > p[best] ? i : best;
    *loss -= log((double)p[index - first] + (double)trainer->model.floor);
    return first + best;
}

void judging_print(struct trainer *trainer) {
    double sums[3] = {0};
    size_t judged = 0;
    for (size_t i = 0; i < trainer->class_count; i++) {
        size_t right[3] = {0}, wrong[LANGUAGE_CLASSES_MAX + 1] = {0}, all = 0, most = 0;
        double loss = 0;
        const struct class *class = &trainer->classes[i];
        for (size_t kind = 0; kind < WORDS; kind++)
            for (size_t line = 0; line < class->held[kind].count && all < 1000; line++) {
                struct span text = class->held[kind].items[line];
                if (text.size < 60)
                    continue;
                all++;
                size_t told = tell(trainer, i, sample_beginning(text, 120), &loss);
                right[0] += told == i;
                wrong[told] += told != i;
                right[1] += tell(trainer, i, sample_beginning(text, 30), &loss) == i;
                right[2] += tell(trainer, i, sample_beginning(text, 15), &loss) == i;
            }
        if (all == 0)
            continue;
        judged++;
        for (size_t k = 0; k < trainer->class_count; k++)
            most = wrong[k] > wrong[most] ? k : most;
        printf("%s-%s\t%zu\t%.3f\t%.3f\t%.3f\t%s %.3f\n", class->language, language_script_name(class->script), all,
               (double)right[0] / (double)all, (double)right[1] / (double)all, (double)right[2] / (double)all,
               trainer->classes[most].language, (double)wrong[most] / (double)all);
        for (size_t n = 0; n < 3; n++)
            sums[n] += (double)right[n] / (double)all;
    }
    printf("mean\t\t%.4f\t%.4f\t%.4f\n", sums[0] / (double)judged, sums[1] / (double)judged, sums[2] / (double)judged);
}

/* A class's mean loss over beginnings of held-out lines, so many of each kind at most. */
static double loss_of_class(struct trainer *trainer, size_t index, size_t lines) {
    const struct class *class = &trainer->classes[index];
    double loss = 0;
    size_t count = 0;
    for (size_t kind = 0; kind < WORDS; kind++)
        for (size_t line = 0; line < class->held[kind].count && line < lines; line++, count++)
            tell(trainer, index, sample_beginning(class->held[kind].items[line], 20 + 60 * (line % 3)), &loss);
    return loss / (double)(count + !count);
}

/* The sum of the losses of a group's members; without a group, of all classes, with fewer lines of each. */
static double loss_of(struct trainer *trainer, const struct language_siblings *group) {
    double sum = 0;
    for (size_t i = 0; i < (group ? group->count : trainer->class_count); i++)
        sum += group ? loss_of_class(trainer, group->members[i], 400) : loss_of_class(trainer, i, 100);
    return sum;
}

/* Sets *value to that of the least loss, of `count` values from the present one on, `step` apart. */
static void choose_value(struct trainer *trainer, const struct language_siblings *group, float *value, float step,
                         size_t count) {
    double least = INFINITY;
    float begin = *value, best = begin;
    for (size_t i = 0; i < count; i++) {
        *value = begin + (float)i * step;
        double loss = loss_of(trainer, group);
        if (loss < least) {
            least = loss;
            best = *value;
        }
    }
    *value = best;
}

void judging_calibrate(struct trainer *trainer) {
    struct language_model *model = &trainer->model;
    model->scale = 0.5F;
    choose_value(trainer, NULL, &model->scale, 0.05F, 25);
    printf("scale %.2f; trust", (double)model->scale);
    for (size_t i = 0; i < model->group_count; i++) {
        struct language_siblings *group = &model->groups[i];
        group->trust = 0;
        choose_value(trainer, group, &group->trust, 0.1F, 11);
        printf(" %s %.1f", trainer->classes[group->members[0]].language, (double)group->trust);
    }
    putchar('\n');
}
