/*
 * Regular expressions of rules, over valid UTF-8. Before a match is tried, texts are held against the literals and
 * bytes that a match must hold: most patterns of rules are turned away by that.
 */
#ifndef CLEAN_PATTERN_H
#define CLEAN_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"
#include "text/regex.h"

/* Immutable once made: threads share one. */
struct pattern;

/* flags: letters of i (no case), m (^ and $ at lines), s (dot matches newlines), x (white space ignored). On failure
 * *pattern is NULL and the error's position is the byte in source where it was seen. */
int pattern_new(struct pattern **pattern, struct span source, struct span flags, struct error *error);
void pattern_free(struct pattern *pattern);
/* True where both are written alike. */
bool pattern_equal(const struct pattern *a, const struct pattern *b);

/* Scratch memory of one thread. */
struct matcher;
struct matcher *matcher_new(void);
void matcher_free(struct matcher *matcher);

/* Turns to a text, which is borrowed until the next begin. */
void matcher_begin(struct matcher *matcher, struct span text);
/* The same, where the text is what is left of the lines of the one before: what is known of that holds still. */
void matcher_begin_rest(struct matcher *matcher, struct span text);
/* False where the matcher's text cannot hold a match. Worth asking before many calls of matcher_find, or the first. */
bool matcher_may_find(struct matcher *matcher, const struct pattern *pattern);

/* Turns to the lines of the matcher's text, to look for a pattern in each. */
void matcher_begin_lines(struct matcher *matcher, const struct pattern *pattern);
/* Turns to a line, or one further on. False where it cannot hold a match. */
bool matcher_begin_line(struct matcher *matcher, struct span line);

/* Looks for the first match at or after byte `from` of the matcher's text or line: see regex_find. The work over a text
 * or all of its lines is bounded for each pattern. */
enum match matcher_find(struct matcher *matcher, const struct pattern *pattern, size_t from);
/* Of the last match found: see regex_group. */
struct span matcher_group(const struct matcher *matcher, size_t group);

#endif
