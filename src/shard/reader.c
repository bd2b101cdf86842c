/*
 * Owns reading tokens: where a document stands, and a cursor that decompresses the frames it needs, each checked. Knows
 * nothing of the manifest's form or of what tokens mean.
 */
#include "shard/reader.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/memory.h"
#include "shard/set.h"

/* Of a zstd frame: the byte behind the magic number, and its bit for a checksum of the content at the end. */
#define FRAME_DESCRIPTOR 4
#define FRAME_HAS_CHECKSUM 4

struct shard_cursor {
    const struct shard_set *set;
    enum shard_split split;
    uint64_t next; /* document */
    ZSTD_DCtx *zstd;
    const struct shard *shard; /* whose frame is in `frame`; NULL for none */
    size_t frame_number;
    unsigned char *frame;
};

/*
 * Whether the decompressed frame is what the seek table says. Decompression has compared the content with the checksum
 * at the frame's end, which is of the same kind: then the two numbers are enough.
 */
static bool is_checked(const struct shard *shard, size_t frame_number, const unsigned char *content) {
    const struct seek_entry *entry = &shard->entries[frame_number];
    const unsigned char *frame = (const unsigned char *)shard->file.data + shard->positions[frame_number];
    bool has_checksum = entry->compressed > FRAME_DESCRIPTOR + 4 && frame[FRAME_DESCRIPTOR] & FRAME_HAS_CHECKSUM;
    if (has_checksum && load_u32(frame + entry->compressed - 4) == entry->checksum)
        return true;
    return shard_checksum(content, entry->uncompressed) == entry->checksum;
}

/* Loads of a kind that compilers make loops over vectors of. */
static inline uint16_t short_at(const unsigned char *tokens, size_t index) {
    uint16_t number;
    memcpy(&number, tokens + 2 * index, sizeof number);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? number : __builtin_bswap16(number);
}

static inline uint32_t long_at(const unsigned char *tokens, size_t index) {
    uint32_t number;
    memcpy(&number, tokens + 4 * index, sizeof number);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? number : __builtin_bswap32(number);
}

/* Whether all are below the vocabulary's size (at most 2^31). The loops are of operations that all vector units have.
 */
static bool are_within(const unsigned char *tokens, size_t count, unsigned width, uint32_t vocabulary) {
    if (width == 2) {
        const int16_t most = (int16_t)((vocabulary - 1) ^ 0x8000); /* signed comparison, in the order of unsigned */
        int16_t over = 0;
        for (size_t i = 0; i < count; i++)
            over = (int16_t)(over | ((int16_t)(short_at(tokens, i) ^ 0x8000) > most ? -1 : 0));
        return over == 0;
    }
    uint32_t signs = 0; /* the highest bit: of a number over 2^31, or of a difference below 0 */
    for (size_t i = 0; i < count; i++)
        signs |= long_at(tokens, i) | (vocabulary - 1 - long_at(tokens, i));
    return signs >> 31 == 0;
}

static void unpack_tokens(const unsigned char *tokens, size_t count, unsigned width, uint32_t *ids) {
    if (width == 2)
        for (size_t i = 0; i < count; i++)
            ids[i] = short_at(tokens, i);
    else
        memcpy(ids, tokens, 4 * count);
    if (width == 4 && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
        for (size_t i = 0; i < count; i++)
            ids[i] = long_at(tokens, i);
}

int shard_decompress(const struct shard_set *set, const struct shard *shard, size_t frame_number,
                     struct ZSTD_DCtx_s *zstd, unsigned char *frame, size_t *size, struct error *error) {
    const struct seek_entry *entry = &shard->entries[frame_number];
    /* With room to spare zstd copies faster at the end. */
    size_t result = ZSTD_decompressDCtx(zstd, frame, SHARD_FRAME_MAX, shard->file.data + shard->positions[frame_number],
                                        entry->compressed);
    const char *reason = NULL;
    if (ZSTD_isError(result))
        reason = ZSTD_getErrorName(result);
    else if (result != entry->uncompressed || !is_checked(shard, frame_number, frame))
        reason = "another content than the seek table lists";
    else if (!are_within(frame, result / shard->header.width, shard->header.width, shard->header.vocabulary_size))
        reason = "an id beyond the vocabulary";
    if (reason)
        return error_set(error, ERROR_DATA, shard->positions[frame_number], "%s/%s: frame %zu at byte %llu: %s",
                         set->directory, shard->name, frame_number, (unsigned long long)shard->positions[frame_number],
                         reason);
    *size = result;
    return 0;
}

/* The number of tokens up to the end of `document` within its shard. */
static uint64_t end_of(const struct shard *shard, uint64_t document) {
    return load_u64(shard->ends + 8 * document);
}

/* The shard of the split that holds a document (by_token: a token), counted within the split. */
static const struct shard *find_shard(const struct shard_set *set, enum shard_split split, uint64_t number,
                                      bool by_token) {
    size_t low = set->first[split], high = set->first[split + 1];
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        const struct shard *shard = &set->shards[middle];
        if ((by_token ? shard->first_token : shard->first_document) <= number)
            low = middle;
        else
            high = middle;
    }
    return &set->shards[low];
}

