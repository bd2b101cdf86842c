/*
 * Rows of dialogues: every assistant's token once, nothing across documents, and each dialogue with the loss it has
 * alone.
 */
#include "model/packing.h"
#include "packing_documents.h"

/* What a dialogue's targets are: what an assistant says, and its end. */
static bool is_trained(const uint32_t *ids, size_t target) {
    size_t at = target;
    while (at > 0 && ids[at - 1] != ASSISTANT && ids[at - 1] != USER && ids[at - 1] != SYSTEM && ids[at - 1] != END)
        at--;
    return at > 0 && ids[at - 1] == ASSISTANT;
}

/* Checks a dialogue in a row, [from, to), against the document it is. */
static void expect_dialogue(const struct packed_rows *packed, size_t from, size_t to, const struct documents *documents,
                            size_t *seen) {
    struct token_ids ids = {0};
    for (size_t i = from; i < to; i++)
        token_ids_append(&ids, (uint32_t)packed->tokens[i]);
    token_ids_append(&ids, END); /* the last token is a target only */
    size_t document = find_document(documents, &ids);
    seen[document]++;
    for (size_t i = from; i < to; i++) {
        size_t target = i - from + 1;
        ck_assert_int_eq(packed->starts[i], (int32_t)(from % packed->length));
        if (is_trained(ids.data, target))
            ck_assert_int_eq(packed->targets[i], (int32_t)ids.data[target]);
        else
            ck_assert_int_eq(packed->targets[i], TARGET_NONE);
    }
    token_ids_release(&ids);
}

/* Where the dialogue or piece of padding that begins at `from` ends. */
static size_t end_of_piece(const struct packed_rows *packed, size_t from) {
    size_t to = from + 1;
    while (to % packed->length && packed->starts[to] == packed->starts[from])
        to++;
    return to;
}

START_TEST(test_fine_tuning) {
    struct documents documents = {0};
    make_dialogues(&documents, 300);
    struct shard_set *set = write_shards(&documents);
    struct packing_options options = {.objective = OBJECTIVE_SFT, .length = 48, .shuffle = true};
    struct packing *packing = packing_new(set, tokenizer, &options);
    struct packed_rows packed;
    size_t *seen = memory_zeroed(documents.count, sizeof *seen), padding = 0, rows = 0;
    packed_rows_init(&packed, 4, options.length);
    do {
        ck_assert_int_eq(packing_next(packing, &packed, NULL), 0);
        rows += packed.filled;
        for (size_t i = 0, to; i < packed.filled * packed.length; i = to) {
            to = end_of_piece(&packed, i);
            if (to == i + 1 && packed.targets[i] == TARGET_NONE)
                padding++;
            else
                expect_dialogue(&packed, i, to, &documents, seen);
        }
    } while (packed.filled == packed.rows);
    for (size_t i = 0; i < documents.count; i++)
        ck_assert_uint_eq(seen[i], 1);
    ck_assert_msg(padding * 20 < rows * packed.length, "%zu places of %zu are padding", padding, rows * packed.length);
    /* At the end, and stays there. */
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(packing_next(packing, &packed, NULL), 0);
        ck_assert_uint_eq(packed.filled, 0);
    }
    free(seen);
    packed_rows_release(&packed);
    packing_free(packing);
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

/* One dialogue of `turns` (roles, and text sizes) into rows of `length`; the row's tokens and last target to *ids. */
static struct packing_counts pack_one(const uint32_t (*turns)[2], size_t count, size_t length, struct token_ids *source,
                                      struct token_ids *ids) {
    struct documents documents = {0};
    struct token_ids *dialogue = add_document(&documents);
    for (size_t i = 0; i < count; i++)
        append_turn(dialogue, turns[i][0], turns[i][1]);
    struct shard_set *set = write_shards(&documents);
    struct packing_options options = {.objective = OBJECTIVE_SFT, .length = length};
    struct packing *packing = packing_new(set, tokenizer, &options);
    struct packed_rows packed;
    packed_rows_init(&packed, 2, length);
    ck_assert_int_eq(packing_next(packing, &packed, NULL), 0);
    source->count = ids->count = 0;
    for (size_t i = 0; i < dialogue->count; i++)
        token_ids_append(source, dialogue->data[i]);
    for (size_t i = 0; packed.filled && i < length && packed.starts[i] == 0; i++)
        token_ids_append(ids, (uint32_t)packed.tokens[i]);
    if (packed.filled)
        token_ids_append(ids, (uint32_t)packed.targets[ids->count - 1]);
    struct packing_counts counts = packing_counts(packing);
    packed_rows_release(&packed);
    packing_free(packing);
    shard_set_free(set);
    documents_release(&documents);
    return counts;
}

