/*
 * From logits to a token. It owns the random state and the order of the filters; it knows no model.
 */
#include "model/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct candidate {
    float logit;
    int32_t token;
};

struct sampler {
    struct sampler_options options;
    size_t vocabulary;
    struct random random;
    float *logits;                /* [vocabulary]: a changed copy */
    struct candidate *candidates; /* [vocabulary] */
    double *probabilities;        /* [vocabulary], beside candidates */
    unsigned char *seen;          /* [vocabulary], zero between calls */
};

struct sampler_options sampler_default_options(void) {
    return (struct sampler_options){.repetition_penalty = 1, .temperature = 1, .top_k = 0, .top_p = 1};
}

struct sampler *sampler_new(const struct sampler_options *options, size_t vocabulary, uint64_t seed) {
    struct sampler *sampler = memory_zeroed(1, sizeof *sampler);
    sampler->options = *options;
    sampler->vocabulary = vocabulary;
    sampler->logits = memory_zeroed(vocabulary, sizeof *sampler->logits);
    sampler->candidates = memory_zeroed(vocabulary, sizeof *sampler->candidates);
    sampler->probabilities = memory_zeroed(vocabulary, sizeof *sampler->probabilities);
    sampler->seen = memory_zeroed(vocabulary, 1);
    sampler_seed(sampler, seed);
    return sampler;
}

void sampler_free(struct sampler *sampler) {
    if (sampler == NULL)
        return;
    free(sampler->logits);
    free(sampler->candidates);
    free(sampler->probabilities);
    free(sampler->seen);
    free(sampler);
}

void sampler_seed(struct sampler *sampler, uint64_t seed) {
    random_seed(&sampler->random, seed);
}

static void penalise(struct sampler *sampler, const int32_t *history, size_t count) {
    float penalty = (float)sampler->options.repetition_penalty;
    for (size_t i = 0; i < count; i++) {
        size_t token = (size_t)history[i];
        if (sampler->seen[token])
            continue;
        sampler->seen[token] = 1;
        float *logit = &sampler->logits[token];
        *logit = *logit > 0 ? *logit / penalty : *logit * penalty;
    }
    for (size_t i = 0; i < count; i++)
        sampler->seen[history[i]] = 0;
}

static int32_t greedy(const float *logits, size_t vocabulary) {
    size_t best = 0;
    for (size_t i = 1; i < vocabulary; i++)
        if (logits[i] > logits[best])
            best = i;
    return (int32_t)best;
}

/* The more probable first, the lower id first among equals. */
static int compare(const void *a, const void *b) {
    const struct candidate *left = a, *right = b;
    if (left->logit != right->logit)
        return left->logit > right->logit ? -1 : 1;
    return left->token < right->token ? -1 : left->token > right->token;
}

/* Moves the k first of the order to the front (Hoare's selection). */
static void select_first(struct candidate *items, size_t count, size_t k) {
    size_t low = 0, high = count;
    while (high - low > 1) {
        struct candidate pivot = items[low + (high - low - 1) / 2]; /* never the last, so that both parts shrink */
        size_t i = low, j = high - 1;
        for (;;) {
            while (compare(&items[i], &pivot) < 0)
                i++;
            while (compare(&items[j], &pivot) > 0)
                j--;
            if (i >= j)
                break;
            struct candidate swap = items[i];
            items[i++] = items[j];
            items[j--] = swap;
        }
        /* Everything before `middle` is not after the pivot, everything from it not before. */
        size_t middle = j + 1;
        if (k <= low || k >= high)
            return;
        if (k < middle)
            high = middle;
        else
            low = middle;
    }
}

/* exp((logit - highest) / temperature) of each candidate; returns the sum. */
static double weigh(struct sampler *sampler, size_t count, float highest) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)sampler->candidates[i].logit - (double)highest;
        sampler->probabilities[i] = exp(difference / sampler->options.temperature);
        sum += sampler->probabilities[i];
    }
    return sum;
}

/* Keeps the smallest set of probability >= top_p; returns its size and its sum. */
static size_t keep_nucleus(struct sampler *sampler, size_t count, float highest, double *sum) {
    double share = sampler->options.top_p;
    /* All that are below (1 - p) / count each sum to less than 1 - p, so none of them is needed: few are left to sort.
     */
    double least = *sum * (1 - share) / (double)count;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (sampler->probabilities[i] >= least)
            sampler->candidates[kept++] = sampler->candidates[i];
    qsort(sampler->candidates, kept, sizeof *sampler->candidates, compare);
    weigh(sampler, kept, highest);
    double needed = *sum * share;
    *sum = 0;
    size_t size = 0;
    do
        *sum += sampler->probabilities[size++];
    while (size < kept && *sum < needed);
    return size;
}

static int32_t draw(struct sampler *sampler, size_t count, double sum) {
    double left = random_uniform(&sampler->random) * sum;
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(sampler->probabilities[i] > 0))
            continue;
        chosen = i;
        left -= sampler->probabilities[i];
        if (left < 0)
            break;
    }
    return sampler->candidates[chosen].token;
}

int32_t sampler_next(struct sampler *sampler, const float *logits, const int32_t *history, size_t history_count) {
    const struct sampler_options *o = &sampler->options;
    size_t count = sampler->vocabulary;
    memcpy(sampler->logits, logits, count * sizeof *logits);
    if (o->repetition_penalty != 1)
        penalise(sampler, history, history_count);
    int32_t best = greedy(sampler->logits, count);
    if (o->temperature <= 0)
        return best;
    float highest = sampler->logits[best];
    for (size_t i = 0; i < count; i++)
        sampler->candidates[i] = (struct candidate){sampler->logits[i], (int32_t)i};
    if (o->top_k > 0 && o->top_k < count) {
        select_first(sampler->candidates, count, o->top_k);
        count = o->top_k;
    }
    double sum = weigh(sampler, count, highest);
    if (o->top_p < 1)
        count = keep_nucleus(sampler, count, highest, &sum);
    return draw(sampler, count, sum);
}
