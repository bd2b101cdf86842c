/*
 * Cutting text into the pieces that BPE merges within. The published patterns have hand-written scanners (scanner.h);
 * any other pattern goes through PCRE2's JIT (regex.h).
 */
#ifndef TOKEN_PRETOKENIZER_H
#define TOKEN_PRETOKENIZER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/error.h"

enum pretokenizer_kind {
    PRETOKENIZER_GPT2,                       /* GPT-2, r50k */
    PRETOKENIZER_CL100K,                     /* cl100k: numbers in groups of three; the default, since others know it */
    PRETOKENIZER_DIGITS2,                    /* cl100k with numbers in groups of two: better for small vocabularies */
    PRETOKENIZER_O200K,                      /* o200k: words cut before an upper-case letter that follows lower case */
    PRETOKENIZER_KNOWN,                      /* the number of those with a name of their own */
    PRETOKENIZER_REGEX = PRETOKENIZER_KNOWN, /* another pattern */
};

/* A way to cut. Immutable: threads share one. */
struct pretokenizer;

struct pretokenizer *pretokenizer_new(enum pretokenizer_kind kind); /* a known one */
/*
 * One by its pattern: the scanner of the published patterns in their spellings (possessive and plain), PCRE2 for
 * others. ERROR_DATA names what is wrong with a pattern, or what in it means something else to the libraries that will
 * read it in tokenizer.json.
 */
int pretokenizer_compile(struct pretokenizer **pretokenizer, struct span pattern, struct error *error);
void pretokenizer_free(struct pretokenizer *pretokenizer); /* NULL is allowed */

enum pretokenizer_kind pretokenizer_kind(const struct pretokenizer *pretokenizer);
const char *pretokenizer_name(const struct pretokenizer *pretokenizer); /* "regex" for a pattern of its own */
/* The pattern as it stands in tokenizer.json. */
struct span pretokenizer_pattern(const struct pretokenizer *pretokenizer);
/* The version of Unicode whose properties it goes by, as "15.0.0": a pattern goes by its library's. */
void pretokenizer_append_unicode_version(const struct pretokenizer *pretokenizer, struct bytes *out);
/* By the name of a known one. */
bool pretokenizer_parse(struct span name, enum pretokenizer_kind *kind);
/* NULL-terminated list of the known names in the order of the enumeration, for option tables. */
extern const char *const pretokenizer_names[PRETOKENIZER_KNOWN + 1];

/* One thread's place in a text that is being cut. */
struct cutter;

struct cutter *cutter_new(const struct pretokenizer *pretokenizer); /* the pretokeniser must outlive it */
void cutter_free(struct cutter *cutter);                            /* NULL is allowed */
/* Turns to a text, which is borrowed: a whole document or message, since white space at its end is cut by where it
 * ends. */
void cutter_begin(struct cutter *cutter, struct span text);
/*
 * Takes the next pieces, up to capacity; returns how many, 0 at the end of the text, -1 (ERROR_DATA, with the byte of
 * the text) where a match of a pattern takes more work than is allowed. Pieces are never empty and cover the whole
 * text: what stands between two matches is a piece as well, and so is each byte that is no valid UTF-8 for the known
 * ones.
 */
long cutter_take(struct cutter *cutter, struct span *pieces, size_t capacity, struct error *error);

#endif
