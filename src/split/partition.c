/* Owns keys, hashes and their places on the line of hashes. It knows nothing of files, nor of how counts become places.
 */
#include "split/partition.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

const char *part_name(enum part part) {
    static const char *const names[PART_COUNT] = {"train", "val", "test"};
    return names[part];
}

int amount_parse(const char *text, struct amount *amount) {
    *amount = (struct amount){0};
    if (!text)
        return 0;
    if (!*text || text[strspn(text, "0123456789.eE-")] || *text == '-')
        return -1;
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (*end || !isfinite(value) || errno)
        return -1;
    if (value < 1) {
        amount->fraction = value;
        return 0;
    }
    amount->count = strtoull(text, &end, 10);
    return *end || errno ? -1 : 0;
}

bool amount_is_none(const struct amount *amount) {
    return amount->fraction == 0 && amount->count == 0;
}

int partition_hash(const struct record *record, enum key_choice choice, uint64_t seed, uint64_t *hash,
                   struct error *error) {
    static const enum record_field fields[] = {FIELD_CLUSTER, FIELD_THREAD, FIELD_ID};
    if (choice != KEY_AUTO) {
        enum record_field field = fields[choice - KEY_CLUSTER];
        if (!record->field[field].data)
            return error_set(error, ERROR_DATA, ERROR_NO_POSITION, "no %s, the chosen key", record_field_name(field));
        *hash = hash64(record->field[field], seed);
        return 0;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (record->field[fields[i]].data) {
            *hash = hash64(record->field[fields[i]], seed);
            return 0;
        }
    char hexadecimal[HASH128_HEX_SIZE + 1];
    hash128_hex(hash128(record->line), hexadecimal);
    *hash = hash64((struct span){hexadecimal, HASH128_HEX_SIZE}, seed);
    return 0;
}

uint64_t partition_end(uint64_t start, double fraction) {
    uint64_t share = (uint64_t)ldexp(fraction, 64); /* fraction < 1, so below 2^64 */
    return share > UINT64_MAX - start ? UINT64_MAX : start + share;
}

enum part partition_find(const struct partition *partition, uint64_t hash) {
    if (hash < partition->test_end)
        return PART_TEST;
    return hash < partition->val_end ? PART_VAL : PART_TRAIN;
}
