/*
 * Whether an answer is in another language than what it answers. Who asks for another language, by its name or for a
 * translation, gets what he asked for.
 */
#ifndef CLEAN_ANSWER_LANGUAGE_H
#define CLEAN_ANSWER_LANGUAGE_H

#include "base/bytes.h"
#include "clean/language_step.h"

/* Scratch memory of one thread; zero-initialised is valid. */
struct answer_language {
    struct bytes prose, folded, scratch;
};
void answer_language_release(struct answer_language *answers);

/*
 * How sure it is, 0 to 1, that an answer is in another language than the message before it, or where that is too short
 * to tell, than all of them: `said` are the others' messages so far, in order. NAN where it cannot be told, where
 * another language may have been asked for, or between languages that are near to each other. Prose alone counts.
 */
double answer_language_change(struct answer_language *answers, const struct language_step *step,
                              struct language_judge *judge, const struct span *said, size_t count, struct span answer);

#endif
