/*
 * Regular expressions: PCRE2 with JIT, with a bound on the work over one text. The bound counts what the matcher does
 * and not the time that it takes, so a search ends alike on every machine.
 */
#ifndef TEXT_REGEX_H
#define TEXT_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"

/* Immutable once made: threads share one. */
struct regex;

enum regex_option {
    REGEX_CASELESS = 1,
    REGEX_MULTILINE = 2,
    REGEX_DOTALL = 4,
    REGEX_EXTENDED = 8,
    REGEX_ANY_BYTES = 16, /* texts may hold invalid UTF-8, which nothing matches; without it they must be valid */
};

/* options: a set of regex_option. On failure *regex is NULL, and the error's position is the byte of source where it
 * was seen. */
int regex_new(struct regex **regex, struct span source, unsigned options, struct error *error);
void regex_free(struct regex *regex); /* NULL is allowed */

void regex_append_unicode_version(struct bytes *out); /* of PCRE2's properties, as "14.0.0" */

/* What PCRE2 knows of all matches. */
struct regex_facts {
    bool has_first_bytes; /* a match begins with one of a set of bytes, and is not empty */
    uint8_t first_bytes[32];
    int needed_byte; /* a match contains this byte; -1: none is known. Without case it may be another letter. */
};
void regex_find_facts(const struct regex *regex, struct regex_facts *facts);

/* Scratch memory of one thread. */
struct regex_matcher;
struct regex_matcher *regex_matcher_new(void);
void regex_matcher_free(struct regex_matcher *matcher); /* NULL is allowed */

/* Turns to a text, which is borrowed until the next begin, with no work done yet. */
void regex_begin(struct regex_matcher *matcher, struct span text);
/* The same for a part of the text before, or one part after the other: the work is added up. */
void regex_begin_part(struct regex_matcher *matcher, struct span text);

enum match { MATCH_NONE, MATCH_FOUND, MATCH_LIMIT };

/*
 * Looks for the first match at or after byte `from` of the matcher's text; with the same expression, searches of a text
 * go forward. MATCH_LIMIT: the bound on work was reached, nothing is known. Work over a text is bounded by its length
 * times a constant, whatever the expression.
 */
enum match regex_find(struct regex_matcher *matcher, const struct regex *regex, size_t from);

#define REGEX_GROUPS_MAX 16
/* Of the last match found: the text of a group, 0 being the whole match; absent where the group did not take part. */
struct span regex_group(const struct regex_matcher *matcher, size_t group);

#endif
