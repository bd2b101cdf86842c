/*
 * What a text must hold for a regular expression to match: one of a few strings. Looking for them says no for nearly
 * all expressions and texts, and costs a fraction of a match. Knows nothing of PCRE2's interface.
 */
#ifndef CLEAN_PATTERN_LITERALS_H
#define CLEAN_PATTERN_LITERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define LITERALS_MAX 32
#define LITERAL_SIZE_MAX 32

struct literal {
    unsigned char bytes[LITERAL_SIZE_MAX], size; /* without case: with bit 5 set, which tells apart a little more */
    unsigned char rare, rarest;                  /* places of the bytes that text has least of */
};

/* Whatever the expression matches holds one of these. None: nothing is known. */
struct pattern_literals {
    size_t count;
    bool caseless;
    struct literal items[LITERALS_MAX];
};

/* Reads the literals of a PCRE2 expression that compiles; caseless where its flag says so. */
void pattern_literals_find(struct pattern_literals *literals, struct span source, bool caseless);

/* The first place at or behind `from` where a literal may stand; text.size where it does nowhere. */
size_t literal_search(const struct pattern_literals *literals, size_t index, struct span text, size_t from);

/* True where a text holds k or s in a form that is not ASCII: without case it may match what no literal shows. */
bool literals_have_odd_case(struct span text);

#endif
