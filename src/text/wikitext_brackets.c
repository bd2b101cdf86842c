/*
 * Which brackets of a page belong together, and which bars divide what stands in them. They are matched once over the
 * whole page, so nesting costs nothing, and what is never closed takes nothing with it. Knows nothing of what stands
 * between them.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "text/wikitext_markup.h"
#include "text/wikitext_scan.h"

size_t wiki_bracket_size(enum wiki_bracket_kind kind) {
    return kind == WIKI_PARAMETER ? 3 : 2;
}

struct matcher {
    struct wiki_brackets *brackets;
    size_t *stack; /* indices of pairs that are open */
    size_t depth, capacity;
    size_t open[WIKI_BRACKET_KINDS]; /* how many of each kind are on the stack */
};

static void push_open(struct matcher *matcher, size_t place, enum wiki_bracket_kind kind) {
    struct wiki_brackets *brackets = matcher->brackets;
    if (brackets->count == brackets->capacity) {
        brackets->capacity = brackets->capacity ? brackets->capacity * 2 : 256;
        brackets->items = memory_resize(brackets->items, brackets->capacity, sizeof *brackets->items);
    }
    if (matcher->depth == matcher->capacity) {
        matcher->capacity = matcher->capacity ? matcher->capacity * 2 : 64;
        matcher->stack = memory_resize(matcher->stack, matcher->capacity, sizeof *matcher->stack);
    }
    matcher->stack[matcher->depth++] = brackets->count;
    brackets->items[brackets->count++] =
        (struct wiki_bracket){place, WIKI_UNMATCHED, WIKI_UNMATCHED, WIKI_UNMATCHED, kind};
    matcher->open[kind]++;
}

/* A bar belongs to the innermost open bracket; those of tables' cells are many and nobody asks for them. */
static void take_bar(struct matcher *matcher, size_t place) {
    struct wiki_brackets *brackets = matcher->brackets;
    struct wiki_bracket *pair = matcher->depth ? &brackets->items[matcher->stack[matcher->depth - 1]] : NULL;
    if (!pair || pair->kind == WIKI_TABLE)
        return;
    if (brackets->bar_count == brackets->bar_capacity) {
        brackets->bar_capacity = brackets->bar_capacity ? brackets->bar_capacity * 2 : 256;
        brackets->bars = memory_resize(brackets->bars, brackets->bar_capacity, sizeof *brackets->bars);
    }
    if (pair->first_bar == WIKI_UNMATCHED)
        pair->first_bar = brackets->bar_count;
    else
        brackets->bars[pair->last_bar].next = brackets->bar_count;
    pair->last_bar = brackets->bar_count;
    brackets->bars[brackets->bar_count++] = (struct wiki_bar){place, WIKI_UNMATCHED};
}

/* The bars of a bracket that nothing closes are those of the one around it. */
static void leave_bars(struct wiki_brackets *brackets, const struct wiki_bracket *from, struct wiki_bracket *to) {
    if (from->first_bar == WIKI_UNMATCHED)
        return;
    if (to->first_bar == WIKI_UNMATCHED)
        to->first_bar = from->first_bar;
    else
        brackets->bars[to->last_bar].next = from->first_bar;
    to->last_bar = from->last_bar;
}

/* Closes the innermost open bracket of the kind; what is open within it stays unmatched. */
static void close_open(struct matcher *matcher, size_t place, enum wiki_bracket_kind kind) {
    if (matcher->open[kind] == 0)
        return;
    for (;;) {
        struct wiki_bracket *items = matcher->brackets->items, *pair = &items[matcher->stack[--matcher->depth]];
        matcher->open[pair->kind]--;
        if (pair->kind == kind) {
            pair->close = place;
            return;
        }
        leave_bars(matcher->brackets, pair, &items[matcher->stack[matcher->depth - 1]]);
    }
}

size_t wiki_run(struct span text, size_t at, char byte) {
    size_t end = at;
    while (end < text.size && text.data[end] == byte)
        end++;
    return end - at;
}

static void open_braces(struct matcher *matcher, size_t at, size_t run) {
    /* As in MediaWiki an odd brace goes to a parameter, and the outermost brackets come first. */
    while (run >= 2) {
        size_t size = run == 3 || run >= 5 ? 3 : 2;
        push_open(matcher, at, size == 3 ? WIKI_PARAMETER : WIKI_TEMPLATE);
        at += size;
        run -= size;
    }
}

