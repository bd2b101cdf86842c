/*
 * Maintainer's tool: writes src/token/unicode_tables.c from the Unicode Character Database, so that the pretokeniser is
 * pinned to one version of Unicode. Run by `make unicode-tables`; knows only the two files it is given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/input.h"
#include "token/unicode_tables.h"

#define CODE_POINTS 0x110000
#define BLOCKS (CODE_POINTS / UNICODE_BLOCK_SIZE)

static unsigned char class_of[CODE_POINTS];

static unsigned char class_of_category(const char *category) {
    if (category[0] == 'L') {
        if (category[1] == 'u' || category[1] == 't')
            return UNICODE_UPPER;
        return category[1] == 'l' ? UNICODE_LOWER : UNICODE_LETTER;
    }
    if (category[0] == 'M')
        return UNICODE_MARK;
    return category[0] == 'N' ? UNICODE_NUMBER : UNICODE_OTHER;
}

/* UnicodeData.txt: code;name;category;…, ranges as two lines whose names end in "First>" and "Last>". */
static void read_categories(char *text) {
    unsigned long first = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *name = strchr(line, ';') + 1, *category = strchr(name, ';') + 1;
        unsigned long code = strtoul(line, NULL, 16);
        bool last = memmem(name, (size_t)(category - name), "Last>", 5) != NULL;
        for (unsigned long c = last ? first : code; c <= code; c++)
            class_of[c] = class_of_category(category);
        first = code;
    }
}

/* PropList.txt: code[..code] ; property # comment. */
static void read_white_space(char *text) {
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *semicolon = strchr(line, ';');
        if (line[0] == '#' || !semicolon || strncmp(semicolon, "; White_Space ", 14) != 0)
            continue;
        char *end;
        unsigned long from = strtoul(line, &end, 16), to = from;
        if (end[0] == '.')
            to = strtoul(end + 2, NULL, 16);
        for (unsigned long c = from; c <= to; c++)
            class_of[c] = UNICODE_SPACE;
    }
}

static void write_row(const unsigned char *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        printf("%s%u,", i % 32 == 0 ? "\n    " : "", values[i]);
}

static void write_tables(const char *version) {
    static unsigned char stage[BLOCKS];
    static size_t unique[BLOCKS];
    size_t count = 0;
    for (size_t block = 0; block < BLOCKS; block++) {
        size_t known = 0;
        while (known < count && memcmp(class_of + unique[known] * UNICODE_BLOCK_SIZE,
                                       class_of + block * UNICODE_BLOCK_SIZE, UNICODE_BLOCK_SIZE) != 0)
            known++;
        if (known == count)
            unique[count++] = block;
        stage[block] = (unsigned char)known;
    }
    if (count > 256) {
        fprintf(stderr, "unicode_tables: %zu blocks do not fit a byte\n", count);
        exit(1);
    }
    printf("/* Made by `make unicode-tables` from the Unicode Character Database; not for editing. */\n"
           "#include \"token/unicode_tables.h\"\n\nconst char unicode_version[] = \"%s\";\n\n"
           "const uint8_t unicode_stage[0x110000 / UNICODE_BLOCK_SIZE] = {",
           version);
    write_row(stage, BLOCKS);
    printf("\n};\n\nconst uint8_t unicode_blocks[][UNICODE_BLOCK_SIZE] = {\n");
    for (size_t i = 0; i < count; i++) {
        printf("    {");
        write_row(class_of + unique[i] * UNICODE_BLOCK_SIZE, UNICODE_BLOCK_SIZE);
        printf("},\n");
    }
    printf("};\n");
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: unicode_tables VERSION UnicodeData.txt PropList.txt\n");
        return 2;
    }
    struct bytes data = {0}, properties = {0};
    struct error error;
    if (input_load(argv[2], (size_t)64 << 20, &data, &error) ||
        input_load(argv[3], (size_t)64 << 20, &properties, &error)) {
        fprintf(stderr, "unicode_tables: %s\n", error.message);
        return 1;
    }
    bytes_append_byte(&data, '\0');
    bytes_append_byte(&properties, '\0');
    read_categories(data.data);
    read_white_space(properties.data);
    write_tables(argv[1]);
    bytes_release(&data);
    bytes_release(&properties);
    return ferror(stdout) || fclose(stdout) ? 1 : 0;
}
