/* Rows out of shards: every token once an epoch, shares of a mixture, exact positions. */
#include "model/packing.h"
#include "model/mixture.h"
#include "packing_documents.h"

/* ---- pretraining ---- */

/* Lengths from one token to several rows; some split over rows. */
static void make_texts(struct documents *documents, size_t count, size_t longest) {
    for (size_t i = 0; i < count; i++)
        append_text(add_document(documents), 1 + i * 7919 % longest);
    add_document(documents); /* an empty text */
}

/*
 * Reads `rows` rows (0: to the end) and checks them: the tokens with a target are documents one after the other, each
 * target is the next token of the document or <|bos|>, and starts are the documents' first tokens in the row. Returns
 * the documents' indices in their order.
 */
static size_t *read_stream(struct packing *packing, const struct documents *documents, size_t length, size_t *count) {
    struct packed_rows packed;
    struct error error = {0};
    struct token_ids document = {0};
    size_t *order = memory_zeroed(documents->count + 1, sizeof *order);
    uint32_t expected = BOS;
    *count = 0;
    packed_rows_init(&packed, 3, length);
    do {
        ck_assert_msg(packing_next(packing, &packed, &error) == 0, "%s", error.message);
        for (size_t i = 0; i < packed.filled * length; i++) {
            if (i % length == 0)
                ck_assert_int_eq(packed.starts[i], 0);
            if (packed.targets[i] == TARGET_NONE) {
                ck_assert_uint_eq(document.count, 0); /* padding follows whole documents only */
                ck_assert_int_eq(packed.starts[i], (int32_t)(i % length));
                continue;
            }
            ck_assert_uint_eq((uint32_t)packed.tokens[i], expected);
            size_t place = i % length;
            ck_assert_int_eq(packed.starts[i], (int32_t)(document.count < place ? place - document.count : 0));
            token_ids_append(&document, (uint32_t)packed.tokens[i]);
            expected = (uint32_t)packed.targets[i];
            if (expected == BOS) {
                ck_assert_uint_lt(*count, documents->count);
                order[(*count)++] = find_document(documents, &document);
                document.count = 0;
            }
        }
    } while (packed.filled == packed.rows);
    ck_assert_uint_eq(document.count, 0);
    packed_rows_release(&packed);
    token_ids_release(&document);
    return order;
}

static void expect_each_once(const size_t *order, size_t count, size_t documents) {
    bool *seen = memory_zeroed(documents, sizeof *seen);
    ck_assert_uint_eq(count, documents);
    for (size_t i = 0; i < count; i++) {
        ck_assert_msg(!seen[order[i]], "document %zu came twice", order[i]);
        seen[order[i]] = true;
    }
    free(seen);
}

START_TEST(test_every_token_once) {
    struct documents documents = {0};
    make_texts(&documents, 200, 90);
    struct shard_set *set = write_shards(&documents);
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        struct packing_options options = {.length = 32, .shuffle = shuffle, .seed = 5};
        struct packing *packing = packing_new(set, tokenizer, &options);
        size_t count, moved = 0;
        size_t *order = read_stream(packing, &documents, options.length, &count);
        expect_each_once(order, count, documents.count);
        for (size_t i = 0; i < count; i++)
            moved += order[i] != i;
        ck_assert(shuffle ? moved > count / 2 : moved == 0);
        ck_assert_uint_eq(packing_counts(packing).documents, documents.count);
        free(order);
        packing_free(packing);
    }
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

