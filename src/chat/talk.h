/* A conversation with whoever is at the other end of stdin: a person at a terminal, or lines of a pipe. */
#ifndef CHAT_TALK_H
#define CHAT_TALK_H

#include "base/error.h"
#include "base/options.h"
#include "model/bundle.h"
#include "model/conversation.h"

struct talk {
    const struct model_bundle *bundle;
    struct conversation_options conversation;
    const struct common_options *options; /* quiet */
    const char *system;                   /* NULL: none */
};

/*
 * On a terminal: line editing with history, replies as they are said, ^C stops a reply or drops the line, ^D ends, and
 * /help lists commands. Else each line of stdin is a turn, commands too, and each reply goes to stdout, its newlines as
 * they are, with a newline after it. Every reply is written out at once.
 */
int talk_run(const struct talk *talk, struct error *error);

#endif
