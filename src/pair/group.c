/* Grouping by thread on disk. It owns the two sorts and their keys; what the items are it does not know. */
#include "pair/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sort.h"

struct group {
    struct sort *by_thread; /* key: thread's hash, ordinal; value: item */
    struct sort *by_place;  /* key: ordinal of the unit's first item, ordinal; value: item */
    uint64_t count;
    bool any;
    uint64_t last_place;
};

struct group *group_new(uint64_t memory) {
    struct group *group = memory_zeroed(1, sizeof *group);
    group->by_thread = sort_new(memory / 2);
    group->by_place = sort_new(memory / 2);
    return group;
}

void group_free(struct group *group) {
    if (!group)
        return;
    sort_free(group->by_thread);
    sort_free(group->by_place);
    free(group);
}

/* Big-endian, so that memcmp orders numbers. */
static void put_number(char *to, uint64_t number) {
    for (size_t i = 0; i < 8; i++)
        to[i] = (char)(unsigned char)(number >> (56 - 8 * i));
}

static uint64_t get_number(const char *from) {
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | (unsigned char)from[i];
    return number;
}

static int add_in_place(struct group *group, uint64_t place, uint64_t ordinal, struct span item, struct error *error) {
    char key[16];
    put_number(key, place);
    put_number(key + 8, ordinal);
    return sort_add(group->by_place, (struct span){key, sizeof key}, item, error);
}

int group_add(struct group *group, const struct hash128 *thread, struct span item, struct error *error) {
    uint64_t ordinal = group->count++;
    if (!thread)
        return add_in_place(group, ordinal, ordinal, item, error);
    char key[24];
    put_number(key, thread->high);
    put_number(key + 8, thread->low);
    put_number(key + 16, ordinal);
    return sort_add(group->by_thread, (struct span){key, sizeof key}, item, error);
}

int group_finish(struct group *group, struct error *error) {
    if (sort_finish(group->by_thread, error))
        return -1;
    char thread[16] = {0};
    uint64_t place = UINT64_MAX;
    struct span key, item;
    int status;
    while ((status = sort_next(group->by_thread, &key, &item, error)) == 1) {
        uint64_t ordinal = get_number(key.data + 16);
        if (place == UINT64_MAX || memcmp(thread, key.data, sizeof thread) != 0) {
            memcpy(thread, key.data, sizeof thread);
            place = ordinal;
        }
        if (add_in_place(group, place, ordinal, item, error))
            return -1;
    }
    sort_free(group->by_thread);
    group->by_thread = NULL;
    return status < 0 ? -1 : sort_finish(group->by_place, error);
}

int group_next(struct group *group, struct span *item, bool *continues, struct error *error) {
    struct span key;
    int status = sort_next(group->by_place, &key, item, error);
    if (status != 1)
        return status;
    uint64_t place = get_number(key.data);
    *continues = group->any && place == group->last_place;
    group->any = true;
    group->last_place = place;
    return 1;
}
