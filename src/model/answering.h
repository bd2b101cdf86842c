/*
 * Answers to a file of questions: dialogues, documents or plain lines in, each with the model's reply out, in input
 * order and the same bytes for any number of threads: each question is a conversation of its own, with a seed of its
 * own made from the seed and the question's place in the input.
 */
#ifndef MODEL_ANSWERING_H
#define MODEL_ANSWERING_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/record.h"
#include "model/bundle.h"
#include "model/conversation.h"

/* What of a dialogue is the question. */
enum answering_cut {
    ANSWER_LAST_QUESTION, /* all up to the last user turn; what follows it is left out */
    ANSWER_LAST_REPLY,    /* all before the last assistant turn, which the reply is to be compared with */
};

enum answer_outcome {
    ANSWERED,
    ANSWER_NO_QUESTION, /* a dialogue without the turn that the cut needs */
    ANSWER_TOO_LONG,    /* what has to be answered does not fit the context */
    ANSWER_OUTCOMES
};

struct answer {
    const char *file;
    uint64_t number;             /* of the line */
    struct span line;            /* source */
    const struct record *record; /* NULL for a plain line */
    size_t context;              /* of a dialogue: how many of its messages were the question */
    enum answer_outcome outcome;
    struct span reply; /* or the continuation of a document */
    enum reply_end end;
    size_t tokens; /* in the reply */
};

struct answering {
    const struct model_bundle *bundle;
    struct conversation_options options; /* threads: of all together */
    const char *system;                  /* a system turn for questions without one; NULL for none */
    enum answering_cut cut;
    bool records_only;        /* plain lines are bad */
    const char *const *paths; /* none: stdin */
    size_t path_count;
    /* Takes each answer, in order, on the caller's thread; nothing of it outlives the call. */
    int (*take)(void *context, const struct answer *answer, struct error *error);
    void *context;
};

/*
 * Input whose first line begins with { is JSON Lines, other input is a question a line. An unreadable line is an
 * ERROR_DATA naming file and line, after all answers before it were taken.
 */
int answering_run(const struct answering *answering, struct error *error);

#endif
