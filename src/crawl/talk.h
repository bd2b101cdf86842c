/*
 * Talk pages of wikis: a page of signed comments becomes the posts of its threads.
 */
#ifndef CRAWL_TALK_H
#define CRAWL_TALK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "text/wikitext.h"

/* The wiki's own names of name spaces, each list one a line. */
struct talk_names {
    struct wikitext_wiki wiki;
    struct span users; /* User, User talk and Special */
};

/* A comment. Numbers count the page's posts from 1; spans are borrowed while it is handed over. */
struct talk_post {
    size_t number, thread, parent; /* of the post, of its thread's first, of what it answers (0: nothing) */
    struct span title;             /* of the section, with its first post; absent otherwise */
    struct span author;            /* absent where nobody signed */
    const char *date;              /* with its offset; "" where not known */
    struct span text;
};

typedef void talk_emit(void *context, const struct talk_post *post);

/*
 * Hands over a page's posts in their order. A section begins a thread. A comment ends with a signature; it answers the
 * nearest comment before it that is indented less (":", "*", "#"), one that is not indented the thread's first, one
 * behind an {{outdent}} the one before it. What nobody signed is a post without an author.
 */
void talk_read(struct span wikitext, const struct talk_names *names, talk_emit *emit, void *context);

#endif
