/*
 * Names of templates and what they show.
 */
#ifndef TEXT_WIKITEXT_SHOWN_H
#define TEXT_WIKITEXT_SHOWN_H

#include "base/bytes.h"

/*
 * A pattern is text with fields in it. "<2/text>" is the second argument or, where that is absent or empty, the one
 * named "text"; "=text" in place of a name is text for where nothing else is there. "<*, >" is all arguments without a
 * name, divided by ", ". "[ (<2>, <3>)]" is a group, written where one of its own fields is there; the pattern itself
 * is one, and a group without fields is always written. Text between fields is written where there is one on either
 * side.
 */
struct wiki_shown {
    const char *name; /* in lower case, words divided by one blank; "lc:" for what is called with a colon */
    const char *pattern;
};

extern const struct wiki_shown WIKI_SHOWN[]; /* sorted by the bytes of their names */
extern const size_t WIKI_SHOWN_COUNT;

/* The pattern of a template, or NULL. name: as in struct wiki_shown. */
const char *wiki_shown_find(struct span name);

#endif
