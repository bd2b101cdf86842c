/* Lines from a terminal (libedit) or from a pipe. */
#ifndef CHAT_PROMPT_H
#define CHAT_PROMPT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"

struct prompt;

/* interactive: edit lines on the terminal; else lines of stdin. */
int prompt_new(struct prompt **prompt, bool interactive, struct error *error);
void prompt_free(struct prompt *prompt); /* NULL is allowed */

enum prompt_result {
    PROMPT_LINE,
    PROMPT_INTERRUPTED, /* ^C: there is no line */
    PROMPT_END,
    PROMPT_FAILED
};

/* The next line without its newline, valid UTF-8, until the next call. */
enum prompt_result prompt_next(struct prompt *prompt, struct span *line, struct error *error);

/* ^C since the last call or prompt_next. Only where interactive. */
bool prompt_was_interrupted(void);

#endif
