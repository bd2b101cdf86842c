/* Documents of random tokens in shards, for the tests of what becomes rows. */
#ifndef TESTS_UNIT_PACKING_DOCUMENTS_H
#define TESTS_UNIT_PACKING_DOCUMENTS_H

#include "base/hash.h"
#include "base/memory.h"
#include "folder.h"
#include "shard/writer.h"

#define BOS 0
#define SYSTEM 1
#define USER 2
#define ASSISTANT 3
#define END 4
#define FIRST_TEXT 5

/* Documents as they go into the shards. */
struct documents {
    struct token_ids *items;
    size_t count;
};

static struct tokenizer *tokenizer;

static inline void setup(void) {
    folder_make();
    tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_GPT2));
    tokenizer_build_end(tokenizer);
    ck_assert_uint_eq(tokenizer_special(tokenizer, SPECIAL_BOS), BOS);
    ck_assert_uint_eq(tokenizer_special(tokenizer, SPECIAL_END), END);
}

static inline void teardown(void) {
    tokenizer_free(tokenizer);
    folder_remove();
}

/* Text of `count` tokens that no other call has given. */
static inline void append_text(struct token_ids *ids, size_t count) {
    static uint64_t serial;
    uint64_t value = hash_mix(++serial);
    for (size_t i = 0; i < count; i++) {
        if (i % 8 == 7)
            value = hash_mix(value + i);
        token_ids_append(ids, FIRST_TEXT + (uint32_t)(value >> 8 * (i % 8) & 255));
    }
}

static inline void append_turn(struct token_ids *ids, uint32_t role, size_t text) {
    token_ids_append(ids, role);
    append_text(ids, text);
    token_ids_append(ids, END);
}

static inline struct token_ids *add_document(struct documents *documents) {
    documents->items = memory_resize(documents->items, documents->count + 1, sizeof *documents->items);
    struct token_ids *ids = &documents->items[documents->count++];
    *ids = (struct token_ids){0};
    token_ids_append(ids, BOS);
    return ids;
}

static inline void documents_release(struct documents *documents) {
    for (size_t i = 0; i < documents->count; i++)
        token_ids_release(&documents->items[i]);
    free(documents->items);
}

static inline struct shard_set *write_shards(const struct documents *documents) {
    struct shard_writer *writer;
    struct shard_set *set;
    struct error error = {0};
    struct shard_writer_options options = {.force = true};
    ck_assert_msg(shard_writer_open(&writer, folder, tokenizer, &options, &error) == 0, "%s", error.message);
    for (size_t i = 0; i < documents->count; i++)
        ck_assert_int_eq(shard_writer_append(writer, SPLIT_TRAIN, (struct shard_source){0}, documents->items[i].data,
                                             documents->items[i].count, &error),
                         0);
    ck_assert_msg(shard_writer_close(writer, &error) == 0, "%s", error.message);
    ck_assert_msg(shard_set_open(&set, folder, &error) == 0, "%s", error.message);
    return set;
}

static inline bool equal_ids(const struct token_ids *ids, const uint32_t *data, size_t count) {
    return ids->count == count && memcmp(ids->data, data, count * sizeof *data) == 0;
}

/* The index of the document with these ids; aborts where there is none. */
static inline size_t find_document(const struct documents *documents, const struct token_ids *ids) {
    for (size_t i = 0; i < documents->count; i++)
        if (equal_ids(&documents->items[i], ids->data, ids->count))
            return i;
    ck_abort_msg("rows hold %zu tokens that are no document", ids->count);
    return 0;
}

/* Of one to three turns, some with a system message, some whose last answer is empty. */
static inline void make_dialogues(struct documents *documents, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct token_ids *ids = add_document(documents);
        if (i % 3 == 0)
            append_turn(ids, SYSTEM, 2 + i % 3);
        for (size_t turn = 0; turn <= i % 3; turn++) {
            append_turn(ids, USER, 1 + (i + turn) % 5);
            append_turn(ids, ASSISTANT, i % 10 == 9 ? 0 : 1 + (i + 2 * turn) % 4);
        }
    }
}

#endif
