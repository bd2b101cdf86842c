/* Owns the grammar of encoded documents: which special tokens may stand where. Knows nothing of shards or of lines. */
#include "encode/unpack.h"

#include <stdlib.h>

#include "base/memory.h"
#include "text/utf8.h"

static size_t run_of_text(const struct tokenizer *tokenizer, const uint32_t *ids, size_t count) {
    size_t size = 0;
    while (size < count && !tokenizer_is_special(tokenizer, ids[size]))
        size++;
    return size;
}

/* Appends the text of ids without special tokens; points into the text are safe only when it grows no more. */
static int append_text(struct unpacked *unpacked, const struct tokenizer *tokenizer, const uint32_t *ids, size_t count,
                       struct error *error) {
    bytes_clear(&unpacked->decoded);
    if (tokenizer_decode(tokenizer, ids, count, &unpacked->decoded, error) != 0)
        return -1;
    utf8_repair(span_of_bytes(&unpacked->decoded), &unpacked->text);
    return 0;
}

static bool role_of_id(const struct tokenizer *tokenizer, uint32_t id, enum role *role) {
    static const enum role roles[] = {ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT};
    for (size_t i = 0; i < 3; i++) {
        if (id == tokenizer_special_of_role(tokenizer, roles[i])) {
            *role = roles[i];
            return true;
        }
    }
    return false;
}

/* <|role|>content<|end|> at ids: the number of ids, 0 where something else stands there. */
static size_t message_size(const struct tokenizer *tokenizer, const uint32_t *ids, size_t count, enum role *role) {
    if (count < 2 || !role_of_id(tokenizer, ids[0], role))
        return 0;
    size_t size = 1 + run_of_text(tokenizer, ids + 1, count - 1);
    return size < count && ids[size] == tokenizer_special(tokenizer, SPECIAL_END) ? size + 1 : 0;
}

static int refuse(struct error *error, size_t place) {
    return error_set(error, ERROR_DATA, ERROR_NO_POSITION,
                     "the special tokens from id %zu on are no document and no dialogue", place);
}

static void add_turn(struct unpacked *unpacked, enum role role) {
    if (unpacked->turn_count == unpacked->turn_capacity) {
        unpacked->turn_capacity = unpacked->turn_capacity ? unpacked->turn_capacity * 2 : 16;
        unpacked->turns = memory_resize(unpacked->turns, unpacked->turn_capacity, sizeof(*unpacked->turns));
    }
    unpacked->turns[unpacked->turn_count++] = (struct unpacked_turn){role, unpacked->text.size};
}

static int unpack_dialogue(struct unpacked *unpacked, const struct tokenizer *tokenizer, const uint32_t *ids,
                           size_t count, struct error *error) {
    unpacked->turn_count = 0;
    for (size_t place = 1, size; place < count; place += size) {
        enum role role;
        if ((size = message_size(tokenizer, ids + place, count - place, &role)) == 0)
            return refuse(error, place);
        if (append_text(unpacked, tokenizer, ids + place + 1, size - 2, error) != 0)
            return -1;
        add_turn(unpacked, role);
    }
    record_begin(&unpacked->record, RECORD_DIALOGUE);
    for (size_t i = 0; i < unpacked->turn_count; i++) { /* now that text moves no more */
        size_t start = i ? unpacked->turns[i - 1].end : 0;
        record_append_message(&unpacked->record, unpacked->turns[i].role,
                              (struct span){unpacked->text.data + start, unpacked->turns[i].end - start});
    }
    return 0;
}

int unpack_document(struct unpacked *unpacked, const struct tokenizer *tokenizer, const uint32_t *ids, size_t count,
                    struct error *error) {
    size_t at = count > 0 && ids[0] == tokenizer_special(tokenizer, SPECIAL_BOS) ? 1 : 0;
    bytes_clear(&unpacked->text);
    bytes_reserve(&unpacked->text, 1); /* an empty text is present, not absent */
    if (at == 1 && count > 1 && tokenizer_is_special(tokenizer, ids[1]))
        return unpack_dialogue(unpacked, tokenizer, ids, count, error);
    size_t size = run_of_text(tokenizer, ids + at, count - at);
    if (at + size != count)
        return refuse(error, at + size);
    if (append_text(unpacked, tokenizer, ids + at, size, error) != 0)
        return -1;
    record_begin(&unpacked->record, RECORD_DOCUMENT);
    record_set_text(&unpacked->record, FIELD_TEXT, (struct span){unpacked->text.data, unpacked->text.size});
    return 0;
}

void unpacked_release(struct unpacked *unpacked) {
    record_release(&unpacked->record);
    bytes_release(&unpacked->text);
    bytes_release(&unpacked->decoded);
    free(unpacked->turns);
}
