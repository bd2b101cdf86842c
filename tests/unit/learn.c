/* Learned merges against a slow trainer that counts all pairs anew before each merge: words of few letters and long
 * runs, so that ties and overlaps are frequent. Pieces in memory and spilled. */
#include "bpe/learn.h"

#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "suite.h"

#define WORD_MAXIMUM 40

struct slow_word {
    uint32_t ids[WORD_MAXIMUM];
    size_t size;
    uint64_t times;
};

struct slow_pair {
    uint32_t left, right;
    uint64_t count;
};

struct slow_trainer {
    struct tokenizer *tokenizer;
    struct slow_word *words;
    size_t word_count;
};

static uint64_t count_pair(const struct slow_trainer *slow, uint32_t left, uint32_t right) {
    uint64_t count = 0;
    for (size_t i = 0; i < slow->word_count; i++)
        for (size_t j = 0; j + 1 < slow->words[i].size; j++)
            if (slow->words[i].ids[j] == left && slow->words[i].ids[j + 1] == right)
                count += slow->words[i].times;
    return count;
}

static struct slow_pair find_best(struct slow_trainer *slow) {
    struct slow_pair best = {0};
    for (size_t i = 0; i < slow->word_count; i++) {
        for (size_t j = 0; j + 1 < slow->words[i].size; j++) {
            uint32_t left = slow->words[i].ids[j], right = slow->words[i].ids[j + 1];
            uint64_t count = count_pair(slow, left, right);
            if (count > best.count ||
                (count == best.count && (left < best.left || (left == best.left && right < best.right))))
                best = (struct slow_pair){left, right, count};
        }
    }
    return best;
}

static void merge_slowly(struct slow_trainer *slow, const struct slow_pair *pair) {
    uint32_t size = tokenizer_vocabulary_size(slow->tokenizer);
    uint32_t id = tokenizer_build_merge(slow->tokenizer, pair->left, pair->right);
    ck_assert_uint_eq(id, size); /* no text becomes a token in two ways */
    for (size_t i = 0; i < slow->word_count; i++) {
        struct slow_word *word = &slow->words[i];
        for (size_t j = 0; j + 1 < word->size; j++) {
            if (word->ids[j] != pair->left || word->ids[j + 1] != pair->right)
                continue;
            word->ids[j] = id;
            memmove(&word->ids[j + 1], &word->ids[j + 2], (word->size - j - 2) * sizeof(*word->ids));
            word->size--;
        }
    }
}

static void learn_slowly(struct slow_trainer *slow, uint32_t vocabulary_size, uint64_t minimum) {
    while (tokenizer_vocabulary_size(slow->tokenizer) < vocabulary_size) {
        struct slow_pair best = find_best(slow);
        if (best.count < minimum)
            break;
        merge_slowly(slow, &best);
    }
}

static struct tokenizer *begin(void) {
    return tokenizer_build_begin(pretokenizer_new(PRETOKENIZER_CL100K));
}

static uint32_t id_of_byte(const struct tokenizer *tokenizer, char byte) {
    uint32_t id = SPECIAL_COUNT;
    while (tokenizer_token(tokenizer, id).data[0] != byte)
        id++;
    return id;
}

/* Random words; the same word may come more than once, which adds up. */
static void make_words(struct slow_trainer *slow, struct piece_source *pieces, struct random *random) {
    struct piece_counts counts = {0};
    unsigned letters = 1 + (unsigned)random_below(random, 4);
    uint64_t most = random_below(random, 3) ? 1 + random_below(random, 5) : (uint64_t)1 << random_below(random, 40);
    slow->word_count = 1 + random_below(random, 30);
    slow->words = memory_zeroed(slow->word_count, sizeof(*slow->words));
    for (size_t i = 0; i < slow->word_count; i++) {
        char text[WORD_MAXIMUM];
        struct slow_word *word = &slow->words[i];
        word->size = 1 + random_below(random, WORD_MAXIMUM);
        word->times = 1 + random_below(random, most);
        for (size_t j = 0; j < word->size; j++) {
            text[j] = (char)('a' + random_below(random, letters));
            word->ids[j] = id_of_byte(slow->tokenizer, text[j]);
        }
        piece_counts_add(&counts, (struct span){text, word->size}, word->times);
    }
    piece_source_take(pieces, &counts);
}

static void check_once(struct random *random) {
    struct slow_trainer *slow = memory_zeroed(1, sizeof(*slow));
    struct tokenizer *tokenizer = begin();
    struct piece_source *pieces = piece_source_new(random_below(random, 2) ? (uint64_t)1 << 30 : 1, 1);
    struct error error;
    slow->tokenizer = begin();
    make_words(slow, pieces, random);
    struct learn_options options = {.vocabulary_size = 262 + (uint32_t)random_below(random, 300),
                                    .minimum_count = 1 + random_below(random, 3),
                                    .threads = 1 + (unsigned)random_below(random, 3)};
    ck_assert_int_eq(piece_source_finish(pieces, LEARN_BYTES_FOR_BYTE, &error), 0);
    ck_assert_int_eq(learn_merges(tokenizer, pieces, &options, &error), 0);
    learn_slowly(slow, options.vocabulary_size, options.minimum_count);
    size_t count = tokenizer_merge_count(slow->tokenizer);
    ck_assert_uint_eq(tokenizer_merge_count(tokenizer), count);
    ck_assert_uint_eq(tokenizer_vocabulary_size(tokenizer), tokenizer_vocabulary_size(slow->tokenizer));
    for (size_t i = 0; i < count; i++) {
        uint32_t left, right, slow_left, slow_right;
        tokenizer_merge(tokenizer, i, &left, &right);
        tokenizer_merge(slow->tokenizer, i, &slow_left, &slow_right);
        ck_assert_uint_eq(left, slow_left);
        ck_assert_uint_eq(right, slow_right);
    }
    tokenizer_free(tokenizer);
    tokenizer_free(slow->tokenizer);
    free(slow->words);
    free(slow);
}

