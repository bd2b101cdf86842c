/*
 * Rows out of shards: every token once an epoch, every assistant's token once in fine-tuning, nothing across documents,
 * exact positions, and rows that give each dialogue the loss it has alone.
 */
#include "model/packing.h"
#include "model/mixture.h"

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

static void setup(void) {
    folder_make();
    tokenizer = tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_GPT2));
    tokenizer_build_end(tokenizer);
    ck_assert_uint_eq(tokenizer_special(tokenizer, SPECIAL_BOS), BOS);
    ck_assert_uint_eq(tokenizer_special(tokenizer, SPECIAL_END), END);
}

static void teardown(void) {
    tokenizer_free(tokenizer);
    folder_remove();
}

/* Text of `count` tokens that no other call has given. */
static void append_text(struct token_ids *ids, size_t count) {
    static uint64_t serial;
    uint64_t value = hash_mix(++serial);
    for (size_t i = 0; i < count; i++) {
        if (i % 8 == 7)
            value = hash_mix(value + i);
        token_ids_append(ids, FIRST_TEXT + (uint32_t)(value >> 8 * (i % 8) & 255));
    }
}

static void append_turn(struct token_ids *ids, uint32_t role, size_t text) {
    token_ids_append(ids, role);
    append_text(ids, text);
    token_ids_append(ids, END);
}

static struct token_ids *add_document(struct documents *documents) {
    documents->items = memory_resize(documents->items, documents->count + 1, sizeof *documents->items);
    struct token_ids *ids = &documents->items[documents->count++];
    *ids = (struct token_ids){0};
    token_ids_append(ids, BOS);
    return ids;
}

static void documents_release(struct documents *documents) {
    for (size_t i = 0; i < documents->count; i++)
        token_ids_release(&documents->items[i]);
    free(documents->items);
}

static struct shard_set *write_shards(const struct documents *documents) {
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

static bool equal_ids(const struct token_ids *ids, const uint32_t *data, size_t count) {
    return ids->count == count && memcmp(ids->data, data, count * sizeof *data) == 0;
}

/* The index of the document with these ids; aborts where there is none. */
static size_t find_document(const struct documents *documents, const struct token_ids *ids) {
    for (size_t i = 0; i < documents->count; i++)
        if (equal_ids(&documents->items[i], ids->data, ids->count))
            return i;
    ck_abort_msg("rows hold %zu tokens that are no document", ids->count);
    return 0;
}

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

static void make_dialogues(struct documents *documents, size_t count) {
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

/* ---- fine-tuning ---- */

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
    tcase_add_test(tests, test_fine_tuning);
    tcase_add_test(tests, test_long_dialogues);
    tcase_add_test(tests, test_nothing_to_train);
    tcase_add_test(tests, test_losses_alone);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
