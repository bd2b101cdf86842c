/* CPU seconds that repairs take on the texts of records, all of them in memory: clean_speed all|normalize FILE.jsonl.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/input.h"
#include "base/memory.h"
#include "base/record.h"
#include "clean/repair.h"

#define FILE_SIZE_MAX ((size_t)1 << 30)

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Appends the texts of all records to *texts, and their sizes to a list that the caller frees. */
static int load_texts(const char *path, struct bytes *texts, size_t **sizes, size_t *count, struct error *error) {
    struct record_parser *parser = record_parser_new();
    struct bytes data = {0};
    int result = input_load(path, FILE_SIZE_MAX, &data, error);
    for (size_t at = 0; result == 0 && at < data.size;) {
        const char *newline = memchr(data.data + at, '\n', data.size - at);
        size_t end = newline ? (size_t)(newline - data.data) : data.size;
        struct record record;
        result = record_parse(parser, (struct span){data.data + at, end - at}, &record, error);
        if (result == 0) {
            *sizes = memory_resize(*sizes, *count + 1, sizeof **sizes);
            (*sizes)[(*count)++] = record.field[FIELD_TEXT].size;
            bytes_append_span(texts, record.field[FIELD_TEXT]);
        }
        at = end + 1;
    }
    record_parser_free(parser);
    bytes_release(&data);
    return result;
}

int main(int argc, char **argv) {
    struct error error;
    struct bytes texts = {0};
    size_t *sizes = NULL, count = 0, at = 0;
    struct repair_tables *tables;
    if (argc != 3) {
        fprintf(stderr, "usage: clean_speed all|normalize FILE.jsonl\n");
        return 2;
    }
    const struct repair_options options = {
        .form = NORMAL_FORM_C,
        .steps = strcmp(argv[1], "all") == 0 ? REPAIR_ALL : REPAIR_BIT(REPAIR_NORMALIZE),
    };
    if (load_texts(argv[2], &texts, &sizes, &count, &error) || repair_tables_new(&tables, &options, &error)) {
        fprintf(stderr, "clean_speed: %s\n", error.message);
        return 1;
    }
    struct repair repair = {.tables = tables, .steps = options.steps};
    double begin = cpu_seconds();
    for (size_t i = 0; i < count; i++) {
        struct span result;
        if (repair_apply(&repair, (struct span){texts.data + at, sizes[i]}, &result, &error))
            return 1;
        at += sizes[i];
    }
    printf("%.6f\n", cpu_seconds() - begin);
    repair_release(&repair);
    repair_tables_free(tables);
    bytes_release(&texts);
    free(sizes);
    return 0;
}
