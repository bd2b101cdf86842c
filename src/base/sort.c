/*
 * Owns the order of items and the budget: what is in memory, when it is spilled, and the merge. Files are sort_run's
 * affair.
 *
 * Runs are kept oldest first and never overtake each other: RUN_FAN_IN neighbours of one level become one run of the
 * next level, so at most RUN_FAN_IN - 1 runs a level are open, and among equal keys the older run always holds the
 * earlier item.
 */
#include "base/sort.h"

#include <endian.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sort_run.h"

#define BUDGET_MINIMUM ((uint64_t)1 << 20)
#define RUN_FAN_IN 16

/* An item in memory. The first eight bytes of its key decide most comparisons without touching the arena. */
struct item {
    uint64_t prefix; /* big-endian value of the key's first bytes, padded with zeros */
    size_t offset;   /* of its head in the arena; grows in the order of sort_add */
};

struct item_head {
    size_t key_size, value_size; /* the key's bytes and the value's follow */
};

struct leveled_run {
    struct sort_run *run;
    unsigned level;
};

struct sort {
    uint64_t memory;
    uint64_t count;
    struct bytes arena;
    struct item *items;
    size_t item_count, item_capacity;
    size_t next_item; /* for sort_next where nothing was spilled */
    struct leveled_run *runs;
    size_t run_count, run_capacity;
    size_t *heap; /* indexes into runs, smallest key first; the root's item is the next, or was just returned */
    size_t heap_count;
    bool root_returned;
};

struct sort *sort_new(uint64_t memory) {
    struct sort *sort = memory_zeroed(1, sizeof *sort);
    sort->memory = memory > BUDGET_MINIMUM ? memory : BUDGET_MINIMUM;
    return sort;
}

static void free_runs(struct sort *sort, size_t from) {
    for (size_t i = from; i < sort->run_count; i++)
        sort_run_free(sort->runs[i].run);
    sort->run_count = from;
}

void sort_free(struct sort *sort) {
    if (!sort)
        return;
    free_runs(sort, 0);
    bytes_release(&sort->arena);
    free(sort->items);
    free(sort->runs);
    free(sort->heap);
    free(sort);
}

uint64_t sort_count(const struct sort *sort) {
    return sort->count;
}

/* ---- items in memory ---- */

static uint64_t key_prefix(struct span key) {
    uint64_t prefix = 0;
    if (key.size)
        memcpy(&prefix, key.data, key.size < sizeof prefix ? key.size : sizeof prefix);
    return be64toh(prefix);
}

static void item_spans(const struct sort *sort, const struct item *item, struct span *key, struct span *value) {
    struct item_head head;
    const char *data = sort->arena.data + item->offset;
    memcpy(&head, data, sizeof head);
    *key = (struct span){data + sizeof head, head.key_size};
    *value = (struct span){data + sizeof head + head.key_size, head.value_size};
}

static int compare_items(const void *a, const void *b, void *context) {
    const struct item *left = a, *right = b;
    if (left->prefix != right->prefix)
        return left->prefix < right->prefix ? -1 : 1;
    struct span left_key, right_key, unused;
    item_spans(context, left, &left_key, &unused);
    item_spans(context, right, &right_key, &unused);
    int order = span_compare(left_key, right_key);
    return order ? order : (left->offset > right->offset) - (left->offset < right->offset);
}

static void sort_items(struct sort *sort) {
    if (sort->item_count)
        qsort_r(sort->items, sort->item_count, sizeof *sort->items, compare_items, sort);
}

/* ---- the heap of runs ---- */

/* Whether run a's key comes before run b's; the older run wins ties. */
static bool run_before(const struct sort *sort, size_t a, size_t b) {
    int order = span_compare(sort_run_key(sort->runs[a].run), sort_run_key(sort->runs[b].run));
    return order ? order < 0 : a < b;
}

static void heap_sift_down(struct sort *sort, size_t parent) {
    for (;;) {
        size_t least = parent;
        for (size_t child = 2 * parent + 1; child <= 2 * parent + 2 && child < sort->heap_count; child++)
            if (run_before(sort, sort->heap[child], sort->heap[least]))
                least = child;
        if (least == parent)
            return;
        size_t swap = sort->heap[parent];
        sort->heap[parent] = sort->heap[least];
        sort->heap[least] = swap;
        parent = least;
    }
}

/* Rewinds the runs from `first` on and orders those that hold anything. */
static int heap_build(struct sort *sort, size_t first, struct error *error) {
    sort->heap = memory_resize(sort->heap, sort->run_count + 1, sizeof *sort->heap);
    sort->heap_count = 0;
    sort->root_returned = false;
    for (size_t i = first; i < sort->run_count; i++) {
        if (sort_run_rewind(sort->runs[i].run, error) < 0)
            return -1;
        if (sort_run_key(sort->runs[i].run).data)
            sort->heap[sort->heap_count++] = i;
    }
    for (size_t i = sort->heap_count / 2; i-- > 0;)
        heap_sift_down(sort, i);
    return 0;
}

