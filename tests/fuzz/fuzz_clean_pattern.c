/* Fuzzes clean/pattern.h: the first line is an expression, the rest a text. What is turned away before a match is tried
 * has none. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clean/pattern.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of short texts no look is taken. */
static const char filler[] = "0000000000000000000000000000000000000000000000000000000000000000"
                             "0000000000000000000000000000000000000000000000000000000000000000\n";

/* Nor has a line that is turned away. */
static void try_lines(struct matcher *matcher, const struct pattern *pattern, struct span text) {
    matcher_begin(matcher, text);
    matcher_begin_lines(matcher, pattern);
    for (size_t start = 0; start < text.size;) {
        const char *newline = memchr(text.data + start, '\n', text.size - start);
        size_t size = newline ? (size_t)(newline - text.data) - start : text.size - start;
        if (!matcher_begin_line(matcher, (struct span){text.data + start, size}) &&
            matcher_find(matcher, pattern, 0) == MATCH_FOUND)
            abort();
        start += size + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes all = {0}, text = {0};
    struct pattern *pattern;
    struct error error;
    utf8_repair((struct span){(const char *)data, size}, &all);
    const char *newline = all.size ? memchr(all.data, '\n', all.size) : NULL;
    size_t first = newline ? (size_t)(newline - all.data) : all.size;
    bytes_append_text(&text, filler);
    if (newline)
        bytes_append(&text, newline + 1, all.size - first - 1);
    for (size_t caseless = 0; caseless < 2; caseless++) {
        if (pattern_new(&pattern, (struct span){first ? all.data : "", first}, span_of(caseless ? "i" : ""), &error))
            continue;
        struct matcher *matcher = matcher_new();
        matcher_begin(matcher, span_of_bytes(&text));
        if (!matcher_may_find(matcher, pattern) && matcher_find(matcher, pattern, 0) == MATCH_FOUND)
            abort();
        try_lines(matcher, pattern, span_of_bytes(&text));
        matcher_free(matcher);
        pattern_free(pattern);
    }
    bytes_release(&all);
    bytes_release(&text);
    return 0;
}
