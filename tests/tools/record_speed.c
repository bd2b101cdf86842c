/*
 * How fast records are parsed and written on one thread, in memory: MB/s of source lines, the best of three runs.
 * record_speed [FILE] takes its lines from FILE, else from 100 MB of made ones, alike from run to run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/input.h"
#include "base/json.h"
#include "base/random.h"
#include "base/record.h"

#define MADE_SIZE ((size_t)100 << 20)

enum work { WORK_PARSE, WORK_COPY, WORK_REWRITE };

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Words with now and then a newline, a quotation mark, an accent, an ideograph or an emoji. */
static void make_text(struct random *random, struct bytes *text, size_t words) {
    static const char *const rare[] = {"\n", "\n\n", "\"so\"", "é", "没有", "😀", "’", "\\"};
    bytes_clear(text);
    for (size_t i = 0; i < words; i++) {
        size_t letters = 2 + random_below(random, 8);
        for (size_t k = 0; k < letters; k++)
            bytes_append_byte(text, (char)('a' + random_below(random, 26)));
        bytes_append_text(text,
                          random_below(random, 12) ? " " : rare[random_below(random, sizeof rare / sizeof *rare)]);
    }
}

static void make_lines(struct bytes *lines) {
    struct record record = {0};
    struct random random;
    struct bytes text[6] = {0};
    struct error error;
    random_seed(&random, 1);
    while (lines->size < MADE_SIZE) {
        bool dialogue = random_below(&random, 2);
        record_begin(&record, dialogue ? RECORD_DIALOGUE : RECORD_DOCUMENT);
        record_set_text(&record, FIELD_ID, SPAN_LITERAL("https://example.org/a/rather/typical/path?page=3"));
        record_set_text(&record, FIELD_SOURCE, SPAN_LITERAL("warc"));
        record_set_text(&record, FIELD_LANG, SPAN_LITERAL("en"));
        for (size_t i = 0; i < 6 && dialogue; i++) {
            make_text(&random, &text[i], 5 + random_below(&random, 60));
            record_append_message(&record, i % 2 ? ROLE_ASSISTANT : ROLE_USER, span_of_bytes(&text[i]));
        }
        if (!dialogue) {
            make_text(&random, &text[0], 20 + random_below(&random, 800));
            record_set_text(&record, FIELD_TEXT, span_of_bytes(&text[0]));
            record_set_text(&record, FIELD_DATE, SPAN_LITERAL("2024-05-06T07:08:09Z"));
            record_set_score(&record, (double)random_below(&random, 100));
        }
        if (record_write(&record, lines, &error) < 0)
            abort();
    }
    record_release(&record);
    for (size_t i = 0; i < 6; i++)
        bytes_release(&text[i]);
}

/* One pass over the lines; returns MB/s, or a negative number where a line is bad. */
static double measure(const struct bytes *lines, enum work work) {
    struct record_parser *parser = record_parser_new();
    struct bytes out = {0};
    struct error error = {0};
    double start = seconds();
    int status = 0;
    for (const char *at = lines->data, *end = at + lines->size; at < end && status == 0;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct record record;
        if (!newline)
            newline = end;
        status = record_parse(parser, (struct span){at, (size_t)(newline - at)}, &record, &error);
        at = newline + 1;
        if (work == WORK_PARSE || status < 0)
            continue;
        if (work == WORK_REWRITE && record.kind == RECORD_DOCUMENT)
            record_set_text(&record, FIELD_TEXT, record.field[FIELD_TEXT]);
        for (size_t i = 0; work == WORK_REWRITE && i < record.message_count; i++)
            record_set_content(&record, i, record.messages[i].content);
        if (out.size > 1 << 20)
            bytes_clear(&out);
        status = record_write(&record, &out, &error);
    }
    double speed = (double)lines->size / 1e6 / (seconds() - start);
    if (status < 0)
        fprintf(stderr, "record_speed: %s\n", error.message);
    record_parser_free(parser);
    bytes_release(&out);
    return status < 0 ? -1 : speed;
}

int main(int argc, char **argv) {
    static const char *const names[] = {"parse", "parse, write untouched", "parse, write changed text"};
    struct bytes lines = {0};
    struct error error;
    int status = 0;
    if (argc > 1 && input_load(argv[1], (size_t)4 << 30, &lines, &error) < 0) {
        fprintf(stderr, "record_speed: %s\n", error.message);
        return 1;
    }
    if (argc <= 1)
        make_lines(&lines);
    for (int work = WORK_PARSE; work <= WORK_REWRITE && status == 0; work++) {
        double best = 0;
        for (int run = 0; run < 3 && best >= 0; run++) {
            double speed = measure(&lines, (enum work)work);
            best = speed < 0 || speed > best ? speed : best;
        }
        status = best < 0;
        printf("%-26s %6.0f MB/s\n", names[work], best);
    }
    bytes_release(&lines);
    return status;
}
