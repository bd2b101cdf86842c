/*
 * MediaWiki's markup → plain text. Templates are not expanded, for a dump of articles has none: those that are known to
 * show their arguments (wikitext_shown.h) do so, all others are left out.
 */
#ifndef TEXT_WIKITEXT_H
#define TEXT_WIKITEXT_H

#include <stdbool.h>

#include "base/bytes.h"

/* What a wiki says of itself; the spans may be absent. */
struct wikitext_wiki {
    struct span local_names; /* of the File and Category name spaces, one a line; the English ones are always known */
    struct span lang;        /* in which countries are named */
};

/*
 * Appends the text of a page: paragraphs, headings that have text below them, list items, rows of tables, each on a
 * line, and formulas as TeX. Dropped: other templates and tables, references, comments, files, categories, links to
 * other wikis, tags. Work is linear in the size of the page. Malformed UTF-8 is passed on as it is.
 */
void wikitext_append(struct span wikitext, const struct wikitext_wiki *wiki, struct bytes *out);
/* "#REDIRECT [[…]]" in any language. */
bool wikitext_is_redirect(struct span wikitext);
/* The title that such a page leads to, without the section; empty where it is none. */
struct span wikitext_redirect_target(struct span wikitext);

#endif