START_TEST(test_long_dialogues) {
    struct token_ids source = {0}, ids = {0};
    const uint32_t turns[][2] = {{SYSTEM, 2},    {USER, 3}, {ASSISTANT, 3}, {USER, 4},
                                 {ASSISTANT, 1}, {USER, 2}, {ASSISTANT, 3}};
    /* <|bos|>, the system's 4, turns of 5 5 6 3 4 5 = 33 in all; 32 places are enough. */
    struct packing_counts counts = pack_one(turns, 7, 32, &source, &ids);
    ck_assert_uint_eq(counts.shortened, 0);
    ck_assert(equal_ids(&source, ids.data, ids.count));
    /* One place fewer, and the first question goes with its answer; the system's turn stays. */
    counts = pack_one(turns, 7, 31, &source, &ids);
    ck_assert_uint_eq(counts.shortened, 1);
    ck_assert_uint_eq(ids.count, 33 - 10);
    ck_assert_int_eq(memcmp(ids.data, source.data, 5 * sizeof *ids.data), 0);
    ck_assert_int_eq(memcmp(ids.data + 5, source.data + 15, 18 * sizeof *ids.data), 0);
    /* The last pair with the system's turn: 5 + 9. */
    counts = pack_one(turns, 7, 13, &source, &ids);
    ck_assert_uint_eq(counts.shortened, 1);
    ck_assert_uint_eq(ids.count, 14);
    ck_assert_int_eq(memcmp(ids.data + 5, source.data + 24, 9 * sizeof *ids.data), 0);
    counts = pack_one(turns, 7, 12, &source, &ids);
    ck_assert_uint_eq(counts.shortened, 0);
    ck_assert_uint_eq(counts.too_long, 1);
    ck_assert_uint_eq(ids.count, 0);
    /* Nothing that an assistant said. */
    counts = pack_one(turns, 2, 32, &source, &ids);
    ck_assert_uint_eq(counts.untrained, 1);
    ck_assert_uint_eq(ids.count, 0);
    token_ids_release(&source);
    token_ids_release(&ids);
}
END_TEST

START_TEST(test_nothing_to_train) {
    struct documents documents = {0};
    struct error error = {0};
    append_turn(add_document(&documents), USER, 3);
    struct shard_set *set = write_shards(&documents);
    struct packing_options options = {.objective = OBJECTIVE_SFT, .length = 16, .repeat = true};
    struct packing *packing = packing_new(set, tokenizer, &options);
    struct packed_rows packed;
    packed_rows_init(&packed, 1, options.length);
    ck_assert_int_eq(packing_next(packing, &packed, &error), -1);
    ck_assert_int_eq(error.code, ERROR_DATA);
    packed_rows_release(&packed);
    packing_free(packing);
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

/* ---- losses ---- */

/* The losses of a packed row's dialogue are those it has in a row of its own. */
static void expect_losses_alone(const struct model *model, const struct packed_rows *packed, size_t from, size_t to,
                                const float *losses) {
    size_t length = to - from;
    struct batch alone = {
        .rows = 1, .length = length, .tokens = packed->tokens + from, .targets = packed->targets + from};
    struct transformer *transformer =
        transformer_new(&model->config, &(struct transformer_options){.rows = 1, .length = length, .threads = 1});
    float *own = memory_zeroed(length, sizeof *own);
    struct transformer_result result;
    transformer_evaluate(transformer, model, &alone, own, &result);
    for (size_t i = 0; i < length; i++)
        ck_assert_float_eq_tol(own[i], losses[from + i], 1e-4f);
    free(own);
    transformer_free(transformer);
}

START_TEST(test_losses_alone) {
    struct documents documents = {0};
    make_dialogues(&documents, 40);
    struct shard_set *set = write_shards(&documents);
    struct model_config config = model_config_default(tokenizer_vocabulary_size(tokenizer), 2, 32, 2, 64);
    struct model *model = model_new(&config);
    model_initialise(model, 1);
    for (size_t i = 0; i < model->size; i++)
        model->weights[i] *= 4; /* so that context matters */
    for (int objective = 0; objective < 2; objective++) {
        struct packing_options options = {.objective = (enum objective)objective, .length = 64, .shuffle = true};
        struct packing *packing = packing_new(set, tokenizer, &options);
        struct packed_rows packed;
        packed_rows_init(&packed, 3, options.length);
        ck_assert_int_eq(packing_next(packing, &packed, NULL), 0);
        struct batch batch = packed_rows_batch(&packed);
        struct transformer *transformer =
            transformer_new(&config, &(struct transformer_options){.rows = 3, .length = options.length, .threads = 1});
        float *losses = memory_zeroed(3 * options.length, sizeof *losses);
        struct transformer_result result;
        transformer_evaluate(transformer, model, &batch, losses, &result);
        ck_assert_uint_gt(result.targets, 50);
        for (size_t i = 0, to; i < packed.filled * packed.length; i = to) {
            to = end_of_piece(&packed, i);
            expect_losses_alone(model, &packed, i, to, losses);
        }
        free(losses);
        transformer_free(transformer);
        packed_rows_release(&packed);
        packing_free(packing);
    }
    model_free(model);
    shard_set_free(set);
    documents_release(&documents);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fine_tuning");
    TCase *tests = tcase_create("fine_tuning");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, test_fine_tuning);
    tcase_add_test(tests, test_long_dialogues);
    tcase_add_test(tests, test_nothing_to_train);
    tcase_add_test(tests, test_losses_alone);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
