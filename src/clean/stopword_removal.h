/* Leaving the very common words out of texts, for models that count words; texts for reading or chat lose their
 * grammar.
 */
#ifndef CLEAN_STOPWORD_REMOVAL_H
#define CLEAN_STOPWORD_REMOVAL_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"
#include "clean/stopwords.h"
#include "text/classes.h"

/* Loads the lists of every language that the filters bring along, into *stop_words (zero-initialised). */
int stopwords_load_all(struct stop_words *stop_words, struct error *error);

/* One thread's. */
struct stopword_remover;

/* Borrows the lists and classes while it lives. On failure *remover is NULL. */
int stopword_remover_new(struct stopword_remover **remover, const struct stop_words *stop_words,
                         const struct text_classes *classes, struct error *error);
void stopword_remover_free(struct stopword_remover *remover);

/*
 * Leaves out the stop words of a text's language, each with the blanks behind it, or those before it where a line ends
 * there. *result is text itself where there are none or the language (absent: unknown) has no list, else it borrows
 * from the remover until the next call. Returns whether anything was left out.
 */
bool stopword_remover_apply(struct stopword_remover *remover, struct span text, struct span language,
                            struct span *result);

#endif
