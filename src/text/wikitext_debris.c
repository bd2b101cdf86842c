/*
 * What is left of a line around what was dropped from it: empty brackets, marks that divide nothing. Knows nothing of
 * markup.
 */
#include <string.h>

#include "text/wikitext_markup.h"

/* The size of the character at text, one of a few in ASCII or full width, or 0. */
static size_t one_of(struct span text, const char *const *characters) {
    for (; *characters; characters++) {
        if (text.size == 0 || text.data[0] != **characters)
            continue;
        size_t size = strlen(*characters);
        if (text.size >= size && memcmp(text.data, *characters, size) == 0)
            return size;
    }
    return 0;
}

static struct span rest_of(const struct bytes *line, size_t from) {
    return (struct span){line->data + from, line->size - from};
}

/* Past the blanks and dividing marks that text begins with; *first is the size of the first mark, *marks their number.
 */
static size_t skip_filler(struct span text, size_t *blanks, size_t *first, size_t *marks) {
    static const char *const filler[] = {" ", ",", ";", ":", "、", "，", "；", "：", NULL};
    size_t at = 0, size;
    *blanks = *first = *marks = 0;
    while ((size = one_of((struct span){text.data + at, text.size - at}, filler)) > 0) {
        if (text.data[at] != ' ') {
            if (++*marks == 1)
                *first = size;
        } else if (*marks == 0) {
            (*blanks)++;
        }
        at += size;
    }
    return at;
}

/* What dropped templates leave behind goes: "( ; born 1950)" → "(born 1950)", " ()" → "", "（、伯林）" → "（伯林）",
 * "word , ; next" → "word, next". */
static void drop_debris(struct bytes *line) {
    static const char *const opening[] = {"(", "[", "（", NULL}, *const closing[] = {")", "]", "）", NULL};
    /* The first bytes of all marks, in UTF-8. */
    static const bool begins_mark[256] = {['('] = true, [')'] = true, ['['] = true, [']'] = true,  [' '] = true,
                                          [','] = true, [';'] = true, [':'] = true, [0xE3] = true, [0xEF] = true};
    size_t to = 0, blanks, first, marks;
    for (size_t i = 0; i < line->size;) {
        if (!begins_mark[(unsigned char)line->data[i]]) {
            line->data[to++] = line->data[i++];
            continue;
        }
        size_t open = one_of(rest_of(line, i), opening);
        size_t filler = skip_filler(rest_of(line, i + open), &blanks, &first, &marks), next = i + open + filler;
        size_t close = one_of(rest_of(line, next), closing);
        if (open && close) {
            while (to > 0 && line->data[to - 1] == ' ')
                to--;
            i = next + close;
            /* What divided the pair from the next part would divide nothing now. */
            char last = to > 0 ? line->data[to - 1] : '(';
            if (last && strchr("([,;:", last))
                i += skip_filler(rest_of(line, i), &blanks, &first, &marks);
            if (strchr(",;:", last) && last && i < line->size)
                line->data[to++] = ' ';
        } else if (open || close) {
            /* Nothing divides what begins or ends here. */
            size_t size = open ? open : close;
            while (close && to > 0 && line->data[to - 1] && strchr(" ,;:", line->data[to - 1]))
                to--;
            memmove(line->data + to, line->data + (open ? i : next), size);
            to += size;
            i = open ? next : next + size;
        } else if (marks > 1 || (marks == 1 && blanks > 0 && line->data[i + blanks] == ',')) {
            memmove(line->data + to, line->data + i + blanks, first);
            to += first;
            if (next < line->size && line->data[next - 1] == ' ')
                line->data[to++] = ' ';
            i = next;
        } else {
            size_t size = filler ? filler : 1;
            memmove(line->data + to, line->data + i, size);
            to += size;
            i += size;
        }
    }
    line->size = to;
}

/* What divided a dropped beginning from the rest: "– Paris" after a flag. */
static void drop_dividers(struct bytes *line) {
    static const char *const dividers[] = {" ", "-", "–", "—", "/", "|", ",", ";", ":", "·", "・", "、", "，", NULL};
    size_t from = 0, size;
    while ((size = one_of(rest_of(line, from), dividers)) > 0)
        from += size;
    line->size -= from;
    memmove(line->data, line->data + from, line->size);
}

void wiki_debris_drop(struct bytes *line, bool beginning) {
    drop_debris(line);
    if (beginning)
        drop_dividers(line);
}
