/* Shards there and back, rotation, refusal of everything broken: each single byte of a shard flipped, each cut. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"
#include "base/memory.h"
#include "base/random.h"
#include "shard/reader.h"
#include "shard/writer.h"
#include "suite.h"

static char directory[64];

static void make_directory(void) {
    strcpy(directory, "/tmp/gpt-shard-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void) {
    char command[100];
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    ck_assert_int_eq(system(command), 0);
}

/* A tokenizer with some merges, or with so many that ids need four bytes. */
static struct tokenizer *make_tokenizer(bool wide) {
    struct tokenizer *tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_DIGITS2));
    for (uint32_t left = 5; left < 5 + 256 && wide; left++)
        for (uint32_t right = 5; right < 5 + 256; right++)
            tokenizer_build_merge(tokenizer, left, right);
    tokenizer_build_merge(tokenizer, 40, wide ? 300 : 41);
    tokenizer_build_end(tokenizer);
    return tokenizer;
}

static uint32_t token_at(uint64_t document, uint64_t place, uint32_t vocabulary) {
    uint64_t value = document * 1000003 + place;
    return (uint32_t)((value * value >> 3) % vocabulary);
}

static uint64_t document_size(uint64_t document) {
    return document % 50 == 7 ? 300000 : 1 + document * 37 % 500;
}

static void write_documents(const struct tokenizer *tokenizer, uint64_t documents, uint64_t shard_size) {
    struct shard_writer_options options = {.shard_size = shard_size, .force = true, .threads = documents % 4};
    struct shard_writer *writer;
    struct error error = {0};
    ck_assert_msg(shard_writer_open(&writer, directory, tokenizer, &options, &error) == 0, "%s", error.message);
    uint32_t *ids = memory_allocate(300000 * sizeof(*ids));
    for (uint64_t document = 0; document < documents; document++) {
        uint64_t size = document_size(document);
        for (uint64_t i = 0; i < size; i++)
            ids[i] = token_at(document, i, tokenizer_vocabulary_size(tokenizer));
        enum shard_split split = document % 10 == 3 ? SPLIT_VAL : SPLIT_TRAIN;
        ck_assert_msg(shard_writer_append(writer, split, (struct shard_source){document, document + 7}, ids,
                                          (size_t)size, &error) == 0,
                      "%s", error.message);
    }
    free(ids);
    ck_assert_msg(shard_writer_close(writer, &error) == 0, "%s", error.message);
}

static void expect_document(const struct token_ids *ids, uint64_t document, uint32_t vocabulary) {
    ck_assert_uint_eq(ids->count, document_size(document));
    for (uint64_t i = 0; i < ids->count; i++)
        if (ids->data[i] != token_at(document, i, vocabulary))
            ck_abort_msg("document %llu differs at %llu", (unsigned long long)document, (unsigned long long)i);
}

static void expect_all_documents(struct shard_set *set, uint64_t documents, uint32_t vocabulary) {
    struct shard_cursor *cursor[2] = {shard_cursor_new(set, SPLIT_TRAIN), shard_cursor_new(set, SPLIT_VAL)};
    struct token_ids ids = {0};
    struct error error = {0};
    for (uint64_t document = 0; document < documents; document++) {
        ck_assert_msg(shard_cursor_next(cursor[document % 10 == 3], &ids, &error) == 1, "%s", error.message);
        expect_document(&ids, document, vocabulary);
    }
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(shard_cursor_next(cursor[i], &ids, &error), 0);
        shard_cursor_free(cursor[i]);
    }
    token_ids_release(&ids);
}

