/*
 * What the modules of text/wikitext share: brackets, markup within lines.
 */
#ifndef TEXT_WIKITEXT_MARKUP_H
#define TEXT_WIKITEXT_MARKUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Precedes a character that is not markup, whatever it looks like (it stood in <nowiki>). */
#define WIKI_LITERAL '\x01'

/* Appends the page without comments, templates, tables, links' brackets, tags and quotes; headings and list marks still
 * stand. */
void wikitext_strip_markup(struct span wikitext, struct span local_names, struct bytes *out);

enum wiki_bracket_kind { WIKI_TEMPLATE, WIKI_PARAMETER, WIKI_LINK, WIKI_TABLE, WIKI_BRACKET_KINDS };
#define WIKI_UNMATCHED SIZE_MAX

/* An opening bracket and what closes it. */
struct wiki_bracket {
    size_t open, close; /* places of the first bytes; close is WIKI_UNMATCHED where nothing closes it */
    enum wiki_bracket_kind kind;
};

/* All of a page, in order of `open`. Zero-initialised is valid. */
struct wiki_brackets {
    struct wiki_bracket *items;
    size_t count, capacity;
    size_t next; /* the first that opens at or after the last place asked for */
};

void wiki_brackets_match(struct wiki_brackets *brackets, struct span text);
/* The bracket that opens at this place, or NULL. Places must be asked for in order. */
const struct wiki_bracket *wiki_brackets_at(struct wiki_brackets *brackets, size_t place);
void wiki_brackets_release(struct wiki_brackets *brackets);
size_t wiki_bracket_size(enum wiki_bracket_kind kind); /* bytes of the opening as of the closing one */
/* How often byte stands at `at` in a row. */
size_t wiki_run(struct span text, size_t at, char byte);

#endif
