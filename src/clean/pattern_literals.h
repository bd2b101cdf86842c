/*
 * Strings without which a regular expression cannot match, and looking whether a text may hold them: a set of the
 * three-byte sequences in it says no for nearly all. Letters' case is left out of account.
 */
#ifndef CLEAN_PATTERN_LITERALS_H
#define CLEAN_PATTERN_LITERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define TRIGRAM_BITS 16
#define LITERALS_MAX 32
#define LITERAL_TRIGRAMS_MAX 8

/* One of `count` literals is in whatever the expression matches; of each, the trigrams that it holds. None: nothing is
 * known. */
struct pattern_literals {
    size_t count;
    struct {
        size_t count;
        uint16_t trigrams[LITERAL_TRIGRAMS_MAX];
    } items[LITERALS_MAX];
};

/* What trigrams a text holds, and perhaps others. */
struct trigram_set {
    uint64_t words[(1U << TRIGRAM_BITS) / 64];
};

/* Reads the literals of a PCRE2 expression that compiles; caseless where its flag says so. */
void pattern_literals_find(struct pattern_literals *literals, struct span source, bool caseless);

void trigram_set_fill(struct trigram_set *set, struct span text);
bool pattern_literals_may_occur(const struct pattern_literals *literals, const struct trigram_set *set);

#endif