/* Over a million tokens are several windows: every document of each of them, and blocks of all of the split mixed. */
START_TEST(test_windows) {
    struct documents documents = {0};
    make_texts(&documents, 1500, 2000);
    struct shard_set *set = write_shards(&documents);
    ck_assert_uint_gt(shard_set_tokens(set, SPLIT_TRAIN), (uint64_t)1 << 20);
    struct packing_options options = {.length = 500, .shuffle = true};
    struct packing *packing = packing_new(set, tokenizer, &options);
    size_t count, late = 0;
    size_t *order = read_stream(packing, &documents, options.length, &count);
    expect_each_once(order, count, documents.count);
    for (size_t i = 0; i < count / 2; i++)
        late += order[i] >= count / 2;
    ck_assert_uint_gt(late, 0);
    free(order);
    packing_free(packing);
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

/* Texts that are no longer than a row stay whole; every token is there once, with the token after it as its target. */
START_TEST(test_best_fit_of_texts) {
    struct documents documents = {0};
    make_texts(&documents, 300, 90);
    struct shard_set *set = write_shards(&documents);
    struct packing_options options = {.method = PACKING_BEST_FIT, .length = 64, .shuffle = true, .seed = 4};
    struct packing *packing = packing_new(set, tokenizer, &options);
    struct packed_rows rows;
    struct error error;
    size_t tokens = 0, texts = 0, whole = 0, row_count = 0;
    packed_rows_init(&rows, 1, options.length);
    while (packing_next(packing, &rows, &error) == 0 && rows.filled == 1) {
        row_count++;
        for (size_t i = 0; i < options.length; i++) {
            if (rows.targets[i] == TARGET_NONE)
                continue;
            bool begins = rows.starts[i] == (int32_t)i, ends = rows.targets[i] == BOS;
            tokens++;
            texts += ends;
            if (begins && rows.tokens[i] == BOS) {
                size_t end = i;
                while (end + 1 < options.length && rows.targets[end] != BOS && rows.starts[end + 1] == (int32_t)i)
                    end++;
                whole += rows.targets[end] == BOS;
            }
            if (!ends && i + 1 < options.length && rows.starts[i + 1] == rows.starts[i])
                ck_assert_int_eq(rows.targets[i], rows.tokens[i + 1]);
        }
    }
    size_t fitting = 0;
    for (size_t i = 0; i < documents.count; i++)
        fitting += documents.items[i].count <= options.length;
    ck_assert_uint_eq(tokens, shard_set_tokens(set, SPLIT_TRAIN));
    ck_assert_uint_eq(texts, documents.count);
    ck_assert_uint_eq(whole, fitting);
    ck_assert_uint_lt(row_count * options.length, tokens + tokens / 20); /* little padding */
    packed_rows_release(&rows);
    packing_free(packing);
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

/* ---- positions ---- */

static void expect_rows_equal(const struct packed_rows *a, const struct packed_rows *b) {
    size_t size = a->filled * a->length * sizeof(int32_t);
    ck_assert_uint_eq(a->filled, b->filled);
    ck_assert_int_eq(memcmp(a->tokens, b->tokens, size), 0);
    ck_assert_int_eq(memcmp(a->targets, b->targets, size), 0);
    ck_assert_int_eq(memcmp(a->starts, b->starts, size), 0);
}

START_TEST(test_resume) {
    struct documents documents = {0};
    make_dialogues(&documents, 60);
    struct shard_set *set = write_shards(&documents);
    for (int objective = 0; objective < 2; objective++) {
        struct packing_options options = {
            .objective = (enum objective)objective, .length = 40, .shuffle = true, .repeat = true, .seed = 3};
        struct packing *whole = packing_new(set, tokenizer, &options);
        struct packed_rows rows, again;
        packed_rows_init(&rows, 1, options.length);
        packed_rows_init(&again, 1, options.length);
        /* Over two ends of an epoch, from every row. */
        for (uint64_t epoch = 0; epoch < 3; epoch = packing_position(whole).epoch) {
            struct packing *resumed = packing_new(set, tokenizer, &options);
            packing_seek(resumed, packing_position(whole));
            ck_assert_int_eq(packing_next(whole, &rows, NULL), 0);
            ck_assert_int_eq(packing_next(resumed, &again, NULL), 0);
            expect_rows_equal(&rows, &again);
            packing_free(resumed);
        }
        packed_rows_release(&rows);
        packed_rows_release(&again);
        packing_free(whole);
    }
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

/* Two sources, told apart by their weights alone, of one set: shares hold at every row, and every row resumes. */
START_TEST(test_mixture) {
    struct documents documents = {0};
    make_texts(&documents, 40, 30);
    struct shard_set *set = write_shards(&documents);
    struct packing_options options = {.length = 16, .shuffle = true, .repeat = true, .seed = 9};
    const struct mixture_source sources[] = {{set, 7}, {set, 3}};
    struct mixture *whole = mixture_new(sources, 2, tokenizer, &options);
    struct packed_rows rows, again;
    struct error error;
    packed_rows_init(&rows, 1, options.length);
    packed_rows_init(&again, 5, options.length);
    for (uint64_t row = 0; row < 150; row++) {
        struct mixture_position position = mixture_position(whole);
        ck_assert_uint_eq(position.sources[0].rows + position.sources[1].rows, row);
        ck_assert(fabs((double)position.sources[0].rows - 0.7 * (double)row) <= 1);
        struct mixture *resumed = mixture_new(sources, 2, tokenizer, &options);
        mixture_seek(resumed, &position);
        ck_assert_int_eq(mixture_next(whole, &rows, &error), 0);
        ck_assert_int_eq(mixture_next(resumed, &again, &error), 0);
        ck_assert_uint_eq(again.filled, 5);
        again.filled = 1;
        expect_rows_equal(&rows, &again);
        mixture_free(resumed);
    }
    mixture_free(whole);
    /* One source is packing alone; without repeating, all rows of both come. */
    options.repeat = false;
    struct mixture *one = mixture_new(sources, 1, tokenizer, &options),
                   *two = mixture_new(sources, 2, tokenizer, &options);
    struct packing *packing = packing_new(set, tokenizer, &options);
    size_t count = 0, both = 0;
    do {
        packed_rows_release(&again);
        packed_rows_init(&again, 1, options.length);
        ck_assert_int_eq(mixture_next(one, &again, &error), 0);
        ck_assert_int_eq(packing_next(packing, &rows, &error), 0);
        expect_rows_equal(&rows, &again);
        count += rows.filled;
    } while (rows.filled);
    while (mixture_next(two, &rows, &error) == 0 && rows.filled)
        both++;
    ck_assert_uint_eq(both, 2 * count);
    packed_rows_release(&rows);
    packed_rows_release(&again);
    packing_free(packing);
    mixture_free(one);
    mixture_free(two);
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

START_TEST(test_epochs_differ) {
    struct documents documents = {0};
    make_texts(&documents, 100, 30);
    struct shard_set *set = write_shards(&documents);
    size_t *orders[3];
    for (int i = 0; i < 3; i++) { /* two epochs of a seed, one of another */
        struct packing_options options = {.length = 32, .shuffle = true, .seed = i == 2};
        struct packing *packing = packing_new(set, tokenizer, &options);
        size_t count;
        packing_seek(packing, (struct packing_position){.epoch = i == 1});
        orders[i] = read_stream(packing, &documents, options.length, &count);
        expect_each_once(orders[i], count, documents.count);
        packing_free(packing);
    }
    for (int i = 0; i < 3; i++) {
        size_t same = 0;
        for (size_t d = 0; d < documents.count; d++)
            same += orders[i][d] == orders[(i + 1) % 3][d];
        ck_assert_uint_lt(same, documents.count / 2);
    }
    for (int i = 0; i < 3; i++)
        free(orders[i]);
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("packing");
    TCase *tests = tcase_create("packing");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_every_token_once);
    tcase_add_test(tests, test_windows);
    tcase_add_test(tests, test_best_fit_of_texts);
    tcase_add_test(tests, test_mixture);
    tcase_add_test(tests, test_resume);
    tcase_add_test(tests, test_epochs_differ);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
