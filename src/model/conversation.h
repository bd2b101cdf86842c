/*
 * A conversation with a model: turns in, replies out, over the KV cache. When the context is full the oldest turns are
 * forgotten, a leading system turn kept.
 */
#ifndef MODEL_CONVERSATION_H
#define MODEL_CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/record.h"
#include "model/generate.h"
#include "model/sampler.h"
#include "token/tokenizer.h"

struct conversation_options {
    struct sampler_options sampler;
    uint64_t seed;
    size_t max_tokens; /* of a reply */
    size_t threads;
};

/* Sampling with temperature 0.8 and top-p 0.95, 256 tokens, seed 0, one thread. */
struct conversation_options conversation_default_options(void);

enum reply_end {
    REPLY_END,     /* the model said <|end|> (or began another turn) */
    REPLY_LENGTH,  /* max_tokens, or no room left in the context */
    REPLY_STOPPED, /* the caller's listener said so */
};

/* Is handed each new piece of a reply, whole UTF-8 characters; returns false to stop. */
typedef bool reply_listener(void *context, struct span piece);

struct conversation;

/* The model and the tokenizer must outlive it; their vocabularies must agree (ERROR_DATA). */
int conversation_new(struct conversation **conversation, const struct model *model, const struct tokenizer *tokenizer,
                     const struct conversation_options *options, struct error *error);
void conversation_free(struct conversation *conversation); /* NULL is allowed */

/* Starts anew; the sampler starts from seed. */
void conversation_reset(struct conversation *conversation, uint64_t seed);
/* Adds a turn somebody else said. */
void conversation_add(struct conversation *conversation, enum role role, struct span content);
/*
 * Lets the model answer what was added: appends the reply, valid UTF-8, to *reply and adds it to the conversation.
 * listener may be NULL. ERROR_DATA where the last turns alone do not fit the context; the next reply forgets them.
 */
int conversation_reply(struct conversation *conversation, struct bytes *reply, reply_listener *listener, void *context,
                       enum reply_end *end, struct error *error);
/* Continues plain text, as a model that was only pretrained does: <|bos|>, text, and what follows, appended to
 * *continuation. */
int conversation_continue(struct conversation *conversation, struct span text, struct bytes *continuation,
                          enum reply_end *end, struct error *error);
/* Tokens of the last reply or continuation. */
size_t conversation_reply_tokens(const struct conversation *conversation);

#endif
