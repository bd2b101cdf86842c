/*
 * HTML → text: the main content of a page (or all of it) as plain lines, and what the page says about itself.
 * Pages are parsed as the HTML Standard says, every walk over them is iterative.
 */
#ifndef TEXT_HTML_H
#define TEXT_HTML_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/error.h"

/* Elements stand at most this deep in the tree; what is nested deeper comes to stand beside its parent, so no text is
 * lost. */
#define HTML_DEPTH_MAX 400
#define HTML_DEFAULT_WORK 4000000

struct html_model;

struct html_options {
    bool keep_all;            /* all visible text, without judging what is boilerplate */
    bool xhtml;               /* "<x/>" is an element with nothing in it, as in XML; in HTML the slash says nothing */
    uint64_t max_work;        /* tags, runs of text and elements made of them; more is an ERROR_DATA */
    double max_seconds;       /* so long may a page take, about; 0: no limit. Not the same from run to run */
    struct html_model *model; /* text/html_model.h, only read; NULL leaves the judging to rules alone */
};

/* What was found; empty where nothing was. All of it is UTF-8, trimmed. Zero-initialised is valid. */
struct html_page {
    struct bytes text;  /* blocks as lines, paragraphs divided by an empty line, no newline at the end */
    struct bytes title; /* og:title, else <title>, else the first <h1> */
    struct bytes date;  /* of publication, as the page writes it */
    struct bytes author;
    struct bytes lang;    /* as the page writes it */
    struct bytes url;     /* canonical, absolute only */
    struct bytes license; /* address of the licence */
};

void html_page_clear(struct html_page *page);
void html_page_release(struct html_page *page);

/* Extracts from a page that is UTF-8 already (text/charset.h). ERROR_DATA for a page beyond the limits or not parsed to
 * its end. */
int html_extract(struct span utf8, const struct html_options *options, struct html_page *page, struct error *error);

/* Case-insensitive search and comparison of ASCII words. */
bool html_contains(struct span text, const char *lower_case_word);
static inline bool html_is(struct span text, const char *lower_case_word) {
    return text.size == strlen(lower_case_word) && strncasecmp(text.data, lower_case_word, text.size) == 0;
}

#endif
