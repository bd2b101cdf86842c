/* The way back from ids to records. */
#ifndef ENCODE_UNPACK_H
#define ENCODE_UNPACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/record.h"
#include "token/tokenizer.h"

struct unpacked_turn {
    enum role role;
    size_t end; /* of its content within text */
};

/* Reused from document to document; zero-initialised is valid. */
struct unpacked {
    struct record record;
    struct bytes text, decoded; /* what the record borrows; scratch */
    struct unpacked_turn *turns;
    size_t turn_count, turn_capacity;
};

/*
 * Turns the ids of one document into a record: <|bos|> and text is a document, <|bos|> and messages a dialogue; ids
 * without special tokens are a document too. ERROR_DATA for ids that are neither. Bytes that are no UTF-8 (of ids that
 * no text gave) become U+FFFD.
 */
int unpack_document(struct unpacked *unpacked, const struct tokenizer *tokenizer, const uint32_t *ids, size_t count,
                    struct error *error);
void unpacked_release(struct unpacked *unpacked);

#endif
