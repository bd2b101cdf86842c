/*
 * Regular expressions of rules: PCRE2 with JIT, over valid UTF-8, with bounds on the work of one match.
 */
#ifndef CLEAN_PATTERN_H
#define CLEAN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

/* Immutable once made: threads share one. */
struct pattern;

/* flags: letters of i (no case), m (^ and $ at lines), s (dot matches newlines), x (white space ignored). On failure
 * *pattern is NULL and the error's position is the byte in source where it was seen. */
int pattern_new(struct pattern **pattern, struct span source, struct span flags, struct error *error);
void pattern_free(struct pattern *pattern);

/* Scratch memory of one thread. */
struct matcher;
struct matcher *matcher_new(void);
void matcher_free(struct matcher *matcher);
/* Turns to a text, which is borrowed until the next begin. */
void matcher_begin(struct matcher *matcher, struct span text);
/* The same, where the text is a part of the one before, or lines of it: what is known of that holds still. */
void matcher_begin_part(struct matcher *matcher, struct span text);
/* False where the matcher's text cannot hold a match; it takes a look at each text once. Worth asking before many
 * calls of matcher_find, or the first. */
bool matcher_may_find(struct matcher *matcher, const struct pattern *pattern);

enum match { MATCH_NONE, MATCH_FOUND, MATCH_LIMIT };

/* Looks for the first match at or after byte `from` of the matcher's text. MATCH_LIMIT: the bound on work was reached,
 * nothing is known. */
enum match matcher_find(struct matcher *matcher, const struct pattern *pattern, size_t from);
/* Of the last match found: the text of a group, 0 being the whole match; absent where the group did not take part. */
struct span matcher_group(const struct matcher *matcher, size_t group);

#endif
