/* Opening a model for use. It owns no format: directories are checkpoint.c's, tokenizer.json the token library's. */
#include "model/bundle.h"

#include "model/checkpoint.h"

int model_bundle_open(struct model_bundle *bundle, const char *path, struct error *error) {
    *bundle = (struct model_bundle){0};
    if (checkpoint_find(path, &bundle->directory, error))
        return -1;
    const char *directory = bytes_text(&bundle->directory);
    struct bytes name = {0};
    bytes_append_format(&name, "%s/tokenizer.json", directory);
    int status = tokenizer_load(&bundle->tokenizer, bytes_text(&name), error);
    if (status == 0 && tokenizer_require_specials(bundle->tokenizer, error))
        status = error_prefix(error, "%s: ", bytes_text(&name));
    if (status == 0)
        status = checkpoint_load(&bundle->model, directory, error);
    if (status == 0 && tokenizer_vocabulary_size(bundle->tokenizer) > bundle->model->config.vocabulary)
        status = error_set(error, ERROR_DATA, ERROR_NO_POSITION, "%s has %u tokens, the model beside it %zu",
                           bytes_text(&name), (unsigned)tokenizer_vocabulary_size(bundle->tokenizer),
                           bundle->model->config.vocabulary);
    bytes_release(&name);
    return status;
}

void model_bundle_release(struct model_bundle *bundle) {
    model_free(bundle->model);
    tokenizer_free(bundle->tokenizer);
    bytes_release(&bundle->directory);
    *bundle = (struct model_bundle){0};
}
