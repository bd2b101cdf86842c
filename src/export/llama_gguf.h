/* A Llama-shaped model and its tokenizer in GGUF's terms, as llama.cpp and the programs on it read them. */
#ifndef EXPORT_LLAMA_GGUF_H
#define EXPORT_LLAMA_GGUF_H

#include "export/gguf.h"
#include "model/bundle.h"

struct llama_gguf_options {
    enum weight_type type; /* of matrices; vectors stay F32, and matrices whose rows Q8_0 cannot cut become F16 */
    const char *name;      /* general.name, or NULL */
    bool force;            /* a pretokeniser without a name there gets the nearest */
};

/* Whether llama.cpp cuts text exactly as the tokenizer does. */
bool llama_gguf_has_pretokenizer(const struct tokenizer *tokenizer);
/*
 * Fills gguf, which borrows from the bundle. ERROR_DATA where llama.cpp has no name for the tokenizer's pretokeniser
 * and `force` is not set. *pretokenizer receives the name that was chosen.
 */
int llama_gguf_fill(struct gguf *gguf, const struct model_bundle *bundle, const struct llama_gguf_options *options,
                    const char **pretokenizer, struct error *error);

#endif
