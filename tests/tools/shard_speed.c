/*
 * Speed of reading shards beside ZSTD_decompress on the same frames: shard_speed DIR [RUNS]. Prints for each run, in
 * turns, MB/s of tokens by processor time: zstd alone, the ids as they lie in frames, the ids copied out, and documents
 * one after the other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

#include "base/memory.h"
#include "shard/set.h"

static void fail(const struct error *error) {
    fprintf(stderr, "shard_speed: %s\n", error->message);
    exit(1);
}

static double processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void decompress_all(const struct shard_set *set) {
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    char *frame = memory_allocate(SHARD_FRAME_MAX);
    for (size_t i = 0; i < set->count; i++) {
        const struct shard *shard = &set->shards[i];
        for (size_t j = 0; j < shard->frame_count; j++)
            if (ZSTD_isError(ZSTD_decompressDCtx(zstd, frame, SHARD_FRAME_MAX, shard->file.data + shard->positions[j],
                                                 shard->entries[j].compressed)))
                exit(1);
    }
    free(frame);
    ZSTD_freeDCtx(zstd);
}

static void view_all(const struct shard_set *set) {
    struct error error;
    for (int split = 0; split < SPLIT_COUNT; split++) {
        struct shard_cursor *cursor = shard_cursor_new(set, (enum shard_split)split);
        const unsigned char *tokens;
        size_t count;
        for (uint64_t at = 0; at < set->tokens[split]; at += count)
            if ((count = shard_cursor_view(cursor, at, &tokens, &error)) == 0)
                fail(&error);
        shard_cursor_free(cursor);
    }
}

static void copy_all(const struct shard_set *set) {
    struct error error;
    uint32_t *ids = memory_allocate(65536 * sizeof *ids);
    for (int split = 0; split < SPLIT_COUNT; split++) {
        struct shard_cursor *cursor = shard_cursor_new(set, (enum shard_split)split);
        for (uint64_t at = 0, count; at < set->tokens[split]; at += count) {
            count = set->tokens[split] - at < 65536 ? set->tokens[split] - at : 65536;
            if (shard_cursor_read_tokens(cursor, at, (size_t)count, ids, &error) != 0)
                fail(&error);
        }
        shard_cursor_free(cursor);
    }
    free(ids);
}

static void read_documents(const struct shard_set *set) {
    struct error error;
    struct token_ids ids = {0};
    for (int split = 0; split < SPLIT_COUNT; split++) {
        struct shard_cursor *cursor = shard_cursor_new(set, (enum shard_split)split);
        int got;
        while ((got = shard_cursor_next(cursor, &ids, &error)) > 0)
            ;
        if (got < 0)
            fail(&error);
        shard_cursor_free(cursor);
    }
    token_ids_release(&ids);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*read)(const struct shard_set *set);
    } ways[] = {
        {"ZSTD_decompress", decompress_all}, {"frames", view_all}, {"ids", copy_all}, {"documents", read_documents}};
    struct shard_set *set;
    struct error error;
    if (argc < 2)
        return 2;
    if (shard_set_open(&set, argv[1], &error) != 0)
        fail(&error);
    double size = 0;
    for (int split = 0; split < SPLIT_COUNT; split++)
        size += (double)shard_set_tokens(set, (enum shard_split)split) * shard_set_token_width(set) / 1e6;
    for (long run = argc > 2 ? strtol(argv[2], NULL, 10) : 3; run > 0; run--) {
        printf("reading shards, MB/s:");
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
            double start = processor_seconds();
            ways[i].read(set);
            printf(" %s %.0f", ways[i].name, size / (processor_seconds() - start));
        }
        printf("\n");
    }
    shard_set_free(set);
    return 0;
}
