/* How a tokenizer fits text: sizes and numbers of tokens by language, and how often each token was used. */
#ifndef BPE_FIT_H
#define BPE_FIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/record.h"
#include "text/classes.h"
#include "token/tokenizer.h"

/* The tokenizers that are measured side by side: one, or two that are compared. */
#define FIT_TOKENIZERS_MAX 2

/* The texts of one language. */
struct fit_language {
    struct bytes name; /* the records' lang */
    uint64_t records, bytes, characters, words;
    uint64_t pieces[FIT_TOKENIZERS_MAX], tokens[FIT_TOKENIZERS_MAX];
};

/* Sums; zero-initialised is valid and empty. */
struct fit {
    struct fit_language *languages;
    size_t language_count, language_capacity;
    uint64_t *uses[FIT_TOKENIZERS_MAX]; /* by id; NULL where nothing was measured */
};

void fit_merge(struct fit *into, const struct fit *from, const struct tokenizer *const *tokenizers, size_t count);
void fit_sort(struct fit *fit);    /* languages by falling bytes, then by name */
void fit_release(struct fit *fit); /* frees and zeroes */

/* One thread's measuring: adds records to its own sums. */
struct fit_meter;

/* tokenizers (up to FIT_TOKENIZERS_MAX) and classes must outlive the meter. */
struct fit_meter *fit_meter_new(const struct tokenizer *const *tokenizers, size_t count,
                                const struct text_classes *classes);
/* ERROR_SYSTEM where ICU's data cannot be loaded; ERROR_DATA as encoder_append_text. */
int fit_meter_add(struct fit_meter *meter, const struct record *record, struct error *error);
const struct fit *fit_meter_sums(const struct fit_meter *meter);
void fit_meter_free(struct fit_meter *meter); /* NULL is allowed */

#endif
