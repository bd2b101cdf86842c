/*
 * What the modules of text/wikitext share: brackets, and the state of writing a page's markup as text.
 */
#ifndef TEXT_WIKITEXT_MARKUP_H
#define TEXT_WIKITEXT_MARKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "text/wikitext.h"

/* Control characters of our own, which no page has, between the stages. */
#define WIKI_LITERAL '\x01'  /* precedes a character that is not markup, whatever it looks like */
#define WIKI_DROPPED '\x02'  /* stands where something was left out, which tells "( ; 1950)" from "(:" */
#define WIKI_CELL '\x03'     /* begins a table's cell */
#define WIKI_VERBATIM '\x04' /* begins a line whose white space is kept */
#define WIKI_BREAK '\x05'    /* ends a line that goes on nowhere; others are their paragraph's, however it is wrapped */

/* Appends the page without comments, templates, links' brackets, tags and quotes; headings and list marks still stand,
 * and so do the control characters above. */
void wikitext_strip_markup(struct span wikitext, const struct wikitext_wiki *wiki, struct bytes *out);

enum wiki_bracket_kind { WIKI_TEMPLATE, WIKI_PARAMETER, WIKI_LINK, WIKI_TABLE, WIKI_BRACKET_KINDS };
#define WIKI_UNMATCHED SIZE_MAX

/* An opening bracket and what closes it. */
struct wiki_bracket {
    size_t open, close;         /* places of the first bytes; close is WIKI_UNMATCHED where nothing closes it */
    size_t first_bar, last_bar; /* in it and in no bracket within it: indices of bars, or WIKI_UNMATCHED */
    enum wiki_bracket_kind kind;
};

/* A bar that divides what stands in a bracket. */
struct wiki_bar {
    size_t place, next; /* next: the index of the same bracket's next bar, or WIKI_UNMATCHED */
};

/* All of a page, in order of `open`. Zero-initialised is valid. */
struct wiki_brackets {
    struct wiki_bracket *items;
    size_t count, capacity;
    struct wiki_bar *bars;
    size_t bar_count, bar_capacity;
    size_t next;       /* the first that opens at or after the last place asked for */
    bool has_variants; /* "-{" stands somewhere */
};

void wiki_brackets_match(struct wiki_brackets *brackets, struct span text);
/* The bracket that opens at this place, or NULL. Places must be asked for in order. */
const struct wiki_bracket *wiki_brackets_at(struct wiki_brackets *brackets, size_t place);
void wiki_brackets_release(struct wiki_brackets *brackets);
size_t wiki_bracket_size(enum wiki_bracket_kind kind); /* bytes of the opening as of the closing one */
/* How often byte stands at `at` in a row. */
size_t wiki_run(struct span text, size_t at, char byte);

#define WIKI_TAGS_MAX 32

/* A place where a piece of what is being written ends. */
struct wiki_close {
    size_t place, size; /* so many bytes are passed over there, */
    size_t text_size;   /* and so many written in their stead: the last ones of struct wiki_markup's owed */
};

/* A page being written as text. The functions below take a place in `text` and return where to go on, or 0 where what
 * stands there is not what they handle. */
struct wiki_markup {
    struct bytes text; /* the page without comments */
    struct wiki_brackets brackets;
    const struct wikitext_wiki *wiki;
    struct bytes *out;
    struct wiki_close *closes; /* what is being written, innermost last */
    size_t close_count, close_capacity;
    struct bytes owed;     /* texts of the closes */
    struct bytes composed; /* of the template being looked at */
    size_t line_end;       /* of the line that `apostrophe` is for */
    size_t apostrophe;  /* where on that line a run of three quotes is an apostrophe and italics; or WIKI_UNMATCHED */
    size_t table_end;   /* where the table that is being written closes; 0 outside of tables */
    bool heading_row;   /* the row being written began with "!" */
    bool after_caption; /* the table's caption is the last line written */
    bool never_closed[WIKI_TAGS_MAX]; /* no closing tag in the rest of the page: not looked for again */
};

/* What is being written ends at this place: there so many bytes will be passed over, and text written. */
void wiki_markup_expect_close(struct wiki_markup *markup, size_t place, size_t size, struct span text);

/* Appends the page without comments; what <nowiki>, <pre> and their like hold becomes literal. */
void wiki_literal_append(struct span page, struct bytes *out);
/* Appends characters that must not be taken for markup. */
void wiki_literal_append_text(struct bytes *out, struct span text);

size_t wiki_template_write(struct wiki_markup *markup, const struct wiki_bracket *pair);
/* "-{zh-hans:…; zh-hant:…}-", of which readers see one. */
size_t wiki_variant_write(struct wiki_markup *markup, size_t at);

/* At a table: enters it where its cells are text, passes over it otherwise. */
size_t wiki_table_enter(struct wiki_markup *markup, const struct wiki_bracket *pair);
/* At a line feed, "||" or "!!" within a table. */
size_t wiki_table_write(struct wiki_markup *markup, size_t at);

/* Ends a line; in a row of a table, which is one line, a blank. */
void wiki_break_append(const struct wiki_markup *markup, struct bytes *out);
/* Tidies a line from which something was dropped; beginning: before all of what is left. */
void wiki_debris_drop(struct bytes *line, bool beginning);

/* Appends a country's name in a language where `name` is its code: "TR", "GER". */
bool wiki_country_append(struct span name, struct span lang, struct bytes *out);
size_t wiki_tag_write(struct wiki_markup *markup, size_t at);
size_t wiki_entity_write(struct wiki_markup *markup, size_t at);

struct span wiki_trimmed(struct span text);

#endif
