/*
 * Character references in HTML, "&eacute;" and "&#233;", decoded as the HTML Standard says (section 13.2.5.72 on).
 */
#ifndef TEXT_HTML_ENTITIES_H
#define TEXT_HTML_ENTITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define HTML_ENTITY_NAME_MAX 31

struct html_entity {
    const char *name;  /* without "&" and ";" */
    uint32_t codes[2]; /* the second is 0 where there is only one */
    bool bare;         /* may stand without ";" */
};

/* html_entity_tables.c: in order of strcmp. */
extern const struct html_entity html_entity_table[];
extern const size_t html_entity_count;

/* The reference with exactly that name; NULL for none. */
const struct html_entity *html_entity_find(struct span name);

/* Decoded, text of that size takes so many bytes at most: "&nLt;" becomes six. */
#define HTML_ENTITIES_ROOM(size) ((size) + (size) / 5)

/*
 * Writes text with its references decoded to out, which has HTML_ENTITIES_ROOM(text.size) bytes and is not the text
 * itself, and returns the bytes written. In an attribute's value, what may be part of an address stays.
 */
size_t html_entities_decode(struct span text, bool attribute, char *out);

#endif
