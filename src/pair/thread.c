/* Reply trees. It owns parents, paths and pieces; it knows nothing of records, files or where threads come from. */
#include "pair/thread.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define NONE SIZE_MAX

struct node {
    size_t parent; /* index or NONE */
    size_t turn;   /* turns before this post's on its path: even ones are the user's */
    size_t best;   /* the answer to follow under best_only, or NONE */
    bool placed;   /* turn is known */
    bool on_path;  /* being placed: meeting it again is a circle */
    bool excluded; /* by score, itself or something it answers */
    bool leaf;
    bool ends_piece; /* an answer to it stands in the next piece */
    bool emitted;    /* a dialogue ends here */
};

struct tree {
    struct post *posts;
    struct node *nodes;
    size_t count;
    const struct thread_options *options;
};

/* ---- parents ---- */

struct by_id {
    struct span id;
    size_t index;
};

static int compare_ids(const void *a, const void *b) {
    const struct by_id *left = a, *right = b;
    int order = span_compare(left->id, right->id);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

/* The first post of that id, or NONE. */
static size_t find_post(const struct by_id *sorted, size_t count, struct span id) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (span_compare(sorted[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && span_equal(sorted[low].id, id) ? sorted[low].index : NONE;
}

static void find_parents(struct tree *tree) {
    struct by_id *sorted = memory_zeroed(tree->count, sizeof *sorted);
    size_t named = 0;
    for (size_t i = 0; i < tree->count; i++)
        if (tree->posts[i].id.data)
            sorted[named++] = (struct by_id){tree->posts[i].id, i};
    qsort(sorted, named, sizeof *sorted, compare_ids);
    for (size_t i = 0; i < tree->count; i++) {
        struct span parent = tree->posts[i].parent;
        size_t found = parent.data ? find_post(sorted, named, parent) : (i > 0 ? i - 1 : NONE);
        tree->nodes[i].parent = found == i ? NONE : found;
    }
    free(sorted);
}

/* ---- turns ---- */

static bool same_author(const struct post *a, const struct post *b) {
    return a->author.data && span_equal(a->author, b->author);
}

static void place(struct tree *tree, size_t index) {
    struct node *node = &tree->nodes[index];
    const struct post *post = &tree->posts[index];
    node->placed = true;
    node->excluded = post->has_score && post->score < tree->options->min_score;
    if (node->parent == NONE)
        return;
    struct node *parent = &tree->nodes[node->parent];
    node->excluded |= parent->excluded;
    node->turn = parent->turn + !same_author(post, &tree->posts[node->parent]);
}

/* Walks up to a placed post, cutting a circle where one closes, then places what was passed on the way down. */
static void place_path(struct tree *tree, size_t index, size_t *stack) {
    size_t depth = 0;
    for (size_t at = index; at != NONE && !tree->nodes[at].placed; at = tree->nodes[at].parent) {
        tree->nodes[at].on_path = true;
        stack[depth++] = at;
        size_t parent = tree->nodes[at].parent;
        if (parent != NONE && tree->nodes[parent].on_path)
            tree->nodes[at].parent = NONE;
    }
    while (depth > 0) {
        place(tree, stack[--depth]);
        tree->nodes[stack[depth]].on_path = false;
    }
}

static void mark_ends(struct tree *tree) {
    size_t length = tree->options->max_turns;
    for (size_t i = 0; i < tree->count; i++)
        tree->nodes[i].best = NONE, tree->nodes[i].leaf = true;
    for (size_t i = 0; i < tree->count; i++) {
        size_t parent = tree->nodes[i].parent;
        if (parent == NONE || tree->nodes[i].excluded)
            continue;
        size_t best = tree->nodes[parent].best;
        if (best == NONE || tree->posts[i].score > tree->posts[best].score)
            tree->nodes[parent].best = i;
    }
    for (size_t i = 0; i < tree->count; i++) {
        struct node *node = &tree->nodes[i];
        if (node->parent == NONE || node->excluded)
            continue;
        struct node *parent = &tree->nodes[node->parent];
        if (tree->options->best_only && parent->best != i)
            continue;
        parent->leaf = false;
        parent->ends_piece |= node->turn / length != parent->turn / length;
    }
}

/* Under best_only: whether every step from the root to this post is the best one. */
static bool on_best_path(const struct tree *tree, size_t index) {
    for (size_t at = index; tree->nodes[at].parent != NONE; at = tree->nodes[at].parent)
        if (tree->nodes[tree->nodes[at].parent].best != at)
            return false;
    return true;
}

/* ---- dialogues ---- */

static bool starts_with(struct span text, struct span start) {
    return start.size <= text.size && memcmp(text.data, start.data, start.size) == 0;
}

static void add_post(struct dialogue *dialogue, const struct post *post, size_t index, size_t turn) {
    /* A post's title is part of what it says: a question often stands there alone. */
    if (post->title.size && !starts_with(post->text, post->title)) {
        dialogue_add(dialogue, post->author, post->title, "\n\n");
        dialogue_continue(dialogue, post->text);
    } else {
        dialogue_add(dialogue, post->author, post->text, "\n\n");
    }
    if (dialogue->count) {
        dialogue->turns[dialogue->count - 1].role = turn % 2 ? ROLE_ASSISTANT : ROLE_USER;
        dialogue->turns[dialogue->count - 1].source = index;
    }
}

static int emit_piece(struct tree *tree, size_t end, size_t *stack, struct dialogue *dialogue, thread_emit *emit,
                      void *context, struct error *error) {
    size_t length = tree->options->max_turns, piece = tree->nodes[end].turn / length, depth = 0;
    for (size_t at = end; at != NONE && tree->nodes[at].turn / length == piece; at = tree->nodes[at].parent)
        stack[depth++] = at;
    dialogue_clear(dialogue);
    for (size_t i = depth; i-- > 0;)
        add_post(dialogue, &tree->posts[stack[i]], stack[i], tree->nodes[stack[i]].turn);
    size_t from = 0, to = dialogue->count;
    if (!dialogue_trim(dialogue, &from, &to))
        return 0;
    size_t last = dialogue->turns[to - 1].source;
    if (tree->nodes[last].emitted)
        return 0;
    tree->nodes[last].emitted = true;
    int status = emit(context, dialogue, from, to, last, error);
    for (size_t i = depth; i-- > 0 && status == 0;) {
        tree->posts[stack[i]].used = true;
        if (stack[i] == last)
            break;
    }
    return status < 0 ? -1 : 0;
}

int thread_pair(struct post *posts, size_t count, const struct thread_options *options, struct dialogue *dialogue,
                thread_emit *emit, void *context, struct error *error) {
    struct tree tree = {posts, memory_zeroed(count, sizeof *tree.nodes), count, options};
    size_t *stack = memory_zeroed(count, sizeof *stack);
    int result = 0;
    find_parents(&tree);
    for (size_t i = 0; i < count; i++)
        place_path(&tree, i, stack);
    mark_ends(&tree);
    for (size_t i = 0; i < count && result == 0; i++) {
        const struct node *node = &tree.nodes[i];
        if ((node->leaf || node->ends_piece) && !node->excluded && (!options->best_only || on_best_path(&tree, i)))
            result = emit_piece(&tree, i, stack, dialogue, emit, context, error);
    }
    free(stack);
    free(tree.nodes);
    return result;
}