START_TEST(merges_are_those_of_a_slow_trainer) {
    struct random random;
    random_seed(&random, 1);
    for (int i = 0; i < 400; i++)
        check_once(&random);
}
END_TEST

/* One letter, a million times: tokens double, and no place is looked at more often than that needs. */
START_TEST(long_runs_double) {
    size_t size = (size_t)1 << 20;
    char *text = memory_allocate(size);
    memset(text, 'x', size);
    struct piece_counts counts = {0};
    piece_counts_add(&counts, (struct span){text, size}, 1);
    struct piece_source *pieces = piece_source_new((uint64_t)1 << 30, 1);
    struct tokenizer *tokenizer = begin();
    struct learn_options options = {.vocabulary_size = 300, .minimum_count = 2, .threads = 3};
    struct error error;
    piece_source_take(pieces, &counts);
    ck_assert_int_eq(piece_source_finish(pieces, LEARN_BYTES_FOR_BYTE, &error), 0);
    ck_assert_int_eq(learn_merges(tokenizer, pieces, &options, &error), 0);
    ck_assert_uint_eq(tokenizer_merge_count(tokenizer), 19); /* 2, 4, … 2^19: the last pair stands once */
    ck_assert_uint_eq(tokenizer_token(tokenizer, SPECIAL_COUNT + 256 + 18).size, (size_t)1 << 19);
    tokenizer_free(tokenizer);
    free(text);
}
END_TEST

/* Enough words for several threads to have cells each: the same merges as on one. */
START_TEST(threads_change_nothing) {
    struct tokenizer *tokenizers[2];
    for (unsigned i = 0; i < 2; i++) {
        struct random random;
        struct piece_counts counts = {0};
        struct error error;
        random_seed(&random, 7);
        for (size_t j = 0; j < 100000; j++) {
            char word[12];
            size_t size = 2 + random_below(&random, sizeof(word) - 2);
            for (size_t k = 0; k < size; k++)
                word[k] = (char)('a' + random_below(&random, 1 + random_below(&random, 26)));
            piece_counts_add(&counts, (struct span){word, size}, 1 + random_below(&random, 100));
        }
        struct piece_source *pieces = piece_source_new((uint64_t)1 << 30, 1);
        struct learn_options options = {.vocabulary_size = 3000, .minimum_count = 2, .threads = i ? 3 : 1};
        piece_source_take(pieces, &counts);
        tokenizers[i] = begin();
        ck_assert_int_eq(piece_source_finish(pieces, LEARN_BYTES_FOR_BYTE, &error), 0);
        ck_assert_int_eq(learn_merges(tokenizers[i], pieces, &options, &error), 0);
        tokenizer_build_end(tokenizers[i]);
    }
    struct hash128 one = tokenizer_digest(tokenizers[0]), three = tokenizer_digest(tokenizers[1]);
    ck_assert_uint_eq(tokenizer_vocabulary_size(tokenizers[0]), 3000);
    ck_assert(one.low == three.low && one.high == three.high);
    tokenizer_free(tokenizers[0]);
    tokenizer_free(tokenizers[1]);
}
END_TEST

/* A token that tokenizer.json would spell as a special token is never made, and learning goes on without it. */
START_TEST(special_tokens_are_not_learned) {
    const char *specials[] = {"ab"};
    struct tokenizer *tokenizer;
    struct error error;
    ck_assert_int_eq(
        tokenizer_build_begin_special(&tokenizer, pretokenizer_new(PRETOKENIZER_CL100K), specials, 1, &error), 0);
    struct piece_counts counts = {0};
    piece_counts_add(&counts, SPAN_LITERAL("abc"), 10);
    piece_counts_add(&counts, SPAN_LITERAL("xab"), 5);
    struct piece_source *pieces = piece_source_new((uint64_t)1 << 30, 1);
    struct learn_options options = {.vocabulary_size = 300, .minimum_count = 1, .threads = 1};
    piece_source_take(pieces, &counts);
    ck_assert_int_eq(piece_source_finish(pieces, LEARN_BYTES_FOR_BYTE, &error), 0);
    ck_assert_int_eq(learn_merges(tokenizer, pieces, &options, &error), 0);
    tokenizer_build_end(tokenizer);
    ck_assert_uint_eq(tokenizer_vocabulary_size(tokenizer), SPECIAL_COUNT + 1 + 256 + 4); /* bc, abc, xa, xab */
    ck_assert(span_is(tokenizer_token(tokenizer, SPECIAL_COUNT + 1 + 256), "bc"));
    ck_assert(span_is(tokenizer_token(tokenizer, SPECIAL_COUNT + 1 + 256 + 3), "xab"));
    tokenizer_free(tokenizer);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("learn");
    TCase *cases = tcase_create("learn");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, merges_are_those_of_a_slow_trainer);
    tcase_add_test(cases, long_runs_double);
    tcase_add_test(cases, threads_change_nothing);
    tcase_add_test(cases, special_tokens_are_not_learned);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
