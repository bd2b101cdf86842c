/*
 * Strings of JSON-LD, what pages say of themselves in scripts. These are often broken, so they are searched, not
 * parsed.
 */
#ifndef TEXT_HTML_JSON_LD_H
#define TEXT_HTML_JSON_LD_H

#include "base/bytes.h"

/* The string that first follows `name` (with its quotes) and a colon: without quotes but still escaped, borrowed from
 * the script; {NULL, 0} where there is none. */
struct span html_json_ld_member(struct span script, const char *name);
/* Appends an escaped string as text, its white space collapsed (line ends too, which
 * may not stand there but do); nothing where it is malformed. */
void html_json_ld_append(struct bytes *out, struct span escaped);

#endif
