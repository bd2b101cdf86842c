/*
 * Owns the merging of words token by token. What a merge changes is summed by neighbour first, so that the table of
 * pairs is asked once a neighbour and not once an occurrence. Knows nothing of files or of pretokenising, nor how the
 * pairs to follow are chosen.
 *
 * A merge always makes a new token. For wherever a text ends up as one token, no merge crossed its borders, and so the
 * same merges were made within it in the same order, from left to right: no text becomes a token in two ways. Hence the
 * pairs of a token are all there when it is made, and only get fewer.
 */
#include "bpe/learn.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "bpe/pair_scan.h"
#include "bpe/pair_table.h"
#include "bpe/words.h"

/* How far ahead of its use a place is fetched. */
#define PREFETCH_DISTANCE 12

/* What a token is to the pair being merged, as its neighbour on one side. */
struct neighbour {
    uint64_t lost, gained; /* counts of its pairs with the old token and with the new one */
    uint32_t places;       /* where it stands beside the new one */
    uint32_t follow;       /* index + 1 of its pair with the new one, where that is worth following */
};

/* The neighbours on one side, by id, and which of them are in use. */
struct side {
    struct neighbour *by_id;
    uint32_t *used;
    size_t used_count;
};

struct learner {
    struct tokenizer *tokenizer;
    struct words words;
    uint64_t minimum;
    struct threads *threads;
    struct pair_table table; /* of the pairs with at least the threshold */
    uint64_t threshold;
    size_t place_limit;       /* scanned anew when the table holds more places */
    struct pair_table banned; /* pairs whose text is that of a special token */
    struct side left, right;
    uint32_t *places; /* of the token that is being made */
    size_t place_count, place_capacity;
};

/* A pair that is being merged, and its token. */
struct merging {
    uint32_t left, right, id;
};

static struct neighbour *use(struct side *side, uint32_t id) {
    struct neighbour *neighbour = &side->by_id[id];
    if (neighbour->lost == 0 && neighbour->gained == 0)
        side->used[side->used_count++] = id;
    return neighbour;
}

static void side_init(struct side *side, uint32_t vocabulary_size) {
    side->by_id = memory_zeroed(vocabulary_size, sizeof(*side->by_id));
    side->used = memory_allocate(vocabulary_size * sizeof(*side->used));
}

static void side_release(struct side *side) {
    free(side->by_id);
    free(side->used);
}

static void gain(struct side *side, uint32_t id, uint64_t times) {
    struct neighbour *neighbour = use(side, id);
    neighbour->gained += times;
    neighbour->places++;
}

/* The neighbour before a place. Where that is the new token itself, made just now, what follows it has changed since it
 * was summed; a pair of two new tokens counts on the right side only. */
static void sum_before(struct learner *learner, const struct merging *merging, uint32_t before, uint64_t times) {
    if (before == merging->id) {
        struct neighbour *former = &learner->right.by_id[merging->left];
        former->gained -= times;
        former->places--;
        gain(&learner->right, merging->id, times);
    } else if (before != WORD_END) {
        use(&learner->left, before)->lost += times;
        gain(&learner->left, before, times);
    }
}

static void sum_after(struct learner *learner, uint32_t after, uint64_t times) {
    if (after != WORD_END) {
        use(&learner->right, after)->lost += times;
        gain(&learner->right, after, times);
    }
}

static void reserve_places(struct learner *learner, size_t count) {
    if (count > learner->place_capacity) {
        learner->place_capacity = count + count / 2;
        learner->places = memory_resize(learner->places, learner->place_capacity, sizeof(*learner->places));
    }
    learner->place_count = 0;
}

static inline void prefetch(const uint32_t *cells, const uint32_t *places, size_t i, size_t count) {
    if (i + PREFETCH_DISTANCE < count)
        __builtin_prefetch(&cells[places[i + PREFETCH_DISTANCE]]);
}

/* Joins the pair wherever it still stands, from left to right, and sums what that changes. */
static void join_places(struct learner *learner, const struct merging *merging, const uint32_t *places, size_t count) {
    struct words *words = &learner->words;
    const uint32_t *cells = words->cells;
    reserve_places(learner, count);
    for (size_t i = 0, class = 0; i < count; i++) {
        prefetch(cells, places, i, count);
        size_t place = places[i];
        if (cells[place] != merging->left)
            continue;
        size_t middle = words_next(words, place);
        if (cells[middle] != merging->right)
            continue;
        size_t end = words_next(words, middle);
        uint32_t before = cells[words_previous(words, place)], after = cells[end];
        class = words_class(words, place, class);
        uint64_t times = words->classes[class].times;
        words_join(words, place, middle, end, merging->id);
        learner->places[learner->place_count++] = (uint32_t)place;
        sum_before(learner, merging, before, times);
        sum_after(learner, after, times);
    }
}

static void lose(struct learner *learner, uint32_t left, uint32_t right, uint64_t times) {
    struct pair *pair = times > 0 ? pair_table_find(&learner->table, left, right) : NULL;
    if (pair && pair->count > 0)
        pair->count -= times;
}

