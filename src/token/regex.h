/*
 * Patterns that are none of the published ones, through PCRE2's JIT. A pattern means what Hugging Face's library (which
 * has Oniguruma) and tiktoken (Rust) take it for; what these read in another way than PCRE2 is rewritten or refused.
 */
#ifndef TOKEN_REGEX_H
#define TOKEN_REGEX_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

/* Immutable: threads share one. */
struct regex;

/* ERROR_DATA says what is wrong, with the byte of the pattern. */
int regex_new(struct regex **regex, struct span pattern, struct error *error);
void regex_free(struct regex *regex); /* NULL is allowed */

/* One thread's scratch memory. */
struct regex_matcher;

struct regex_matcher *regex_matcher_new(void);
void regex_matcher_free(struct regex_matcher *matcher); /* NULL is allowed */

/* The first match in text at or behind `from`: 1 (*start <= *end), 0 for none, -1 where it takes more than the limit.
 */
int regex_find(const struct regex *regex, struct regex_matcher *matcher, struct span text, size_t from, size_t *start,
               size_t *end);

#endif
