/*
 * What a MediaWiki export says about its wiki and, in XML, about a page.
 */
#ifndef CRAWL_WIKI_PAGE_H
#define CRAWL_WIKI_PAGE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crawl/xml.h"

/* What the head of a dump says, each absent or empty where it says nothing. Lists have one item a line. */
struct wiki_site {
    struct span encoding; /* of the XML, where it is not UTF-8; ends in a NUL that does not count, as all of these */
    struct span base, lang;
    struct span files;  /* the wiki's own names of the spaces File and Category, whose links are no text */
    struct span users;  /* of those whose links sign comments: User, User talk, Special */
    struct span spaces; /* "NUMBER:NAME" of all spaces */
};

/* Reads a dump's head, up to the first page, and appends the site in packed form. False, with the damage and its byte
 * of the head, where there is any; what could be read was. */
bool wiki_site_read(struct xml_parser *parser, struct span head, struct bytes *packed, struct error *damage);
/* The site of packed bytes, which it borrows. */
struct wiki_site wiki_site_unpack(struct span packed);

/* A page and its newest revision. Zero-initialised is valid; wiki_page_release frees. */
struct wiki_page {
    struct bytes title, space, page_id, revision_id, time, model;
    struct bytes target; /* of a redirect, where the dump says it */
    struct bytes text;
    bool redirect, title_too_long;
};

/* Whether pages of the space with this number are wanted. */
typedef bool wiki_wants(void *context, struct span space);

/*
 * Reads a page's XML. What follows the page's title and space is not read where those are not wanted. Returns as
 * xml_parse; `space` is "0" where neither the page nor its title's prefix names one.
 */
bool wiki_page_read(struct xml_parser *parser, struct span xml, const struct wiki_site *site, wiki_wants *wants,
                    void *context, struct wiki_page *page, struct error *damage);
void wiki_page_release(struct wiki_page *page);

/* Spaces with odd numbers hold the talk about the pages of the one before. */
bool wiki_space_is_talk(struct span space);

#endif
