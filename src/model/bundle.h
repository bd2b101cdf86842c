/* A model with its tokenizer, as one directory holds them: what evaluating and chatting begin with. */
#ifndef MODEL_BUNDLE_H
#define MODEL_BUNDLE_H

#include "base/bytes.h"
#include "base/error.h"
#include "model/model.h"
#include "token/tokenizer.h"

struct model_bundle {
    struct bytes directory; /* the model directory that was meant, a NUL after it */
    struct model *model;
    struct tokenizer *tokenizer;
};

/* Opens a model directory, or the best (else the last) model of a run. ERROR_DATA naming the file for what is missing,
 * broken or does not agree. Released by the caller after an error too. */
int model_bundle_open(struct model_bundle *bundle, const char *path, struct error *error);
void model_bundle_release(struct model_bundle *bundle);

#endif
