/*
 * The two halves of text/wikitext: markup within lines, and the lines themselves.
 */
#ifndef TEXT_WIKITEXT_MARKUP_H
#define TEXT_WIKITEXT_MARKUP_H

#include "base/bytes.h"

/* Precedes a character that is not markup, whatever it looks like (it stood in <nowiki>). */
#define WIKI_LITERAL '\x01'

/* Appends the page without comments, templates, tables, links' brackets, tags and quotes; headings and list marks still
 * stand. */
void wikitext_strip_markup(struct span wikitext, struct span local_names, struct bytes *out);

#endif
