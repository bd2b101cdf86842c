/* Answers to a file of questions, written. */
#ifndef CHAT_ANSWERS_H
#define CHAT_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/options.h"
#include "model/bundle.h"
#include "model/conversation.h"

struct answers {
    const struct model_bundle *bundle;
    struct conversation_options conversation;
    const struct common_options *options; /* output, progress, quiet */
    const char *system;                   /* NULL: none */
    bool text;                            /* write "question\n-> answer\n", else records */
    const char *const *paths;
    size_t path_count;
};

/*
 * Writes an answer for each question and a summary to stderr. A dialogue comes out up to its last user turn with the
 * reply after it, a document with its text continued, a plain line as a dialogue whose id is the number of its line.
 */
int answers_run(const struct answers *answers, struct error *error);

#endif
