/*
 * Lines and paragraphs that come again.
 */
#include <string.h>

#include "base/hash.h"
#include "clean/repetition.h"
#include "text/utf8.h"

/* Cuts the first piece off the text, and the newlines behind it. */
static struct span piece_next(struct span *text, size_t newlines) {
    const char *start = text->data, *end = start + text->size, *at = start;
    size_t run = 0;
    while (at < end && run < newlines) {
        at += run;
        at = memchr(at, '\n', (size_t)(end - at));
        if (!at)
            at = end;
        for (run = 0; at + run < end && at[run] == '\n';)
            run++;
        if (at == end)
            break;
    }
    struct span piece = {start, (size_t)(at - start)};
    text->data = at + run;
    text->size = (size_t)(end - text->data);
    return piece;
}

struct duplicates repetition_pieces(struct repetition *repetition, struct span text, size_t newlines) {
    struct duplicates result = {0};
    struct span rest = span_trim(text, " \t\n");
    intern_begin(&repetition->intern, span_count(rest, '\n') + 1);
    while (rest.size > 0) {
        struct span piece = piece_next(&rest, newlines);
        uint32_t known = repetition->intern.count;
        if (intern_add(&repetition->intern, hash64(piece, 0)) < known) {
            result.duplicates++;
            result.duplicate_chars += utf8_length(piece);
        }
        result.pieces++;
    }
    return result;
}
