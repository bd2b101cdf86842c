/*
 * How fast libxml2 alone parses pages: html_parse FILE reads pages, each after its size on a line, parses every one
 * into a tree, frees it, and prints bytes, seconds and CPU seconds as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <libxml/HTMLparser.h>

#include "base/input.h"

static double seconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(int argc, char **argv) {
    struct bytes file = {0};
    struct error error;
    if (argc != 2 || input_load(argv[1], SIZE_MAX, &file, &error) < 0) {
        fprintf(stderr, "html_parse: %s\n", argc == 2 ? error.message : "usage: html_parse FILE");
        return 1;
    }
    bytes_text(&file);
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    size_t total = 0;
    for (size_t at = 0; at < file.size;) {
        char *line_end;
        size_t size = strtoul(file.data + at, &line_end, 10);
        at = (size_t)(line_end - file.data) + 1;
        xmlFreeDoc(htmlReadMemory(file.data + at, (int)size, NULL, NULL,
                                  HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET));
        at += size;
        total += size;
    }
    wall = seconds(CLOCK_MONOTONIC) - wall;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"bytes\": %zu, \"wall\": %f, \"cpu\": %f}\n", total, wall, cpu);
    bytes_release(&file);
    return 0;
}