void shard_set_locate(const struct shard_set *set, enum shard_split split, uint64_t document, uint64_t *start,
                      uint64_t *count) {
    const struct shard *shard = find_shard(set, split, document, false);
    uint64_t within = document - shard->first_document;
    uint64_t from = within ? end_of(shard, within - 1) : 0;
    *start = shard->first_token + from;
    *count = end_of(shard, within) - from;
}

struct shard_cursor *shard_cursor_new(const struct shard_set *set, enum shard_split split) {
    struct shard_cursor *cursor = memory_zeroed(1, sizeof(*cursor));
    cursor->set = set;
    cursor->split = split;
    cursor->frame = memory_allocate(SHARD_FRAME_MAX);
    return cursor;
}

void shard_cursor_free(struct shard_cursor *cursor) {
    if (!cursor)
        return;
    ZSTD_freeDCtx(cursor->zstd);
    free(cursor->frame);
    free(cursor);
}

static int load_frame(struct shard_cursor *cursor, const struct shard *shard, size_t number, struct error *error) {
    if (cursor->shard == shard && cursor->frame_number == number)
        return 0;
    if (!cursor->zstd && !(cursor->zstd = ZSTD_createDCtx()))
        return error_set(error, ERROR_SYSTEM, ERROR_NO_POSITION, "zstd cannot be set up");
    size_t size;
    cursor->shard = NULL;
    if (shard_decompress(cursor->set, shard, number, cursor->zstd, cursor->frame, &size, error) != 0)
        return -1;
    cursor->shard = shard;
    cursor->frame_number = number;
    return 0;
}

static size_t find_frame(const struct shard *shard, uint64_t token) {
    size_t low = 0, high = shard->frame_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (shard->starts[middle] <= token)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t shard_cursor_view(struct shard_cursor *cursor, uint64_t start, const unsigned char **tokens,
                         struct error *error) {
    const struct shard *shard = find_shard(cursor->set, cursor->split, start, true);
    uint64_t token = start - shard->first_token;
    size_t number = find_frame(shard, token);
    if (load_frame(cursor, shard, number, error) != 0)
        return 0;
    *tokens = cursor->frame + (token - shard->starts[number]) * shard->header.width;
    return (size_t)(shard->starts[number + 1] - token);
}

int shard_cursor_read_tokens(struct shard_cursor *cursor, uint64_t start, size_t count, uint32_t *ids,
                             struct error *error) {
    while (count > 0) {
        const unsigned char *tokens;
        size_t taken = shard_cursor_view(cursor, start, &tokens, error);
        if (taken == 0)
            return -1;
        taken = taken < count ? taken : count;
        unpack_tokens(tokens, taken, shard_set_token_width(cursor->set), ids);
        start += taken;
        ids += taken;
        count -= taken;
    }
    return 0;
}

int shard_cursor_read(struct shard_cursor *cursor, uint64_t document, struct token_ids *ids, struct error *error) {
    uint64_t start, count;
    shard_set_locate(cursor->set, cursor->split, document, &start, &count);
    uint32_t *place = token_ids_reserve(ids, (size_t)count);
    if (shard_cursor_read_tokens(cursor, start, (size_t)count, place, error) != 0)
        return -1;
    ids->count += (size_t)count;
    return 0;
}

int shard_cursor_next(struct shard_cursor *cursor, struct token_ids *ids, struct error *error) {
    ids->count = 0;
    if (cursor->next >= cursor->set->documents[cursor->split])
        return 0;
    if (shard_cursor_read(cursor, cursor->next, ids, error) != 0)
        return -1;
    cursor->next++;
    return 1;
}

void shard_cursor_seek(struct shard_cursor *cursor, uint64_t document) {
    cursor->next = document;
}