START_TEST(test_there_and_back) {
    struct tokenizer *tokenizer = make_tokenizer(_i == 1);
    uint32_t vocabulary = tokenizer_vocabulary_size(tokenizer);
    make_directory();
    write_documents(tokenizer, 200, _i == 2 ? 100000 : 0);
    struct shard_set *set;
    struct error error = {0};
    ck_assert_msg(shard_set_open(&set, directory, &error) == 0, "%s", error.message);
    ck_assert_uint_eq(shard_set_token_width(set), _i == 1 ? 4 : 2);
    ck_assert_int_eq(shard_set_require_tokenizer(set, tokenizer, &error), 0);
    ck_assert_uint_eq(shard_set_documents(set, SPLIT_TRAIN), 180);
    ck_assert_uint_eq(shard_set_documents(set, SPLIT_VAL), 20);
    ck_assert_uint_eq(shard_set_documents(set, SPLIT_TEST), 0);
    if (_i == 2)
        ck_assert_uint_gt(shard_set_count(set), 4);
    else
        ck_assert_uint_eq(shard_set_count(set), 2);
    expect_all_documents(set, 200, vocabulary);
    ck_assert_msg(shard_set_check(directory, &error) == 0, "%s", error.message);
    shard_set_free(set);
    tokenizer_free(tokenizer);
    remove_directory();
}
END_TEST

START_TEST(test_random_access) {
    struct tokenizer *tokenizer = make_tokenizer(false);
    make_directory();
    write_documents(tokenizer, 200, 300000);
    struct shard_set *set;
    struct error error = {0};
    ck_assert_int_eq(shard_set_open(&set, directory, &error), 0);
    struct shard_cursor *cursor = shard_cursor_new(set, SPLIT_VAL);
    struct random random;
    random_seed(&random, 1);
    struct token_ids ids = {0};
    for (int round = 0; round < 100; round++) {
        uint64_t number = random_below(&random, 20), start, count;
        ids.count = 0;
        ck_assert_int_eq(shard_cursor_read(cursor, number, &ids, &error), 0);
        expect_document(&ids, number * 10 + 3, tokenizer_vocabulary_size(tokenizer));
        shard_set_locate(set, SPLIT_VAL, number, &start, &count);
        ck_assert_uint_eq(count, ids.count);
        uint64_t from = random_below(&random, count);
        uint32_t *some = memory_allocate((size_t)count * sizeof(*some));
        ck_assert_int_eq(shard_cursor_read_tokens(cursor, start + from, (size_t)(count - from), some, &error), 0);
        ck_assert_mem_eq(some, ids.data + from, (size_t)(count - from) * sizeof(*some));
        free(some);
    }
    shard_cursor_seek(cursor, 19);
    ck_assert_int_eq(shard_cursor_next(cursor, &ids, &error), 1);
    expect_document(&ids, 193, tokenizer_vocabulary_size(tokenizer));
    token_ids_release(&ids);
    shard_cursor_free(cursor);
    shard_set_free(set);
    tokenizer_free(tokenizer);
    remove_directory();
}
END_TEST

static void save(const char *path, struct span content) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(content.data, 1, content.size, file), content.size);
    ck_assert_int_eq(fclose(file), 0);
}

/* Reads everything through the reader: 0 where it gives all the right tokens, -1 where it refuses; anything else fails.
 */
static int read_everything(uint64_t documents, uint32_t vocabulary, struct error *error) {
    struct shard_set *set;
    if (shard_set_open(&set, directory, error) != 0)
        return -1;
    struct shard_cursor *cursor = shard_cursor_new(set, SPLIT_TRAIN);
    struct token_ids ids = {0};
    int result = 0;
    for (uint64_t document = 0; document < documents && result == 0; document++) {
        if (shard_cursor_next(cursor, &ids, error) != 1)
            result = -1;
        else
            expect_document(&ids, document, vocabulary);
    }
    token_ids_release(&ids);
    shard_cursor_free(cursor);
    shard_set_free(set);
    return result;
}