static void apply_losses(struct learner *learner, const struct merging *merging) {
    const struct side *left = &learner->left, *right = &learner->right;
    for (size_t i = 0; i < left->used_count; i++)
        lose(learner, left->used[i], merging->left, left->by_id[left->used[i]].lost);
    for (size_t i = 0; i < right->used_count; i++)
        lose(learner, merging->right, right->used[i], right->by_id[right->used[i]].lost);
}

/* Follows a pair with the new token from now on, where it is worth that. */
static bool decide(struct learner *learner, struct neighbour *neighbour, uint32_t left, uint32_t right) {
    if (neighbour->gained == 0 || neighbour->gained < learner->threshold)
        return false;
    struct pair *pair = pair_table_add(&learner->table, left, right);
    pair->count = neighbour->gained;
    pair_table_reserve_places(&learner->table, pair, neighbour->places);
    pair_table_claim(&learner->table, pair);
    neighbour->follow = (uint32_t)(pair - learner->table.pairs) + 1;
    return true;
}

static void note_place(struct pair_table *table, uint32_t follow, size_t place) {
    if (follow > 0) {
        struct pair *pair = &table->pairs[follow - 1];
        table->places[pair->places + pair->place_count++] = (uint32_t)place;
    }
}

static void note_places(struct learner *learner, uint32_t id) {
    const struct words *words = &learner->words;
    for (size_t i = 0; i < learner->place_count; i++) {
        prefetch(words->cells, learner->places, i, learner->place_count);
        size_t place = learner->places[i], before = words_previous(words, place);
        uint32_t left = words->cells[before], right = words->cells[words_next(words, place)];
        if (left != WORD_END && left != id)
            note_place(&learner->table, learner->left.by_id[left].follow, before);
        if (right != WORD_END)
            note_place(&learner->table, learner->right.by_id[right].follow, place);
    }
}

static void follow_pairs(struct learner *learner, uint32_t id) {
    struct side *left = &learner->left, *right = &learner->right;
    bool any = false;
    for (size_t i = 0; i < left->used_count; i++)
        any |= decide(learner, &left->by_id[left->used[i]], left->used[i], id);
    for (size_t i = 0; i < right->used_count; i++)
        any |= decide(learner, &right->by_id[right->used[i]], id, right->used[i]);
    if (any)
        note_places(learner, id);
}

static void side_clear(struct side *side) {
    for (size_t i = 0; i < side->used_count; i++)
        side->by_id[side->used[i]] = (struct neighbour){0};
    side->used_count = 0;
}

static void merge(struct learner *learner, struct pair *pair) {
    struct merging merging = {.left = pair->left, .right = pair->right};
    merging.id = tokenizer_build_merge(learner->tokenizer, merging.left, merging.right);
    if (merging.id == TOKEN_NONE) {
        pair_table_add(&learner->banned, merging.left, merging.right);
        return;
    }
    pair->count = 0;
    join_places(learner, &merging, learner->table.places + pair->places, pair->place_count);
    apply_losses(learner, &merging);
    follow_pairs(learner, merging.id);
    side_clear(&learner->left);
    side_clear(&learner->right);
}

/* Looks for the next pairs to follow; false where there are none. */
static bool scan_pairs(struct learner *learner) {
    words_compact(&learner->words);
    learner->threshold =
        pair_scan(&learner->table, &learner->words, &learner->banned, learner->minimum, learner->threads);
    learner->place_limit = learner->table.place_count + learner->words.size / 2;
    return learner->threshold > 0;
}

static void learn(struct learner *learner, const struct learn_options *options) {
    while (tokenizer_vocabulary_size(learner->tokenizer) < options->vocabulary_size) {
        struct pair *best = learner->table.place_count <= learner->place_limit
                                ? pair_table_best(&learner->table, learner->threshold)
                                : NULL;
        if (best)
            merge(learner, best);
        else if (!scan_pairs(learner))
            break;
        if (options->progress)
            options->progress(options->progress_context, tokenizer_vocabulary_size(learner->tokenizer));
    }
}

int learn_merges(struct tokenizer *tokenizer, struct piece_source *pieces, const struct learn_options *options,
                 struct error *error) {
    struct learner learner = {.tokenizer = tokenizer, .minimum = options->minimum_count};
    uint32_t byte_id[256];
    for (uint32_t id = 0; id < tokenizer_vocabulary_size(tokenizer); id++) {
        struct span token = tokenizer_token(tokenizer, id);
        if (!tokenizer_is_special(tokenizer, id))
            byte_id[(unsigned char)token.data[0]] = id;
    }
    int result = words_init(&learner.words, pieces, byte_id, error);
    piece_source_free(pieces);
    if (result == 0) {
        learner.threads = threads_new(options->threads);
        side_init(&learner.left, options->vocabulary_size);
        side_init(&learner.right, options->vocabulary_size);
        learn(&learner, options);
        side_release(&learner.left);
        side_release(&learner.right);
        threads_free(learner.threads);
    }
    words_release(&learner.words);
    pair_table_release(&learner.table);
    pair_table_release(&learner.banned);
    free(learner.places);
    return result;
}
