/*
 * Speed of encoding alone, on one thread, load time apart: encode_speed TOKENIZER RECORDS.jsonl [RUNS]. Reads all texts
 * first, then encodes each once a run with a fresh encoder, so that each run begins with a cold cache; prints tokens
 * and MB/s of processor time for each run. With PIECE SIZE instead of RECORDS it makes one text of SIZE MiB: `letter`,
 * `letters`, `spaces`, `slashes`, `digits`, `bytes`, or `distinct` (pieces that never come twice).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/lines.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/record.h"
#include "token/tokenizer.h"

struct texts {
    struct bytes data;
    size_t *ends;
    size_t count, capacity;
};

static void fail(const struct error *error) {
    fprintf(stderr, "encode_speed: %s\n", error->message);
    exit(1);
}

static void add_text(struct texts *texts, struct span text) {
    bytes_append_span(&texts->data, text);
    if (texts->count == texts->capacity) {
        texts->capacity = texts->capacity ? 2 * texts->capacity : 1024;
        texts->ends = memory_resize(texts->ends, texts->capacity, sizeof *texts->ends);
    }
    texts->ends[texts->count++] = texts->data.size;
}

static void read_records(struct texts *texts, const char *path) {
    struct line_reader *reader = line_reader_new(&path, 1, RECORD_LINE_MAX);
    struct record_parser *parser = record_parser_new();
    struct line_batch batch = {0};
    struct error error;
    int got;
    while ((got = line_reader_next(reader, &batch, &error)) > 0)
        for (size_t i = 0; i < batch.count; i++) {
            struct record record;
            struct span line = {batch.data.data + batch.lines[i].start, batch.lines[i].size};
            if (record_parse(parser, line, &record, &error) < 0)
                fail(&error);
            if (record.kind == RECORD_DOCUMENT)
                add_text(texts, record.field[FIELD_TEXT]);
            for (size_t turn = 0; turn < record.message_count && record.kind == RECORD_DIALOGUE; turn++)
                add_text(texts, record.messages[turn].content);
        }
    if (got < 0)
        fail(&error);
    line_batch_release(&batch);
    record_parser_free(parser);
    line_reader_free(reader);
}

static void make_text(struct texts *texts, const char *kind, size_t size) {
    struct random random;
    struct bytes text = {0};
    random_seed(&random, 1);
    while (text.size < size) {
        if (strcmp(kind, "letter") == 0)
            bytes_append_byte(&text, 'a');
        else if (strcmp(kind, "letters") == 0)
            bytes_append_byte(&text, (char)('a' + random_below(&random, 26)));
        else if (strcmp(kind, "spaces") == 0)
            bytes_append_byte(&text, ' ');
        else if (strcmp(kind, "slashes") == 0)
            bytes_append_byte(&text, '/');
        else if (strcmp(kind, "digits") == 0)
            bytes_append_byte(&text, (char)('0' + random_below(&random, 10)));
        else if (strcmp(kind, "bytes") == 0)
            bytes_append_byte(&text, (char)random_below(&random, 256));
        else
            for (uint64_t number = random_next(&random), i = 0; i < 9; i++, number /= 26)
                bytes_append_byte(&text, i ? (char)('a' + number % 26) : ' ');
    }
    add_text(texts, span_of_bytes(&text));
    bytes_release(&text);
}

static double processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void encode_once(const struct tokenizer *tokenizer, const struct texts *texts, const char *name) {
    struct encoder *encoder = encoder_new(tokenizer);
    struct token_ids ids = {0};
    struct error error;
    uint64_t tokens = 0;
    double start = processor_seconds();
    for (size_t i = 0, at = 0; i < texts->count; at = texts->ends[i++]) {
        ids.count = 0;
        if (encoder_append_text(encoder, (struct span){texts->data.data + at, texts->ends[i] - at}, &ids, &error) != 0)
            fail(&error);
        tokens += ids.count;
    }
    double seconds = processor_seconds() - start;
    printf("gpt-encode, %s: %llu tokens, %.1f MB/s\n", name, (unsigned long long)tokens,
           (double)texts->data.size / 1e6 / seconds);
    token_ids_release(&ids);
    encoder_free(encoder);
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    struct tokenizer *tokenizer;
    struct error error;
    double start = processor_seconds();
    if (tokenizer_load(&tokenizer, argv[1], &error) != 0)
        fail(&error);
    printf("load %.0f ms\n", 1e3 * (processor_seconds() - start));
    struct texts texts = {0};
    size_t number = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    bool made = !strchr(argv[2], '.');
    if (made)
        make_text(&texts, argv[2], number << 20);
    else
        read_records(&texts, argv[2]);
    for (size_t i = 0; i < (made ? 2 : number); i++)
        encode_once(tokenizer, &texts, argv[2]);
    tokenizer_free(tokenizer);
    free(texts.ends);
    bytes_release(&texts.data);
    return 0;
}