START_TEST(test_every_flipped_byte_is_refused_by_name) {
    struct tokenizer *tokenizer = make_tokenizer(false);
    make_directory();
    write_documents(tokenizer, 3, 0);
    char path[100];
    snprintf(path, sizeof(path), "%s/train-00000.tok.zst", directory);
    struct bytes file = {0};
    struct error error = {0};
    struct input *input;
    ck_assert_int_eq(input_open_raw(&input, path, &error), 0);
    ck_assert_int_eq(input_read_all(input, 1 << 20, &file, &error), 0);
    input_close(input);
    for (size_t at = 0; at < file.size; at++) {
        file.data[at] = (char)(file.data[at] ^ (1 << at % 8));
        save(path, span_of_bytes(&file));
        ck_assert_int_eq(shard_set_check(directory, &error), -1);
        ck_assert_int_eq(error.code, ERROR_DATA);
        ck_assert_msg(strstr(error.message, "train-00000.tok.zst"), "%s", error.message);
        /* Without the file's digest a reader may only ever refuse or give the same tokens. */
        read_everything(3, tokenizer_vocabulary_size(tokenizer), &error);
        file.data[at] = (char)(file.data[at] ^ (1 << at % 8));
    }
    for (size_t size = 0; size < file.size; size++) {
        save(path, (struct span){file.data, size});
        ck_assert_int_eq(read_everything(3, tokenizer_vocabulary_size(tokenizer), &error), -1);
        ck_assert_msg(strstr(error.message, "train-00000.tok.zst"), "%s", error.message);
    }
    save(path, span_of_bytes(&file));
    ck_assert_int_eq(read_everything(3, tokenizer_vocabulary_size(tokenizer), &error), 0);
    bytes_release(&file);
    tokenizer_free(tokenizer);
    remove_directory();
}
END_TEST

START_TEST(test_every_flipped_manifest_byte_is_refused_or_harmless) {
    struct tokenizer *tokenizer = make_tokenizer(false);
    make_directory();
    write_documents(tokenizer, 3, 0);
    char path[100];
    snprintf(path, sizeof(path), "%s/manifest.json", directory);
    struct bytes file = {0};
    struct error error = {0};
    ck_assert_int_eq(input_load(path, 1 << 20, &file, &error), 0);
    size_t accepted = 0;
    for (size_t at = 0; at < file.size; at++) {
        file.data[at] = (char)(file.data[at] ^ 1);
        save(path, span_of_bytes(&file));
        int result = shard_set_check(directory, &error);
        if (result == 0)
            accepted++;
        file.data[at] = (char)(file.data[at] ^ 1);
    }
    ck_assert_uint_eq(accepted, 0);
    bytes_release(&file);
    tokenizer_free(tokenizer);
    remove_directory();
}
END_TEST

START_TEST(test_refusals) {
    struct tokenizer *tokenizer = make_tokenizer(false), *other = make_tokenizer(true);
    struct shard_writer *writer;
    struct shard_writer_options options = {0};
    struct shard_set *set;
    struct error error = {0};
    make_directory();
    ck_assert_int_eq(shard_set_open(&set, directory, &error), -1);
    ck_assert_msg(strstr(error.message, "not a finished set"), "%s", error.message);
    ck_assert_int_eq(shard_set_open(&set, "/nonexistent", &error), -1);
    ck_assert_int_eq(error.code, ERROR_SYSTEM);
    write_documents(tokenizer, 5, 0);
    ck_assert_int_eq(shard_writer_open(&writer, directory, tokenizer, &options, &error), -1);
    ck_assert_int_eq(error.code, ERROR_USAGE);
    ck_assert_int_eq(shard_set_open(&set, directory, &error), 0);
    ck_assert_int_eq(shard_set_require_tokenizer(set, other, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    shard_set_free(set);
    options.force = true;
    ck_assert_int_eq(shard_writer_open(&writer, directory, tokenizer, &options, &error), 0);
    uint32_t id = 60000;
    ck_assert_int_eq(shard_writer_append(writer, SPLIT_TRAIN, (struct shard_source){0}, &id, 1, &error), -1);
    shard_writer_abort(writer);
    ck_assert_int_eq(rmdir(directory), 0); /* nothing is left of it */
    tokenizer_free(tokenizer);
    tokenizer_free(other);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("shard");
    TCase *cases = tcase_create("shard");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_there_and_back, 0, 3);
    tcase_add_test(cases, test_random_access);
    tcase_add_test(cases, test_every_flipped_byte_is_refused_by_name);
    tcase_add_test(cases, test_every_flipped_manifest_byte_is_refused_or_harmless);
    tcase_add_test(cases, test_refusals);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
