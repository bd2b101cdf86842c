/*
 * The arguments of a template.
 */
#ifndef TEXT_WIKITEXT_ARGUMENTS_H
#define TEXT_WIKITEXT_ARGUMENTS_H

#include "base/bytes.h"
#include "text/wikitext_markup.h"

/* Of a template's or an argument's name, in bytes. */
#define WIKI_NAME_MAX 64
/* More than these are not looked at. */
#define WIKI_ARGUMENTS_MAX 48

struct wiki_argument {
    struct span name;  /* absent where there is none */
    unsigned number;   /* from 1, of an argument without a name or with a number for one; 0 of others */
    struct span value; /* within the page, trimmed */
};

struct wiki_arguments {
    struct wiki_argument items[WIKI_ARGUMENTS_MAX];
    size_t count;
};

/* Those of a template from a place within it on. */
void wiki_arguments_read(const struct wiki_markup *markup, const struct wiki_bracket *pair, size_t from,
                         struct wiki_arguments *arguments);
/* The last one, as in MediaWiki, of this name or number that is not empty; NULL where there is none. */
const struct wiki_argument *wiki_argument_find(const struct wiki_arguments *arguments, struct span name);
const struct span *wiki_argument_text(const struct wiki_arguments *arguments, const char *name);

/* A name as wiki_shown_find wants it; 0 where it is too long. */
size_t wiki_name_fold(struct span name, char folded[WIKI_NAME_MAX]);

#endif
