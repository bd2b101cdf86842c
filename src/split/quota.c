/* Owns two sorts: the hashes alone, by value, and the lines, by their ordinal. It does not know what a line holds. */
#include "split/quota.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sort.h"

struct quota {
    struct sort *hashes; /* key: the hash, big-endian, so that memcmp orders numbers */
    struct sort *lines;  /* key: the ordinal, big-endian; value: the hash, then the line */
    uint64_t ordinal;
};

/* A walk over the hashes in ascending order. */
struct walk {
    struct quota *quota;
    uint64_t hash; /* the one at hand, where more */
    bool more;
};

struct quota *quota_new(uint64_t memory) {
    struct quota *quota = memory_zeroed(1, sizeof *quota);
    quota->hashes = sort_new(memory / 4);
    quota->lines = sort_new(memory - memory / 4);
    return quota;
}

void quota_free(struct quota *quota) {
    if (!quota)
        return;
    sort_free(quota->hashes);
    sort_free(quota->lines);
    free(quota);
}

int quota_add(struct quota *quota, struct span hash_and_line, struct error *error) {
    uint64_t hash, ordinal_key = htobe64(quota->ordinal++);
    memcpy(&hash, hash_and_line.data, sizeof hash);
    uint64_t hash_key = htobe64(hash);
    struct span nothing = {"", 0};
    if (sort_add(quota->hashes, (struct span){(const char *)&hash_key, sizeof hash_key}, nothing, error) < 0)
        return -1;
    return sort_add(quota->lines, (struct span){(const char *)&ordinal_key, sizeof ordinal_key}, hash_and_line, error);
}

static int walk_next(struct walk *walk, struct error *error) {
    struct span key, value;
    int got = sort_next(walk->quota->hashes, &key, &value, error);
    walk->more = got > 0;
    if (got > 0) {
        memcpy(&walk->hash, key.data, sizeof walk->hash);
        walk->hash = be64toh(walk->hash);
    }
    return got < 0 ? -1 : 0;
}

/* The end of the part that begins at start; the walk stands at or before it, and is left at or behind its end. */
static int take_amount(struct walk *walk, uint64_t start, enum part part, const struct amount *amount, uint64_t *end,
                       struct error *error) {
    *end = partition_end(start, amount->fraction);
    if (!amount->count)
        return 0;
    while (walk->more && walk->hash < start)
        if (walk_next(walk, error) < 0)
            return -1;
    uint64_t taken = 0, last = start;
    while (walk->more && (taken < amount->count || walk->hash == last)) {
        last = walk->hash;
        taken++;
        if (walk_next(walk, error) < 0)
            return -1;
    }
    if (taken < amount->count)
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION,
                         "%s has only %" PRIu64 " of the %" PRIu64 " records asked for", part_name(part), taken,
                         amount->count);
    *end = last < UINT64_MAX ? last + 1 : last;
    return 0;
}

int quota_finish(struct quota *quota, const struct amount *test, const struct amount *val, struct partition *partition,
                 struct error *error) {
    struct walk walk = {.quota = quota};
    if (sort_finish(quota->hashes, error) < 0 || sort_finish(quota->lines, error) < 0 || walk_next(&walk, error) < 0)
        return -1;
    if (take_amount(&walk, 0, PART_TEST, test, &partition->test_end, error) < 0)
        return -1;
    return take_amount(&walk, partition->test_end, PART_VAL, val, &partition->val_end, error);
}

int quota_next(struct quota *quota, uint64_t *hash, struct span *line, struct error *error) {
    struct span key, value;
    int got = sort_next(quota->lines, &key, &value, error);
    if (got <= 0)
        return got;
    memcpy(hash, value.data, sizeof *hash);
    *line = (struct span){value.data + sizeof *hash, value.size - sizeof *hash};
    return 1;
}
