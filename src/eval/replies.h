/* The model's replies to a file of dialogues, scored against the human ones. */
#ifndef EVAL_REPLIES_H
#define EVAL_REPLIES_H

#include <stdint.h>

#include "base/error.h"
#include "base/options.h"
#include "eval/score.h"
#include "model/bundle.h"
#include "model/conversation.h"

struct replies {
    const struct model_bundle *bundle;
    struct conversation_options conversation;
    const char *const *paths; /* files of dialogues; none is stdin */
    size_t path_count;
    const char *output;                     /* where to write the replies; NULL: nowhere */
    const struct common_options *options;   /* for progress */
    struct score *score;                    /* what they are added to */
    uint64_t questions, no_reply, too_long; /* out: dialogues in all; of these, without an assistant's turn; whose
                                               question does not fit the context */
};

/*
 * Answers each dialogue's last assistant turn anew. A written reply is the dialogue with the reply in its place and
 * "eval":{"reference":…,"bleu":…,"chrf":…} added, BLEU that of the sentence (with effective order).
 */
int replies_run(struct replies *replies, struct error *error);

#endif