/* 1 and the smallest item of the runs in the heap, 0 at the end, -1 on error. */
static int heap_next(struct sort *sort, struct span *key, struct span *value, struct error *error) {
    if (sort->root_returned) {
        struct sort_run *root = sort->runs[sort->heap[0]].run;
        if (sort_run_next(root, error) < 0)
            return -1;
        if (!sort_run_key(root).data)
            sort->heap[0] = sort->heap[--sort->heap_count];
        heap_sift_down(sort, 0);
        sort->root_returned = false;
    }
    if (!sort->heap_count)
        return 0;
    struct sort_run *root = sort->runs[sort->heap[0]].run;
    *key = sort_run_key(root);
    if (sort_run_value(root, value, error) < 0)
        return -1;
    sort->root_returned = true;
    return 1;
}

/* ---- spilling ---- */

static void append_run(struct sort *sort, struct sort_run *run, unsigned level) {
    if (sort->run_count == sort->run_capacity) {
        sort->run_capacity = sort->run_capacity ? 2 * sort->run_capacity : RUN_FAN_IN;
        sort->runs = memory_resize(sort->runs, sort->run_capacity, sizeof *sort->runs);
    }
    sort->runs[sort->run_count++] = (struct leveled_run){run, level};
}

/* Merges the runs from `first` to the last into one of the next level. */
static int merge_runs(struct sort *sort, size_t first, struct error *error) {
    unsigned level = sort->runs[first].level;
    struct sort_run *merged = sort_run_new(error);
    if (!merged)
        return -1;
    struct span key, value;
    int got = heap_build(sort, first, error) < 0 ? -1 : 1;
    while (got > 0 && (got = heap_next(sort, &key, &value, error)) > 0)
        if (sort_run_write(merged, key, value, error) < 0)
            got = -1;
    if (got < 0) {
        sort_run_free(merged);
        return -1;
    }
    free_runs(sort, first);
    append_run(sort, merged, level + 1);
    return 0;
}

static int merge_full_levels(struct sort *sort, struct error *error) {
    for (;;) {
        size_t first = sort->run_count;
        unsigned level = sort->runs[first - 1].level;
        while (first > 0 && sort->runs[first - 1].level == level)
            first--;
        if (sort->run_count - first < RUN_FAN_IN)
            return 0;
        if (merge_runs(sort, first, error) < 0)
            return -1;
    }
}

static int spill(struct sort *sort, struct error *error) {
    sort_items(sort);
    struct sort_run *run = sort_run_new(error);
    if (!run)
        return -1;
    append_run(sort, run, 0);
    for (size_t i = 0; i < sort->item_count; i++) {
        struct span key, value;
        item_spans(sort, &sort->items[i], &key, &value);
        if (sort_run_write(run, key, value, error) < 0)
            return -1;
    }
    sort->item_count = 0;
    bytes_clear(&sort->arena);
    if (sort->arena.capacity > 2 * sort->memory) /* one item far over the budget */
        bytes_release(&sort->arena);
    return merge_full_levels(sort, error);
}

/* ---- the interface ---- */

/* qsort_r needs as much again as the items themselves. */
static uint64_t memory_used(const struct sort *sort) {
    return (uint64_t)sort->arena.size + 2 * sizeof *sort->items * (uint64_t)sort->item_count;
}

int sort_add(struct sort *sort, struct span key, struct span value, struct error *error) {
    struct item_head head = {key.size, value.size};
    uint64_t more = sizeof head + (uint64_t)key.size + value.size + 2 * sizeof *sort->items;
    if (sort->item_count && memory_used(sort) + more > sort->memory && spill(sort, error) < 0)
        return -1;
    if (sort->item_count == sort->item_capacity) {
        sort->item_capacity = sort->item_capacity ? 2 * sort->item_capacity : 1024;
        sort->items = memory_resize(sort->items, sort->item_capacity, sizeof *sort->items);
    }
    sort->items[sort->item_count++] = (struct item){key_prefix(key), sort->arena.size};
    bytes_append(&sort->arena, &head, sizeof head);
    bytes_append_span(&sort->arena, key);
    bytes_append_span(&sort->arena, value);
    sort->count++;
    return memory_used(sort) > sort->memory ? spill(sort, error) : 0; /* one item over the budget does not stay */
}

int sort_finish(struct sort *sort, struct error *error) {
    if (!sort->run_count) {
        sort_items(sort);
        return 0;
    }
    if (sort->item_count && spill(sort, error) < 0)
        return -1;
    bytes_release(&sort->arena);
    free(sort->items);
    sort->items = NULL;
    sort->item_capacity = 0;
    return heap_build(sort, 0, error);
}

int sort_next(struct sort *sort, struct span *key, struct span *value, struct error *error) {
    if (sort->run_count)
        return heap_next(sort, key, value, error);
    if (sort->next_item == sort->item_count)
        return 0;
    item_spans(sort, &sort->items[sort->next_item++], key, value);
    return 1;
}
