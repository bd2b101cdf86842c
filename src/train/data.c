/* Owns opening sets of shards by the command line's names. */
#include "train/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* The weight behind the last colon, 0 where there is none. *size is set to the bytes of the directory's name. */
static double weight_of(const char *name, size_t *size) {
    const char *colon = strrchr(name, ':');
    *size = strlen(name);
    if (!colon || !colon[1] || colon[1 + strspn(colon + 1, "0123456789.")])
        return 0;
    double weight = strtod(colon + 1, NULL);
    *size = (size_t)(colon - name);
    return weight;
}

static int open_set(struct train_data *data, const char *name, struct error *error) {
    size_t size;
    double weight = weight_of(name, &size);
    if (size != strlen(name) && !(weight > 0 && isfinite(weight)))
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--data %s: a weight must be above 0", name);
    struct bytes path = {0};
    bytes_append(&path, name, size);
    int status = shard_set_open(&data->sets[data->count], bytes_text(&path), error);
    bytes_release(&path);
    if (status != 0)
        return -1;
    data->sources[data->count] = (struct mixture_source){data->sets[data->count], weight};
    data->count++;
    return 0;
}

/* A weight for each or for none. */
static int complete_weights(struct train_data *data, struct error *error) {
    size_t given = 0;
    for (size_t i = 0; i < data->count; i++)
        given += data->sources[i].weight > 0;
    if (given != 0 && given != data->count)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--data: give a weight to every set or to none");
    for (size_t i = 0; i < data->count && given == 0; i++)
        data->sources[i].weight = (double)shard_set_tokens(data->sets[i], SPLIT_TRAIN) + 1;
    return 0;
}

int train_data_open(struct train_data *data, const struct option_list *names, struct error *error) {
    *data = (struct train_data){.count = 0};
    if (names->count > MIXTURE_MOST)
        return error_set(error, ERROR_USAGE, ERROR_NO_POSITION, "--data: %d sets at most", MIXTURE_MOST);
    int status = 0;
    for (size_t i = 0; i < names->count && status == 0; i++)
        status = open_set(data, names->items[i], error);
    return status == 0 ? complete_weights(data, error) : -1;
}

void train_data_release(struct train_data *data) {
    for (size_t i = 0; i < data->count; i++)
        shard_set_free(data->sets[i]);
    data->count = 0;
}

int train_data_require_tokenizer(const struct train_data *data, const struct tokenizer *tokenizer,
                                 struct error *error) {
    int status = 0;
    for (size_t i = 0; i < data->count && status == 0; i++)
        status = shard_set_require_tokenizer(data->sets[i], tokenizer, error);
    return status;
}

uint64_t train_data_tokens(const struct train_data *data) {
    uint64_t tokens = 0;
    for (size_t i = 0; i < data->count; i++)
        tokens += shard_set_tokens(data->sets[i], SPLIT_TRAIN);
    return tokens;
}

struct hash128 train_data_digest(const struct train_data *data) {
    if (data->count == 1)
        return shard_set_digest(data->sets[0]);
    struct hash_stream *stream = hash_stream_new();
    for (size_t i = 0; i < data->count; i++) {
        char hex[HASH128_HEX_SIZE + 1], weight[40];
        hash128_hex(shard_set_digest(data->sets[i]), hex);
        int size = snprintf(weight, sizeof weight, " %.17g\n", data->sources[i].weight);
        hash_stream_update(stream, hex, HASH128_HEX_SIZE);
        hash_stream_update(stream, weight, (size_t)size);
    }
    struct hash128 digest = hash_stream_digest(stream);
    hash_stream_free(stream);
    return digest;
}
