/*
 * Signatures on the talk pages of wikis: who signed a line, and when.
 */
#ifndef CRAWL_SIGNATURE_H
#define CRAWL_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

struct signature {
    size_t start, end;  /* its place in the line, with the dash before it and tags around it */
    struct span author; /* within the line, as the link spells it; absent where a date stands alone */
    char date[40];      /* with its offset, as crawl_set_date reads it; "" where it cannot be read */
};

/*
 * Finds the signature of a line of wikitext: links to a user's page, talk page or contributions with a time stamp after
 * them, or at the end of the line with a dash before them; or a template that names who did not sign. user_names: the
 * wiki's own names of the name spaces User, User talk and Special, one a line; the English and many other names are
 * known. A link within the text, such as a ping, is none.
 */
bool signature_find(struct span line, struct span user_names, struct signature *signature);

/* A time stamp as wikis write them in many languages. */
struct wiki_time {
    int year, month, day, hour, minute; /* 0, and -1 for hour and minute, where there is none */
    int offset;                         /* minutes east of UTC */
    bool zoned;                         /* offset is known */
    size_t start, end;                  /* place in the text */
};

/* Reads the first time stamp of text; false where no year stands with a time of day. */
bool wiki_time_read(struct span text, struct wiki_time *time);

#endif
