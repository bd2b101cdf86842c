/*
 * Patterns of wikitext_shown.h filled with a template's arguments.
 */
#ifndef TEXT_WIKITEXT_COMPOSITION_H
#define TEXT_WIKITEXT_COMPOSITION_H

#include "text/wikitext_arguments.h"
#include "text/wikitext_markup.h"

#define WIKI_PIECES_MAX 48

/* What a template shows: texts and, between them, pieces of the page that are still to be written as the page is. */
struct wiki_composition {
    struct wiki_markup *markup;
    const struct wiki_arguments *arguments;
    size_t count;
    struct {
        size_t from, to; /* in the page */
        size_t text;     /* where the text before it ends in the markup's composed */
    } pieces[WIKI_PIECES_MAX];
};

/* Appends the first text and leaves the rest to be written from the place that is returned on; 0 where the template
 * shows nothing. past: where the page goes on behind the template. */
size_t wiki_composition_write(struct wiki_markup *markup, const char *pattern, const struct wiki_arguments *arguments,
                              size_t past);

void wiki_compose_text(struct wiki_composition *composition, struct span text);
/* Pieces stand in the page's order; one that comes too late in it is left out unless it is without markup. */
void wiki_compose_value(struct wiki_composition *composition, struct span value);

/* {{convert|12|km}}, {{frac|1|2}}, {{coord|52|31|N|13|23|E}}. */
void wiki_compose_measure(struct wiki_composition *composition);
void wiki_compose_fraction(struct wiki_composition *composition);
void wiki_compose_coordinates(struct wiki_composition *composition);

#endif