static void close_braces(struct matcher *matcher, size_t at, size_t run) {
    while (run >= 2) {
        /* The innermost of the two kinds decides how many braces are its own. */
        enum wiki_bracket_kind kind = WIKI_TEMPLATE;
        for (size_t i = matcher->depth; i > 0; i--) {
            kind = matcher->brackets->items[matcher->stack[i - 1]].kind;
            if (kind == WIKI_TEMPLATE || kind == WIKI_PARAMETER || matcher->depth - i > 64)
                break;
        }
        if (kind == WIKI_PARAMETER && run >= 3) {
            close_open(matcher, at, WIKI_PARAMETER);
            at += 3;
            run -= 3;
            continue;
        }
        if (kind == WIKI_PARAMETER) {
            /* "{{{x}}": a brace and a template. */
            struct wiki_bracket *pair = &matcher->brackets->items[matcher->stack[matcher->depth - 1]];
            if (pair->kind == WIKI_PARAMETER) {
                pair->kind = WIKI_TEMPLATE;
                matcher->open[WIKI_PARAMETER]--;
                matcher->open[WIKI_TEMPLATE]++;
            }
        }
        close_open(matcher, at, WIKI_TEMPLATE);
        at += 2;
        run -= 2;
    }
}

/* ":" and blanks may stand before a table. */
static bool at_line_start(struct span text, size_t at) {
    while (at > 0 && (text.data[at - 1] == ' ' || text.data[at - 1] == ':' || text.data[at - 1] == '\t'))
        at--;
    return at == 0 || text.data[at - 1] == '\n';
}

void wiki_brackets_match(struct wiki_brackets *brackets, struct span text) {
    static const bool special[256] = {
        [WIKI_LITERAL] = true, ['{'] = true, ['}'] = true, ['['] = true, [']'] = true, ['|'] = true};
    struct matcher matcher = {.brackets = brackets};
    for (size_t i = 0; i < text.size;) {
        char byte = text.data[i];
        size_t run = 1;
        if (!special[(unsigned char)byte]) {
            uint64_t word = text.size - i >= WIKI_SCAN_STEP ? wiki_scan_load(text.data + i) : 0;
            size_t plain = wiki_scan_first(wiki_scan_brackets(word) | wiki_scan_below(word, WIKI_LITERAL + 1));
            i += plain ? plain : 1;
            continue;
        }
        if (byte == WIKI_LITERAL) {
            run = 2;
        } else if (byte == '{') {
            run = wiki_run(text, i, '{');
            brackets->has_variants = brackets->has_variants || (i > 0 && text.data[i - 1] == '-');
            bool table = run == 1 && i + 1 < text.size && text.data[i + 1] == '|' && at_line_start(text, i);
            if (table)
                push_open(&matcher, i, WIKI_TABLE);
            else
                open_braces(&matcher, i, run);
            run += table;
        } else if (byte == '}') {
            run = wiki_run(text, i, '}');
            close_braces(&matcher, i, run);
        } else if (byte == '[' && i + 1 < text.size && text.data[i + 1] == '[') {
            push_open(&matcher, i, WIKI_LINK);
            run = 2;
        } else if (byte == ']' && i + 1 < text.size && text.data[i + 1] == ']') {
            /* Templates bind more tightly than links. */
            if (matcher.depth > 0 && brackets->items[matcher.stack[matcher.depth - 1]].kind == WIKI_LINK)
                close_open(&matcher, i, WIKI_LINK);
            run = 2;
        } else if (byte == '|' && i + 1 < text.size && text.data[i + 1] == '}' && at_line_start(text, i) &&
                   wiki_run(text, i + 1, '}') == 1) {
            close_open(&matcher, i, WIKI_TABLE);
            run = 2;
        } else if (byte == '|') {
            take_bar(&matcher, i);
        }
        i += run;
    }
    free(matcher.stack);
}

const struct wiki_bracket *wiki_brackets_at(struct wiki_brackets *brackets, size_t place) {
    while (brackets->next < brackets->count && brackets->items[brackets->next].open < place)
        brackets->next++;
    bool found = brackets->next < brackets->count && brackets->items[brackets->next].open == place;
    return found ? &brackets->items[brackets->next] : NULL;
}

void wiki_brackets_release(struct wiki_brackets *brackets) {
    free(brackets->items);
    free(brackets->bars);
    *brackets = (struct wiki_brackets){0};
}
