/*
 * Patterns that are none of the published ones. A pattern means what Hugging Face's library (which has Oniguruma) and
 * tiktoken (Rust) take it for; what these read in another way than PCRE2 is rewritten or refused.
 */
#ifndef TOKEN_REGEX_DIALECT_H
#define TOKEN_REGEX_DIALECT_H

#include "base/bytes.h"
#include "base/error.h"

/* Appends the pattern as PCRE2 reads it. ERROR_DATA says what is wrong, with the byte of the pattern. */
int regex_dialect_rewrite(struct span pattern, struct bytes *out, struct error *error);

#endif
