/*
 * Any bytes as a published vocabulary: a rank file or vocab.bpe up to the first NUL, and what follows as its
 * encoder.json. What is taken must write to the same tokenizer, and give back a text from its ids.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "token/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool held) {
    if (!held)
        abort();
}

/* A file in memory, by its path. */
static int make_file(const uint8_t *data, size_t size, char path[64]) {
    int descriptor = memfd_create("vocabulary", MFD_CLOEXEC);
    require(descriptor >= 0 && (size_t)write(descriptor, data, size) == size);
    snprintf(path, 64, "/proc/self/fd/%d", descriptor);
    return descriptor;
}

static void check_tokenizer(const struct tokenizer *tokenizer) {
    struct tokenizer *again;
    struct bytes json = {0}, back = {0};
    struct error error;
    tokenizer_append_json(tokenizer, &json);
    require(tokenizer_parse(&again, "x", span_of_bytes(&json), &error) == 0);
    struct hash128 a = tokenizer_digest(tokenizer), b = tokenizer_digest(again);
    require(a.low == b.low && a.high == b.high);
    struct encoder *encoder = encoder_new(tokenizer);
    struct token_ids ids = {0};
    struct span text = SPAN_LITERAL("aab abc  12 \xE4\xBD\xA0");
    require(encoder_append_text(encoder, text, &ids, &error) == 0);
    require(tokenizer_decode(tokenizer, ids.data, ids.count, &back, &error) == 0);
    require(span_equal(span_of_bytes(&back), text));
    encoder_free(encoder);
    token_ids_release(&ids);
    bytes_release(&back);
    bytes_release(&json);
    tokenizer_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64], ids_path[64];
    const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
    size_t first = end ? (size_t)(end - data) : size;
    int file = make_file(data, first, path);
    int ids = end ? make_file(end + 1, size - first - 1, ids_path) : -1;
    struct tokenizer *tokenizer;
    struct error error;
    if (tokenizer_import(&tokenizer, path, end ? ids_path : NULL, pretokenizer_new(PRETOKENIZER_CL100K), &error) == 0)
        check_tokenizer(tokenizer);
    tokenizer_free(tokenizer);
    close(file);
    if (ids >= 0)
        close(ids);
    return 0;
}
