/*
 * What a text must hold for a regular expression to match: sequences of three bytes of the strings in it. The set of
 * those of a text says no for nearly all expressions. Letters' case is left out of account.
 */
#ifndef CLEAN_PATTERN_LITERALS_H
#define CLEAN_PATTERN_LITERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define TRIGRAM_BITS 15
#define LITERALS_MAX 32
#define LITERAL_TRIGRAMS_MAX 16

/* Whatever the expression matches holds all trigrams of one of `count` alternatives. None: nothing is known. */
struct pattern_literals {
    size_t count;
    struct {
        size_t count;
        uint16_t trigrams[LITERAL_TRIGRAMS_MAX];
    } items[LITERALS_MAX];
};

/* What trigrams a text holds, and perhaps others. */
struct trigram_set {
    bool has[1U << TRIGRAM_BITS];
};

/* Reads the literals of a PCRE2 expression that compiles; caseless where its flag says so. */
void pattern_literals_find(struct pattern_literals *literals, struct span source, bool caseless);

void trigram_set_fill(struct trigram_set *set, struct span text);
bool pattern_literals_may_occur(const struct pattern_literals *literals, const struct trigram_set *set);

#endif
